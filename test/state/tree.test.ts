/**
 * The versioned state tree against a plain one: roots, values, proofs at every retained version, over random sequences of writes,
 * deletions, versions stacked and dropped, restarts, checkpoints, pins and pruning, with caches that are too small.
 */
import { deepEqual, throws } from 'node:assert/strict'
import { describe, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { Batch } from '../../src/ports/store.ts'
import type { Prepared } from '../../src/state/prepare.ts'
import { StateTree, type TreeSettings } from '../../src/state/tree.ts'
import { MemoryStateTree, verifyState, type Write } from '../../src/verify/index.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Random, seed } from '../support/seed.ts'

const hasher = await wasmHasher()
console.log(`seed ${seed}`)

/** A version as it must be. */
interface Expected {
  readonly tree: MemoryStateTree
  readonly values: ReadonlyMap<string, Uint8Array>
}

/** One random life of a tree, compared at every step. */
class Life {
  private readonly random: Random
  private readonly store = new MemoryStore()
  private readonly settings: TreeSettings
  private readonly keys: number
  private tree!: StateTree
  private readonly expected: Expected[] = []
  /** Prepared and not applied yet. */
  private waiting: Prepared[] = []
  private oldest = 0
  private readonly pins = new Set<number>()

  constructor(random: Random) {
    this.random = random
    // The smallest ones have to grow, the next ones let go of pages all the time.
    const cacheBytes = random.pick([1 << 10, 1 << 15, 1 << 16, 1 << 22])
    this.settings = { cacheBytes, checkpoints: { every: 2 + random.below(10), over: 1 + random.below(5) } }
    this.keys = 5 + random.below(400)
  }

  async live(versions: number): Promise<void> {
    await this.restart()
    for (let version = 0; version < versions; version++) {
      await this.prepare(version)
      if (this.random.below(3) !== 0) await this.apply()
      if (this.waiting.length > 0) continue
      if (this.random.below(8) === 0) await this.restart()
      if (this.random.below(6) === 0) await this.prune(version)
      for (let i = 0; i < 3; i++) this.compareAt(this.random.below(version + 1))
    }
    await this.apply()
    for (const pin of this.pins) await this.tree.unpin(pin)
    await this.tree.prune(versions - 1)
    deepEqual(this.tree.root, this.expected.at(-1)?.tree.root)
  }

  private key(): Uint8Array {
    const number = this.random.below(this.keys)
    return Uint8Array.of(1, number, number >> 8)
  }

  private value(): Uint8Array | null {
    if (this.random.below(3) === 0) return null
    return this.random.bytes(this.random.below(10))
  }

  private async prepare(version: number): Promise<void> {
    const { random, tree } = this
    const writes = Array.from({ length: random.below(30) }, (): Write => [this.key(), this.value()])
    const before = this.expected.at(-1)
    const expected = { tree: before?.tree.copy() ?? new MemoryStateTree(hasher), values: new Map(before?.values) }
    expected.tree.update(writes)
    for (const [key, value] of writes) {
      if (value === null) expected.values.delete(String(key))
      else expected.values.set(String(key), value)
    }
    this.expected.push(expected)

    const parent = this.waiting.at(-1)
    tree.prepare(version, [[this.key(), random.bytes(3)]], parent)
    const [prepared, again] = [tree.prepare(version, writes, parent), tree.prepare(version, writes, parent)]
    deepEqual(prepared.root, expected.tree.root)
    deepEqual(again.changes, prepared.changes)
    const key = this.key()
    deepEqual(tree.get(key, prepared), expected.values.get(String(key)))
    deepEqual(tree.has(key, prepared), expected.values.has(String(key)))
    this.waiting.push(prepared)
  }

  private async apply(): Promise<void> {
    for (const prepared of this.waiting) {
      const batch = new Batch()
      this.tree.addTo(batch, prepared)
      await this.store.write(batch)
      this.tree.markApplied(prepared)
      const again = new Batch()
      this.tree.addTo(again, prepared)
      this.tree.markApplied(prepared)
      deepEqual(again.operations, [])
    }
    this.waiting = []
  }

  private async restart(): Promise<void> {
    if (this.expected.length > 0 && this.random.below(2) === 0) await this.tree.checkpoint()
    this.tree = await StateTree.open(this.store, 'state', hasher, this.settings)
    deepEqual(this.tree.version, this.expected.length - 1)
    // A pin lasts over a restart once something was written after it; here they are made again.
    for (const pin of this.pins) await this.tree.pin(pin)
  }

  private async prune(newest: number): Promise<void> {
    this.oldest = Math.max(this.oldest, this.random.below(newest + 1))
    if (this.random.below(2) === 0) {
      const pin = this.oldest + this.random.below(newest - this.oldest + 1)
      await this.tree.pin(pin)
      this.pins.add(pin)
    }
    for (const pin of this.pins) {
      if (this.random.below(4) > 0) continue
      await this.tree.unpin(pin)
      this.pins.delete(pin)
    }
    await this.tree.prune(this.oldest)
  }

  private compareAt(version: number): void {
    const { tree } = this
    const key = this.random.below(10) === 0 ? Uint8Array.of(2) : this.key()
    if (version < this.oldest && !this.pins.has(version)) {
      throws(() => tree.prove(version, key), { code: 'pruned' })
      return
    }
    const { tree: plain, values } = this.expected[version] as Expected
    const proof = tree.prove(version, key)
    deepEqual(proof, plain.prove(key))
    deepEqual(verifyState(plain.root, key, proof, hasher), true)
    deepEqual(tree.rootAt(version), plain.root)
    deepEqual(tree.getAt(version, key), values.get(String(key)))
    if (version === tree.version) deepEqual(tree.has(key), values.has(String(key)))
    const all = Array.from(tree.entries(version), ([rawKey, value]) => [String(rawKey), value] as const)
    deepEqual(new Map(all), values)
    const order = all.map(([name]) => hasher.hash(Uint8Array.from(name.split(','), Number)))
    deepEqual(order, order.toSorted(Buffer.compare))
  }
}

describe('a tree lives as the plain one', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i))('life %d', async (i) => {
    const random = new Random(seed + i)
    await new Life(random).live(40 + random.below(50))
  })
})
