/**
 * A versioned state tree on a store (FORMAT §7, design "State trees"): versions are prepared on top of one another without touching
 * anything, and applied one by one with a batch; every version that is retained can be read and proved.
 *
 * Promise: a root is the one of FORMAT for the keys and values of its version. A page or value that comes out of the store is
 * hashed again and compared before it is used: rot is found, never proved.
 */
import { Batch, type Store } from '../ports/store.ts'
import { changesKey, valueKey, versionKey } from '../store/keys.ts'
import { childPath, type Path, ROOT } from '../store/path.ts'
import { equal, toHex } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { EMPTY, type StateProof } from '../verify/state-proof.ts'
import type { Write } from '../verify/state-tree.ts'
import type { TreeName } from '../verify/types.ts'
import { CACHE_BYTES_MAX, PageCache } from './cache.ts'
import { type Base, type CheckpointSettings, Checkpoints } from './checkpoint.ts'
import { damaged } from './damage.ts'
import { encodeRoot, HistoryView, type RootRecord, readRoot } from './history.ts'
import { NewestPages, type Root } from './newest.ts'
import { type PageAt, SLOTS, setBirth, setNeeded } from './page.ts'
import { PageHasher } from './page-hash.ts'
import { type LeafAt, Plan, versionOf } from './plan.ts'
import { Prefetch } from './prefetch.ts'
import { keyLength, type Prepared, prepareVersion } from './prepare.ts'
import { pruneTree } from './prune.ts'
import { dropUnfinished, rewind } from './rewind.ts'
import { CHILD_BIRTH, HASH_WORDS, hashAt, leavesAt, readVersion, slotAt, takenAt, wordsOf } from './slots.ts'
import { sortWrites } from './sort.ts'
import { Space } from './space.ts'
import { putRetained, putStanding, readStanding, type Standing } from './standing.ts'
import { type ChildSlot, findLeaf, isOfKey, keyHashOf, proveKey, type View } from './view.ts'

export interface TreeSettings {
  /**
   * Memory for pages: those that were used of late, and those that changed since the last checkpoint. Only versions that change a good
   * part of what it can hold make it grow.
   */
  readonly cacheBytes: number
  readonly checkpoints: CheckpointSettings
}

export class StateTree {
  private readonly store: Store
  private readonly name: TreeName
  private readonly hasher: Hasher
  private readonly pageHasher: PageHasher
  private readonly cache: PageCache
  private readonly prefetch: Prefetch
  private readonly pages: NewestPages
  private readonly checkpoints: Checkpoints
  private readonly pins: Set<number>
  private applied: number
  private oldest: number
  private newest: Root = { root: EMPTY, rootBirth: -1 }
  /** Pages that were put together out of patches, for one plan. */
  private readonly patched = new Space()
  /** Space of versions that were applied, to be used again. */
  private readonly spaces: Space[] = []

  private constructor(
    store: Store,
    name: TreeName,
    hasher: Hasher,
    settings: TreeSettings,
    standing: Standing,
    base: Base,
  ) {
    this.store = store
    this.name = name
    this.hasher = hasher
    this.pageHasher = new PageHasher(hasher)
    this.cache = new PageCache(settings.cacheBytes)
    this.cache.applied = standing.applied
    this.prefetch = new Prefetch(this.cache)
    this.pages = new NewestPages(store, name, this.cache, this.pageHasher)
    this.checkpoints = new Checkpoints(name, this.cache, settings.checkpoints, base)
    this.pins = new Set(standing.pins)
    this.applied = standing.applied
    this.oldest = standing.oldest
  }

  /**
   * The tree that the store holds; an empty one where it holds none. With `at` it goes back for good to that version, −1 being before the
   * first, as if later ones had never been applied: a power cut may have taken some of them out of the middle. What they left is deleted.
   */
  static async open(
    store: Store,
    name: TreeName,
    hasher: Hasher,
    settings: TreeSettings,
    at?: number,
  ): Promise<StateTree> {
    demandSettings(settings)
    if (at !== undefined && !(Number.isSafeInteger(at) && at >= -1)) throw new RangeError(`${at} is no version`)
    const standing = at === undefined ? readStanding(store, name) : await rewind(store, name, at)
    const record = standing.applied < 0 ? undefined : readRoot(store, name, standing.applied)
    if (standing.applied >= 0 && record === undefined)
      throw damaged(name, `the root of version ${standing.applied} is not there`)
    if (record !== undefined && !isCoherent(record, standing.base)) {
      throw damaged(name, 'what it says of its newest version contradicts itself')
    }
    const base = { version: standing.base, rootBirth: record?.baseRootBirth ?? -1 }
    const tree = new StateTree(store, name, hasher, settings, standing, base)
    if (record === undefined) return tree
    tree.newest = record
    await dropUnfinished(store, name, base.version)
    tree.restoreChanges()
    return tree
  }

