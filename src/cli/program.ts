/**
 * The commands of `cairn`. Each has a file of its own; here they are put together.
 *
 * Only the one that is asked for is loaded: to read them all takes longer than what most of them do.
 */
import { Command } from 'commander'
import { onlyHere } from './remote/options.ts'
import { withConfig } from './settings/with-config.ts'
import { VERSION } from './version.ts'

interface Entry {
  readonly name: string
  /** Gives the command its arguments, options, help and action. */
  readonly define: (command: Command, program: Command) => Promise<Command>
  /** Why it cannot be asked of a server, where it cannot. */
  readonly here?: string
}

/** In the order in which the help tells of them. */
const ENTRIES: readonly Entry[] = [
  {
    name: 'init',
    define: async (command) => (await import('./init.ts')).asInit(command),
    here: 'a chain is made in a directory, and cairn serve puts it behind HTTP',
  },
  { name: 'append', define: async (command) => (await import('./append.ts')).asAppend(command) },
  { name: 'get', define: async (command) => (await import('./get.ts')).asGet(command) },
  { name: 'prove', define: async (command) => (await import('./prove.ts')).asProve(command) },
  { name: 'export', define: async (command) => (await import('./export.ts')).asExport(command) },
  { name: 'log', define: async (command) => (await import('./log.ts')).asLog(command) },
  {
    name: 'inspect',
    define: async (command) => (await import('./inspect.ts')).asInspect(command),
    here: 'it shows files as they lie on a disk; of a server, cairn export --url … -o FILE, and inspect that',
  },
  {
    name: 'repair',
    define: async (command) => (await import('./repair.ts')).asRepair(command),
    here: 'a journal is repaired where it lies; the URL of a server goes behind --from',
  },
  {
    name: 'demo',
    define: async (command) => (await import('./demo.ts')).asDemo(command),
    here: 'it makes chains of its own',
  },
  { name: 'bench', define: async (command) => (await import('./bench.ts')).asBench(command) },
  {
    name: 'serve',
    define: async (command) => (await import('./serve.ts')).asServe(command),
    here: 'it serves a chain that lies in a directory',
  },
  { name: 'token', define: async (command) => (await import('./token.ts')).asToken(command) },
  { name: 'keys', define: async (command) => (await import('./keys.ts')).asKeys(command) },
  { name: 'guard', define: async (command) => (await import('./guard.ts')).asGuard(command) },
  { name: 'config', define: async (command) => (await import('./config.ts')).asConfig(command) },
  {
    name: 'completion',
    define: async (command, program) => (await import('./completion.ts')).asCompletion(command, program),
  },
  { name: 'id', define: async (command) => (await import('./id.ts')).asId(command) },
  { name: 'evidence', define: async (command) => (await import('./evidence.ts')).asEvidence(command) },
  { name: 'anchor', define: async (command) => (await import('./anchor.ts')).asAnchor(command) },
  { name: 'evm', define: async (command) => (await import('./evm.ts')).asEvm(command) },
  {
    name: 'verify',
    define: async (command) => {
      const [{ asVerify }, { chainPart }, { anchorPart }] = await Promise.all([
        import('./verify.ts'),
        import('./verify-chain.ts'),
        import('./verify-anchor.ts'),
      ])
      return asVerify(command, 'cairn verify', chainPart, anchorPart)
    },
  },
]

/** It tells of all the others. */
const COMPLETION = 'completion'

/** With the command that is asked for alone; with all of them where none of them is, and help or a suggestion may be wanted. */
export async function makeProgram(asked?: string): Promise<Command> {
  const program = new Command('cairn')
    .version(VERSION)
    .description('A journal of commands as a chain of signed blocks that anyone can check.')
    .exitOverride()
    .showHelpAfterError('(--help shows how it is used)')
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
    })
  const wanted = ENTRIES.filter(({ name }) => name === asked && name !== COMPLETION)
  for (const { name, define, here } of wanted.length > 0 ? wanted : ENTRIES) {
    const command = await define(program.command(name).exitOverride(), program)
    if (here !== undefined) onlyHere(command, here)
  }
  withConfig(program)
  return program
}
