/**
 * Power cuts: batches are lost, in the middle too, those of deletions among them. The tree goes back to the last version before the first gap
 * and is applied again from there, with checkpoints at other moments; it is then the one that was never interrupted.
 */
import { deepEqual, throws } from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { Batch } from '../../src/ports/store.ts'
import { StateTree, type TreeSettings } from '../../src/state/tree.ts'
import { MemoryStateTree, type Write } from '../../src/verify/index.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Random, seed } from '../support/seed.ts'

const hasher = await wasmHasher()
console.log(`seed ${seed}`)
const KEYS = 120

/** A store of which a power cut takes what was written since the last flush, batch by batch. */
class UnsyncedStore extends MemoryStore {
  private durable = new MemoryStore()
  private recent: { readonly batch: Batch; readonly version: number | undefined }[] = []
  /** The block that is being written, for its batch. */
  version: number | undefined

  /** The power goes where it would say that something is durable. */
  isFailing = false

  override async write(batch: Batch, durable = false): Promise<void> {
    if (durable && this.isFailing) throw new Error('the power is gone')
    this.recent.push({ batch, version: this.version })
    await super.write(batch)
    if (durable) this.flush()
  }

  flush(): void {
    this.durable = this.copy()
    this.recent = []
  }

  /** What is left after a power cut that loses some of the newest batches, and the versions that are among it. */
  async cut(random: Random): Promise<{ readonly store: UnsyncedStore; readonly kept: ReadonlySet<number> }> {
    const store = new UnsyncedStore()
    for (const name of this.durable.names()) store.put(name, this.durable.at(name))
    const kept = new Set<number>()
    const loss = random.pick([2, 4, 12])
    for (const { batch, version } of this.recent) {
      // Deletions more often than not: what they leave lies beside what was applied again.
      if (random.below(version === undefined ? 2 : loss) === 0) continue
      if (version !== undefined) kept.add(version)
      await store.write(batch)
    }
    store.flush()
    return { store, kept }
  }
}

class Life {
  private readonly random: Random
  private store = new UnsyncedStore()
  private tree!: StateTree
  private readonly written: (readonly Write[])[] = []
  private readonly expected: MemoryStateTree[] = []
  private readonly pins = new Set<number>()
  private oldest = 0
  /** No cut goes back below this version. */
  private flushed = -1

  constructor(random: Random) {
    this.random = random
  }

  async live(versions: number): Promise<void> {
    const { random } = this
    this.tree = await StateTree.open(this.store, 'state', hasher, this.settings())
    for (let turn = 0; turn < 12; turn++) {
      const until = Math.min(versions, this.tree.version + 1 + random.below(40))
      while (this.tree.version < until - 1) {
        await this.apply()
        if (random.below(12) === 0) this.flush()
        if (random.below(12) === 0) await this.prune()
        if (random.below(12) === 0) await this.checkpoint()
      }
      await this.cut()
      this.compare()
    }
    while (this.tree.version < versions - 1) await this.apply()
    this.compare()
    for (const pin of this.pins) await this.tree.unpin(pin)
    this.pins.clear()
    this.oldest = Math.max(this.oldest, versions - 2)
    await this.tree.prune(this.oldest)
    this.compare()
    this.tree = await StateTree.open(this.store, 'state', hasher, this.settings())
    this.compare()
  }

  /** Another one each time: checkpoints come at other moments than before the cut. */
  private settings(): TreeSettings {
    const checkpoints = { every: 1 + this.random.below(9), over: 1 + this.random.below(5) }
    return { cacheBytes: this.random.pick([1 << 14, 1 << 20]), checkpoints }
  }

  private async apply(): Promise<void> {
    const { random, store, tree } = this
    const version = tree.version + 1
    const count = random.below(12)
    this.written[version] ??= Array.from(
      { length: count },
      (): Write => [Uint8Array.of(1, random.below(KEYS)), random.below(4) === 0 ? null : random.bytes(4)],
    )
    const writes = this.written[version]
    if (this.expected[version] === undefined) {
      const plain = this.expected[version - 1]?.copy() ?? new MemoryStateTree(hasher)
      plain.update(writes)
      this.expected[version] = plain
    }
    const prepared = tree.prepare(version, writes)
    deepEqual(prepared.root, this.expected[version]?.root)
    const batch = new Batch()
    tree.addTo(batch, prepared)
    store.version = version
    await store.write(batch)
    store.version = undefined
    tree.markApplied(prepared)
  }

  private flush(): void {
    this.store.flush()
    this.flushed = this.tree.version
  }

