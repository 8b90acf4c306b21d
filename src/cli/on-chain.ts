/**
 * The commands on a chain: it lies in a directory here, which is their first argument, or a server has it; then --url takes the place of the directory.
 */
import { Argument, type Command } from 'commander'
import { asAction } from './action.ts'
import { type Place, placeOf } from './place.ts'
import { addRemoteOptions, demandNoRemoteOptions, isRemote } from './remote/options.ts'
import type { RemoteOptions } from './remote/with-server.ts'

/** What stands behind the directory on the command line. */
export interface Words {
  /** Each is needed: its name, and what it is. */
  readonly needed?: readonly (readonly [name: string, text: string])[]
  /** Any number of them. */
  readonly more?: { readonly name: string; readonly text: string }
}

export interface Ways<Options> {
  /** In a directory. */
  readonly here: (place: Place, words: readonly string[], options: Options) => Promise<void>
  /** On a server. */
  readonly there: (words: readonly string[], options: Options & RemoteOptions) => Promise<void>
  /** Options that say something of a directory only. */
  readonly ofHere?: readonly string[]
}

const DIRECTORY = ['dir', 'the directory of the chain; left out with --url'] as const

/** Declares the arguments of a command on a chain, and what it does where the chain is here, and where a server has it. */
export function onChain<Options extends object>(command: Command, words: Words, ways: Ways<Options>): Command {
  const { needed = [], more } = words
  const names = ['[options]', `<${DIRECTORY[0]}>`, ...needed.map(([name]) => `<${name}>`)]
  command.usage([...names, ...(more ? [`[${more.name}...]`] : [])].join(' '))
  for (const [name, text] of [DIRECTORY, ...needed]) command.addArgument(new Argument(`[${name}]`, text))
  if (more !== undefined) command.addArgument(new Argument(`[${more.name}...]`, more.text))
  return addRemoteOptions(command).action(
    asAction(async () => {
      const { args } = command
      if (!isRemote(command)) {
        demandNoRemoteOptions(command)
        const [directory = '', ...rest] = demandWords(command, [DIRECTORY, ...needed], args, more !== undefined)
        return ways.here(placeOf(directory), rest, command.opts())
      }
      for (const name of ways.ofHere ?? []) {
        if (command.getOptionValueSource(name) === undefined) continue
        command.error(`error: ${flagOf(command, name)} is for a chain in a directory, and --url names a server`)
      }
      return ways.there(demandWords(command, needed, args, more !== undefined), command.opts())
    }),
  )
}

function demandWords(
  command: Command,
  names: readonly (readonly [name: string, text: string])[],
  args: readonly string[],
  mayBeMore: boolean,
): readonly string[] {
  const missing = names[args.length]
  if (missing !== undefined) return command.error(`error: missing required argument '${missing[0]}'`)
  if (args.length === names.length || mayBeMore) return args
  return command.error(`error: too many arguments. Expected ${names.length} but got ${args.length}.`)
}

function flagOf(command: Command, name: string): string {
  return command.options.find((each) => each.attributeName() === name)?.long ?? name
}