  /** The newest applied version, −1 before the first. */
  get version(): number {
    return this.applied
  }

  /** The root of the newest applied version. */
  get root(): Uint8Array {
    return this.newest.root.slice()
  }

  /** Bytes of pages in memory. */
  get memory(): number {
    return this.cache.memory
  }

  /** What these writes make of the version before: of `parent`, or of the newest applied one. Dropped, it leaves no trace. */
  prepare(version: number, writes: readonly Write[], parent?: Prepared): Prepared {
    const onTop = this.unapplied(parent)
    const before = onTop ?? this.newest
    const below = onTop?.version ?? this.applied
    if (version !== below + 1 || (parent !== undefined && onTop === undefined && !equal(parent.root, before.root))) {
      throw new RangeError(`version ${version} cannot be prepared on version ${below}, or on one that was dropped`)
    }
    const sorted = sortWrites(writes, version, this.hasher)
    this.prefetch.ways(sorted.entries, sorted.count)
    this.patched.clear()
    const fetched: [Path, PageAt][] = []
    const pageAt = (path: Path, birth: number, words: Uint32Array, at: number): PageAt => {
      const inMemory = this.pages.inMemory(path, onTop, this.patched, version)
      if (inMemory !== undefined) return inMemory
      const page = this.pages.fetch(path, birth, words, at)
      setNeeded(page, version)
      fetched.push([path, page])
      return page
    }
    const space = this.spaces.pop() ?? new Space()
    space.clear()
    const plan = new Plan(version, sorted, { hash: wordsOf(before.root), birth: before.rootBirth }, pageAt, space)
    const prepared = prepareVersion(this.name, version, sorted, before, plan, space, this.pageHasher, onTop)
    // Only now: they may take the place of pages that the plan was made of.
    for (const [path, page] of fetched) this.cache.set(path, page)
    return prepared
  }

  /** The newest of the prepared versions that are not applied yet, without those below it that are. */
  private unapplied(prepared: Prepared | undefined): Prepared | undefined {
    if (prepared === undefined || prepared.version <= this.applied) return undefined
    for (let each = prepared; each.parent !== undefined; each = each.parent) {
      if (each.parent.version <= this.applied) each.parent = undefined
      if (each.parent === undefined) break
    }
    let lowest = prepared
    while (lowest.parent !== undefined) lowest = lowest.parent
    // What lies under it may have been dropped, and another version applied in its place.
    this.demandNext(lowest)
    return prepared
  }

  /** Only what follows is applied: the next version, prepared on what is applied now. */
  private demandNext({ version, before }: Prepared): void {
    if (version === this.applied + 1 && equal(before, this.newest.root)) return
    throw new RangeError(`version ${version} was not prepared on version ${this.applied} as it was applied`)
  }

  /** Adds to a batch what the store has to hold of this version. The applied ones have it, and nothing is added again. */
  addTo(batch: Batch, prepared: Prepared): void {
    const { version, changes, values, overwritten, root, rootBirth } = prepared
    if (version <= this.applied) return
    this.demandNext(prepared)
    for (const { key, value } of values) batch.put(key, value)
    for (const { part, record } of changes) batch.put(changesKey(this.name, version, part), record)
    if (overwritten.length > 0) batch.put(versionKey('stale', this.name, version), overwritten)
    const base = this.checkpoints.addTo(batch, version, prepared.made.size)
    const record = encodeRoot({ root, rootBirth, base: base.version, baseRootBirth: base.rootBirth })
    batch.put(versionKey('root', this.name, version), record)
    putStanding(batch, this.name, version, base.version)
  }

