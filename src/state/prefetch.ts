/**
 * Bringing pages of the cache from memory close to the processor before they are worked on: read one after the other, with nothing in
 * between that depends on what is read, they come side by side, where a walk through them waits for each. With a million keys that is a
 * tenth of the time of a block.
 */
import { childPath, type Path, ROOT } from '../store/path.ts'
import type { PageCache } from './cache.ts'
import { LEAF_WORDS, nibbleAt } from './slots.ts'

/** The pages above are few, and close already. */
const FROM_DEPTH = 3

export class Prefetch {
  private readonly cache: PageCache
  private readonly paths: Path[] = []
  private blocks = new Int32Array(0)
  /** Nobody asks for it; without it nothing would have to be read. */
  sum = 0

  constructor(cache: PageCache) {
    this.cache = cache
  }

  /** The pages on the way to these keys. */
  ways(entries: Uint32Array, count: number): void {
    const { paths } = this
    paths.length = count
    for (let i = 0; i < count; i++) {
      let path = ROOT
      for (let depth = 0; depth < FROM_DEPTH; depth++) path = childPath(path, nibbleAt(entries, i * LEAF_WORDS, depth))
      paths[i] = path
    }
    for (let depth = FROM_DEPTH; this.find(paths, count) > 0; depth++) {
      // The beginnings first: what else a page has follows from its own.
      this.sum = this.cache.touch(this.blocks, count)
      this.sum += this.cache.touchWays(this.blocks, count, entries, depth)
      for (let i = 0; i < count; i++) {
        paths[i] = childPath(paths[i] as Path, nibbleAt(entries, i * LEAF_WORDS, depth))
      }
    }
  }

  /** The pages at these paths. */
  pages(paths: readonly Path[]): void {
    this.find(paths, paths.length)
    this.sum = this.cache.touch(this.blocks, paths.length)
  }

  private find(paths: readonly Path[], count: number): number {
    if (this.blocks.length < count) this.blocks = new Int32Array(2 * count)
    let found = 0
    for (let i = 0; i < count; i++) {
      const block = this.cache.blockOf(paths[i] as Path)
      this.blocks[i] = block
      if (block >= 0) found++
    }
    return found
  }
}
