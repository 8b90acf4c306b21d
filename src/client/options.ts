/** What whoever makes a client says, checked at once: an error names the option. What was given and is none must not pass for one that was left out. */
import { type Fetch, platformFetch } from '../http/fetch.ts'
import { type Engine, type Head, nobleEngine, type Revocation, toHex } from '../verify/index.ts'
import { demandMembers, invalidOption } from '../verify/option.ts'
import { asChainId, asHead, asRevocations } from '../verify/trust.ts'
import type { StateStore } from './chain-view.ts'

export interface ClientOptions {
  /** `http://127.0.0.1:4270` */
  readonly url: string
  /** The id of the chain: all that is trusted. */
  readonly chainId: string
  /** The name under which commands are sent; one that no other process uses at the same time. Without it nothing can be submitted. */
  readonly client?: string
  readonly token?: string
  /** What the cold key took back, from another source than this server. */
  readonly revocations?: readonly Revocation[]
  /** Where what was seen is kept, so that a server cannot go back behind it after a restart. */
  readonly state?: StateStore
  /** The head that was accepted last, where nothing is kept. */
  readonly head?: Head
  /** Whether receipts are checked before they are given. */
  readonly verify?: boolean
  /** Milliseconds that one request may take. */
  readonly timeout?: number
  /** How often a request is tried again before it is given up. */
  readonly retries?: number
  /** Hashes and signatures; noble where it is left out. */
  readonly engine?: Engine
  /** For tests, and for what has another one. */
  readonly fetch?: Fetch
}

type Defaulted = 'verify' | 'timeout' | 'retries' | 'engine' | 'fetch'
export type CheckedClient = Omit<ClientOptions, Defaulted> & Required<Pick<ClientOptions, Defaulted>>

const KNOWN: readonly (keyof ClientOptions)[] = [
  'url',
  'chainId',
  'client',
  'token',
  'revocations',
  'state',
  'head',
  'verify',
  'timeout',
  'retries',
  'engine',
  'fetch',
]

const TIMEOUT = 30_000
/** What the timers of all platforms can count to. */
const TIMEOUT_MAX = 2 ** 31 - 1
const RETRIES = 8

export function checkClient(options: ClientOptions): CheckedClient {
  demandMembers(options, KNOWN)
  const { chainId, client, token, state, head, revocations } = options
  const { verify = true, timeout = TIMEOUT, retries = RETRIES, engine = nobleEngine, fetch = platformFetch } = options
  if (client !== undefined && (typeof client !== 'string' || client === ''))
    throw invalidOption('client', 'it is the name under which commands are sent')
  if (token !== undefined && typeof token !== 'string') throw invalidOption('token', 'it is a text')
  if (state !== undefined && (typeof state?.load !== 'function' || typeof state.save !== 'function'))
    throw invalidOption('state', 'it loads and saves a text')
  if (typeof verify !== 'boolean') throw invalidOption('verify', 'it is true or false')
  if (!Number.isSafeInteger(timeout) || timeout < 1 || timeout > TIMEOUT_MAX)
    throw invalidOption('timeout', `it is a whole number of milliseconds from 1 to ${TIMEOUT_MAX}`)
  if (typeof retries !== 'number' || !(retries >= 0)) throw invalidOption('retries', 'it is a number from 0 on')
  if (typeof engine?.hasher?.hash !== 'function') throw invalidOption('engine', 'it hashes, and recovers signatures')
  if (typeof fetch !== 'function') throw invalidOption('fetch', 'it is a function like the platform’s')
  return {
    chainId: toHex(asChainId(chainId)),
    ...(client !== undefined && { client }),
    ...(token !== undefined && { token }),
    ...(state !== undefined && { state }),
    ...(head !== undefined && { head: asHead(head) }),
    ...(revocations !== undefined && { revocations: asRevocations(revocations) }),
    url: addressOf(options.url),
    verify,
    timeout,
    retries,
    engine,
    fetch,
  }
}

/** Without the slashes at its end. In pages it may be relative to them. */
function addressOf(url: unknown): string {
  const page = (globalThis as { readonly location?: { readonly href?: string } }).location?.href
  if (typeof url !== 'string' || !URL.canParse(url, page))
    throw invalidOption('url', 'it is the address of a server, as http://127.0.0.1:4270')
  const { protocol, username, password } = new URL(url, page)
  if (!/^https?:$/.test(protocol)) throw invalidOption('url', 'it begins with http:// or https://')
  // Addresses are logged and shown; this one is not said here either.
  if (username !== '' || password !== '') throw invalidOption('url', 'it has a secret in it: give a token as token')
  if (/[?#]/.test(url)) throw invalidOption('url', 'what is asked for is written behind it, so it ends before ? and #')
  return url.replace(/\/+$/, '')
}
