/**
 * Checkpoints: from time to time every page that only the changes hold is written, so that a version can be had from its
 * checkpoint and the few changes since. They are written over several versions, a share with each, so that no version waits for
 * all of them; only when the last one is written does the checkpoint count.
 *
 * A crash before that leaves pages that were born after the checkpoint that counts: they are deleted at the next start.
 */
import { Batch, type Store } from '../ports/store.ts'
import { endOf, pageKey, stalePagesKey, versionKey } from '../store/keys.ts'
import { Slab } from '../store/slab.ts'
import type { TreeName } from '../verify/types.ts'
import type { PageCache } from './cache.ts'
import { encodeKeys } from './key-list.ts'
import {
  birthOf,
  IN_CHANGES,
  IN_CHECKPOINT,
  IN_STORE,
  type PageAt,
  SLOTS,
  setStored,
  setWhereabouts,
  storedOf,
  whereaboutsOf,
} from './page.ts'
import { depthOf, type Path, pathBytes } from './path.ts'
import { bytesOf, pageWords } from './slots.ts'

export interface CheckpointSettings {
  /** Versions from one checkpoint to the next, at least. */
  readonly every: number
  /** Versions over which the pages of a checkpoint are written. */
  readonly over: number
}

/** The checkpoint that counts, and the birth of its root page; −1 where there is none yet. */
export interface Base {
  readonly version: number
  readonly rootBirth: number
}

interface SavedPage {
  readonly path: Path
  readonly birth: number
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A checkpoint that is being written. */
interface Saving extends Base {
  readonly pages: readonly SavedPage[]
  /** How many were written. */
  written: number
  /** Keys of pages that nobody needs once this checkpoint counts. */
  readonly dying: readonly Uint8Array[]
}

const DELETIONS_PER_BATCH = 1000

export class Checkpoints {
  base: Base
  private readonly tree: TreeName
  private readonly cache: PageCache
  private readonly settings: CheckpointSettings
  /** The paths of the pages that only the changes hold, some of them twice or gone. */
  private changed: Path[] = []
  /** Pages of the store whose place nothing takes any more. */
  private dying: Uint8Array[] = []
  private saving: Saving | undefined

  constructor(tree: TreeName, cache: PageCache, settings: CheckpointSettings, base: Base) {
    this.tree = tree
    this.cache = cache
    this.settings = settings
    this.base = base
  }

  /** A version made this page out of the one that was born at `birthBefore` (−1: there was none). It goes into the cache now. */
  made(path: Path, page: PageAt, birthBefore: number): void {
    const before = this.cache.get(path)
    setStored(page, before === undefined ? birthBefore : storedOf(before))
    if (before === undefined || whereaboutsOf(before) !== IN_CHANGES) this.changed.push(path)
    this.cache.set(path, page)
  }

  /** A version took the page of this path away. */
  removed(path: Path, birth: number): void {
    const before = this.cache.get(path)
    // One that is not in memory is in the store as it was born.
    const stored = before === undefined ? birth : storedOf(before)
    if (stored >= 0) this.dying.push(this.keyOf(path, stored))
    this.cache.delete(path)
  }

  /** A page that only the changes hold, as the store is opened again; `stored` as in `Page`. */
  restored(path: Path, page: PageAt, stored: number): void {
    setWhereabouts(page, IN_CHANGES)
    setStored(page, stored)
    this.changed.push(path)
    this.cache.set(path, page)
  }

  private keyOf(path: Path, birth: number, slab?: Slab): Uint8Array {
    return pageKey(this.tree, birth, depthOf(path), pathBytes(path), slab)
  }

  /** Adds the share of a version to its batch, and answers from which checkpoint that version can be had. */
  addTo(batch: Batch, version: number): Base {
    const { saving } = this
    if (saving === undefined) return this.base
    const share = Math.ceil(saving.pages.length / this.settings.over)
    const pages = saving.pages.slice(saving.written, saving.written + share)
    for (const { key, value } of pages) batch.put(key, value)
    saving.written += pages.length
    if (saving.written < saving.pages.length) return this.base
    if (saving.dying.length > 0) batch.put(stalePagesKey(this.tree, version, saving.version), encodeKeys(saving.dying))
    return saving
  }

  /** The batch of this version was written, and its pages are in the cache. */
  settle(version: number, rootBirth: number): void {
    const { saving } = this
    if (saving !== undefined && saving.written === saving.pages.length) {
      for (const { path, birth } of saving.pages) {
        const page = this.cache.get(path)
        if (page !== undefined && birthOf(page) === birth) setWhereabouts(page, IN_STORE)
      }
      this.base = { version: saving.version, rootBirth: saving.rootBirth }
      this.saving = undefined
    }
    if (this.saving === undefined && version - this.base.version >= this.settings.every)
      this.start({ version, rootBirth })
  }

  private start(base: Base): void {
    const { dying } = this
    const pages: SavedPage[] = []
    const slab = new Slab()
    for (const path of this.changed) {
      const page = this.cache.get(path)
      if (page === undefined || whereaboutsOf(page) !== IN_CHANGES) continue
      const stored = storedOf(page)
      if (stored >= 0) dying.push(this.keyOf(path, stored))
      setWhereabouts(page, IN_CHECKPOINT)
      const start = page.at + SLOTS
      const birth = birthOf(page)
      // A copy: the page may change and leave its block before it is written.
      const value = slab.take(4 * pageWords(page.words, start))
      value.set(bytesOf(page.words, start, pageWords(page.words, start)))
      pages.push({ path, birth, key: this.keyOf(path, birth, slab), value })
    }
    this.changed = []
    this.dying = []
    this.saving = { ...base, pages, written: 0, dying }
  }

  /** A page of the store that dies with the next checkpoint, found when the store was opened again. */
  restoreDying(path: Path, birth: number): void {
    this.dying.push(this.keyOf(path, birth))
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
