/** A chain that is served in this process, on a free port of loopback, until the test is over. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import { Chain, hotSigner, kv } from '../../src/index.ts'
import { type ServeOptions, type Server, serve } from '../../src/server/server.ts'
import { type ChainKeys, chainKeys } from '../support/chain-keys.ts'

const engine = await loadEngine()

export interface Served {
  readonly url: string
  readonly chain: Chain
  readonly keys: ChainKeys
  readonly server: Server
  /** What was logged, a line each. */
  readonly log: readonly { readonly level: number; readonly msg: string }[]
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(body: unknown, path?: string, headers?: Record<string, string>): Promise<Response>
}

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

export async function served(options: Partial<ServeOptions> = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-served-'))
  endings.push(() => rm(folder, { recursive: true, force: true }))
  const keys = chainKeys()
  const signer = hotSigner([{ privateKey: keys.hotKey, delegation: keys.delegation }], engine)
  const directory = join(folder, 'data')
  const chain = await Chain.create(directory, keys.genesis, {
    machine: kv,
    signer,
    guard: join(folder, 'guard'),
    engine,
  })
  endings.push(() => chain.close())
  const log: { level: number; msg: string }[] = []
  const logger = pino({ base: null }, { write: (line: string) => void log.push(JSON.parse(line) as (typeof log)[0]) })
  const given = { chain, directory, host: '127.0.0.1', port: 0, tokens: [], log: logger, version: '0.0.0' }
  const server = await serve({ ...given, ...options })
  endings.push(() => server.close())
  const { url } = server
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> => fetch(url + path, { headers })
  return {
    url,
    chain,
    keys,
    server,
    log,
    get,
    post: (body, path = '/v1/commands', headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
      }),
  }
}

export const put = (key: string, value: string, named: Record<string, string> = {}) => ({
  ...named,
  type: 'put',
  payload: { key, value },
})

export interface ProblemRead {
  readonly status: number
  readonly code: string
  readonly detail: string
}

/** The answer as a problem document, checked to be one. */
export async function problemOf(response: Response): Promise<ProblemRead> {
  const body = (await response.json()) as ProblemRead
  const type = response.headers.get('content-type')
  if (!type?.startsWith('application/problem+json')) throw new Error(`it is ${type}: ${JSON.stringify(body)}`)
  if (body.status !== response.status) throw new Error('a problem names the status of its answer')
  return body
}
