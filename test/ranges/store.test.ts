/** What a range asks of its store: on LevelDB as in memory, nothing read by an append, few reads by a proof, few bytes written. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLevelStore } from '../../src/ports/level-store.ts'
import { Batch } from '../../src/ports/store.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { MemoryRange } from '../support/memory-range.ts'
import { Random, seed } from '../support/seed.ts'
import { append, hasher, openRange, randomEntries, split, textOf } from './grow.ts'

class CountingStore extends MemoryStore {
  reads = 0

  override get(key: Uint8Array): Uint8Array | undefined {
    this.reads++
    return super.get(key)
  }
}

describe(`the store of a range (CAIRN_SEED=${seed})`, () => {
  it('may be LevelDB, closed and opened again at any point', async () => {
    const random = new Random()
    const entries = randomEntries(random, 4000)
    const model = new MemoryRange(hasher)
    for (const entry of entries) model.append(entry)
    const folder = await mkdtemp(join(tmpdir(), 'cairn-ranges-'))
    let store = await openLevelStore(folder)
    try {
      let range = await openRange(store)
      for (const batch of split(random, entries)) {
        await append(store, range, batch)
        if (random.below(3) === 0) {
          await store.close()
          store = await openLevelStore(folder)
          range = await openRange(store)
        }
        if (range.size === 0n) continue
        expect(textOf([range.root])).toBe(textOf([model.rootAt(range.size)]))
        for (let i = 0; i < 10; i++) {
          const size = BigInt(1 + random.below(Number(range.size)))
          const index = BigInt(random.below(Number(size)))
          expect(textOf(range.inclusionPath(index, size))).toBe(textOf(model.path(index, size)))
        }
      }
      expect(range.size).toBe(4000n)
    } finally {
      await store.close()
      await rm(folder, { recursive: true })
    }
  })

  it('is not read by an append, and by a proof once for each 8 levels on its way', async () => {
    const random = new Random()
    const store = new CountingStore()
    const range = await openRange(store)
    store.reads = 0
    while (range.size < 140_000n) await append(store, range, randomEntries(random, 7000))
    expect(store.reads).toBe(0)
    const anew = await openRange(store)
    store.reads = 0
    anew.inclusionPath(70_000n, 140_000n)
    expect(store.reads).toBe(2)
    anew.inclusionPath(70_001n, 140_000n)
    expect(store.reads).toBe(2)
    store.reads = 0
    // Two ways down: to the entry, and to the edge as it was.
    const other = await openRange(store)
    store.reads = 0
    other.inclusionPath(3n, 70_000n)
    expect(store.reads).toBeLessThanOrEqual(4)
  })

  it.each([
    [100, 75],
    [1, 135],
  ])('takes in batches of %d at most %d bytes an entry', async (size, most) => {
    const random = new Random()
    const store = new MemoryStore()
    let range = await openRange(store)
    let bytes = 0
    const count = 256 * 25
    for (let at = 0; at < count; at += size) {
      const prepared = range.prepare(randomEntries(random, size))
      const batch = new Batch()
      range.addTo(batch, prepared)
      bytes += batch.size
      await store.write(batch)
      range.markApplied(prepared)
      if (random.below(20) === 0) range = await openRange(store)
    }
    expect(bytes / count).toBeLessThan(most)
    // What stays: the hashes of both levels in whole tiles, the pieces at the edge, and the size and root.
    expect(store.size).toBeLessThanOrEqual(25 + 25 + 1)
  })
})
