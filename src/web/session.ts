/**
 * The one chain that this page is about, and what this browser knows of it.
 *
 * Promise: the chain is the one that was pinned when this browser first came here. Everything that a page calls checked went through `prove`, which goes
 * on from the head that was accepted before; where that ends in a lie, the lie is told by its name, loudly, and stays told.
 */

import { Http } from '../client/http.ts'
import { CairnClient, type ProofAsked } from '../client/index.ts'
import type { Fetch } from '../http/fetch.ts'
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import {
  type ChainId,
  decodeGenesis,
  fromHex,
  type Genesis,
  type Head,
  type Identity,
  identify,
  nobleEngine,
  type Proof,
} from '../verify/index.ts'
import { inTab } from './kept.ts'
import { hasFollowed, lightClientState, type Pin, pin, pinned } from './pin.ts'

/** What the server says of itself. It is believed in nothing but what is shown to be said by it. */
export interface ServerSays {
  readonly chainId: string
  readonly name: string
  readonly machine: string
  readonly height: bigint | undefined
  readonly commands: bigint
  readonly readOnly: string | undefined
  /** The RPC of an EVM chain that the page may ask, where the operator named one. */
  readonly evmRpc: string | undefined
}

const TOKEN = 'cairn.token'
const TIMEOUT = 15_000

/** What a server that lies, or was rolled back, is called. */
export const LIES: ReadonlySet<string> = new Set([
  'wrong_chain',
  'chain_forked',
  'server_behind',
  'proof_invalid',
  'seal_outdated',
  'answer_invalid',
])

export const { hasher } = nobleEngine

export class Session {
  readonly http: Http
  readonly pin: Pin
  /** Whether this browser came here for the first time, and trusts what it found. */
  readonly isFirst: boolean
  readonly says: ServerSays
  readonly identity: Identity
  private readonly client: CairnClient
  private readonly onLie: (lie: CairnError) => void

  private constructor(parts: {
    readonly http: Http
    readonly pin: Pin
    readonly isFirst: boolean
    readonly says: ServerSays
    readonly identity: Identity
    readonly onLie: (lie: CairnError) => void
  }) {
    const { http, pin, isFirst, says, identity, onLie } = parts
    this.http = http
    this.pin = pin
    this.isFirst = isFirst
    this.says = says
    this.identity = identity
    this.onLie = onLie
    const token = storedToken()
    this.client = new CairnClient({
      url: location.origin,
      chainId: pin.chainId,
      client: clientName(),
      state: lightClientState,
      timeout: TIMEOUT,
      retries: 3,
      ...(token !== undefined && { token }),
    })
  }

  static async open(onLie: (lie: CairnError) => void): Promise<Session> {
    const http = httpOf()
    const [chain, genesisText] = await Promise.all([http.text('/v1/chain'), http.text('/v1/genesis')])
    const says = readChain(chain)
    const known = pinned()
    if (known !== undefined && known.chainId !== says.chainId) throw otherChain(known.chainId, says.chainId)
    const genesis = decodeGenesis(genesisText)
    const identity = identify(genesis, hasher)
    if (!equal(identity.chainId, fromHex(says.chainId) ?? new Uint8Array(0)))
      throw new CairnError('wrong_chain', 'The genesis that the server shows is not that of the chain id that it says.')
    const parts = { http, pin: known ?? pin(says.chainId), isFirst: known === undefined, says, identity, onLie }
    return new Session(parts)
  }

  get genesis(): Genesis {
    return this.identity.genesis
  }

  get chainId(): ChainId {
    return this.pin.chainId
  }

  /** The newest head that this browser accepted. */
  get head(): Head | undefined {
    return this.client.head
  }

  /** Whether the chain had no block when it was asked for, and none was seen of it since. */
  get isEmpty(): boolean {
    return this.says.height === undefined && this.head === undefined && !hasFollowed()
  }

  /** A proof, checked here, under a head that goes on from the one before. A lie is told to everybody who looks. */
  async prove(asked: ProofAsked, signal?: AbortSignal): Promise<Proof> {
    return this.telling(() => this.client.prove(asked, signal && { signal }))
  }