  /** The batch with this version was written: it is the newest applied one now. */
  markApplied(prepared: Prepared): void {
    const { version, made, removed, space, root, rootBirth } = prepared
    if (version <= this.applied) return
    this.demandNext(prepared)
    for (const { path } of removed) this.checkpoints.removed(path)
    this.prefetch.pages(made.paths)
    this.checkpoints.made(version, made, space.words)
    this.spaces.push(space)
    this.applied = version
    this.newest = { root: root.slice(), rootBirth }
    this.checkpoints.settle(version, rootBirth)
  }

  /** The value of a key, as of the newest applied version or (`on`) of one that is prepared on top of it. */
  get(rawKey: Uint8Array, on?: Prepared): Uint8Array | undefined {
    for (let each = this.unapplied(on); each !== undefined; each = each.parent) {
      const written = each.written(rawKey)
      if (written !== undefined) return written ?? undefined
    }
    return this.valueIn(this.pages.view(this.newest), rawKey)
  }

  /** Whether a key has a value, of the same versions: the value itself is not read. */
  has(rawKey: Uint8Array, on?: Prepared): boolean {
    for (let each = this.unapplied(on); each !== undefined; each = each.parent) {
      const written = each.written(rawKey)
      if (written !== undefined) return written !== null
    }
    const keyHash = keyHashOf(rawKey, this.hasher)
    const leaf = findLeaf(this.pages.view(this.newest), keyHash)
    return leaf !== undefined && isOfKey(leaf, keyHash)
  }

  /** The value of a key at a version that is applied and retained. */
  getAt(version: number, rawKey: Uint8Array): Uint8Array | undefined {
    return this.valueIn(this.viewAt(version), rawKey)
  }

  /** The proof that a key has its value at a version, or that it is not there. */
  prove(version: number, rawKey: Uint8Array): StateProof {
    const keyHash = keyHashOf(rawKey, this.hasher)
    return proveKey(this.viewAt(version), keyHash, this.pageHasher, (leaf) => this.valueOfLeaf(leaf).value)
  }

  rootAt(version: number): Uint8Array {
    const view = this.viewAt(version)
    // The record of a root is believed only as far as there is a page of that hash.
    view.page(ROOT, undefined)
    return view.root.slice()
  }

  /** All raw keys and values of a version, in the order of K. It has to be pinned, or stay retained meanwhile. */
  *entries(version: number): Iterable<readonly [rawKey: Uint8Array, value: Uint8Array]> {
    this.demandRetained(version)
    const view = new HistoryView(this.store, this.name, version, this.pageHasher)
    yield* this.entriesBelow(view, ROOT, undefined)
  }

  private *entriesBelow(
    view: HistoryView,
    path: Path,
    parent: ChildSlot | undefined,
  ): Iterable<readonly [Uint8Array, Uint8Array]> {
    const page = view.page(path, parent)
    if (page === undefined) return
    const { words } = page
    const start = page.at + SLOTS
    for (let slot = 0; slot < 16; slot++) {
      if (((takenAt(words, start) >>> slot) & 1) === 0) continue
      const at = slotAt(words, start, slot)
      if (((leavesAt(words, start) >>> slot) & 1) === 1) {
        const { rawKey, value } = this.valueOfLeaf({ words, at })
        yield [rawKey, value]
      } else yield* this.entriesBelow(view, childPath(path, slot), { page, at })
    }
    view.leave(path)
  }

  private valueIn(view: View, rawKey: Uint8Array): Uint8Array | undefined {
    const keyHash = keyHashOf(rawKey, this.hasher)
    const leaf = findLeaf(view, keyHash)
    return leaf !== undefined && isOfKey(leaf, keyHash) ? this.valueOfLeaf(leaf, rawKey).value : undefined
  }