  /** As before an orderly end, which it is or is not. */
  private async checkpoint(): Promise<void> {
    this.store.isFailing = this.random.below(2) === 0
    const isWritten = await this.tree.checkpoint().then(
      () => true,
      () => false,
    )
    if (!isWritten) await this.cut()
    else {
      this.flush()
      this.tree = await StateTree.open(this.store, 'state', hasher, this.settings())
    }
    this.compare()
  }

  /** Never above what is durable: what is pruned is gone for whoever goes back. */
  private async prune(): Promise<void> {
    if (this.flushed < this.oldest) return
    this.oldest += this.random.below(this.flushed - this.oldest + 1)
    if (this.random.below(3) === 0) {
      this.pins.add(this.oldest)
      await this.tree.pin(this.oldest)
    }
    await this.tree.prune(this.oldest)
    // What was said of it lasts.
    this.flush()
  }

  private async cut(): Promise<void> {
    const { store, kept } = await this.store.cut(this.random)
    let at = this.flushed
    while (kept.has(at + 1)) at++
    this.store = store
    // Whoever has nothing to go back to begins with nothing.
    if (at < 0) this.store = new UnsyncedStore()
    this.flushed = at
    this.tree = await StateTree.open(this.store, 'state', hasher, this.settings(), at)
    deepEqual(this.tree.version, at)
    deepEqual(this.tree.root, (this.expected[at] ?? new MemoryStateTree(hasher)).root)
  }

  private compare(): void {
    const { tree } = this
    const retained = [
      ...this.pins,
      ...Array.from({ length: tree.version + 1 - this.oldest }, (_, i) => this.oldest + i),
    ]
    for (const version of retained) {
      const plain = this.expected[version] as MemoryStateTree
      deepEqual(tree.rootAt(version), plain.root)
      const there: number[] = []
      for (let i = 0; i < KEYS; i++) {
        const key = Uint8Array.of(1, i)
        if (plain.get(key) !== undefined) there.push(i)
        if (this.random.below(8) > 0) continue
        deepEqual(tree.prove(version, key), plain.prove(key))
        deepEqual(tree.getAt(version, key), plain.get(key))
      }
      deepEqual(
        Array.from(tree.entries(version), ([key]) => key[1]).toSorted((a, b) => Number(a) - Number(b)),
        there,
      )
    }
    const newest = tree.version + 1
    throws(() => tree.rootAt(newest), { code: 'unknown_version' })
  }
}

describe('a tree that lost batches is the one that did not', () => {
  it.each(Array.from({ length: 16 }, (_, i) => i))('life %d', async (i) => {
    await new Life(new Random(seed + i)).live(150)
  })
})

it('a version that is not there to go back to is damage', async () => {
  const store = new MemoryStore()
  const settings = { cacheBytes: 1 << 16, checkpoints: { every: 3, over: 2 } }
  const open = (at: number, from = store): Promise<StateTree> => StateTree.open(from, 'state', hasher, settings, at)
  let tree = await open(-1)
  for (let version = 0; version < 20; version++) {
    const prepared = tree.prepare(version, [[Uint8Array.of(1, version % 7), Uint8Array.of(version)]])
    const batch = new Batch()
    tree.addTo(batch, prepared)
    await store.write(batch)
    tree.markApplied(prepared)
  }
  for (const pin of [4, 12, 18]) await tree.pin(pin)
  await tree.prune(10)
  const damaged = { code: 'store_damaged' }
  for (const at of [-1, 0, 4, 9, 20, 1000]) await expect(open(at, store.copy())).rejects.toMatchObject(damaged)
  for (const at of [-2, 0.5, Number.NaN]) await expect(open(at)).rejects.toThrow(RangeError)
  for (const letter of ['rs', 'ds', 'ns']) {
    const torn = store.copy()
    for (const name of torn.names()) if (name.startsWith(letter)) torn.put(name, undefined)
    await expect(open(14, torn)).rejects.toMatchObject(damaged)
  }
  tree = await open(14)
  expect([tree.version, tree.getAt(4, Uint8Array.of(1, 4)), tree.getAt(12, Uint8Array.of(1, 5))]).toEqual([
    14,
    Uint8Array.of(4),
    Uint8Array.of(12),
  ])
  // What was pinned above it is not any more, once it is there again.
  expect(() => tree.rootAt(18)).toThrow(expect.objectContaining({ code: 'unknown_version' }))
  expect((await StateTree.open(store, 'state', hasher, settings)).version).toBe(14)
})
