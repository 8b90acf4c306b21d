/**
 * Checkpoints: from time to time every page that only the changes hold is written, so that a version can be had from its
 * checkpoint and the few changes since. They are written over several versions, a share with each, so that no version waits for
 * all of them; only when the last one is written does the checkpoint count.
 *
 * A crash before that leaves pages that were born after the checkpoint that counts: they are deleted at the next start.
 */
import { Batch, type Store } from '../ports/store.ts'
import { endOf, pageKey, stalePagesKey, versionKey, writeNumber } from '../store/keys.ts'
import type { TreeName } from '../verify/types.ts'
import type { PageCache } from './cache.ts'
import { pathBytes } from './changes.ts'
import type { LeafAt } from './draft.ts'
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
} from './page.ts'
import { bytesOf, type PathKey, pageWords } from './slots.ts'

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

/** A checkpoint that is being written. */
interface Saving extends Base {
  readonly pages: readonly {
    readonly path: PathKey
    readonly key: Uint8Array
    readonly birth: number
    readonly bytes: Uint8Array
  }[]
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
  /** The pages that only the changes hold, with their keys. */
  private changed = new Map<PathKey, Uint8Array>()
  /** Pages of the store whose place nothing takes any more. */
  private dying: Uint8Array[] = []
  private saving: Saving | undefined

  constructor(tree: TreeName, cache: PageCache, settings: CheckpointSettings, base: Base) {
    this.tree = tree
    this.cache = cache
    this.settings = settings
    this.base = base
  }

  /** A version made a page at this path out of the one that was born at `birthBefore` (−1: there was none). */
  made(path: PathKey, page: PageAt, depth: number, below: LeafAt, birthBefore: number): void {
    setStored(page, this.storedAt(path, birthBefore))
    this.changed.set(path, pageKey(this.tree, birthOf(page), depth, pathBytes(below, depth)))
  }

  /** A version took the page of this path away. */
  removed(path: PathKey, depth: number, below: LeafAt, birth: number): void {
    const stored = this.storedAt(path, birth)
    this.changed.delete(path)
    if (stored >= 0) this.dying.push(pageKey(this.tree, stored, depth, pathBytes(below, depth)))
  }

  /** A page that only the changes hold, as the store is opened again; `stored` as in `Page`. */
  restored(path: PathKey, page: PageAt, depth: number, below: LeafAt, stored: number): void {
    setWhereabouts(page, IN_CHANGES)
    setStored(page, stored)
    this.changed.set(path, pageKey(this.tree, birthOf(page), depth, pathBytes(below, depth)))
  }

  /** The birth of the page that the store holds at this path. One that is not in memory is there as it was born. */
  private storedAt(path: PathKey, birth: number): number {
    const page = this.cache.get(path)
    return page === undefined ? birth : storedOf(page)
  }

  /** Adds the share of a version to its batch, and answers from which checkpoint that version can be had. */
  addTo(batch: Batch, version: number): Base {
    const { saving } = this
    if (saving === undefined) return this.base
    const share = Math.ceil(saving.pages.length / this.settings.over)
    const pages = saving.pages.slice(saving.written, saving.written + share)
    for (const { key, bytes } of pages) batch.put(key, bytes)
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
    const pages = Array.from(this.changed, ([path, key]) => {
      const page = this.cache.get(path) as PageAt
      const stored = storedOf(page)
      if (stored >= 0) dying.push(withBirth(key, stored))
      setWhereabouts(page, IN_CHECKPOINT)
      const start = page.at + SLOTS
      // A copy: the page may change and leave its block before it is written.
      const bytes = bytesOf(page.words, start, pageWords(page.words, start)).slice()
      return { path, key, birth: birthOf(page), bytes }
    })
    this.changed = new Map()
    this.dying = []
    this.saving = { ...base, pages, written: 0, dying }
  }

  /** A page of the store that dies with the next checkpoint, found when the store was opened again. */
  restoreDying(key: Uint8Array): void {
    this.dying.push(key)
  }
}

function withBirth(key: Uint8Array, birth: number): Uint8Array {
  const other = key.slice()
  writeNumber(other, 2, birth)
  return other
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
