/**
 * The life of a state tree on LevelDB: accounts are opened, then changed at random in blocks, each applied while the next one is
 * prepared, as the producer does it. Nothing is pruned, so that what is stored is what a retained update takes.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLevelStore } from '../../src/ports/level-store.ts'
import { Batch, type Store } from '../../src/ports/store.ts'
import type { CheckpointSettings } from '../../src/state/checkpoint.ts'
import type { Prepared } from '../../src/state/prepare.ts'
import { StateTree } from '../../src/state/tree.ts'
import type { Hasher } from '../../src/verify/engine.ts'
import { Accounts, type AccountWrite, UPDATES } from './accounts.ts'

const WINDOW_MS = 10_000
const OPENED_AT_ONCE = 5000
const PROOFS = 200
/** As a producer would have it. */
const CHECKPOINTS: CheckpointSettings = { every: 128, over: 32 }

export interface Life {
  /** Updates a second, for each ten seconds. */
  readonly rates: readonly number[]
  /** The longest that one block took, in each of them, in milliseconds. */
  readonly stalls: readonly number[]
  /** Bytes resident at the end, of the whole process. */
  readonly resident: number
  /** Bytes on disk that the updates added, for each of them. */
  readonly stored: number
  /** Milliseconds a proof: of the newest version in a tree that was in use, and in one that was just opened; of a version in between. */
  readonly proofs: {
    readonly cached: readonly number[]
    readonly cold: readonly number[]
    readonly old: readonly number[]
  }
}

export async function treeLife(
  keys: number,
  seconds: number,
  hasher: Hasher,
  checkpoints: CheckpointSettings = CHECKPOINTS,
): Promise<Life> {
  const settings = { cacheBytes: 256 << 20, checkpoints }
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    const accounts = new Accounts(keys)
    let store = await openLevelStore(folder)
    const producer = new Producer(store, await StateTree.open(store, 'state', hasher, settings))
    for (let first = 0; first < keys; first += OPENED_AT_ONCE) {
      await producer.block(accounts.opened(first, OPENED_AT_ONCE))
    }
    const before = sizeOf(folder)
    const windows = await changes(producer, accounts, seconds)
    const resident = process.memoryUsage.rss()
    await producer.settle()
    const { tree } = producer
    const cached = times(() => tree.prove(tree.version, accounts.any()))
    await store.close()
    const stored = (sizeOf(folder) - before) / windows.updates

    store = await openLevelStore(folder)
    const opened = await StateTree.open(store, 'state', hasher, settings)
    const cold = times(() => opened.prove(opened.version, accounts.any()))
    // Those of more than one checkpoint, the last ones and the first ones after it.
    const old = times((i) => opened.prove(opened.version - 2 * i, accounts.any()), 100)
    await store.close()
    return { ...windows, resident, stored, proofs: { cached, cold, old } }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prepares a block while the one before it is written. */
class Producer {
  readonly tree: StateTree
  private readonly store: Store
  private written: Promise<void> = Promise.resolve()
  private last: Prepared | undefined

  constructor(store: Store, tree: StateTree) {
    this.store = store
    this.tree = tree
  }

  async block(writes: readonly AccountWrite[]): Promise<void> {
    const version = (this.last?.version ?? this.tree.version) + 1
    const prepared = this.tree.prepare(version, writes, this.last)
    await this.settle()
    const batch = new Batch()
    this.tree.addTo(batch, prepared)
    this.last = prepared
    this.written = this.store.write(batch)
  }

  async settle(): Promise<void> {
    await this.written
    if (this.last !== undefined) this.tree.markApplied(this.last)
    this.last = undefined
  }
}

async function changes(
  producer: Producer,
  accounts: Accounts,
  seconds: number,
): Promise<Pick<Life, 'rates' | 'stalls'> & { readonly updates: number }> {
  const rates: number[] = []
  const stalls: number[] = []
  let updates = 0
  while (rates.length * WINDOW_MS < seconds * 1000) {
    let elapsed = 0
    let longest = 0
    let done = 0
    while (elapsed < WINDOW_MS) {
      // Making up the work is not part of it.
      const writes = accounts.changed()
      const start = performance.now()
      await producer.block(writes)
      const took = performance.now() - start
      elapsed += took
      longest = Math.max(longest, took)
      done += UPDATES
    }
    rates.push((1000 * done) / elapsed)
    stalls.push(longest)
    updates += done
  }
  return { rates, stalls, updates }
}

function times(work: (i: number) => unknown, count: number = PROOFS): readonly number[] {
  return Array.from({ length: count }, (_, i) => {
    const start = performance.now()
    work(i)
    return performance.now() - start
  })
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}
