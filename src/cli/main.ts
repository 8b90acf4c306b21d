#!/usr/bin/env node
/** `cairn`: the command line. Each command has a file of its own; here they are put together. */
import { Command } from 'commander'
import { run } from './exit.ts'
import { asVerify } from './verify.ts'

const program = new Command('cairn')
  .description('A journal of commands as a chain of signed blocks that anyone can check.')
  .exitOverride()
  .showHelpAfterError('(--help shows how it is used)')

asVerify(program.command('verify').exitOverride(), 'cairn verify')

await run(program, process.argv)
