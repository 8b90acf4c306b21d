#!/usr/bin/env node
/** `cairn-verify.mjs`: `cairn verify` as one file without dependencies, for auditors to take along and to read. */
import { Command } from 'commander'
import { run } from './exit.ts'
import { asVerify } from './verify.ts'

const program = new Command('cairn-verify').exitOverride().showHelpAfterError('(--help shows how it is used)')

await run(asVerify(program, 'node cairn-verify.mjs'), process.argv)
