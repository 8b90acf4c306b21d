/** The hashes of single pages, wherever they are: the binary tree of four levels over their sixteen slots (FORMAT §7). */
import type { TreeCore } from './core.ts'
import { equalWords, HASH_WORDS, leavesStandRight, type PageAt, pageWords, wordsOf } from './slots.ts'

export class PageHasher {
  private readonly core: TreeCore

  constructor(core: TreeCore) {
    this.core = core
  }

  /** The hashes of its places, 32 bytes each, as in a heap: the root at 1, the slots from 16 on. */
  places(page: PageAt): Uint8Array {
    return this.core.placesOf(page, pageWords(page.words, page.at))
  }

  /**
   * Whether a page of this depth has the hash that stands at `at` among the expected words. The hash alone is not enough: it does not fix
   * where a leaf stands that is alone.
   */
  isRight(page: PageAt, depth: number, expected: Uint32Array, at: number): boolean {
    const root = wordsOf(this.places(page).subarray(32, 64))
    return equalWords(root, 0, expected, at, HASH_WORDS) && leavesStandRight(page.words, page.at, depth)
  }
}