  /** The same as a document to take along: it shows what was asked for and nothing beside it. */
  async proof(asked: ProofAsked): Promise<string> {
    return this.telling(() => this.client.proof(asked))
  }

  async submit(type: string, payload: string): ReturnType<CairnClient['submit']> {
    return this.telling(() => this.client.submit({ type, payload }))
  }

  /** The text of a good answer, believed in nothing. */
  text(path: string, signal?: AbortSignal): Promise<string> {
    return this.http.text(path, signal && { signal })
  }

  /**
   * A lie is told at once. Of a server that began another chain meanwhile that is told, whatever it looked like first; of one that does not know a block any
   * more that it showed, that it went back. What comes back is the lie that it is.
   */
  async tell(error: unknown): Promise<CairnError | undefined> {
    if (!(error instanceof CairnError)) return undefined
    const isLie = LIES.has(error.code)
    if (isLie) this.onLie(error)
    // With a fork comes the evidence, whatever the server says of itself by now.
    if (error.code === 'chain_forked') return error
    if (!isLie && error.code !== 'unknown_height') return undefined
    const other = await this.otherChain()
    if (other !== undefined) this.onLie(other)
    if (other !== undefined || isLie) return other ?? error
    return this.prove({}).then(
      () => undefined,
      (found: unknown) => (isOneOfLies(found) ? found : undefined),
    )
  }

  private async otherChain(): Promise<CairnError | undefined> {
    try {
      const { chainId } = readChain(await this.text('/v1/chain'))
      return chainId === this.pin.chainId ? undefined : otherChain(this.pin.chainId, chainId)
    } catch {
      return undefined
    }
  }

  private async telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (isOneOfLies(error)) void this.tell(error)
      throw error
    }
  }
}

function isOneOfLies(error: unknown): error is CairnError {
  return error instanceof CairnError && LIES.has(error.code)
}

function otherChain(known: string, shown: string): CairnError {
  const message =
    'This server shows another chain than the one that this browser pinned. Nothing of it is trusted here.'
  return new CairnError('wrong_chain', message, { known, shown })
}

function httpOf(): Http {
  const token = storedToken()
  const fetching: Fetch = (url, init) => fetch(url, init)
  return new Http({ url: location.origin, timeout: TIMEOUT, fetch: fetching, ...(token !== undefined && { token }) })
}

/** For this tab alone, and never in an address. */
export function storedToken(): string | undefined {
  return inTab.get(TOKEN)
}

export function storeToken(token: string): void {
  inTab.set(TOKEN, token)
}

/** The name of this tab as a client: nobody else submits under it, so its numbers are its own. */
function clientName(): string {
  const name =
    inTab.get('cairn.client') ??
    `explorer-${Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  inTab.set('cairn.client', name)
  return name
}

function readChain(text: string): ServerSays {
  try {
    const { chainId, name, machine, head, commands, readOnly, evmRpc } = JSON.parse(text) as {
      readonly [member: string]: unknown
      readonly head: { readonly height: unknown } | null
      readonly readOnly: { readonly message: unknown } | null
    }
    if (typeof chainId !== 'string' || fromHex(chainId)?.length !== 32) throw new Error('it names no chain id')
    return {
      chainId,
      name: String(name).slice(0, 256),
      machine: String(machine).slice(0, 256),
      height: head === null ? undefined : u64(head.height),
      commands: u64(commands),
      readOnly: readOnly === null ? undefined : String(readOnly.message).slice(0, 1000),
      evmRpc: evmRpc === undefined ? undefined : httpAddress(evmRpc),
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CairnError('answer_invalid', `What answers there does not describe a chain: ${why}.`, { why })
  }
}

function u64(value: unknown): bigint {
  if (typeof value !== 'string' || !/^[0-9]{1,20}$/.test(value)) throw new Error('a number is missing')
  return BigInt(value)
}

function httpAddress(value: unknown): string {
  if (typeof value !== 'string' || !/^https?:\/\//.test(value)) throw new Error('its RPC has no address')
  return new URL(value).href
}
