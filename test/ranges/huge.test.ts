/** A range that is longer than any store: the same entry over and over, of which the store makes up the tiles that it is asked for. */
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src/ports/store.ts'
import { rangeKey, tileKey } from '../../src/store/keys.ts'
import { concat } from '../../src/verify/bytes.ts'
import { Frontier, toHex, verifyConsistency, verifyInclusion } from '../../src/verify/index.ts'
import { rangeLeaf, rangeNode } from '../../src/verify/range.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Rfc9162 } from '../support/rfc9162.ts'
import { Random, seed } from '../support/seed.ts'
import { append, hasher, openRange, randomEntries, textOf } from './grow.ts'

const ENTRY = new Uint8Array(32).fill(7)
const LEVELS = 62

/** The root of 2^level such entries. */
const alike: Uint8Array[] = [rangeLeaf(ENTRY, hasher)]
for (let level = 1; level < LEVELS; level++) {
  const below = alike[level - 1] as Uint8Array
  alike.push(rangeNode(below, below, hasher))
}

function hashes(level: number, count: number): Uint8Array {
  return concat(...Array.from({ length: count }, () => alike[level] as Uint8Array))
}

/** The store of a range of that entry, with its right edge; whole tiles are made up. */
class AlikeStore extends MemoryStore {
  private readonly start: bigint

  constructor(start: bigint) {
    super()
    this.start = start
  }

  async begin(): Promise<void> {
    const levels = alike.map((_, i) => LEVELS - 1 - i).filter((level) => ((this.start >> BigInt(level)) & 1n) === 1n)
    const peaks = levels.map((level) => alike[level] as Uint8Array)
    const root = (Frontier.from(this.start, peaks) as Frontier).root(hasher)
    const batch = new Batch()
    const size = new Uint8Array(8)
    new DataView(size.buffer).setBigUint64(0, this.start)
    batch.put(rangeKey('commands'), concat(size, root))
    for (let level = 0; this.start >> BigInt(level) > 0n; level += 8) {
      const width = this.start >> BigInt(level)
      const count = Number(width % 256n)
      if (count > 0) batch.put(tileKey('commands', level, width >> 8n, 0), hashes(level, count))
    }
    await this.write(batch)
  }

  override get(key: Uint8Array): Uint8Array | undefined {
    const held = super.get(key)
    if (held !== undefined || key.length !== 12 || key[11] !== 0) return held
    const level = key[2] as number
    const tile = new DataView(key.buffer, key.byteOffset).getBigUint64(3)
    return ((tile + 1n) << 8n) << BigInt(level) <= this.start ? hashes(level, 256) : undefined
  }
}

describe(`ranges of more entries than 2^32 (CAIRN_SEED=${seed})`, () => {
  it.each([2n ** 32n - 130n, 2n ** 40n, 2n ** 53n - 77n, 2n ** 53n + 1n, 2n ** 61n + 2n ** 33n + 12_345n])(
    'goes on from %d',
    async (start) => {
      const random = new Random()
      const entries = randomEntries(random, 700)
      const entryAt = (index: bigint): Uint8Array =>
        index < start ? ENTRY : (entries[Number(index - start)] as Uint8Array)
      const rfc = new Rfc9162({
        at: entryAt,
        nameOf: (from, to) => (to <= start ? `${to - from} alike` : `${from}-${to}`),
      })
      const store = new AlikeStore(start)
      await store.begin()
      let range = await openRange(store)
      for (let at = 0; at < entries.length; at += 100) {
        await append(store, range, entries.slice(at, at + 100))
        if (random.below(2) === 0) range = await openRange(store)
        expect(toHex(range.root)).toBe(toHex(rfc.mth(0n, range.size)))
        const { size, root } = range
        for (const distance of [1n, 60n, 140n, 2n ** 16n, 2n ** 31n]) {
          const [index, older] = [size - distance, size - BigInt(random.below(at + 100))]
          const path = range.inclusionPath(index, size)
          expect(textOf(path)).toBe(textOf(rfc.path(index, 0n, size)))
          expect(verifyInclusion(index, entryAt(index), { size, root }, path, hasher)).toBe(true)
          const before = { size: older, root: rfc.mth(0n, older) }
          expect(verifyConsistency(before, { size, root }, range.consistencyPath(older, size), hasher)).toBe(true)
          const first = older - 1n - (index % 300n)
          expect(textOf(range.inclusionPath(first, older))).toBe(textOf(rfc.path(first, 0n, older)))
        }
      }
    },
  )
})
