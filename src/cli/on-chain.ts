/**
 * The commands on a chain: its directory is their first argument, or what --data, CAIRN_DATA or the config file says, and then it is left out.
 *
 * Promise: what the environment or the config file says of one chain (its keys, its guard, its machine) is never used for another one.
 */
import { Argument, type Command } from 'commander'
import { asAction } from './action.ts'
import { type Place, placeOf } from './place.ts'
import { addRemoteOptions, demandNothingOfDirectories, isRemote } from './remote/options.ts'
import type { RemoteOptions } from './remote/with-server.ts'
import { SettingOption, setting } from './settings/option.ts'
import { type SettingName, variableOf } from './settings/settings.ts'

/** What stands behind the directory on the command line. */
export interface Words {
  /** Each is needed: its name, and what it is. */
  readonly needed?: readonly (readonly [name: string, text: string])[]
  /** Any number of them. Where the directory may be left out, `isOne` tells the first of them from a directory. */
  readonly more?: { readonly name: string; readonly text: string; readonly isOne: (word: string) => boolean }
}

const DIRECTORY = ['dir', 'the directory of the chain; left out where --data, or what it stands for, says it'] as const

/** Declares the arguments of a command on a chain that lies here, the options that say where, and what it does. */
export function onPlace(
  command: Command,
  words: Words,
  // Whoever declares the options knows their type.
  run: (place: Place, words: readonly string[], options: never) => Promise<void>,
): Command {
  return declare(command, words).action(asAction(() => runHere(command, words, run)))
}

interface Ways<Options> {
  /** In a directory. */
  readonly here: (place: Place, words: readonly string[], options: Options) => Promise<void>
  /** On a server. */
  readonly there: (words: readonly string[], options: Options & RemoteOptions) => Promise<void>
}

/** The same for a command that works on a server as well: then --url takes the place of the directory. */
export function onChain<Options extends object>(command: Command, words: Words, ways: Ways<Options>): Command {
  return addRemoteOptions(declare(command, words)).action(
    asAction(async () => {
      if (!isRemote(command, isDirectoryNamed(command, words))) return runHere(command, words, ways.here)
      demandNothingOfDirectories(command)
      return ways.there(wordsAlone(command, words), command.opts())
    }),
  )
}

function declare(command: Command, { needed = [], more }: Words): Command {
  const usage = [
    '[options]',
    `[${DIRECTORY[0]}]`,
    ...needed.map(([name]) => `<${name}>`),
    ...(more ? [`[${more.name}...]`] : []),
  ]
  command.usage(usage.join(' '))
  for (const [name, text] of [DIRECTORY, ...needed]) command.addArgument(new Argument(`[${name}]`, text))
  if (more !== undefined) command.addArgument(new Argument(`[${more.name}...]`, more.text))
  for (const name of ['data', 'keys', 'guard'] as const) command.addOption(setting(name))
  return command
}

async function runHere(
  command: Command,
  words: Words,
  run: (place: Place, words: readonly string[], options: never) => Promise<void>,
): Promise<void> {
  const { directory, rest } = divide(command, words)
  // Once it is known whose they are.
  const options = command.opts<PlaceOptions>()
  await run(placeOf(directory, options), rest, options as never)
}

/** Whether a directory stands on the command line, beside the words that are needed in any case. */
function isDirectoryNamed({ args }: Command, { needed = [], more }: Words): boolean {
  if (more === undefined) return args.length > needed.length
  return args[0] !== undefined && !more.isOne(args[0])
}

/** All that stands on the command line, where a server has the chain. */
function wordsAlone(command: Command, { needed = [], more }: Words): readonly string[] {
  const { args } = command
  const missing = needed[args.length]
  if (missing !== undefined) return command.error(`error: missing required argument '${missing[0]}'`)
  if (args.length === needed.length || more !== undefined) return args
  return command.error(`error: too many arguments. Expected ${needed.length} but got ${args.length}.`)
}

interface PlaceOptions {
  readonly data?: string
  readonly keys?: string
  readonly guard?: string
}

/** The directory, and the words without it. */
function divide(
  command: Command,
  { needed = [], more }: Words,
): { readonly directory: string; readonly rest: readonly string[] } {
  const { args } = command
  const { data } = command.opts<PlaceOptions>()
  const isNamed = command.getOptionValueSource('data') === 'cli'
  const isLeftOut =
    data !== undefined &&
    (more === undefined ? args.length <= needed.length : isNamed || args[0] === undefined || more.isOne(args[0]))
  const directory = isLeftOut ? data : args[0]
  const rest = isLeftOut ? args : args.slice(1)
  const missing = directory === undefined ? DIRECTORY : needed[rest.length]
  if (directory === undefined || missing !== undefined)
    return command.error(`error: missing required argument '${missing?.[0] ?? ''}'`)
  if (!isLeftOut && isNamed)
    return command.error('error: the directory of the chain is given twice: leave one of them out')
  leaveAside(command, (isLeftOut && command.getOptionValueSource('data')) || 'cli')
  return { directory, rest }
}

/** What belongs to one chain. */
const OF_ONE_CHAIN: readonly SettingName[] = ['keys', 'guard', 'tokens', 'machine', 'passphraseFile']

/** Where the config file or the environment names another directory than the one in use, what else it says of a chain is about that other one. */
function leaveAside(command: Command, inUse: string): void {
  const data = command.options.find((option) => option instanceof SettingOption && option.setting === 'data')
  const namesOne: Readonly<Record<string, boolean>> = {
    config: data instanceof SettingOption && data.configured !== undefined,
    env: variableOf('data') in process.env,
  }
  for (const name of OF_ONE_CHAIN) {
    const source = command.getOptionValueSource(name) ?? 'default'
    if (source !== inUse && namesOne[source]) command.setOptionValueWithSource(name, undefined, 'default')
  }
}
