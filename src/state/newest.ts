/**
 * The pages of the newest applied version and of those that are prepared on top of it: where they are in memory, and how they come
 * there from the store. What comes from the store is hashed and compared with what its parent says.
 */
import type { Store } from '../ports/store.ts'
import { pageKey } from '../store/keys.ts'
import type { TreeName } from '../verify/types.ts'
import type { PageCache } from './cache.ts'
import { pathBytes } from './changes.ts'
import { damaged } from './damage.ts'
import { blockWords, IN_STORE, nodesAt, type PageAt, SLOTS, setBirth, setWhereabouts } from './page.ts'
import type { PageHasher } from './page-hash.ts'
import type { Prepared } from './prepare.ts'
import {
  CHILD_BIRTH,
  equalWords,
  HASH_WORDS,
  LEAF_WORDS,
  leavesAt,
  nibbleAt,
  type PathKey,
  pageIn,
  pathKeyOf,
  ROOT,
  readVersion,
  slotAt,
  takenAt,
  wordsOf,
} from './slots.ts'
import type { HashedWrites } from './sort.ts'
import type { View } from './view.ts'

/** The root of a version, and the birth of its page, −1 where the tree is empty. */
export interface Root {
  readonly root: Uint8Array
  readonly rootBirth: number
}

/** A page that is not in memory: where it is in the store, and the hash that it must have. */
export interface Missing {
  readonly path: PathKey
  readonly key: Uint8Array
  readonly birth: number
  readonly hash: Uint32Array
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

  /** The page at a path, as the prepared versions (the newest of them first) or the applied one have it. */
  inMemory(path: PathKey, onTop: Prepared | undefined): PageAt | undefined {
    for (let each = onTop; each !== undefined; each = each.parent) {
      const made = each.made.get(path)
      if (made !== undefined) return made.page
    }
    return this.cache.get(path)
  }

  /** The pages on the way to written keys that are nowhere in memory, as far down as the way is known. */
  missing(
    { entries, count }: HashedWrites,
    { root, rootBirth }: Root,
    pageAt: (path: PathKey) => PageAt | undefined,
  ): Missing[] {
    const missing: Missing[] = []
    const walk = (
      path: PathKey,
      depth: number,
      from: number,
      to: number,
      birth: number,
      hash: () => Uint32Array,
    ): void => {
      const page = pageAt(path)
      if (page === undefined) {
        const below = { words: entries, at: from * LEAF_WORDS }
        missing.push({ path, key: pageKey(this.tree, birth, depth, pathBytes(below, depth)), birth, hash: hash() })
        return
      }
      const { words } = page
      const start = page.at + SLOTS
      const children = takenAt(words, start) & ~leavesAt(words, start)
      for (let first = from; first < to; ) {
        const slot = nibbleAt(entries, first * LEAF_WORDS, depth)
        let end = first + 1
        while (end < to && nibbleAt(entries, end * LEAF_WORDS, depth) === slot) end++
        if (((children >>> slot) & 1) === 1) {
          const at = slotAt(words, start, slot)
          const child = pathKeyOf(entries, first * LEAF_WORDS, depth + 1)
          const birthOfChild = readVersion(words, at + CHILD_BIRTH)
          walk(child, depth + 1, first, end, birthOfChild, () => words.slice(at, at + HASH_WORDS))
        }
        first = end
      }
    }
    if (rootBirth >= 0 && count > 0) walk(ROOT, 0, 0, count, rootBirth, () => wordsOf(root))
    return missing
  }

  async fetch(missing: readonly Missing[]): Promise<readonly PageAt[]> {
    return this.admit(missing, await this.store.getMany(missing.map(({ key }) => key)))
  }

  /** The newest applied version, to be read. */
  view({ root, rootBirth }: Root): View {
    return {
      root,
      page: (depth, below, parent) => {
        const birth = parent === undefined ? rootBirth : readVersion(parent.page.words, parent.at + CHILD_BIRTH)
        if (birth < 0) return undefined
        const path = pathKeyOf(below.words, below.at, depth)
        const inMemory = this.cache.get(path)
        if (inMemory !== undefined) return inMemory
        const expected =
          parent === undefined ? { words: wordsOf(root), at: 0 } : { words: parent.page.words, at: parent.at }
        const hash = expected.words.slice(expected.at, expected.at + HASH_WORDS)
        const key = pageKey(this.tree, birth, depth, pathBytes(below, depth))
        // Not put into the cache: it might take the place of a page on the way here.
        return this.admit([{ path, key, birth, hash }], [this.store.get(key)])[0]
      },
    }
  }

  private admit(wanted: readonly Missing[], values: readonly (Uint8Array | undefined)[]): PageAt[] {
    const pages = wanted.map(({ birth }, i): PageAt => pageOf(values[i], birth))
    this.pageHasher.hash(pages.map(({ words, at }) => ({ words, at: at + SLOTS, before: undefined, changed: 0 })))
    const hash = new Uint32Array(HASH_WORDS)
    pages.forEach((page, i) => {
      const { path, birth, hash: expected } = wanted[i] as Missing
      this.pageHasher.copyRoot(i, hash, 0)
      if (!equalWords(hash, 0, expected, 0, HASH_WORDS)) {
        throw damaged(this.tree, `the page at ${path}, born at ${birth}, is not what was written`)
      }
      const kept = nodesAt(page)
      if (kept >= 0) this.pageHasher.copyNodes(i, page.words, kept)
    })
    return pages
  }
}

/** A page as the store has it; of one that it does not have an empty one, whose hash is not the expected one. */
function pageOf(value: Uint8Array | undefined, birth: number): PageAt {
  const stored = pageIn(value) ?? new Uint32Array(1)
  const page = { words: new Uint32Array(blockWords(takenAt(stored, 0), leavesAt(stored, 0))), at: 0 }
  page.words.set(stored, SLOTS)
  setBirth(page, birth)
  setWhereabouts(page, IN_STORE)
  return page
}
