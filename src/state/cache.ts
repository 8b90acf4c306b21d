/**
 * The pages of the newest applied version that are in memory: blocks in one buffer, which is all the memory that they take. Pages
 * that only the changes hold stay; of the others the ones that were not used for longest make room, many at a time, and those that
 * remain move together.
 *
 * No objects and no garbage. A block that a page left is used again: so a page that was got here is good until the next `set` or
 * `delete`, and whoever waits in between must get it anew.
 */
import type { Path } from '../store/path.ts'
import { birthOf, blockWordsOf, isNeeded, nodesAt, type PageAt, roundOf, SLOTS, setRound } from './page.ts'
import { PathIndex } from './path-index.ts'
import { HASH_WORDS, LEAF_WORDS, nibbleAt, slotAt } from './slots.ts'

/** Blocks are multiples of this many words, so that there are few sizes of them. */
const GRAIN = 16
const GRAINS_MAX = 36
/** An eighth of the buffer is given up at once: moving the others costs a walk through all of them. */
const EVICTED_AT_ONCE = 8
const PLACES_MAX: number = 2 ** 26
/** So that a block and its place in the index fit into one number that is exact, even in a cache that had to grow. */
export const CACHE_BYTES_MAX: number = 2 ** 32

export class PageCache {
  /** The words that the setting gives it. */
  readonly limit: number
  private buffer: Uint32Array
  private readonly index = new PathIndex()
  /** Free blocks by their size in grains. */
  private readonly free: number[][] = Array.from({ length: GRAINS_MAX + 1 }, () => [])
  /** Where the part of the buffer begins that was never used. */
  private end = 0
  private taken = 0
  private round = 1
  /** Pages that were born after this version are nowhere else. */
  stored = -1
  /** The newest applied version: pages that later ones were made out of are needed. */
  applied = -1
  /** The place of the index at which the walk for old pages is. */
  private hand = 0

  /** Untouched parts of the buffer are no memory yet: it grows up to the limit as it is used. */
  constructor(bytes: number) {
    this.limit = Math.floor(bytes / 4)
    this.buffer = new Uint32Array(this.limit)
  }

  /** Bytes of the blocks in use. */
  get memory(): number {
    return 4 * this.taken
  }

  get(path: Path): PageAt | undefined {
    const at = this.index.get(path)
    if (at < 0) return undefined
    const page = { words: this.buffer, at }
    setRound(page, this.round)
    return page
  }

  /** Where the block of a path begins, −1 where there is none, without using it. */
  blockOf(path: Path): number {
    return this.index.get(path)
  }

  /** Reads the first word of each of these blocks, for the reading's sake: what it answers means nothing. */
  touch(blocks: Int32Array, count: number): number {
    const { buffer } = this
    let sum = 0
    for (let i = 0; i < count; i++) {
      const block = blocks[i] as number
      if (block >= 0) sum = (sum + (buffer[block] as number)) | 0
    }
    return sum
  }

  /** The same for what a change of these keys needs of pages of this depth: the slot of each and the one beside it, and the nodes beside the way. */
  touchWays(blocks: Int32Array, count: number, entries: Uint32Array, depth: number): number {
    const { buffer } = this
    let sum = 0
    for (let i = 0; i < count; i++) {
      const at = blocks[i] as number
      if (at < 0) continue
      const slot = nibbleAt(entries, i * LEAF_WORDS, depth)
      const from = slotAt(buffer, at + SLOTS, slot & ~1)
      // Two leaves are 36 words; a line of the processor's cache has 16.
      for (let line = from; line < from + 2 * LEAF_WORDS; line += 16) sum = (sum + (buffer[line] as number)) | 0
      const nodes = nodesAt({ words: buffer, at })
      if (nodes < 0) continue
      for (let place = (16 + slot) >> 1; place > 1; place >>= 1) {
        sum = (sum + (buffer[nodes + (place ^ 1) * HASH_WORDS] as number)) | 0
      }
    }
    return sum
  }

