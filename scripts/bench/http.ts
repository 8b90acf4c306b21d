/**
 * `npm run bench:http`: what HTTP costs. The real server in a process of its own, beside the same chain embedded in this one, in the same run; commands
 * put 100-byte values over 10,000 keys.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, figure } from '../../src/cli/bench/figures.ts'
import { CairnClient } from '../../src/client/index.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { Chain, hotSigner, kv } from '../../src/index.ts'
import { chainKeys } from '../../test/support/chain-keys.ts'
import { Random } from '../../test/support/seed.ts'
import { report } from './report.ts'

const KEYS = 10_000
const SECONDS = 8
const ROUNDS = 3
const BATCH = 100
const BATCHES_IN_FLIGHT = 10
const CONNECTIONS = 64
const LISTENERS = 1000

const random = new Random(5)
const engine = await loadEngine()
const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-http-'))

function payload(): string {
  return `{"key":"account/${String(random.below(KEYS)).padStart(10, '0')}","value":"${String(random.below(1 << 30)).padStart(100, '.')}"}`
}

/** So many of these at a time, for some seconds: how often a second, and how long each took. */
async function pace(
  inFlight: number,
  work: () => Promise<void>,
): Promise<{ readonly rate: number; readonly p99: number }> {
  const end = performance.now() + 1000 * SECONDS
  const times: number[] = []
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now()
      await work()
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  times.sort((a, b) => a - b)
  return { rate: times.length / SECONDS, p99: times[Math.floor(times.length * 0.99)] ?? 0 }
}

async function embedded(): Promise<Chain> {
  const { genesis, hotKey, delegation } = chainKeys('kv@1', new Random(7), engine)
  const signer = hotSigner([{ privateKey: hotKey, delegation }], engine)
  return Chain.create(join(folder, 'embedded'), genesis, { machine: kv, signer, guard: join(folder, 'guard'), engine })
}

class Served {
  readonly url: string
  readonly chainId: string
  private readonly child: ChildProcess

  private constructor(url: string, chainId: string, child: ChildProcess) {
    this.url = url
    this.chainId = chainId
    this.child = child
  }

  static async start(): Promise<Served> {
    const cli = ['dist/cli/main.js']
    const made = spawn(process.execPath, [...cli, 'init', join(folder, 'served'), '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let text = ''
    made.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    await once(made, 'close')
    const { chainId } = JSON.parse(text) as { chainId: string }
    const args = [...cli, 'serve', join(folder, 'served'), '--port', '0', '--log', 'error']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.setEncoding('utf8')
    const [said] = (await once(child.stdout, 'data')) as [string]
    const url = /http:\S+/.exec(said)?.[0] ?? ''
    return new Served(url, chainId, child)
  }

  async end(): Promise<void> {
    this.child.kill('SIGTERM')
    await once(this.child, 'exit')
  }
}

function post(url: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request(`${url}/v1/commands`, { method: 'POST', agent, headers }, (response) => {
      response
        .resume()
        .once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))))
    })
    asked.on('error', reject).end(body)
  })
}

const batchOf = (): string =>
  `{"commands":[${Array.from({ length: BATCH }, () => `{"type":"put","payload":${payload()}}`).join(',')}]}`
const single = (): string => `{"type":"put","payload":${payload()}}`

async function listen(url: string): Promise<() => void> {
  const agent = new Agent({ maxSockets: LISTENERS })
  const all = await Promise.all(
    Array.from({ length: LISTENERS }, async () => {
      const asked = get(`${url}/v1/stream`, { agent })
      const [response] = (await once(asked, 'response')) as [{ resume(): unknown; destroy(): void }]
      response.resume()
      return response
    }),
  )
  return () => {
    for (const each of all) each.destroy()
  }
}

const rounds: Record<string, number[]> = {}
const add = (name: string, value: number): void => {
  rounds[name] = [...(rounds[name] ?? []), value]
}

const chain = await embedded()
const server = await Served.start()
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
try {
  for (let round = 0; round < ROUNDS; round++) {
    const inside = await pace(BATCHES_IN_FLIGHT, async () => {
      await chain.submitMany(Array.from({ length: BATCH }, () => ({ type: 'put', payload: Buffer.from(payload()) })))
    })
    const batches = await pace(BATCHES_IN_FLIGHT, () => post(server.url, agent, batchOf()))
    const singles = await pace(CONNECTIONS, () => post(server.url, agent, single()))
    const stop = await listen(server.url)
    const watched = await pace(BATCHES_IN_FLIGHT, () => post(server.url, agent, batchOf()))
    stop()
    const client = new CairnClient({ url: server.url, chainId: server.chainId, client: `bench-${round}`, engine })
    const checked = await pace(1000, async () => {
      await client.submit({ type: 'put', payload: payload() })
    })
    add('embedded', BATCH * inside.rate)
    add('batches', BATCH * batches.rate)
    add('ratio', batches.rate / inside.rate)
    add('singles', singles.rate)
    add('p99', singles.p99)
    add('watched', 1 - watched.rate / batches.rate)
    add('checked', checked.rate)
  }
} finally {
  agent.destroy()
  await server.end()
  await chain.close()
  rmSync(folder, { recursive: true, force: true })
}

const of = (name: string): readonly number[] => rounds[name] ?? []
const figures: readonly Figure[] = [
  figure('embedded, batches of 100', 'commands/s', of('embedded')),
  figure('over HTTP, batches of 100', 'commands/s', of('batches')),
  figure('over HTTP / embedded, batches of 100', '×', of('ratio'), { atLeast: 0.6 }),
  figure('over HTTP, one command a request, 64 connections', 'commands/s', of('singles'), { atLeast: 8000 }),
  figure('the same, 99th percentile', 'ms', of('p99'), { atMost: 50 }),
  figure('lost to 1,000 idle listeners', 'of the throughput', of('watched'), { atMost: 0.1 }),
  figure('client: submitted and verified', 'receipts/s', of('checked'), { atLeast: 5000 }),
]
report(figures)
