/**
 * The options of every command that works on a server as well, in one place; which of the two is meant; and the word of those commands that do not.
 *
 * Promise: a token that the environment or the config file has for one server is sent to no other. What they say is trusted counts for every server: one
 * that has another chain is told as that.
 */
import { type Command, Option } from 'commander'
import { SettingOption, setting } from '../settings/option.ts'
import { flagOf, type SettingName, variableOf } from '../settings/settings.ts'

const OF_SERVERS: readonly SettingName[] = ['url', 'chainId', 'pin', 'revocations', 'tokenFile', 'timeout']

/** Adds those that the command has not got already, but for those that mean nothing there. */
export function addRemoteOptions(command: Command, without: readonly SettingName[] = []): Command {
  const has = (name: SettingName): boolean => command.options.some(({ long }) => long === flagOf(name))
  const added = OF_SERVERS.filter((name) => !has(name) && !without.includes(name))
  for (const name of added) command.addOption(setting(name))
  onServers.set(command, added)
  return command.addHelpText('after', REMOTE_HELP)
}

/** What is for servers only, of each command. */
const onServers = new WeakMap<Command, readonly SettingName[]>()

const REMOTE_HELP = `
With --url everything that is printed was proved first, under the id of the chain: --chain-id, or what --pin keeps. Exit code 3
says that the server lied, and how. A token is read from --token-file, CAIRN_TOKEN_FILE or CAIRN_TOKEN; it leaves this
machine encrypted or not at all.`

/** What is of a chain in a directory. */
const OF_DIRECTORIES = ['data', 'keys', 'guard', 'machine', 'passphraseFile', 'passphraseFd'] as const

/**
 * Whether a server is meant: --url says so on the command line; the environment or the config file says so where nothing stands in its place there.
 * `isNamed` is whether a directory or a file stands there.
 */
export function isRemote(command: Command, isNamed: boolean): boolean {
  const given = (name: string): boolean => command.getOptionValueSource(name) === 'cli'
  const source = command.getOptionValueSource('url')
  const isMeant =
    source === 'cli' || (source !== undefined && !isNamed && !given('data') && !outweighs(command, source))
  if (isMeant) {
    leaveAside(command, source)
    return true
  }
  const stray = onServers.get(command)?.find(given)
  if (stray !== undefined) command.error(`error: ${flagOf(stray)} goes with --url`)
  return false
}

/** Of a directory that the environment or the config file names as well: the place of more weight counts, and of one place it cannot be told. */
function outweighs(command: Command, urlSource: string): boolean {
  const dataSource = command.getOptionValueSource('data')
  if (dataSource === urlSource)
    command.error(
      'error: both a directory and a server are set for good: say with --data or --url which of them is meant',
    )
  return dataSource === 'env'
}

/** For a command whose one argument a server may take the place of. */
export function isInPlaceOf(command: Command, word: string | undefined, what: string): boolean {
  if (!isRemote(command, word !== undefined)) return false
  if (word !== undefined) command.error(`error: --url takes the place of the ${what}: leave one of them out`)
  return true
}

/** Of a chain on a server nothing of this means anything; what the environment or the config file says of directories does no harm. */
export function demandNothingOfDirectories(command: Command): void {
  const stray = OF_DIRECTORIES.find((name) => command.getOptionValueSource(name) === 'cli')
  if (stray === undefined) return
  const flag = command.options.find((each) => each.attributeName() === stray)?.long ?? stray
  command.error(`error: ${flag} is for a chain in a directory, and --url names a server`)
}

/** Where the environment or the config file names another server than the one in use, its token is for that one. */
function leaveAside(command: Command, inUse: string | undefined): void {
  const source = command.getOptionValueSource('tokenFile')
  if (source === undefined || source === inUse || !namesAnother(command, source)) return
  command.setOptionValueWithSource('tokenFile', undefined, 'default')
}

/** Whether this place, the environment or the config file, names a server that is not the one in use. */
export function namesAnother(command: Command, source: string): boolean {
  const url: unknown = command.getOptionValue('url')
  const option = command.options.find((each) => each instanceof SettingOption && each.setting === 'url')
  const configured = option instanceof SettingOption ? option.configured : undefined
  const named = source === 'env' ? process.env[variableOf('url')] : source === 'config' ? configured : undefined
  return named !== undefined && named !== url
}

/** A command that is about a directory of this machine says so to whoever names a server. */
export function onlyHere(command: Command, why: string): Command {
  const refuse = (): never => command.error(`error: there is no --url here: ${why}`)
  return command.addOption(new Option('--url <url>').hideHelp().argParser(refuse))
}
