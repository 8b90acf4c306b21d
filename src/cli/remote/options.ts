/** The options of every command that works on a server as well, in one place; and the word of those that do not. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { fileFrom } from '../arguments.ts'
import { chainIdFrom, once } from '../verify.ts'

const SECONDS_MAX = 3600

function options(): readonly Option[] {
  return [
    new Option('--url <url>', 'the server that has the chain, in place of <dir>').argParser(once),
    new Option('--chain-id <0x…>', 'with --url: the id of the chain that you trust').argParser(chainIdFrom),
    new Option('--pin <file>', 'with --url: keep there what was seen of the chain, and trust that').argParser(fileFrom),
    new Option('--revocations <file>', 'with --url: revocations from another source than the server').argParser(once),
    new Option('--token-file <file>', 'with --url: the token for the server is in this file (mode 0600)')
      .env('CAIRN_TOKEN_FILE')
      .argParser(fileFrom),
    new Option('--timeout <seconds>', 'with --url: how long an answer may take (30)').argParser(secondsFrom),
  ]
}

/** Adds those that the command has not got already, but for those that mean nothing there. */
export function addRemoteOptions(command: Command, without: readonly string[] = []): Command {
  const isThere = ({ long }: Option): boolean => command.options.some((each) => each.long === long)
  const added = options().filter((each) => !isThere(each) && !without.includes(each.long ?? ''))
  for (const option of added) command.addOption(option)
  remoteOf.set(
    command,
    added.filter(({ long }) => long !== '--url'),
  )
  return command.addHelpText('after', REMOTE_HELP)
}

/** What is for servers only, of each command. */
const remoteOf = new WeakMap<Command, readonly Option[]>()

const REMOTE_HELP = `
With --url everything that is printed was proved first, under the id of the chain: --chain-id, or what --pin keeps. Exit code 3
says that the server lied, and how. A token is read from --token-file, CAIRN_TOKEN_FILE or CAIRN_TOKEN; it leaves this
machine encrypted or not at all.`

export function isRemote(command: Command): boolean {
  return command.getOptionValue('url') !== undefined
}

/** Of a chain in a directory nothing of this means anything; what the environment says for servers does no harm. */
export function demandNoRemoteOptions(command: Command): void {
  const given = remoteOf.get(command)?.find((each) => command.getOptionValueSource(each.attributeName()) === 'cli')
  if (given !== undefined) command.error(`error: ${given.long} goes with --url`)
}

/** A command that is about a directory of this machine says so to whoever names a server. */
export function onlyHere(command: Command, why: string): Command {
  const refuse = (): never => command.error(`error: there is no --url here: ${why}`)
  return command.addOption(new Option('--url <url>').hideHelp().argParser(refuse))
}

function secondsFrom(text: string): number {
  const seconds = Number(text)
  if (/^[0-9]{1,4}(?:\.[0-9]{1,3})?$/.test(text) && seconds > 0 && seconds <= SECONDS_MAX) return seconds
  throw new InvalidArgumentError(`It is a number of seconds, up to ${SECONDS_MAX}.`)
}
