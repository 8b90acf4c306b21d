/**
 * A chain under load: puts of 100-byte values over keys that are there, one write a command, every one acknowledged when it is durable, sealed
 * and executed, by ten clients with as many in flight as is asked.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Meter, type MeterPace } from '../../src/cli/bench/meter.ts'
import { putOf } from '../../src/cli/bench/puts.ts'
import { Chain, type ChainOptions, hotSigner, kv } from '../../src/index.ts'
import type { Engine } from '../../src/verify/engine.ts'
import { chainKeys } from '../../test/support/chain-keys.ts'
import { Random } from '../../test/support/seed.ts'
import { type Kinds, shares } from './profile.ts'
import { newWatches, type Stopwatch, type Watches, watchedDisk, watchedHome, watchedSigner } from './watched-ports.ts'

const CLIENTS = 10
const VALUE_BYTES = 100
const LOAD = 2000
/** How often a copy of the running chain is tried. */
const COPIES = 10

export interface LoadResult {
  readonly loaded: number
  readonly many: MeterPace
  readonly one: MeterPace
  readonly blocks: number
  readonly commands: number
  /** Of the time of the thread, by kind of work. */
  readonly shares: ReadonlyMap<string, number>
  /** Milliseconds each. */
  readonly waits: Readonly<Record<keyof Watches, number>>
  readonly resident: number
  /** Microseconds of processor time a command, all threads. */
  readonly processor: number
  readonly startClean: number
  readonly startCrashed: number
  readonly rebuilt: number
}

const KINDS: Kinds = {
  '(idle)': 'idle',
  '(program)': 'other',
  '(garbage collector)': 'garbage collection',
  admit: 'submit',
  submit: 'submit',
  executeBatch: 'execute',
  assemble: 'hash',
  prepare: 'trees and ranges',
  encodeBlockRecord: 'encode',
  append: 'write and fsync',
  write: 'write and fsync',
  seal: 'seal',
  apply: 'apply',
  acknowledge: 'acknowledge',
}

export class ChainLoad {
  private readonly keys: number
  private readonly folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  private readonly random = new Random(5)
  private readonly requests = Array.from({ length: CLIENTS }, () => 0n)
  private readonly watches: Watches = newWatches()
  private readonly options: ChainOptions
  private readonly identity
  private commands = 0

  constructor(keys: number, engine: Engine) {
    this.keys = keys
    this.identity = chainKeys('kv@1', new Random(7), engine)
    const { hotKey, delegation } = this.identity
    this.options = {
      machine: kv,
      signer: watchedSigner(hotSigner([{ privateKey: hotKey, delegation }], engine), this.watches),
      guard: `${this.folder}/guard`,
      engine,
      ports: { disk: watchedDisk(this.watches), home: watchedHome(this.directory, this.watches) },
    }
  }

  private get directory(): string {
    return `${this.folder}/data`
  }

  async measure(seconds: number, inFlight: number): Promise<LoadResult> {
    const chain = await Chain.create(this.directory, this.identity.genesis, this.options)
    const loaded = await this.load(chain)
    await this.run(chain, 5, inFlight)
    const [blocksBefore, commandsBefore] = [chain.head?.height ?? 0n, this.commands]
    let resident = 0
    const sampling = setInterval(() => {
      resident = Math.max(resident, process.memoryUsage.rss())
    }, 500)
    for (const watch of Object.values(this.watches) as readonly Stopwatch[]) watch.reset()
    const processor = process.cpuUsage()
    const many = await this.run(chain, seconds, inFlight)
    const used = process.cpuUsage(processor)
    clearInterval(sampling)
    const commands = this.commands - commandsBefore
    const blocks = Number((chain.head?.height ?? 0n) - blocksBefore)
    const waits = mapWatches(this.watches)
    const one = await this.run(chain, 10, 1)
    const byKind = await shares(KINDS, async () => {
      await this.run(chain, 10, inFlight)
    })
    await chain.flush()
    const crashed = await this.crashed()
    await chain.close()
    const startClean = await this.start(this.directory, this.options)
    return {
      loaded,
      many,
      one,
      blocks,
      commands,
      shares: byKind,
      waits,
      resident,
      processor: (used.user + used.system) / commands,
      startClean,
      ...crashed,
    }
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** All keys, once; commands a second. */
  private async load(chain: Chain): Promise<number> {
    const start = performance.now()
    let next = 0
    const loader = async (client: number): Promise<void> => {
      while (next < this.keys) {
        const from = next
        next = Math.min(this.keys, next + LOAD)
        await chain.submitMany(Array.from({ length: next - from }, (_, i) => this.put(client, from + i)))
      }
    }
    await Promise.all([0, 1, 2].map(loader))
    return (1000 * this.keys) / (performance.now() - start)
  }

  private async run(chain: Chain, seconds: number, inFlight: number): Promise<MeterPace> {
    const meter = new Meter(seconds)
    const one = async (i: number): Promise<void> => {
      while (meter.open) {
        const start = performance.now()
        await chain.submit(this.put(i % CLIENTS, this.random.below(this.keys)))
        meter.acknowledged(1, start)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, (_, i) => one(i)))
    return meter.pace()
  }

  private put(client: number, key: number) {
    this.commands++
    const request = (this.requests[client] as bigint) + 1n
    this.requests[client] = request
    return { client: `desk-${client}`, request, type: 'put', payload: putOf(key, this.commands, VALUE_BYTES) }
  }

  /** What a copy of the files as they are needs to start, which no close record ends; and without its store. */
  private async crashed(): Promise<{ readonly startCrashed: number; readonly rebuilt: number }> {
    const copy = `${this.folder}/copy`
    await this.copyTo(copy)
    cpSync(`${this.folder}/guard`, `${this.folder}/copy.guard`)
    const { ports: _, ...options } = this.options
    const copied = { ...options, guard: `${this.folder}/copy.guard` }
    const startCrashed = await this.start(copy, copied)
    rmSync(`${copy}/store`, { recursive: true })
    const rebuilding = await this.start(copy, copied)
    rmSync(copy, { recursive: true })
    return { startCrashed, rebuilt: (1000 * this.commands) / rebuilding }
  }

  /** Compaction takes files away while they are copied: then the copy is made anew. */
  private async copyTo(copy: string): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        cpSync(this.directory, copy, { recursive: true, filter: (path) => !path.endsWith('/lock') })
        return
      } catch (error) {
        rmSync(copy, { recursive: true, force: true })
        if (tried === COPIES) throw error
        await sleep(2000)
      }
    }
  }

  private async start(directory: string, options: ChainOptions): Promise<number> {
    const start = performance.now()
    const chain = await Chain.open(directory, options)
    const taken = performance.now() - start
    if (chain.readOnly !== undefined) throw chain.readOnly
    await chain.close()
    return taken
  }
}

function mapWatches({ sync, write, seal, apply }: Watches): LoadResult['waits'] {
  return { sync: sync.each, write: write.each, seal: seal.each, apply: apply.each }
}
