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
import { birthOf, type PageAt, SLOTS, setBirth, setStored, storedOf } from './page.ts'
import { depthOf, type Path, pathBytes } from './path.ts'
import type { Made } from './prepare.ts'
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
    cache.stored = base.version
  }

  /** A version made a page at this path out of the one that was born at `birthBefore` (−1: there was none). */
  made(path: Path, version: number, { at, isPatch, birthBefore }: Made, words: Uint32Array): void {
    const before = this.cache.get(path)
    // One that is not in memory is in the store as it was born.
    const stored = before === undefined ? birthBefore : this.storedAt(before)
    if (before === undefined || birthOf(before) <= this.begun) this.changed.push(path)
    if (isPatch) this.cache.patch(path, words, at)
    else this.cache.set(path, { words, at })
    const page = this.cache.get(path) as PageAt
    setBirth(page, version)
    setStored(page, stored)
  }

  /** A version took the page of this path away. */
  removed(path: Path, birth: number): void {
    const before = this.cache.get(path)
    const stored = before === undefined ? birth : this.storedAt(before)
    if (stored >= 0) this.dying.push(this.keyOf(path, stored))
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
    this.cache.applied = version
    if (saving !== undefined && saving.written === saving.pages.length) {
      this.base = { version: saving.version, rootBirth: saving.rootBirth }
      this.cache.stored = saving.version
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
      if (page === undefined) continue
      const stored = storedOf(page)
      if (stored >= 0) dying.push(this.keyOf(path, stored))
      const start = page.at + SLOTS
      // A copy: the page may change and leave its block before it is written.
      const value = slab.take(4 * pageWords(page.words, start))
      value.set(bytesOf(page.words, start, pageWords(page.words, start)))
      pages.push({ key: this.keyOf(path, birthOf(page), slab), value })
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
