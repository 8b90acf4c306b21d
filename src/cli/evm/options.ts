/** What the commands that reach an EVM chain have in common: where it is, who pays, what may be sent without another question. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { DATA_MAX } from '../../verify/bounds.ts'
import { fromUtf8, toHex } from '../../verify/bytes.ts'
import { CairnError } from '../../verify/index.ts'
import { addressFrom } from '../addresses.ts'
import { fileFrom } from '../arguments.ts'
import { type PassphraseOptions, withPassphraseOptions } from '../passphrase.ts'
import { readBounded } from '../read.ts'

export interface RpcOptions {
  readonly rpc: string
}

export interface SendingOptions extends RpcOptions, PassphraseOptions {
  readonly keystore: string
  readonly state: string
  readonly confirmations: number
  readonly timeout: number
  readonly maxFeeGwei: bigint
  readonly evmChainId?: bigint
  readonly raise?: true
  readonly yes?: true
  readonly json?: true
}

const STATE = 'cairn-evm'
const CONFIRMATIONS = 3
const TIMEOUT = 600
/** More than any chain asks for, and little enough that an RPC that lies does not empty the account. */
const MAX_FEE_GWEI = 500n
const GWEI = 1_000_000_000n

export function withRpcOption(command: Command): Command {
  return command.requiredOption('--rpc <url>', 'the RPC of the EVM chain; @file reads it from a file', rpcFrom)
}

/** For a command that can do without. */
export function withRpc(command: Command, text: string): Command {
  return command.option('--rpc <url>', text, rpcFrom)
}

export function withSendingOptions(command: Command): Command {
  withRpcOption(command)
    .requiredOption('--keystore <file>', 'the account that pays: a keystore of version 3', fileFrom)
    .option('--state <dir>', 'where a transaction is noted until it is done; one for each account', fileFrom, STATE)
    .option('--confirmations <n>', 'how many blocks have to lie over it', wholeFrom, CONFIRMATIONS)
    .option('--timeout <s>', 'how many seconds to wait for that', wholeFrom, TIMEOUT)
    .addOption(
      new Option('--max-fee-gwei <n>', 'send nothing that costs more for a unit of gas')
        .argParser(gweiFrom)
        .default(MAX_FEE_GWEI * GWEI, String(MAX_FEE_GWEI)),
    )
    .option('--evm-chain-id <n>', 'refuse an RPC of another EVM chain', evmChainIdFrom)
    .option('--raise', 'where what was begun waits, send it with a higher fee in its place; needs --yes')
    .option('--yes', 'send it; without this it is only told what it would cost')
    .option('--json', 'print what came of it as JSON')
  // Not what is set for the hot key of a chain: this is another keystore.
  const file = '--passphrase-file <file>'
  return withPassphraseOptions(command, new Option(file, 'read its passphrase from this file (mode 0600)'))
}

export const SENDING_HELP = `
What it costs is told first, and nothing is sent without --yes. A transaction that was signed is noted in --state before it is
sent: after a crash or a time-out the same command goes on with that one, and sends no other. With --raise it is signed again
under the same nonce, with a fee that is an eighth higher or as high as it is now: only one of the two can be carried out. An RPC
that has a key in its address is better read from a file: --rpc @rpc.url. Its operator can hide what he likes: ask a node of
your own, and name the EVM chain that you mean.`

/** Where an address has a key in it, it is no argument for other processes to read. */
function rpcFrom(text: string): string {
  if (text.startsWith('@') ? text.length > 1 : isHttp(text)) return text
  throw new InvalidArgumentError('It is http://… or https://…, or @ and the name of a file that has it.')
}

export function isHttp(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text)
}

export async function rpcAddress({ rpc }: RpcOptions): Promise<string> {
  if (!rpc.startsWith('@')) return rpc
  const file = rpc.slice(1)
  const text = fromUtf8(await readBounded(file, DATA_MAX))?.trim()
  if (text !== undefined && isHttp(text)) return text
  throw new CairnError(
    'rpc_invalid',
    `${file} does not hold the address of an RPC: http://… or https://…, and nothing else.`,
    { file },
  )
}

export function wholeFrom(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 1 on.')
}

function evmChainIdFrom(text: string): bigint {
  if (/^[1-9][0-9]{0,15}$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('It is a whole number: 1 is Ethereum.')
}

/** In wei, of a number of gwei with up to nine decimals. */
function gweiFrom(text: string): bigint {
  const [, whole = '', decimals = ''] = /^([0-9]{1,9})(?:\.([0-9]{1,9}))?$/.exec(text) ?? []
  if (whole === '') throw new InvalidArgumentError('It is a number of gwei: 30, or 0.05.')
  return BigInt(whole) * GWEI + BigInt(decimals.padEnd(9, '0'))
}

/** An address as contracts are called by. */
export function contractFrom(text: string): `0x${string}` {
  return toHex(addressFrom(text)) as `0x${string}`
}
