/**
 * A tree as it was at a version: the pages of the checkpoint before it, with the changes since laid over them. Every page is
 * hashed and compared with what its parent says, the root page with the root of the version.
 */
import type { Store } from '../ports/store.ts'
import { changesKey, readNumber, versionKey, writeNumber } from '../store/keys.ts'
import { depthOf, type Path, parentPath, pathBytes, ROOT, slotOfPath } from '../store/path.ts'
import { equal } from '../verify/bytes.ts'
import { EMPTY } from '../verify/state-proof.ts'
import type { TreeName } from '../verify/types.ts'
import { Changes, partOf, ROOT_PART } from './changes.ts'
import { damaged, readingChanges } from './damage.ts'
import type { PageHasher } from './page-hash.ts'
import { CHILD_BIRTH, leavesAt, type PageAt, readVersion, slotAt, takenAt, wordsOf } from './slots.ts'
import { readStored, type StoredPage } from './stored-page.ts'
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

/** A page of the checkpoint, and its birth. */
interface BasePage extends StoredPage {
  readonly birth: number
}

export class HistoryView implements View {
  readonly root: Uint8Array
  readonly base: number
  private readonly store: Store
  private readonly tree: TreeName
  private readonly pageHasher: PageHasher
  private readonly version: number
  /** Each part of the changes since the checkpoint, the oldest version first, once it was asked for. */
  private readonly parts = new Map<number, readonly Changes[]>()
  private readonly baseRootBirth: number
  private readonly basePages = new Map<Path, BasePage | undefined>()

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
    this.version = version
  }

  /** A version that changed nothing in a part has no record of it. One that is lost leaves pages that are not what their parents say. */
  private changesIn(part: number): readonly Changes[] {
    const known = this.parts.get(part)
    if (known !== undefined) return known
    const changes: Changes[] = []
    for (let each = this.base + 1; each <= this.version; each++) {
      const record = this.store.get(changesKey(this.tree, each, part))
      if (record !== undefined) changes.push(readingChanges(this.tree, () => new Changes(record)))
    }
    this.parts.set(part, changes)
    return changes
  }

  page(path: Path, parent: ChildSlot | undefined): PageAt | undefined {
    const slots = this.slotsOf(path)
    if (slots === undefined) {
      // Only an empty tree has no root page.
      if (parent === undefined && equal(this.root, EMPTY)) return undefined
      throw damaged(this.tree, `the page ${path} is not there`)
    }
    const { words, at } =
      parent === undefined ? { words: wordsOf(this.root), at: 0 } : { words: parent.page.words, at: parent.at }
    const page = { words: slots, at: 0 }
    if (!this.pageHasher.isRight(page, depthOf(path), words, at))
      throw damaged(this.tree, `the page ${path} is not what was written`)
    return page
  }

  /** The slots of a page, undefined where there is none: not compared with anything. */
  slotsOf(path: Path): Uint32Array | undefined {
    const bytes = pathBytes(path)
    const depth = depthOf(path)
    return readingChanges(this.tree, () =>
      this.changesIn(partOf(path)).reduce<Uint32Array | undefined>((words, each) => {
        const i = each.find(bytes, depth)
        return i < 0 ? words : each.apply(i, words)
      }, this.basePage(path)?.words),
    )
  }

  /** The page of the checkpoint at this path, undefined where there was none. */
  basePage(path: Path): BasePage | undefined {
    if (!this.basePages.has(path)) this.basePages.set(path, this.readBasePage(path))
    return this.basePages.get(path)
  }

  /** Nobody will ask for what is below this path again: whoever walks the tree has memory for the way only. */
  leave(path: Path): void {
    this.basePages.delete(path)
  }

  private readBasePage(path: Path): BasePage | undefined {
    const birth = path === ROOT ? this.baseRootBirth : this.birthInParent(path)
    if (birth < 0) return undefined
    const stored = readStored(this.store, this.tree, birth, path)
    if (stored === undefined) throw damaged(this.tree, `the page ${path}, born at ${birth}, is not what was written`)
    return { ...stored, birth }
  }

  private birthInParent(path: Path): number {
    const words = this.basePage(parentPath(path))?.words
    if (words === undefined) return -1
    const slot = slotOfPath(path)
    const isChild = ((takenAt(words, 0) & ~leavesAt(words, 0)) >>> slot) & 1
    return isChild === 1 ? readVersion(words, slotAt(words, 0, slot) + CHILD_BIRTH) : -1
  }

  /** The paths of all pages that changed since the checkpoint. */
  changedPaths(): readonly Path[] {
    const parts = Array.from({ length: ROOT_PART + 1 }, (_, part) => this.changesIn(part))
    return readingChanges(this.tree, () => parts.flat().flatMap(({ paths }) => paths))
  }
}
