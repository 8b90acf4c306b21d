/** A load on a chain of its own, in a directory that is taken away again whatever comes of it. */
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chain } from '../../chain.ts'
import { describeEngine, loadEngine } from '../../hash/index.ts'
import { developmentKeys } from '../../keys/development.ts'
import { kv } from '../../machine/index.ts'
import { JournalDisk } from './journal-disk.ts'
import type { Latencies } from './latencies.ts'
import { runLoad } from './load.ts'
import type { MeterPace } from './meter.ts'
import { putOf } from './puts.ts'

export interface BenchAsked {
  readonly seconds: number
  readonly inFlight: number
  readonly keys: number
  readonly size: number
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

/** What was measured; what concerns the disk is told of a chain that is here alone. */
export interface Measured {
  readonly engine: string
  readonly many: MeterPace
  readonly one: MeterPace
  readonly disk?: {
    /** Keys that were put before it began, a second. */
    readonly loaded: number
    readonly commandsOfBlock: number
    readonly bytesOfCommand: number
    readonly syncsOfMany: Latencies
    readonly syncsOfOne: Latencies
  }
}

/** How many put at a time before the measuring begins, and how many names the commands are sent under. */
const LOADED_TOGETHER = 2000
const CLIENTS = 10
/** Seconds. */
const WARM_UP = 1
export const ONE_MAX = 5

export async function benchOwnChain(parent: string | undefined, asked: BenchAsked): Promise<Measured> {
  const folder = await mkdtemp(join(parent ?? tmpdir(), 'cairn-bench-'))
  try {
    return await measure(folder, asked)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether what is written there is in memory, and an fsync costs nothing. */
export async function isInMemory(directory: string | undefined): Promise<boolean> {
  const { type } = await statfs(directory ?? tmpdir())
  return type === TMPFS
}

const TMPFS = 0x01021994

async function measure(folder: string, { seconds, inFlight, keys, size, signal, say }: BenchAsked): Promise<Measured> {
  const engine = await loadEngine()
  const { genesis, signer } = await developmentKeys(join(folder, 'data.keys'), { name: 'dev-bench', machine: kv.name })
  const watched = new JournalDisk()
  const chain = await Chain.create(join(folder, 'data'), genesis, {
    machine: kv,
    signer,
    guard: join(folder, 'data.keys', 'guard'),
    engine,
    ports: { disk: watched.disk },
  })
  const requests = Array.from({ length: CLIENTS }, () => 0n)
  let commands = 0
  const put = (client: number, key: number) => {
    commands++
    const request = (requests[client] as bigint) + 1n
    requests[client] = request
    return { client: `bench-${client}`, request, type: 'put', payload: putOf(key, commands, size) }
  }
  const load = (what: string, duration: number, workers: number): Promise<MeterPace> =>
    runLoad({
      seconds: duration,
      inFlight: workers,
      signal,
      submit: (worker) => chain.submit(put(worker % CLIENTS, Math.floor(Math.random() * keys))),
      onTick: (acknowledged, at) => say(sentence(what, acknowledged, at)),
    })
  try {
    const start = performance.now()
    for (let next = 0; next < keys && !signal.aborted; next += LOADED_TOGETHER) {
      const together = Math.min(LOADED_TOGETHER, keys - next)
      await chain.submitMany(Array.from({ length: together }, (_, i) => put(0, next + i)))
      say(`Keys: ${next + together} of ${keys}`)
    }
    const loaded = (1000 * keys) / (performance.now() - start)
    await load('Warming up', WARM_UP, inFlight)
    watched.reset()
    const [before, height] = [commands, chain.head?.height ?? 0n]
    const many = await load(`${inFlight} in flight`, seconds, inFlight)
    const [measured, blocks] = [commands - before, Number((chain.head?.height ?? 0n) - height)]
    const { bytes, syncs: syncsOfMany } = watched
    watched.reset()
    const one = await load('One in flight', Math.min(ONE_MAX, seconds), 1)
    const disk = {
      loaded,
      commandsOfBlock: measured / Math.max(1, blocks),
      bytesOfCommand: bytes / Math.max(1, measured),
      syncsOfMany,
      syncsOfOne: watched.syncs,
    }
    return { engine: describeEngine(engine), many, one, disk }
  } finally {
    await chain.close()
  }
}

export function sentence(what: string, acknowledged: number, seconds: number): string {
  const rate = Math.round(acknowledged / Math.max(seconds, 0.001)).toLocaleString('en')
  return `${what}: ${seconds.toFixed(0)} s, ${acknowledged.toLocaleString('en')} commands, ${rate}/s`
}
