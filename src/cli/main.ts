#!/usr/bin/env node
/** `cairn`: the command line. Each command has a file of its own; here they are put together. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { run } from './exit.ts'
import { asVerify } from './verify.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('cairn')
  .version(version)
  .description('A journal of commands as a chain of signed blocks that anyone can check.')
  .exitOverride()
  .showHelpAfterError('(--help shows how it is used)')

asVerify(program.command('verify').exitOverride(), 'cairn verify')

await run(program, process.argv)
