/** What rot in the store does to a range: every hash of it that is not what was written is reported, and none is proved. */
import { beforeAll, describe, expect, it } from 'vitest'
import { Batch } from '../../src/ports/store.ts'
import type { StoredRange } from '../../src/ranges/range.ts'
import { rangeKey, tileKey } from '../../src/store/keys.ts'
import { attempt, CairnError } from '../../src/verify/error.ts'
import { Frontier, verifyInclusion } from '../../src/verify/index.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Random, seed } from '../support/seed.ts'
import { append, hasher, openRange, randomEntries } from './grow.ts'

const DAMAGED = expect.objectContaining({ code: 'store_damaged' })
const SIZE = 66_500
const store = new MemoryStore()
const random = new Random()
const entries = randomEntries(random, SIZE)

beforeAll(async () => {
  const range = await openRange(store)
  for (const size of [40_000, 66_000, 66_200, 66_201, SIZE]) {
    await append(store, range, entries.slice(Number(range.size), size))
  }
})

async function put(key: Uint8Array, value: Uint8Array | undefined): Promise<void> {
  const batch = new Batch()
  batch.put(key, value ?? new Uint8Array())
  if (value === undefined) batch.delete(key)
  await store.write(batch)
}

/** What a value may have become: a bit of it flipped, cut short, longer, gone. */
function* rotten(value: Uint8Array): Generator<Uint8Array | undefined> {
  for (let i = 0; i < 4; i++) {
    const flipped = value.slice()
    const at = random.below(value.length)
    flipped[at] = (flipped[at] as number) ^ (1 << random.below(8))
    yield flipped
  }
  yield value.slice(0, -32)
  yield value.slice(0, -1)
  yield value.slice(0, 5)
  yield Uint8Array.of(...value, ...random.bytes(32))
  yield undefined
}

/** Does something with each way in which the value of this key may rot, and puts it right again. */
async function rot(key: Uint8Array, check: (value: Uint8Array | undefined) => Promise<void>): Promise<void> {
  const value = store.get(key) as Uint8Array
  for (const each of rotten(value)) {
    await put(key, each)
    await check(each)
  }
  await put(key, value)
}

/** Whether the store was found to be damaged. If not, the path is the right one. */
function isReported(range: StoredRange, index: number, size: number, root: Uint8Array): boolean {
  const path = attempt(() => range.inclusionPath(BigInt(index), BigInt(size)))
  if (path instanceof CairnError) return path.code === 'store_damaged'
  const entry = entries[index] as Uint8Array
  expect(verifyInclusion(BigInt(index), entry, { size: BigInt(size), root }, path, hasher)).toBe(true)
  return false
}

describe(`rot in the store of a range (CAIRN_SEED=${seed})`, () => {
  const rootAt = (size: number): Uint8Array => Frontier.empty.append(entries.slice(0, size), hasher).root(hasher)

  it('is found in a whole tile by every proof that needs it, at any size', async () => {
    const size = 65_000
    const root = rootAt(size)
    for (const tile of [0, 1, 100, 200]) {
      await rot(tileKey('commands', 0, BigInt(tile), 0), async () => {
        const range = await openRange(store)
        expect(isReported(range, 256 * tile + random.below(256), SIZE, range.root)).toBe(true)
        expect(isReported(range, 256 * tile + random.below(256), size, root)).toBe(true)
        expect(() => range.consistencyPath(BigInt(256 * tile + 1), BigInt(size))).toThrow(DAMAGED)
        // Found again each time, not only the first.
        expect(isReported(range, 256 * tile, SIZE, range.root)).toBe(true)
        isReported(range, random.below(size), size, root)
      })
    }
  })

  it('is found in a whole tile of the next level by every proof below it', async () => {
    await rot(tileKey('commands', 8, 0n, 0), async () => {
      const range = await openRange(store)
      expect(isReported(range, random.below(65_536), SIZE, range.root)).toBe(true)
      expect(isReported(range, 65_536 + random.below(SIZE - 65_536), SIZE, range.root)).toBe(false)
    })
  })

  it('is found at the opening in the right edge, and in the size and root', async () => {
    const edge = BigInt(SIZE >> 8)
    const pieces: Uint8Array[] = []
    for (const level of [0, 8, 16]) {
      const tile = edge >> BigInt(level)
      const range = { from: tileKey('commands', level, tile, 0), to: tileKey('commands', level, tile + 1n, 0) }
      for await (const [key] of store.entries(range)) pieces.push(key)
    }
    expect(pieces.length).toBeGreaterThan(3)
    for (const key of pieces) await rot(key, () => expect(openRange(store)).rejects.toThrow(DAMAGED))
    // Where nothing at all is known of the range it opens as an empty one: that there should be one, the journal says.
    const opened: unknown[] = []
    await rot(rangeKey('commands'), async () => {
      opened.push(await openRange(store).catch((error: unknown) => error))
    })
    expect((opened.pop() as StoredRange).size).toBe(0n)
    for (const each of opened) expect(each).toEqual(DAMAGED)
  })

  it('is found where a piece is left over', async () => {
    const stray = tileKey('commands', 0, BigInt(SIZE >> 8), 255)
    await put(stray, random.bytes(32))
    await expect(openRange(store)).rejects.toThrow(DAMAGED)
    await put(stray, undefined)
    expect((await openRange(store)).size).toBe(BigInt(SIZE))
  })

  it('is not believed where a whole tile was put in the place of another', async () => {
    const [first, second] = [0n, 1n].map((tile) => tileKey('commands', 0, tile, 0)) as [Uint8Array, Uint8Array]
    const value = store.get(first) as Uint8Array
    await put(first, store.get(second))
    const range = await openRange(store)
    expect(isReported(range, 5, SIZE, range.root)).toBe(true)
    await put(first, value)
    expect(isReported(range, 5, SIZE, range.root)).toBe(false)
  })
})
