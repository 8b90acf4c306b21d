/**
 * `npm run bench:http`: what HTTP costs. The real server in a process of its own, beside the same chain embedded in this one, in the same run; commands
 * put 100-byte values over 10,000 keys. `--seconds`, `--rounds` and `--only batches,listeners` make it shorter.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, figure, type Target } from '../../src/cli/bench/figures.ts'
import { CairnClient } from '../../src/client/index.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { Chain, hotSigner, kv } from '../../src/index.ts'
import { chainKeys } from '../../test/support/chain-keys.ts'
import { Random } from '../../test/support/seed.ts'
import { Connection, listen, requestOf } from './http-load.ts'
import { report } from './report.ts'

const KEYS = 10_000
const BATCH = 100
const BATCHES_IN_FLIGHT = 10
const CONNECTIONS = 64
const LISTENERS = 1000
const IN_FLIGHT = 1000
/** So many different requests are written down, and sent again and again. */
const REQUESTS = 512
const MICROSECONDS = 1e6

const seconds = Number(argument('--seconds') ?? 8)
const rounds = Number(argument('--rounds') ?? 3)
const only = argument('--only')?.split(',')

const random = new Random(5)
const engine = await loadEngine()
const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-http-'))

function payload(): string {
  return `{"key":"account/${String(random.below(KEYS)).padStart(10, '0')}","value":"${String(random.below(1 << 30)).padStart(100, '.')}"}`
}

interface Pace {
  /** How often a second it was done, and how long it took 99 times of 100. */
  readonly rate: number
  readonly p99: number
  readonly times: number
}

/** Each of these does one after the other, for some seconds. */
async function pace(workers: readonly (() => Promise<void>)[]): Promise<Pace> {
  const end = performance.now() + 1000 * seconds
  const times: number[] = []
  const repeat = async (work: () => Promise<void>): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now()
      await work()
      times.push(performance.now() - start)
    }
  }
  await Promise.all(workers.map(repeat))
  times.sort((a, b) => a - b)
  return { rate: times.length / seconds, p99: times[Math.floor(times.length * 0.99)] ?? 0, times: times.length }
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
    // `CAIRN_BENCH_NODE=--cpu-prof` shows where it is busy.
    const node = process.env.CAIRN_BENCH_NODE?.split(' ') ?? []
    const child = spawn(process.execPath, [...node, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.setEncoding('utf8')
    const [said] = (await once(child.stdout, 'data')) as [string]
    const url = /http:\S+/.exec(said)?.[0] ?? ''
    return new Served(url, chainId, child)
  }

  /** Seconds of processor time that it has used, on all its threads. */
  async processor(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1])
  }

  async end(): Promise<void> {
    this.child.kill('SIGTERM')
    await once(this.child, 'exit')
  }
}

const batchOf = (): string =>
  `{"commands":[${Array.from({ length: BATCH }, () => `{"type":"put","payload":${payload()}}`).join(',')}]}`
const single = (): string => `{"type":"put","payload":${payload()}}`

interface Posted extends Pace {
  /** Processor time of the server for each request, in µs. */
  readonly processor: number
}

/** So many connections, each of which asks one thing after the other. */
async function post(server: Served, connections: number, bodyOf: () => string): Promise<Posted> {
  const requests = Array.from({ length: REQUESTS }, () => requestOf(bodyOf()))
  let next = 0
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.to(server.url)))
  const workers = open.map((connection) => async (): Promise<void> => {
    const status = await connection.ask(requests[next++ % REQUESTS] as Buffer)
    if (status !== 200) throw new Error(`the server answered ${status}`)
  })
  const before = await server.processor()
  const paced = await pace(workers)
  const used = (await server.processor()) - before
  for (const each of open) each.end()
  return { ...paced, processor: (MICROSECONDS * used) / paced.times }
}

const found: Record<string, number[]> = {}
const add = (name: string, value: number): void => {
  found[name] = [...(found[name] ?? []), value]
}
const isAsked = (part: string): boolean => only === undefined || only.includes(part)

const chain = await embedded()
const server = await Served.start()

