/** A range on a store against RFC 9162 as it is written, against one in memory, and against the worked examples. */
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src/ports/store.ts'
import { type PreparedAppend, StoredRange } from '../../src/ranges/range.ts'
import { EMPTY_ROOT, fromHex, toHex, verifyConsistency, verifyInclusion } from '../../src/verify/index.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { MemoryRange } from '../support/memory-range.ts'
import { Rfc9162 } from '../support/rfc9162.ts'
import { Random, seed } from '../support/seed.ts'
import { readVectors } from '../vectors/read.ts'
import { append, hasher, openRange, randomEntries, split, textOf } from './grow.ts'

/** Everything that a range says, compared with one in memory that has the same entries and more. */
function expectSame(range: StoredRange, model: MemoryRange, entries: readonly Uint8Array[], random: Random): void {
  const newest = { size: range.size, root: range.root }
  expect(toHex(newest.root)).toBe(toHex(model.rootAt(range.size)))
  for (let i = 0; i < 12 && range.size > 0n; i++) {
    const size = i === 0 ? range.size : BigInt(1 + random.below(Number(range.size)))
    const index = i === 1 ? size - 1n : BigInt(random.below(Number(size)))
    const path = range.inclusionPath(index, size)
    expect(textOf(path)).toBe(textOf(model.path(index, size)))
    const at = { size, root: model.rootAt(size) }
    expect(verifyInclusion(index, entries[Number(index)] as Uint8Array, at, path, hasher)).toBe(true)
    expect(verifyConsistency(at, newest, range.consistencyPath(size, range.size), hasher)).toBe(true)
  }
}

function modelOf(entries: readonly Uint8Array[]): MemoryRange {
  const model = new MemoryRange(hasher)
  for (const entry of entries) model.append(entry)
  return model
}

