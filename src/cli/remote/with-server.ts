/**
 * A server as the commands use it: a client that checks everything under the id of a chain, which the user names, or a file keeps.
 *
 * Promise: without an id that somebody vouched for nothing is believed. The one thing that is ever taken on first use is a development chain on loopback,
 * and that is said.
 */
import type { Command } from 'commander'
import { Http, type HttpOptions } from '../../client/http.ts'
import { CairnClient } from '../../client/index.ts'
import { loadEngine } from '../../hash/index.ts'
import { platformFetch } from '../../http/fetch.ts'
import { attempt } from '../../verify/error.ts'
import {
  CairnError,
  decodeGenesis,
  decodeRevocations,
  type Engine,
  encodeGenesis,
  type Genesis,
  type Head,
  type Identity,
  identify,
  LightClient,
  nobleEngine,
  toHex,
} from '../../verify/index.ts'
import { quoted } from '../../verify/meaning.ts'
import { shownPath } from '../place.ts'
import { readAs } from '../verify.ts'
import { type Address, addressOf, unsafeFor } from './address.ts'
import { namesAnother } from './options.ts'
import { Pin } from './pin.ts'
import { readToken } from './token.ts'

export interface RemoteOptions {
  readonly url?: string
  readonly chainId?: string
  readonly pin?: string
  readonly revocations?: string
  readonly tokenFile?: string
  /** In seconds. */
  readonly timeout: number
}

export interface Server {
  readonly client: CairnClient
  readonly identity: Identity
  readonly chainId: string
  readonly engine: Engine
  /** The head that was accepted last, as far as anybody kept it. */
  readonly seen: Head | undefined
}

interface More {
  readonly signal?: AbortSignal
  /** The name that commands are sent under. */
  readonly client?: string
  /** The head that was accepted last, where no pin has one. */
  readonly head?: Head
}

/** The server that the options name, of the chain that is trusted. */
export async function openServer(
  command: Command,
  options: RemoteOptions,
  { signal, ...more }: More = {},
): Promise<Server> {
  if (options.chainId === undefined && options.pin === undefined) {
    addressFrom(command, options)
    command.error(`error: ${NO_CHAIN_ID}`)
  }
  const { address, asked } = await reached(command, options)
  const pin = options.pin === undefined ? undefined : new Pin(options.pin)
  const kept = await pin?.read()
  const engine = await loadEngine()
  const chainId =
    options.chainId ?? (kept ? toHex(kept.chainId) : await firstUse(address, asked, engine, options.pin, signal))
  if (kept !== undefined && toHex(kept.chainId) !== chainId) throw otherPin(options.pin ?? '')
  const { revocations } = options
  const client = new CairnClient({
    ...asked,
    ...more,
    chainId,
    engine,
    ...(pin && { state: pin }),
    ...(revocations && { revocations: await readAs(revocations, decodeRevocations) }),
  })
  const identity = await client.identity(signal && { signal })
  if (kept === undefined) await pin?.save(pinned(chainId, identity.genesis, engine))
  return { client, identity, chainId, engine, seen: kept?.head ?? more.head }
}

/** A server of which nothing is believed, for who checks what it answers by other means. */
export async function askServer(command: Command, options: RemoteOptions): Promise<Http> {
  return new Http((await reached(command, options)).asked)
}

/** Where the server is, and how it is asked: a token goes along, where that is safe. */
async function reached(
  command: Command,
  options: RemoteOptions,
): Promise<{ readonly address: Address; readonly asked: HttpOptions }> {
  const address = addressFrom(command, options)
  const { timeout, tokenFile } = options
  // That of the environment is for the server that the environment names, where it names one.
  const token = await readToken(tokenFile, namesAnother(command, 'env') ? {} : process.env)
  const unsafe = token && unsafeFor(address)
  if (unsafe) command.error(`error: ${unsafe}`)
  const asked = {
    url: address.url,
    timeout: 1000 * timeout,
    fetch: platformFetch,
    ...(token !== undefined && { token }),
  }
  return { address, asked }
}

const NO_CHAIN_ID = `what a server says is checked under the id of its chain: give --chain-id 0x…, which its operator has (cairn id DIR), or --pin FILE, which keeps what was seen`

function addressFrom(command: Command, { url = '' }: RemoteOptions): Address {
  const address = addressOf(url)
  return typeof address === 'string' ? command.error(`error: ${address}`) : address
}

/**
 * The chain that a server has, checked under what is trusted. Where nothing is, that of a development chain on this machine, for whoever wants to know its
 * id, and it is said that nobody vouched for it.
 */
export async function identityOnServer(command: Command, options: RemoteOptions): Promise<Identity> {
  if (options.chainId !== undefined || options.pin !== undefined) return (await openServer(command, options)).identity
  const { address, asked } = await reached(command, options)
  const genesis = await shownGenesis(new Http(asked))
  if (!isDevelopment(genesis, address)) throw needsChainId(address)
  process.stderr.write('It is what the server says, and nobody has vouched for it.\n')
  return identify(genesis, nobleEngine.hasher)
}

/** The id of a chain that nobody vouched for: that of a development chain on this machine, which is told, and kept. */
async function firstUse(
  address: Address,
  asked: HttpOptions,
  engine: Engine,
  file: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const genesis = await shownGenesis(new Http(asked), signal)
  const chainId = toHex(identify(genesis, engine.hasher).chainId)
  if (!isDevelopment(genesis, address)) throw needsChainId(address)
  const where = file === undefined ? '' : ` Kept in ${shownPath(file)}.`
  process.stderr.write(
    `Trusted on first use, for it is a development chain on this machine: ${quoted(genesis.name)} ${chainId}.${where}\n`,
  )
  return chainId
}

/** Its name says so, for whoever makes one with development keys and gives it no other. */
function isDevelopment({ name }: Genesis, { isLoopback }: Address): boolean {
  return isLoopback && name.startsWith('dev-')
}

/** What the server says it is, of which nothing is believed. */
async function shownGenesis(http: Http, signal?: AbortSignal): Promise<Genesis> {
  const text = await http.text('/v1/genesis', signal && { signal })
  const genesis = attempt(() => decodeGenesis(text))
  if (!(genesis instanceof CairnError)) return genesis
  throw new CairnError('answer_invalid', `What the server answered is no genesis: ${genesis.message}.`)
}

function needsChainId({ url }: Address): CairnError {
  return new CairnError(
    'chain_id_needed',
    `Nobody has vouched for what ${url} serves: give --chain-id. Its operator has it (cairn id DIR); ask for it over another way than this server. Only a development chain on this machine is trusted on first use.`,
    { url },
  )
}

function otherPin(path: string): CairnError {
  const file = shownPath(path)
  const message = `${file} keeps what was seen of another chain than that of --chain-id: name another file, or leave --chain-id out.`
  return new CairnError('pin_differs', message, { file })
}

function pinned(chainId: string, genesis: Genesis, engine: Engine): string {
  return LightClient.pin({ chainId, genesis: encodeGenesis(genesis) }, engine).save()
}