async function measureEmbedded(): Promise<number> {
  const many = Array.from({ length: BATCH * REQUESTS }, () => Buffer.from(payload()))
  let next = 0
  const work = async (): Promise<void> => {
    const from = next++ % REQUESTS
    const commands = many.slice(BATCH * from, BATCH * (from + 1))
    await chain.submitMany(commands.map((each) => ({ type: 'put', payload: each })))
  }
  const before = process.cpuUsage()
  const { rate, times } = await pace(Array.from({ length: BATCHES_IN_FLIGHT }, () => work))
  const { user, system } = process.cpuUsage(before)
  add('embedded', BATCH * rate)
  add('embedded-processor', (user + system) / (BATCH * times))
  return rate
}

async function measureBatches(inside: number | undefined): Promise<Posted> {
  const batches = await post(server, BATCHES_IN_FLIGHT, batchOf)
  add('batches', BATCH * batches.rate)
  add('batches-processor', batches.processor / BATCH)
  if (inside !== undefined) add('ratio', batches.rate / inside)
  return batches
}

async function measureWatched({ rate, processor }: Posted): Promise<void> {
  const stop = await listen(server.url, LISTENERS)
  const watched = await post(server, BATCHES_IN_FLIGHT, batchOf)
  stop()
  add('watched', 1 - watched.rate / rate)
  add('watched-processor', watched.processor / processor - 1)
}

async function measureSingles(): Promise<void> {
  const singles = await post(server, CONNECTIONS, single)
  add('singles', singles.rate)
  add('singles-processor', singles.processor)
  add('p99', singles.p99)
}

async function measureChecked(name: string): Promise<void> {
  const client = new CairnClient({ url: server.url, chainId: server.chainId, client: name, engine })
  const work = async (): Promise<void> => {
    await client.submit({ type: 'put', payload: payload() })
  }
  const [before, own] = [await server.processor(), process.cpuUsage()]
  const { rate, times } = await pace(Array.from({ length: IN_FLIGHT }, () => work))
  const { user, system } = process.cpuUsage(own)
  add('checked', rate)
  add('checked-processor', (user + system) / times)
  add('checked-server', (MICROSECONDS * ((await server.processor()) - before)) / times)
}

try {
  for (let round = 0; round < rounds; round++) {
    const inside = isAsked('embedded') ? await measureEmbedded() : undefined
    const batches = isAsked('batches') || isAsked('listeners') ? await measureBatches(inside) : undefined
    if (isAsked('listeners') && batches !== undefined) await measureWatched(batches)
    if (isAsked('singles')) await measureSingles()
    if (isAsked('client')) await measureChecked(`bench-${round}`)
  }
} finally {
  await server.end()
  await chain.close()
  rmSync(folder, { recursive: true, force: true })
}

const figures: readonly Figure[] = [
  of('embedded', 'embedded, batches of 100', 'commands/s'),
  of('embedded-processor', 'the same, processor time', 'µs a command'),
  of('batches', 'over HTTP, batches of 100', 'commands/s'),
  of('batches-processor', 'the same, processor time of the server', 'µs a command'),
  of('ratio', 'over HTTP / embedded, batches of 100', '×', { atLeast: 0.6 }),
  of('watched', 'lost to 1,000 idle listeners', 'of the throughput', { atMost: 0.1 }),
  of('watched-processor', 'the same, processor time of the server', 'more for each command'),
  of('singles', 'over HTTP, one command a request, 64 connections', 'commands/s', { atLeast: 8000 }),
  of('singles-processor', 'the same, processor time of the server', 'µs a command'),
  of('p99', 'the same, 99th percentile', 'ms', { atMost: 50 }),
  of('checked', 'client: submitted and verified', 'receipts/s', { atLeast: 5000 }),
  of('checked-processor', 'the same, processor time of the client', 'µs a receipt'),
  of('checked-server', 'the same, processor time of the server', 'µs a receipt'),
].flatMap((each) => each ?? [])
report(figures)

function of(name: string, title: string, unit: string, target?: Target): Figure | undefined {
  const values = found[name]
  return values && figure(title, unit, values, target)
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
