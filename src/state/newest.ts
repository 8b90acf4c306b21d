/**
 * The pages of the newest applied version and of those that are prepared on top of it: where they are in memory, and how they come
 * there from the store. What comes from the store is hashed and compared with what its parent says.
 */
import type { Store } from '../ports/store.ts'
import { depthOf, type Path } from '../store/path.ts'
import type { TreeName } from '../verify/types.ts'
import type { PageCache } from './cache.ts'
import { damaged } from './damage.ts'
import { blockWordsOf, EVERY_SLOT, type PageAt, setBirth, setNeeded, setWhole } from './page.ts'
import type { PageHasher } from './page-hash.ts'
import { applyPatch } from './patch.ts'
import type { Prepared } from './prepare.ts'
import { CHILD_BIRTH, readVersion, wordsOf } from './slots.ts'
import type { Space } from './space.ts'
import { readStored } from './stored-page.ts'
import type { View } from './view.ts'

/** The root of a version, and the birth of its page, −1 where the tree is empty. */
export interface Root {
  readonly root: Uint8Array
  readonly rootBirth: number
}

export class NewestPages {
  private readonly store: Store
  private readonly tree: TreeName
  private readonly cache: PageCache
  private readonly pageHasher: PageHasher

  constructor(store: Store, tree: TreeName, cache: PageCache, pageHasher: PageHasher) {
    this.store = store
    this.tree = tree
    this.cache = cache
    this.pageHasher = pageHasher
  }

  /**
   * The page at a path, as the prepared versions (the newest of them first) or the applied one have it. Where they have patches, the page
   * is put together in `space`; the page that lies under them stays until `version` is applied, which may lay one more over it.
   */
  inMemory(path: Path, onTop: Prepared | undefined, space: Space, version: number): PageAt | undefined {
    for (let each = onTop; each !== undefined; each = each.parent) {
      const { made } = each
      const number = made.numberOf(path)
      if (number < 0) continue
      const { words } = each.space
      const at = made.at[number] as number
      if (made.isPatch[number] !== true) return neededBy(version, { words, at })
      const page = copyInto(space, this.inMemory(path, each.parent, space, version) as PageAt)
      applyPatch(words, at, page)
      return page
    }
    const page = this.cache.get(path)
    return page && neededBy(version, page)
  }

  /**
   * A page that is in the store and nowhere else, hashed and compared with the hash at `at` among the expected words. Without leaving the
   * thread: that takes less time than to wait for it, and a version is made of pages that stay what they are meanwhile.
   */
  fetch(path: Path, birth: number, expected: Uint32Array, at: number): PageAt {
    const stored = readStored(this.store, this.tree, birth, path)
    const page = stored && this.pageHasher.admit(stored.words, depthOf(path), expected, at)
    if (page === undefined) throw damaged(this.tree, `the page ${path}, born at ${birth}, is not what was written`)
    setBirth(page, birth)
    setWhole(page, stored?.whole ?? -1, stored?.diff ?? EVERY_SLOT)
    return page
  }

  /** The newest applied version, to be read. */
  view({ root, rootBirth }: Root): View {
    return {
      root,
      page: (path, parent) => {
        const birth = parent === undefined ? rootBirth : readVersion(parent.page.words, parent.at + CHILD_BIRTH)
        if (birth < 0) return undefined
        const inMemory = this.cache.get(path)
        if (inMemory !== undefined) return inMemory
        // Not put into the cache: it might take the place of a page on the way here.
        if (parent === undefined) return this.fetch(path, birth, wordsOf(root), 0)
        return this.fetch(path, birth, parent.page.words, parent.at)
      },
    }
  }
}

function neededBy(version: number, page: PageAt): PageAt {
  setNeeded(page, version)
  return page
}

function copyInto(space: Space, page: PageAt): PageAt {
  const size = blockWordsOf(page)
  const at = space.take(size)
  space.words.set(page.words.subarray(page.at, page.at + size), at)
  return { words: space.words, at }
}
