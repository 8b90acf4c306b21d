/**
 * Checkpoints: from time to time every page that only the changes hold is written, so that a version can be had from its
 * checkpoint and the few changes since. They are written over several versions, a share with each, so that no version waits for
 * all of them; only when the last one is written does the checkpoint count.
 *
 * A crash before that leaves pages that were born after the checkpoint that counts: they are deleted at the next start.
 */
import { Batch, type Store } from '../ports/store.ts'
import { endOf, pageKeyLength, stalePagesKey, versionKey, writePageKey } from '../store/keys.ts'
import type { Path } from '../store/path.ts'
import { Slab } from '../store/slab.ts'
import type { TreeName } from '../verify/types.ts'
import type { PageCache } from './cache.ts'
import { KeyList } from './key-list.ts'
import { birthOf, blockWordsOf, type PageAt, SLOTS, setBirth, setStored, storedOf } from './page.ts'
import { applyPatch } from './patch.ts'
import type { Made } from './prepare.ts'
import { bytesOf, pageWords } from './slots.ts'
import { Space } from './space.ts'

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
  /** The pages, and where the slots of each begin among the words. */
  readonly pages: Births
  readonly space: Space
  readonly at: readonly number[]
  /** How many were written. */
  written: number
  /** Pages that nobody needs once this checkpoint counts. */
  readonly dying: Births
}

const DELETIONS_PER_BATCH = 1000

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

  /** A version made a page at this path out of the one that was born at `birthBefore` (−1: there was none). */
  made(path: Path, version: number, { at, isPatch, birthBefore }: Made, words: Uint32Array): void {
    let page = this.cache.get(path)
    // One that is not in memory is in the store as it was born.
    const stored = page === undefined ? birthBefore : this.storedAt(page)
    const isFirst = page === undefined || birthOf(page) <= this.begun
    // What a patch was made out of was needed, and stayed.
    if (isPatch) applyPatch(words, at, page as PageAt)
    else page = this.cache.set(path, { words, at })
    setBirth(page as PageAt, version)
    setStored(page as PageAt, stored)
    if (isFirst) this.addChanged(path, page as PageAt)
  }

  /** A version took the page of this path away. */
  removed(path: Path, birth: number): void {
    const before = this.cache.get(path)
    const stored = before === undefined ? birth : this.storedAt(before)
    if (stored >= 0) this.dying.add(path, stored)
    this.cache.delete(path)
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

  /** A page that only the changes hold, as the store is opened again; `stored` is the birth of the one that the store holds, or −1. */
  restored(path: Path, page: PageAt, stored: number): void {
    setStored(page, stored)
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
    const { pages, space, at, dying } = saving
    const share = Math.max(Math.ceil(at.length / this.settings.over), 2 * made)
    const end = Math.min(at.length, saving.written + share)
    const slab = new Slab()
    for (let i = saving.written; i < end; i++) {
      const start = at[i] as number
      batch.put(pages.key(i, this.tree, slab), bytesOf(space.words, start, pageWords(space.words, start)))
    }
    // It counts as written once the version is applied: a batch that was never written may be made again.
    this.share = { version, end }
    if (end < at.length) return this.base
    if (dying.paths.length > 0) {
      batch.put(stalePagesKey(this.tree, version, saving.version), dying.encode(this.tree))
    }
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
    for (const path of this.changed) {
      const page = this.cache.get(path)
      if (page === undefined) continue
      const stored = storedOf(page)
      if (stored >= 0) dying.add(path, stored)
      const start = page.at + SLOTS
      const count = pageWords(page.words, start)
      const to = space.take(count)
      space.words.set(page.words.subarray(start, start + count), to)
      pages.add(path, birthOf(page))
      at.push(to)
    }
    this.changed = []
    this.changedWords = 0
    this.dying = new Births()
    this.saving = { ...base, pages, space, at, written: 0, dying }
  }

  /** A page of the store that dies with the next checkpoint, found when the store was opened again. */
  restoreDying(path: Path, birth: number): void {
    this.dying.add(path, birth)
  }
}

/** Deletes the pages of a checkpoint that was not finished: it will be written again, perhaps another one. */
export async function dropUnfinished(store: Store, tree: TreeName, base: Base): Promise<void> {
  const range = { from: versionKey('page', tree, base.version + 1), to: endOf('page', tree) }
  let batch = new Batch()
  for await (const [key] of store.entries(range)) {
    batch.delete(key)
    if (batch.operations.length < DELETIONS_PER_BATCH) continue
    await store.write(batch)
    batch = new Batch()
  }
  await store.write(batch)
}
