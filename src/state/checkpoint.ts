/**
 * Checkpoints: from time to time every page that only the changes hold is written, so that a version can be had from its
 * checkpoint and the few changes since. They are written over several versions, a share with each, so that no version waits for
 * all of them; only when the last one is written does the checkpoint count.
 *
 * A crash before that leaves pages that were born after the checkpoint that counts: they are deleted at the next start.
 */
import type { Batch } from '../ports/store.ts'
import { pageKeyLength, stalePagesKey, writePageKey } from '../store/keys.ts'
import type { Path } from '../store/path.ts'
import { Slab } from '../store/slab.ts'
import type { TreeName } from '../verify/types.ts'
import type { PageCache } from './cache.ts'
import { KeyList } from './key-list.ts'
import type { MadePages } from './made.ts'
import {
  birthOf,
  blockWordsOf,
  diffOf,
  EVERY_SLOT,
  type PageAt,
  SLOTS,
  setBirth,
  setStored,
  setWhole,
  storedOf,
  wholeOf,
} from './page.ts'
import { applyPatch } from './patch.ts'
import { bytesOf } from './slots.ts'
import { Space } from './space.ts'
import { isStoredAsPatch, layOut } from './stored-page.ts'

export interface CheckpointSettings {
  /** Versions from one checkpoint to the next; fewer where they change so much that it would not fit into memory. */
  readonly every: number
  /** Versions over which the pages of a checkpoint are written, at most. */
  readonly over: number
}

/** The checkpoint that counts, and the birth of its root page; −1 where there is none yet. */
export interface Base {
  readonly version: number
  readonly rootBirth: number
}

/** What the store has of a page: its birth, and that of the whole page that it is a patch of (or the same). */
interface Stored {
  readonly birth: number
  readonly whole: number
}

/** Pages by path and birth, in two lists: there are tens of thousands of them. */
class Births {
  readonly paths: Path[] = []
  readonly births: number[] = []

  add(path: Path, birth: number): void {
    this.paths.push(path)
    this.births.push(birth)
  }

  key(i: number, tree: TreeName, slab: Slab): Uint8Array {
    const path = this.paths[i] as Path
    const key = slab.take(pageKeyLength(path))
    writePageKey(key, 0, tree, this.births[i] as number, path)
    return key
  }

  /** A list of their keys. */
  encode(tree: TreeName): Uint8Array {
    const list = new KeyList(this.paths.reduce<number>((size, path) => size + KeyList.length(pageKeyLength(path)), 0))
    this.paths.forEach((path, i) => {
      writePageKey(list.bytes, list.add(pageKeyLength(path)), tree, this.births[i] as number, path)
    })
    return list.bytes
  }
}

/** A checkpoint that is being written. */
interface Saving extends Base {
  /** What the store is to get of each page: where it begins among the words, and how many it is. */
  readonly pages: Births
  readonly space: Space
  readonly at: readonly number[]
  readonly sizes: readonly number[]
  /** How many were written. */
  written: number
  /** Pages that nobody needs once this checkpoint counts. */
  readonly dying: Births
}

export class Checkpoints {
  base: Base
  private readonly tree: TreeName
  private readonly cache: PageCache
  private readonly settings: CheckpointSettings
  /** The paths of the pages that only the changes hold, some of them twice or gone. */
  private changed: Path[] = []
  /** The words that they take in the cache, about. */
  private changedWords = 0
  /** Pages of the store whose place nothing takes any more. */
  private dying = new Births()
  private saving: Saving | undefined
  /** The pages that were added to the batch of a version, up to `end`. */
  private share: { readonly version: number; readonly end: number } | undefined

  constructor(tree: TreeName, cache: PageCache, settings: CheckpointSettings, base: Base) {
    this.tree = tree
    this.cache = cache
    this.settings = settings
    this.base = base
    cache.stored = base.version
  }

  /** A version made these pages, among these words. */
  made(version: number, { paths, at, isPatch, changed }: MadePages, words: Uint32Array): void {
    for (let i = 0; i < paths.length; i++) {
      this.madeOne(paths[i] as Path, version, words, at[i] as number, isPatch[i] as boolean, changed[i] as number)
    }
  }

  /** Out of the page in memory, if there is one: what a page is made out of is needed, and stays. */
  private madeOne(
    path: Path,
    version: number,
    words: Uint32Array,
    at: number,
    isPatch: boolean,
    changed: number,
  ): void {
    let page = this.cache.get(path)
    const stored = page === undefined ? -1 : this.storedAt(page)
    const whole = page === undefined ? -1 : wholeOf(page)
    const isFirst = page === undefined || birthOf(page) <= this.begun
    // A page in another form has no slot where the whole one of the store has it.
    const isSameForm = page !== undefined && (isPatch || page.words[page.at + SLOTS] === words[at + SLOTS])
    const diff = page !== undefined && isSameForm ? diffOf(page) | changed : EVERY_SLOT
    if (isPatch) applyPatch(words, at, page as PageAt)
    else page = this.cache.set(path, { words, at })
    setBirth(page as PageAt, version)
    setStored(page as PageAt, stored)
    setWhole(page as PageAt, whole, diff)
    if (isFirst) this.addChanged(path, page as PageAt)
  }