describe(`a range on a store (CAIRN_SEED=${seed})`, () => {
  it('has the roots and paths of the worked examples', async () => {
    const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array
    const vectors = readVectors<{
      entries: string[]
      roots: string[]
      inclusion: { index: string; size: string; path: string[] }[]
      consistency: { size1: string; size2: string; path: string[] }[]
    }>('ranges')
    const store = new MemoryStore()
    const range = await openRange(store)
    for (const [size, root] of vectors.roots.entries()) {
      expect(toHex(range.root)).toBe(root)
      await append(store, range, vectors.entries.slice(size, size + 1).map(bytes))
    }
    for (const { index, size, path } of vectors.inclusion) {
      expect(range.inclusionPath(BigInt(index), BigInt(size)).map(toHex)).toEqual(path)
    }
    for (const { size1, size2, path } of vectors.consistency) {
      expect(range.consistencyPath(BigInt(size1), BigInt(size2)).map(toHex)).toEqual(path)
    }
  })

  it('is RFC 9162 as it is written, at every size to 600', async () => {
    const random = new Random()
    const entries = randomEntries(random, 600)
    const rfc = new Rfc9162({
      at: (index) => entries[Number(index)] as Uint8Array,
      nameOf: (from, to) => `${from}-${to}`,
    })
    const store = new MemoryStore()
    const range = await openRange(store)
    for (let size = 0n; size <= 600n; size++) {
      expect(toHex(range.root)).toBe(toHex(rfc.mth(0n, size)))
      await append(store, range, entries.slice(Number(size), Number(size) + 1))
    }
    for (let size = 1n; size <= 600n; size++) {
      // The borders of tiles, and some in between.
      const indexes = [
        0n,
        255n,
        256n,
        511n,
        512n,
        size - 1n,
        ...Array.from({ length: 8 }, () => BigInt(random.below(600))),
      ]
      for (const index of indexes.filter((each) => each >= 0n && each < size)) {
        expect(textOf(range.inclusionPath(index, size))).toBe(textOf(rfc.path(index, 0n, size)))
        const older = index + 1n
        expect(textOf(range.consistencyPath(older, size))).toBe(textOf(rfc.proof(older, size)))
      }
      expect(range.consistencyPath(0n, size)).toEqual([])
      expect(range.consistencyPath(size, size)).toEqual([])
    }
  })

  it('of another name is none: it would share its place with all others of such names', async () => {
    const store = new MemoryStore()
    for (const name of ['orders', '', 'toString', undefined]) {
      await expect(StoredRange.open(store, name as 'commands', hasher)).rejects.toThrow('a range is commands')
    }
  })

  it('is the same however it was cut into batches, and wherever it was opened again', async () => {
    const random = new Random()
    const entries = randomEntries(random, 5000)
    const model = modelOf(entries)
    for (let round = 0; round < 4; round++) {
      const store = new MemoryStore()
      let range = await openRange(store)
      for (const batch of split(random, entries)) {
        await append(store, range, batch)
        if (random.below(3) === 0) range = await openRange(store)
        expectSame(range, model, entries, random)
      }
      expect(range.size).toBe(5000n)
    }
  })

  it('goes over the border of two levels of tiles', async () => {
    const random = new Random()
    const entries = randomEntries(random, 66_500)
    const model = modelOf(entries)
    const store = new MemoryStore()
    let range = await openRange(store)
    for (let at = 0; at < 65_000; at += 5000) await append(store, range, entries.slice(at, at + 5000))
    for (const size of [65_535, 65_536, 65_537, 66_500]) {
      await append(store, range, entries.slice(Number(range.size), size))
      expectSame(range, model, entries, random)
      range = await openRange(store)
      expectSame(range, model, entries, random)
    }
  })

  it('stacks what is prepared, and is not touched by what is dropped', async () => {
    const random = new Random()
    const entries = randomEntries(random, 3000)
    const model = modelOf(entries)
    const store = new MemoryStore()
    const range = await openRange(store)
    const waiting: PreparedAppend[] = []
    for (const batch of split(random, entries)) {
      const before = range.root
      range.prepare(randomEntries(random, random.below(600)), waiting.at(-1))
      const prepared = range.prepare(batch, waiting.at(-1))
      expect(range.prepare(batch, waiting.at(-1))).toEqual(prepared)
      expect(toHex(prepared.root)).toBe(toHex(model.rootAt(prepared.size)))
      expect(toHex(range.root)).toBe(toHex(before))
      waiting.push(prepared)
      while (waiting.length > random.below(4)) await applyFirst(store, range, waiting)
      expectSame(range, model, entries, random)
    }
    while (waiting.length > 0) await applyFirst(store, range, waiting)
    expectSame(await openRange(store), model, entries, random)
  })

  async function applyFirst(store: MemoryStore, range: StoredRange, waiting: PreparedAppend[]): Promise<void> {
    const [first] = waiting.splice(0, 1) as [PreparedAppend]
    const batch = new Batch()
    range.addTo(batch, first)
    await store.write(batch)
    range.markApplied(first)
  }

  it('is left by a crash between two applies where another apply goes on', async () => {
    const random = new Random()
    const entries = randomEntries(random, 3000)
    const model = modelOf(entries)
    const store = new MemoryStore()
    let range = await openRange(store)
    let batches = [...split(random, entries)]
    while (batches.length > 0) {
      // A crash with some prepared, the last of those applied perhaps written and not marked.
      const count = 1 + random.below(5)
      let parent: PreparedAppend | undefined
      for (const entriesOfOne of batches.slice(0, count)) {
        parent = range.prepare(entriesOfOne, parent)
        const batch = new Batch()
        range.addTo(batch, parent)
        await store.write(batch)
        if (random.below(3) === 0) break
        range.markApplied(parent)
      }
      range = await openRange(store)
      expectSame(range, model, entries, random)
      batches = [...split(random, entries.slice(Number(range.size)))]
    }
    expect(range.size).toBe(3000n)
  })

  it('does nothing when the same is applied twice, and refuses what does not follow', async () => {
    const random = new Random()
    const store = new MemoryStore()
    const range = await openRange(store)
    const [first, other] = [range.prepare(randomEntries(random, 300)), range.prepare(randomEntries(random, 301))]
    const second = range.prepare(randomEntries(random, 300), first)
    expect(() => range.addTo(new Batch(), second)).toThrow(RangeError)
    expect(() => range.markApplied(second)).toThrow(RangeError)
    await applyFirst(store, range, [first])
    await applyFirst(store, range, [second])
    for (const prepared of [first, second, other]) {
      const batch = new Batch()
      range.addTo(batch, prepared)
      expect(batch.operations).toEqual([])
      range.markApplied(prepared)
    }
    expect(toHex(range.root)).toBe(toHex(second.root))
    const onOldGround = { ...other, size: 601n }
    expect(() => range.addTo(new Batch(), onOldGround)).toThrow(RangeError)
  })

  it('is empty before the first entry, and after an append of none', async () => {
    const store = new MemoryStore()
    const range = await openRange(store)
    await append(store, range, [])
    expect([range.size, toHex(range.root), store.size]).toEqual([0n, toHex(EMPTY_ROOT), 0])
    expect(range.consistencyPath(0n, 0n)).toEqual([])
  })

  it('says that it has no such entry or size', async () => {
    const store = new MemoryStore()
    const range = await openRange(store)
    await append(store, range, randomEntries(new Random(), 10))
    const entry = expect.objectContaining({ code: 'unknown_entry' })
    const size = expect.objectContaining({ code: 'unknown_size' })
    expect(() => range.inclusionPath(5n, 5n)).toThrow(entry)
    expect(() => range.inclusionPath(-1n, 5n)).toThrow(entry)
    expect(() => range.inclusionPath(5n, 11n)).toThrow(size)
    expect(() => range.consistencyPath(6n, 5n)).toThrow(size)
    expect(() => range.consistencyPath(-1n, 5n)).toThrow(size)
    expect(() => range.consistencyPath(5n, 11n)).toThrow(size)
  })
})
