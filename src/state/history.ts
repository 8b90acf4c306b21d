/**
 * A tree as it was at a version: the pages of the checkpoint before it, with the changes since laid over them. Every page is
 * hashed and compared with what its parent says, the root page with the root of the version.
 */
import type { Store } from '../ports/store.ts'
import { pageKey, readNumber, versionKey, writeNumber } from '../store/keys.ts'
import { equal } from '../verify/bytes.ts'
import { EMPTY } from '../verify/state-proof.ts'
import type { TreeName } from '../verify/types.ts'
import { Changes, pathBytes } from './changes.ts'
import { damaged, readingChanges } from './damage.ts'
import type { LeafAt } from './draft.ts'
import { blockWords, nodesAt, type PageAt, SLOTS } from './page.ts'
import type { PageHasher } from './page-hash.ts'
import {
  bytesOf,
  CHILD_BIRTH,
  equalWords,
  HASH_WORDS,
  leavesAt,
  nibbleAt,
  type PathKey,
  pageIn,
  pathKeyOf,
  readVersion,
  slotAt,
  takenAt,
  wordsOf,
} from './slots.ts'
import type { ChildSlot, View } from './view.ts'

/** What the store holds of a version. A birth is −1 where the tree is empty, a checkpoint where there is none. */
export interface RootRecord {
  readonly root: Uint8Array
  readonly rootBirth: number
  /** The checkpoint from which the version can be had, and the birth of its root page. */
  readonly base: number
  readonly baseRootBirth: number
}

export function encodeRoot({ root, rootBirth, base, baseRootBirth }: RootRecord): Uint8Array {
  const record = new Uint8Array(56)
  record.set(root)
  ;[rootBirth, base, baseRootBirth].forEach((number, i) => {
    writeNumber(record, 32 + 8 * i, number + 1)
  })
  return record
}

export function readRoot(store: Store, tree: TreeName, version: number): RootRecord | undefined {
  const record = store.get(versionKey('root', tree, version))
  if (record === undefined) return undefined
  const [rootBirth = -1, base = -1, baseRootBirth = -1] = [32, 40, 48].map((at) => readNumber(record, at) - 1)
  return { root: record.slice(0, 32), rootBirth, base, baseRootBirth }
}

/** A page of the checkpoint: its slots from word 0 on, and its birth. */
interface BasePage {
  readonly words: Uint32Array
  readonly birth: number
}

export class HistoryView implements View {
  readonly root: Uint8Array
  readonly base: number
  private readonly store: Store
  private readonly tree: TreeName
  private readonly pageHasher: PageHasher
  private readonly changes: readonly Changes[]
  private readonly baseRootBirth: number
  private readonly basePages = new Map<PathKey, BasePage | undefined>()

  /** The version has to be one that is applied and retained. */
  constructor(store: Store, tree: TreeName, version: number, pageHasher: PageHasher) {
    this.store = store
    this.tree = tree
    this.pageHasher = pageHasher
    const record = readRoot(store, tree, version)
    if (record === undefined) throw damaged(tree, `the root of version ${version} is not there`)
    this.root = record.root
    this.base = record.base
    this.baseRootBirth = record.baseRootBirth
    const changes: Changes[] = []
    for (let each = record.base + 1; each <= version; each++) {
      const value = store.get(versionKey('changes', tree, each))
      if (value === undefined) throw damaged(tree, `the changes of version ${each} are not there`)
      changes.push(readingChanges(tree, () => new Changes(value)))
    }
    this.changes = changes
  }

  page(depth: number, below: LeafAt, parent: ChildSlot | undefined): PageAt | undefined {
    const words = this.wordsOfPage(depth, below)
    if (words === undefined) {
      // Only an empty tree has no root page.
      if (parent === undefined && equal(this.root, EMPTY)) return undefined
      throw damaged(this.tree, `a page of depth ${depth} is not there`)
    }
    const page = { words: new Uint32Array(blockWords(takenAt(words, 0), leavesAt(words, 0))), at: 0 }
    page.words.set(words, SLOTS)
    this.pageHasher.hash([{ words: page.words, at: SLOTS, before: undefined, changed: 0 }])
    const hash = new Uint32Array(HASH_WORDS)
    this.pageHasher.copyRoot(0, hash, 0)
    const expected =
      parent === undefined ? { words: wordsOf(this.root), at: 0 } : { words: parent.page.words, at: parent.at }
    if (!equalWords(hash, 0, expected.words, expected.at, HASH_WORDS)) {
      throw damaged(this.tree, `a page of depth ${depth} is not what was written`)
    }
    const kept = nodesAt(page)
    if (kept >= 0) this.pageHasher.copyNodes(0, page.words, kept)
    return page
  }

  private wordsOfPage(depth: number, below: LeafAt): Uint32Array | undefined {
    const path = pathBytes(below, depth)
    return readingChanges(this.tree, () =>
      this.changes.reduce<Uint32Array | undefined>((words, each) => {
        const i = each.find(path, depth)
        return i < 0 ? words : each.apply(i, words)
      }, this.basePage(depth, below)?.words),
    )
  }

  /** The page of the checkpoint at the path of this depth above a key, undefined where there was none. */
  basePage(depth: number, below: LeafAt): BasePage | undefined {
    const path = pathKeyOf(below.words, below.at, depth)
    if (!this.basePages.has(path)) this.basePages.set(path, this.readBasePage(depth, below))
    return this.basePages.get(path)
  }

  private readBasePage(depth: number, below: LeafAt): BasePage | undefined {
    const birth = depth === 0 ? this.baseRootBirth : this.birthInParent(depth, below)
    if (birth < 0) return undefined
    const words = pageIn(this.store.get(pageKey(this.tree, birth, depth, pathBytes(below, depth))))
    if (words === undefined)
      throw damaged(this.tree, `a page of depth ${depth}, born at ${birth}, is not what was written`)
    return { words, birth }
  }

  private birthInParent(depth: number, below: LeafAt): number {
    const words = this.basePage(depth - 1, below)?.words
    if (words === undefined) return -1
    const slot = nibbleAt(below.words, below.at, depth - 1)
    const isChild = ((takenAt(words, 0) & ~leavesAt(words, 0)) >>> slot) & 1
    return isChild === 1 ? readVersion(words, slotAt(words, 0, slot) + CHILD_BIRTH) : -1
  }

  /** The paths of all pages that changed since the checkpoint, each with a key below it. */
  changedPaths(): readonly { readonly depth: number; readonly below: LeafAt }[] {
    return readingChanges(this.tree, () =>
      this.changes.flatMap((each) =>
        Array.from({ length: each.count }, (_, i) => {
          const words = new Uint32Array(HASH_WORDS)
          bytesOf(words).set(each.pathAt(i))
          return { depth: each.depthAt(i), below: { words, at: 0 } }
        }),
      ),
    )
  }
}
