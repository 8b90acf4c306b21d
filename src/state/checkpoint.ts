/**
 * Checkpoints: from time to time every page that only the changes hold is written, so that a version can be had from its
 * checkpoint and the few changes since. They are written over several versions, a share with each, so that no version waits for
 * all of them; only when the last one is written does the checkpoint count.
 *
 * A crash before that leaves pages that were born after the checkpoint that counts: they are deleted at the next start.
 */
import type { Batch } from '../ports/store.ts'
import { pageKey, stalePagesKey } from '../store/keys.ts'
import type { Path } from '../store/path.ts'
import { concat } from '../verify/bytes.ts'
import type { TreeName } from '../verify/types.ts'
import type { StoredAs, TreeCore } from './core.ts'
import { KeyList } from './key-list.ts'

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

/** A checkpoint that is being written. */
interface Saving extends Base {
  /** What the store is to get of each page: where it begins in the list of the core. */
  readonly at: readonly number[]
  /** How many were written. */
  written: number
  /** A list of the pages that nobody needs once this checkpoint counts. */
  readonly dying: Uint8Array
}

/** A checkpoint that counts, from which version on, and the pages that died with it. */
interface Finished {
  readonly version: number
  readonly checkpoint: number
  readonly dying: Uint8Array
}

export class Checkpoints {
  base: Base
  private readonly tree: TreeName
  private readonly core: TreeCore
  private readonly cacheBytes: number
  private readonly settings: CheckpointSettings
  private saving: Saving | undefined
  /** The one that came to count last, and the one that will with the batch of a version. */
  private finished: Finished | undefined
  private finishing: Finished | undefined
  /** The pages that were added to the batch of a version, up to `end`. */
  private share: { readonly version: number; readonly end: number } | undefined

  constructor(tree: TreeName, core: TreeCore, cacheBytes: number, settings: CheckpointSettings, base: Base) {
    this.tree = tree
    this.core = core
    this.cacheBytes = cacheBytes
    this.settings = settings
    this.base = base
    core.setBegun(base.version)
  }

  /**
   * Adds the share of a version, which makes so many pages, to its batch, and answers from which checkpoint that version can be had. More
   * than it makes, so that the pages of the next checkpoint do not pile up meanwhile.
   */
  addTo(batch: Batch, version: number, made: number): Base {
    const { saving } = this
    if (saving === undefined) return this.base
    const { at, written } = saving
    const share = Math.max(Math.ceil(at.length / this.settings.over), 2 * made)
    const end = Math.min(at.length, written + share)
    if (end > written) this.addPages(batch, at[written] as number, at[end] ?? this.core.list('saved').length)
    this.share = { version, end }
    if (end < at.length) return this.base
    this.addDying(batch, version, saving)
    return { version: saving.version, rootBirth: saving.rootBirth }
  }

  /** A version has one checkpoint: where it came to another one before, that one's list goes into this. */
  private addDying(batch: Batch, version: number, { version: checkpoint, dying }: Saving): void {
    const before = this.finished?.version === version ? this.finished : undefined
    if (before !== undefined) batch.delete(stalePagesKey(this.tree, version, before.checkpoint))
    const all = before === undefined ? dying : concat(before.dying, dying)
    if (all.length > 0) batch.put(stalePagesKey(this.tree, version, checkpoint), all)
    this.finishing = { version, checkpoint, dying: all }
  }

  private addPages(batch: Batch, from: number, to: number): void {
    // A copy, for the batch is written while the core goes on.
    const saved = this.core.list('saved').slice(from, to)
    const sizes = new Uint32Array(saved.buffer)
    for (let at = 0; at < saved.length; ) {
      const [key, value] = [sizes[at >> 2] as number, sizes[(at >> 2) + 1] as number]
      const valueAt = at + LENGTHS + padded(key)
      batch.put(saved.subarray(at + LENGTHS, at + LENGTHS + key), saved.subarray(valueAt, valueAt + value))
      at = valueAt + value
    }
  }

  /** The batch of this version was written, and its pages are in the core. */
  settle(version: number, rootBirth: number, page: number): void {
    const { saving } = this
    if (saving !== undefined && this.share?.version === version) saving.written = this.share.end
    const isWhole = this.share?.version === version && saving?.written === saving?.at.length
    this.share = undefined
    if (saving !== undefined && isWhole) {
      this.base = { version: saving.version, rootBirth: saving.rootBirth }
      this.saving = undefined
      this.finished = this.finishing
      this.core.forget('saved')
    }
    this.core.setBounds(version, this.base.version)
    const isMuch = CHANGED_PART * this.core.changedBytes > this.cacheBytes
    const isDue = version - this.base.version >= this.settings.every || isMuch
    if (this.saving === undefined && isDue) this.start({ version, rootBirth }, page)
  }

  /** Begins the checkpoint of a version now, unless one is being written. */
  begin(version: number, rootBirth: number, page: number): void {
    if (this.saving === undefined) this.start({ version, rootBirth }, page)
  }

  private start(base: Base, page: number): void {
    const { core } = this
    core.beginCheckpoint(page, base.version)
    const { buffer, byteOffset, length } = core.list('saved')
    const sizes = new Uint32Array(buffer, byteOffset, length >> 2)
    const at: number[] = []
    for (let next = 0; next < length; ) {
      at.push(next)
      next += LENGTHS + padded(sizes[next >> 2] as number) + (sizes[(next >> 2) + 1] as number)
    }
    const dying = core.list('dying').slice()
    core.forget('dying')
    this.saving = { ...base, at, written: 0, dying }
  }

  /** A page of the store that dies with the next checkpoint, found when the store was opened again. */
  restoreDying(path: Path, { stored, whole }: Omit<StoredAs, 'diff'>): void {
    const births = whole >= 0 && whole !== stored ? [stored, whole] : [stored]
    const keys = births.filter((birth) => birth >= 0).map((birth) => pageKey(this.tree, birth, path))
    this.core.append('dying', KeyList.of(keys))
  }
}

/** Pages of this part of the memory at most are written by a checkpoint, and lie there a second time until they are. */
const CHANGED_PART = 5

/** The lengths of a key and a value, before both. */
const LENGTHS = 8

function padded(length: number): number {
  return (length + 3) & ~3
}