  /** Puts a copy of a page at a path, in place of the one that was there. */
  set(path: Path, page: PageAt): PageAt {
    const size = blockWordsOf(page)
    const grains = grainsFor(size)
    let at = this.index.get(path)
    if (at < 0 || this.grainsAt(at) !== grains) {
      this.delete(path)
      at = this.allocate(grains)
      this.index.set(path, at)
    }
    this.buffer.set(page.words.subarray(page.at, page.at + size), at)
    const own = { words: this.buffer, at }
    setRound(own, this.round)
    return own
  }

  delete(path: Path): void {
    const at = this.index.get(path)
    if (at < 0) return
    this.index.delete(path)
    const grains = this.grainsAt(at)
    this.taken -= grains * GRAIN
    this.free[grains]?.push(at)
  }

  private grainsAt(at: number): number {
    return grainsFor(blockWordsOf({ words: this.buffer, at }))
  }

  private allocate(grains: number): number {
    this.taken += grains * GRAIN
    return this.free[grains]?.pop() ?? this.extend(grains) ?? this.split(grains) ?? this.makeRoom(grains)
  }

  private extend(grains: number): number | undefined {
    const at = this.end
    if (at + grains * GRAIN > this.buffer.length) return undefined
    this.end += grains * GRAIN
    return at
  }

  /** A larger free block, the rest of which stays free. */
  private split(grains: number): number | undefined {
    for (let larger = grains + 1; larger <= GRAINS_MAX; larger++) {
      const at = this.free[larger]?.pop()
      if (at === undefined) continue
      this.free[larger - grains]?.push(at + grains * GRAIN)
      return at
    }
    return undefined
  }

  private makeRoom(grains: number): number {
    this.evict(this.buffer.length / EVICTED_AT_ONCE)
    this.moveTogether()
    return this.extend(grains) ?? this.grow(grains)
  }

  /** Walks round the pages, twice at most, and lets go of those that nobody used since the walk before, until that is enough. */
  private evict(words: number): void {
    const enough = this.taken - words
    for (let walked = 0; walked <= 2 * this.index.places && this.taken > enough; walked++) {
      if (this.hand >= this.index.places) {
        this.hand = 0
        this.round++
      }
      const path = this.index.pathAt(this.hand++)
      if (path === undefined) continue
      const page = { words: this.buffer, at: this.index.get(path) }
      const stays = birthOf(page) > this.stored || isNeeded(page, this.applied) || roundOf(page) === this.round
      if (!stays) this.delete(path)
    }
  }

  /** Moves all blocks to the beginning of the buffer, in the order in which they stand: what is free is at its end then. */
  private moveTogether(): void {
    const { index, buffer } = this
    const blocks = new Float64Array(index.places)
    let count = 0
    for (let place = 0; place < index.places; place++) {
      // Both in one number, which is exact: a block begins at a grain, of which there are fewer than 2^27.
      if (index.pathAt(place) !== undefined) blocks[count++] = (index.blockAt(place) / GRAIN) * PLACES_MAX + place
    }
    let end = 0
    for (const block of blocks.subarray(0, count).sort()) {
      const place = block % PLACES_MAX
      const at = ((block - place) / PLACES_MAX) * GRAIN
      const size = this.grainsAt(at) * GRAIN
      buffer.copyWithin(end, at, at + size)
      index.setBlockAt(place, end)
      end += size
    }
    this.end = end
    for (const blocks of this.free) blocks.length = 0
  }

  /**
   * More memory than the setting says: what is left is nowhere else, or needed. Checkpoints are begun early enough that this takes a
   * version that changes a good part of what the cache can hold, and that one must not fail.
   */
  private grow(grains: number): number {
    const { buffer } = this
    this.buffer = new Uint32Array(Math.ceil(buffer.length * 1.25) + grains * GRAIN)
    this.buffer.set(buffer)
    return this.extend(grains) as number
  }
}

function grainsFor(words: number): number {
  return Math.ceil(words / GRAIN)
}
