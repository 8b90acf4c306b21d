/**
 * The pages of the newest applied version and of those that are prepared on top of it: those in memory, and those of the store, which come
 * there as they are needed. What comes from the store is hashed and compared with what its parent says.
 */
import type { Store } from '../ports/store.ts'
import { pathOfBytes, slotOfPath } from '../store/path.ts'
import type { TreeName } from '../verify/types.ts'
import type { TreeCore } from './core.ts'
import { damaged } from './damage.ts'
import type { Root } from './prepare.ts'
import {
  bytesOf,
  CHILD_BIRTH,
  HASH_WORDS,
  LEAF_WORDS,
  type LeafAt,
  leavesStandRight,
  readVersion,
  slotAt,
} from './slots.ts'
import type { HashedWrites } from './sort.ts'
import { readStored } from './stored-page.ts'
import type { View } from './view.ts'

export class NewestPages {
  private readonly store: Store
  private readonly tree: TreeName
  private readonly core: TreeCore

  constructor(store: Store, tree: TreeName, core: TreeCore) {
    this.store = store
    this.tree = tree
    this.core = core
  }

  /** The root page of a version, in memory. */
  root(root: Uint8Array, birth: number): number {
    this.core.expectRoot(root)
    return this.load(0, 0, 0, birth, new Uint8Array(32))
  }

  /** Brings all pages into memory that are on the ways of these writes, which become the entries of the core. They stay until the version is applied. */
  resolve(page: number, { entries, count }: HashedWrites, version: number): void {
    const { core } = this
    core.enter(entries)
    while (core.resolve(page, count, version) > 0) {
      const missing = core.numbers('missing')
      for (let i = 0; i < missing.length; i += 4) {
        const [parent, slot, write, depth] = missing.subarray(i, i + 4) as unknown as [number, number, number, number]
        this.fetchChild(parent, slot, depth, bytesOf(entries, write * LEAF_WORDS, HASH_WORDS))
      }
    }
  }

  /** The leaf of a key, where there is one, and all pages on the way to it in memory. Both are good until the next call. */
  find(page: number, keyHash: Uint8Array): LeafAt | undefined {
    const { core } = this
    core.setKey(keyHash)
    for (;;) {
      const at = core.find(page)
      if (at !== undefined) return at < 0 ? undefined : { words: core.words, at }
      const [parent = 0, slot = 0, , depth = 0] = core.numbers('missing')
      this.fetchChild(parent, slot, depth, keyHash)
    }
  }

  /** A version to be read along the way that was found last. */
  view({ root, page }: Root): View {
    return {
      root,
      page: (path, parent) => {
        if (parent !== undefined) return this.core.childOf(parent.page, slotOfPath(path))
        return page === 0 ? undefined : this.core.page(page)
      },
    }
  }

  private fetchChild(parent: number, slot: number, depth: number, key: Uint8Array): void {
    const { words, at } = this.core.page(parent)
    const birth = readVersion(words, slotAt(words, at, slot) + CHILD_BIRTH)
    this.load(parent, slot, depth, birth, key)
  }

  /** Without leaving the thread: that takes less time than to wait for it. */
  private load(parent: number, slot: number, depth: number, birth: number, key: Uint8Array): number {
    const { core, store, tree } = this
    const path = pathOfBytes(key, depth)
    const read = readStored(store, tree, birth, path)
    if (read !== undefined && leavesStandRight(read.words, 0, depth)) {
      core.setKey(key)
      const as = { stored: -1, whole: read.whole, diff: read.diff }
      const page = core.admit(read.words, parent, slot, depth, birth, as)
      if (page !== 0) return page
    }
    throw damaged(tree, `the page ${path}, born at ${birth}, is not what was written`)
  }
}