  /** A version took the page of this path away. */
  removed(path: Path): void {
    const page = this.cache.get(path)
    if (page !== undefined) this.addDying(path, this.storedAt(page), wholeOf(page))
    this.cache.delete(path)
  }

  /** What the store has of a page: the one that was stored, and the whole one under it where that is a patch. */
  private addDying(path: Path, stored: number, whole: number): void {
    if (stored >= 0) this.dying.add(path, stored)
    if (whole >= 0 && whole !== stored) this.dying.add(path, whole)
  }

  /** The birth of the page that the store holds, or will when the checkpoint that is being written is. */
  private storedAt(page: PageAt): number {
    const birth = birthOf(page)
    return birth <= this.begun ? birth : storedOf(page)
  }

  /** The version of the checkpoint that was begun last. */
  private get begun(): number {
    return this.saving?.version ?? this.base.version
  }

  /** A page that only the changes hold, as the store is opened again, and what the store has in its place. */
  restored(path: Path, page: PageAt, stored: Stored | undefined): void {
    setStored(page, stored?.birth ?? -1)
    setWhole(page, stored?.whole ?? -1, EVERY_SLOT)
    this.addChanged(path, this.cache.set(path, page))
  }

  private addChanged(path: Path, page: PageAt): void {
    this.changed.push(path)
    this.changedWords += blockWordsOf(page)
  }

  /**
   * Adds the share of a version, which makes so many pages, to its batch, and answers from which checkpoint that version can be had. More
   * than it makes, so that the pages of the next checkpoint do not pile up meanwhile.
   */
  addTo(batch: Batch, version: number, made: number): Base {
    const { saving } = this
    if (saving === undefined) return this.base
    const { pages, space, at, sizes, dying } = saving
    const share = Math.max(Math.ceil(at.length / this.settings.over), 2 * made)
    const end = Math.min(at.length, saving.written + share)
    const slab = new Slab()
    for (let i = saving.written; i < end; i++) {
      batch.put(pages.key(i, this.tree, slab), bytesOf(space.words, at[i], sizes[i]))
    }
    // It counts as written once the version is applied: a batch that was never written may be made again.
    this.share = { version, end }
    if (end < at.length) return this.base
    // An empty one too: it takes the place of what the first life of a version left that is applied again.
    batch.put(stalePagesKey(this.tree, version, saving.version), dying.encode(this.tree))
    return saving
  }

  /** The batch of this version was written, and its pages are in the cache. */
  settle(version: number, rootBirth: number): void {
    const { saving } = this
    this.cache.applied = version
    if (saving !== undefined && this.share?.version === version) saving.written = this.share.end
    const isWhole = this.share?.version === version && saving?.written === saving?.at.length
    this.share = undefined
    if (saving !== undefined && isWhole) {
      this.base = { version: saving.version, rootBirth: saving.rootBirth }
      this.cache.stored = saving.version
      this.saving = undefined
    }
    const isDue = version - this.base.version >= this.settings.every || 4 * this.changedWords > this.cache.limit
    if (this.saving === undefined && isDue) this.start({ version, rootBirth })
  }

  private start(base: Base): void {
    const { dying } = this
    const pages = new Births()
    // Copies: a page may change and leave its block before it is written.
    const space = new Space()
    const at: number[] = []
    const sizes: number[] = []
    let end = 0
    for (const path of this.changed) {
      const page = this.cache.get(path)
      if (page === undefined) continue
      const [birth, stored, whole] = [birthOf(page), storedOf(page), wholeOf(page)]
      // Taken up already.
      if (stored === birth) continue
      setStored(page, birth)
      const asPatch = isStoredAsPatch(page)
      // A whole page stays under the patches that are written of it.
      if (stored >= 0 && !(asPatch && stored === whole)) dying.add(path, stored)
      if (!asPatch && whole >= 0 && whole !== stored) dying.add(path, whole)
      const size = layOut(page, asPatch, space)
      if (!asPatch) setWhole(page, birth, 0)
      pages.add(path, birth)
      at.push(end)
      sizes.push(size)
      end += size
    }
    this.changed = []
    this.changedWords = 0
    this.dying = new Births()
    this.saving = { ...base, pages, space, at, sizes, written: 0, dying }
  }

  /** A page of the store that dies with the next checkpoint, found when the store was opened again. */
  restoreDying(path: Path, { birth, whole }: Stored): void {
    this.addDying(path, birth, whole)
  }
}
