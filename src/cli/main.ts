#!/usr/bin/env node
/** `cairn`: the command line. Each command has a file of its own; here they are put together. */
import { Command } from 'commander'
import { asAppend } from './append.ts'
import { asDemo } from './demo.ts'
import { asEvidence } from './evidence.ts'
import { run } from './exit.ts'
import { asExport } from './export.ts'
import { asGet } from './get.ts'
import { asGuard } from './guard.ts'
import { asId } from './id.ts'
import { asInit } from './init.ts'
import { asInspect } from './inspect.ts'
import { asKeys } from './keys.ts'
import { asLog } from './log.ts'
import { asProve } from './prove.ts'
import { asRepair } from './repair.ts'
import { asServe } from './serve.ts'
import { asToken } from './token.ts'
import { asVerify } from './verify.ts'
import { chainPart } from './verify-chain.ts'
import { VERSION } from './version.ts'

const program = new Command('cairn')
  .version(VERSION)
  .description('A journal of commands as a chain of signed blocks that anyone can check.')
  .exitOverride()
  .showHelpAfterError('(--help shows how it is used)')

asInit(program.command('init').exitOverride())
asAppend(program.command('append').exitOverride())
asGet(program.command('get').exitOverride())
asProve(program.command('prove').exitOverride())
asExport(program.command('export').exitOverride())
asLog(program.command('log').exitOverride())
asInspect(program.command('inspect').exitOverride())
asRepair(program.command('repair').exitOverride())
asDemo(program.command('demo').exitOverride())
asServe(program.command('serve').exitOverride())
asToken(program.command('token').exitOverride())
asKeys(program.command('keys').exitOverride())
asGuard(program.command('guard').exitOverride())
asId(program.command('id').exitOverride())
asEvidence(program.command('evidence').exitOverride())
asVerify(program.command('verify').exitOverride(), 'cairn verify', chainPart)

await run(program, process.argv)
