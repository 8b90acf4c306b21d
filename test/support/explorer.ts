/** The explorer as it was built, served by a real server over a real chain, and a Chromium that looks at it. Nothing of it is left when it was closed. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pino } from 'pino'
import { type Browser, chromium } from 'playwright-core'
import { findChromium, NO_CHROMIUM } from '../../scripts/lib/chromium.mjs'
import { loadEngine } from '../../src/hash/index.ts'
import { Chain, type HotSigner, hotSigner, kv, type Machine } from '../../src/index.ts'
import { type ServeOptions, serve } from '../../src/server/server.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { toHex } from '../../src/verify/index.ts'
import { type ChainKeys, CREATED_AT, chainKeys, delegate, revoke } from './chain-keys.ts'
import { ARGS } from './chromium.ts'
import { Random } from './seed.ts'

const engine = await loadEngine()
const DAY = 86_400_000n
const now = (): bigint => BigInt(Date.now())
// Scripts are bundled elsewhere: from there nothing lies where it does in the package.
const EXPLORER = pathToFileURL(`${process.cwd()}/dist/web/`)

export interface Explored {
  readonly url: string
  readonly chain: Chain
  readonly chainId: string
  readonly keys: ChainKeys
  readonly signer: HotSigner
  /** The server alone is ended, and is there again on the same port. */
  readonly server: { close(): Promise<void> }
  serveAgain(): Promise<void>
  /** Where the chain's data lie. */
  readonly directory: string
  close(): Promise<void>
}

export interface ExploredOptions extends Partial<Pick<ServeOptions, 'tokens' | 'port'>> {
  readonly machine?: Machine
  readonly name?: string
  /** Another one makes other keys, and so another chain. */
  readonly seed?: number
}

export async function explored({
  machine = kv,
  name = 'demo',
  seed = 7,
  ...options
}: ExploredOptions = {}): Promise<Explored> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-explored-'))
  const keys = chainKeys(machine.name, new Random(seed), engine, name)
  const delegation = delegate(keys.identity, keys.coldKey, keys.hotKey, 0n, [CREATED_AT, now() + 60n * DAY])
  const signer = hotSigner([{ privateKey: keys.hotKey, delegation }], engine)
  const directory = join(folder, 'data')
  const guard = join(folder, 'guard')
  const chain = await Chain.create(directory, keys.genesis, { machine, signer, guard, engine })
  const log = pino({ level: 'silent' })
  const given = { chain, directory, host: '127.0.0.1', port: 0, tokens: [], log, version: '0.0.0', explorer: EXPLORER }
  let server = await serve({ ...given, ...options })
  const { url } = server
  return {
    url,
    chain,
    chainId: toHex(chain.id),
    keys,
    signer,
    directory,
    server: { close: () => server.close() },
    async serveAgain() {
      server = await serve({ ...given, ...options, port: Number(new URL(url).port) })
    },
    async close() {
      await server.close()
      await chain.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Some life: blocks of one command and of many, by two clients and nobody, streams with their events, and a command that is rejected. */
export async function live({ chain }: Explored, blocks: number, from = 0): Promise<void> {
  const command = (type: string, payload: object) => ({ type, payload: utf8(JSON.stringify(payload)) })
  for (let i = from; i < from + blocks; i++) {
    const own = [
      {
        ...command('put', { key: `account/${i % 7}`, value: String(1000 + i) }),
        client: 'desk-7',
        request: BigInt(i + 1),
      },
    ]
    if (i % 3 === 0)
      own.push({
        ...command('append', { stream: 'orders', entry: `buy ${i} stones` }),
        client: 'desk-9',
        request: BigInt(i + 1),
      })
    if (i % 5 === 0)
      own.push({
        ...command('cas', { key: 'greeting', expected: 'nobody', value: 'hello' }),
        client: 'desk-3',
        request: BigInt(i + 1),
      })
    if (i % 4 === 1)
      for (let j = 0; j < 5; j++)
        own.push({
          ...command('put', { key: `trade/${i}/${j}`, value: `${j} at ${100 + i}` }),
          client: '',
          request: 0n,
        })
    await Promise.all(
      own.map((each) => chain.submit(each.client === '' ? { type: each.type, payload: each.payload } : each)),
    )
  }
}

/** The next hot key takes over, and the first one is taken back. */
export async function rotate({ chain, keys, signer }: Explored): Promise<void> {
  const { identity, coldKey } = keys
  const privateKey = new Random(11).bytes(32)
  signer.add({
    privateKey,
    delegation: delegate(identity, coldKey, privateKey, 1n, [now() - 30n * DAY, now() + 300n * DAY]),
  })
  const { head } = chain
  if (head === undefined) throw new Error('there is a block by then')
  await chain.importAuthority([revoke(identity, coldKey, 0n, { height: head.height + 1n, parent: head.hash })])
  signer.retire(0n)
}

export async function launch(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error(NO_CHROMIUM)
  return chromium.launch({ executablePath, args: [...ARGS] })
}
