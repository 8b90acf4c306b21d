/** The commands of `cairn`. Each has a file of its own; here they are put together. */
import { Command } from 'commander'
import { asAnchor } from './anchor.ts'
import { asAppend } from './append.ts'
import { asBench } from './bench.ts'
import { asCompletion } from './completion.ts'
import { asConfig } from './config.ts'
import { asDemo } from './demo.ts'
import { asEvidence } from './evidence.ts'
import { asEvm } from './evm.ts'
import { asExport } from './export.ts'
import { asGet } from './get.ts'
import { asGuard } from './guard.ts'
import { asId } from './id.ts'
import { asInit } from './init.ts'
import { asInspect } from './inspect.ts'
import { asKeys } from './keys.ts'
import { asLog } from './log.ts'
import { asProve } from './prove.ts'
import { onlyHere } from './remote/options.ts'
import { asRepair } from './repair.ts'
import { asServe } from './serve.ts'
import { withConfig } from './settings/with-config.ts'
import { asToken } from './token.ts'
import { asVerify } from './verify.ts'
import { anchorPart } from './verify-anchor.ts'
import { chainPart } from './verify-chain.ts'
import { VERSION } from './version.ts'

export function makeProgram(): Command {
  const program = new Command('cairn')
    .version(VERSION)
    .description('A journal of commands as a chain of signed blocks that anyone can check.')
    .exitOverride()
    .showHelpAfterError('(--help shows how it is used)')
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
    })
  onlyHere(
    asInit(program.command('init').exitOverride()),
    'a chain is made in a directory, and cairn serve puts it behind HTTP',
  )
  asAppend(program.command('append').exitOverride())
  asGet(program.command('get').exitOverride())
  asProve(program.command('prove').exitOverride())
  asExport(program.command('export').exitOverride())
  asLog(program.command('log').exitOverride())
  onlyHere(
    asInspect(program.command('inspect').exitOverride()),
    'it shows files as they lie on a disk; of a server, cairn export --url … -o FILE, and inspect that',
  )
  onlyHere(
    asRepair(program.command('repair').exitOverride()),
    'a journal is repaired where it lies; the URL of a server goes behind --from',
  )
  onlyHere(asDemo(program.command('demo').exitOverride()), 'it makes chains of its own')
  asBench(program.command('bench').exitOverride())
  onlyHere(asServe(program.command('serve').exitOverride()), 'it serves a chain that lies in a directory')
  asToken(program.command('token').exitOverride())
  asKeys(program.command('keys').exitOverride())
  asGuard(program.command('guard').exitOverride())
  asConfig(program.command('config').exitOverride())
  asCompletion(program.command('completion').exitOverride(), program)
  asId(program.command('id').exitOverride())
  asEvidence(program.command('evidence').exitOverride())
  asAnchor(program.command('anchor').exitOverride())
  asEvm(program.command('evm').exitOverride())
  asVerify(program.command('verify').exitOverride(), 'cairn verify', chainPart, anchorPart)
  withConfig(program)
  return program
}