  /** The raw key and value of a leaf, compared with its K and V; with the key itself, where it is known to be that of K. */
  private valueOfLeaf(leaf: LeafAt, known?: Uint8Array): { readonly rawKey: Uint8Array; readonly value: Uint8Array } {
    const key = hashAt(leaf.words, leaf.at)
    const expected = hashAt(leaf.words, leaf.at + HASH_WORDS)
    const version = versionOf(leaf)
    const record = this.store.get(valueKey(this.name, key, version)) ?? new Uint8Array(2)
    const length = keyLength(record)
    const rawKey = record.subarray(2, 2 + length)
    const value = record.slice(2 + length)
    const isOfLeaf = known === undefined ? equal(this.hasher.hash(rawKey), key) : equal(rawKey, known)
    if (!isOfLeaf || !equal(this.hasher.hash(value), expected)) {
      throw damaged(this.name, `the value of ${toHex(key)}, written at ${version}, is not what was written`)
    }
    return { rawKey, value }
  }

  private viewAt(version: number): View {
    this.demandRetained(version)
    if (version === this.applied) return this.pages.view(this.newest)
    return new HistoryView(this.store, this.name, version, this.pageHasher)
  }

  private demandRetained(version: number): void {
    if (!Number.isSafeInteger(version) || version < 0 || version > this.applied) {
      const message = `Version ${version} is not there: the newest is ${this.applied}.`
      throw new CairnError('unknown_version', message, { version, newest: this.applied })
    }
    if (version < this.oldest && !this.pins.has(version)) {
      const message = `Version ${version} was pruned: the oldest that is kept is ${this.oldest}.`
      throw new CairnError('pruned', message, { version, oldest: this.oldest })
    }
  }

  /** Keeps a version when those around it are pruned, over a restart too. */
  async pin(version: number): Promise<void> {
    this.demandRetained(version)
    this.pins.add(version)
    await this.putRetained()
  }

  async unpin(version: number): Promise<void> {
    this.pins.delete(version)
    await this.putRetained()
  }

  private async putRetained(): Promise<void> {
    const batch = new Batch()
    putRetained(batch, this.name, this.oldest, this.pins)
    await this.store.write(batch)
  }

  /** Lets go of the versions below `oldest` that are not pinned. What a crash here leaves is deleted the next time. */
  async prune(oldest: number): Promise<void> {
    this.demandRetained(Math.max(oldest, this.oldest))
    this.oldest = Math.max(oldest, this.oldest)
    await this.putRetained()
    await pruneTree(this.store, this.name, this.oldest, [...this.pins])
  }

  /** Brings the pages that only the changes hold back into memory, as they were when the newest version was applied. */
  private restoreChanges(): void {
    const history = new HistoryView(this.store, this.name, this.applied, this.pageHasher)
    const changed = new Set(history.changedPaths())
    const restore = (path: Path, birth: number, parent: ChildSlot | undefined): void => {
      const page = changed.has(path) ? history.page(path, parent) : undefined
      // Of a tree that is empty now the root page was taken away like any other.
      if (page === undefined) return
      changed.delete(path)
      setBirth(page, birth)
      this.checkpoints.restored(path, page, history.basePage(path))
      const start = page.at + SLOTS
      const children = takenAt(page.words, start) & ~leavesAt(page.words, start)
      for (let slot = 0; slot < 16; slot++) {
        if (((children >>> slot) & 1) === 0) continue
        const at = slotAt(page.words, start, slot)
        restore(childPath(path, slot), readVersion(page.words, at + CHILD_BIRTH), { page, at })
      }
    }
    restore(ROOT, this.newest.rootBirth, undefined)
    // Where nothing changed since the checkpoint, its page has to be the newest root's.
    this.pages.view(this.newest).page(ROOT, undefined)
    // What changed and is not there any more was taken away; what the checkpoint has of it dies with the next one.
    for (const path of changed) {
      const stored = history.basePage(path)
      if (stored !== undefined) this.checkpoints.restoreDying(path, stored)
    }
  }
}

function demandSettings({ cacheBytes, checkpoints: { every, over } }: TreeSettings): void {
  const isRight = [cacheBytes, every, over].every((number) => Number.isSafeInteger(number) && number >= 1)
  if (!isRight || cacheBytes > CACHE_BYTES_MAX) {
    throw new RangeError(`cacheBytes (up to ${CACHE_BYTES_MAX}), every and over are whole numbers from 1 on`)
  }
}

/** Only an empty tree has no root page, and where the tree stands is said in two records. */
function isCoherent({ root, rootBirth, base }: RootRecord, standingBase: number): boolean {
  return equal(root, EMPTY) === rootBirth < 0 && base === standingBase
}
