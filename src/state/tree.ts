/**
 * A versioned state tree on a store (FORMAT §7, design "State trees"): versions are prepared on top of one another without touching
 * anything, and applied one by one with a batch; every version that is retained can be read and proved.
 *
 * Promise: a root is the one of FORMAT for the keys and values of its version. A page or value that comes out of the store is
 * hashed again and compared before it is used: rot is found, never proved.
 */
import { CACHE_BYTES_MAX } from '../limits.ts'
import { Batch, type Store } from '../ports/store.ts'
import { changesKey, demandTree, keyStart, valueKey, versionKey } from '../store/keys.ts'
import { childPath, depthOf, type Path, pathBytes, ROOT } from '../store/path.ts'
import { equal, toHex } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { EMPTY, type StateProof } from '../verify/state-proof.ts'
import type { Write } from '../verify/state-tree.ts'
import type { TreeName } from '../verify/types.ts'
import { type Base, type CheckpointSettings, Checkpoints } from './checkpoint.ts'
import { TreeCore } from './core.ts'
import { damaged } from './damage.ts'
import { encodeRoot, HistoryView, type RootRecord, readRoot } from './history.ts'
import { NewestPages } from './newest.ts'
import { PageHasher } from './page-hash.ts'
import { keyLength, type Prepared, prepareVersion, type Root, writtenBy } from './prepare.ts'
import { pruneTree } from './prune.ts'
import { dropUnfinished, rewind } from './rewind.ts'
import {
  CHILD_BIRTH,
  HASH_WORDS,
  hashAt,
  type LeafAt,
  leavesAt,
  leavesStandRight,
  readVersion,
  slotAt,
  takenAt,
  versionOf,
  wordsOf,
} from './slots.ts'
import { sortWrites } from './sort.ts'
import { putRetained, putStanding, readStanding, type Standing } from './standing.ts'
import { type ChildSlot, findLeaf, proveKey, type View } from './view.ts'

export interface TreeSettings {
  /**
   * Memory for pages: those that were used of late, and those that changed since the last checkpoint. Only versions that change a good
   * part of what it can hold make it grow.
   */
  readonly cacheBytes: number
  readonly checkpoints: CheckpointSettings
  /**
   * Whether the store gets the values, too, as it does where nothing is said. To make roots it is enough what they hash to: a tree without them is
   * neither read nor proved.
   */
  readonly keepsValues?: boolean
}

/** Pages that a checkpoint writes with one batch where nobody waits for it, about. */
const PAGES_AT_ONCE = 2048

export class StateTree {
  private readonly store: Store
  private readonly name: TreeName
  private readonly hasher: Hasher
  private readonly core: TreeCore
  private readonly pageHasher: PageHasher
  private readonly pages: NewestPages
  private readonly checkpoints: Checkpoints
  private readonly pins: Set<number>
  private readonly keepsValues: boolean
  private applied: number
  /** The newest version when the tree was opened. */
  private readonly opened: number
  private oldest: number
  private newest: Root = { root: EMPTY, rootBirth: -1, page: 0 }
  /** Versions that were prepared and may be applied yet, each after the one that it stands on. */
  private prepared: Prepared[] = []

  private constructor(
    store: Store,
    name: TreeName,
    hasher: Hasher,
    { cacheBytes, checkpoints, keepsValues = true }: TreeSettings,
    standing: Standing,
    base: Base,
  ) {
    this.store = store
    this.name = name
    this.hasher = hasher
    this.core = new TreeCore(cacheBytes, keyStart('page', name))
    this.core.setBounds(standing.applied, base.version)
    this.pageHasher = new PageHasher(this.core)
    this.pages = new NewestPages(store, name, this.core)
    this.checkpoints = new Checkpoints(name, this.core, cacheBytes, checkpoints, base)
    this.pins = new Set(standing.pins)
    this.keepsValues = keepsValues
    this.applied = standing.applied
    this.opened = standing.applied
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
    demandTree(name)
    demandSettings(settings)
    if (at !== undefined && !(Number.isSafeInteger(at) && at >= -1)) throw new RangeError(`${at} is no version`)
    const stands = readStanding(store, name)
    const standing = at === undefined || at === stands.applied ? stands : await rewind(store, name, at)
    const record = standing.applied < 0 ? undefined : readRoot(store, name, standing.applied)
    if (standing.applied >= 0 && record === undefined)
      throw damaged(name, `the root of version ${standing.applied} is not there`)
    if (record !== undefined && !isCoherent(record, standing.base)) {
      throw damaged(name, 'what it says of its newest version contradicts itself')
    }
    const base = { version: standing.base, rootBirth: record?.baseRootBirth ?? -1 }
    const tree = new StateTree(store, name, hasher, settings, standing, base)
    if (record === undefined) return tree
    await dropUnfinished(store, name, base.version)
    tree.restoreChanges(record)
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
    return this.core.memory
  }

  /** What these writes make of the version before: of `parent`, or of the newest applied one. Dropped, it leaves no trace. */
  prepare(version: number, writes: readonly Write[], parent?: Prepared): Prepared {
    const onTop = this.unapplied(parent)
    const before = onTop ?? this.newest
    const below = onTop?.version ?? this.applied
    if (version !== below + 1 || (parent !== undefined && onTop === undefined && !equal(parent.root, before.root))) {
      throw new RangeError(`version ${version} cannot be prepared on version ${below}, or on one that was dropped`)
    }
    const { keepsValues } = this
    const sorted = sortWrites(writes, version, this.hasher, keepsValues)
    this.pages.resolve(before.page, sorted, version)
    const valueStart = keyStart('value', this.name)
    const prepared = prepareVersion(this.name, version, sorted, before, this.core, valueStart, onTop, keepsValues)
    this.prepared.push(prepared)
    return prepared
  }

  /** The newest of the prepared versions that are not applied yet, without those below it that are. */
  private unapplied(prepared: Prepared | undefined): Prepared | undefined {
    if (prepared === undefined || prepared.version <= this.applied) return undefined
    if (prepared.isDropped) throw new RangeError(`version ${prepared.version} was prepared on one that was dropped`)
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
    const { version, changes, values, overwritten, made, root, rootBirth } = prepared
    if (version <= this.applied) return
    this.demandNext(prepared)
    for (const { key, value } of values) batch.put(key, value)
    for (const { part, record } of changes) batch.put(changesKey(this.name, version, part), record)
    if (overwritten.length > 0) batch.put(versionKey('stale', this.name, version), overwritten)
    const base = this.checkpoints.addTo(batch, version, made.length)
    this.putVersion(batch, version, { root, rootBirth, base: base.version, baseRootBirth: base.rootBirth })
  }

  /** The batch with this version was written: it is the newest applied one now. */
  markApplied(prepared: Prepared): void {
    const { version, removed, made, root, rootBirth, page } = prepared
    if (version <= this.applied) return
    this.demandNext(prepared)
    this.prepared = this.prepared.filter((each) => each !== prepared)
    this.dropAll((each) => each.version <= version)
    this.core.apply(removed, made)
    this.applied = version
    this.newest = { root: root.slice(), rootBirth, page }
    this.checkpoints.settle(version, rootBirth, page)
  }

  /**
   * Writes a checkpoint of the newest version, which a start then has without laying changes over its pages; nothing is applied meanwhile. A
   * crash leaves the version as it was: only the last batch, which is durable, says that it has another checkpoint. A page of it that a power cut took is
   * missed by whoever reads it, and the store is made anew.
   */
  async checkpoint(): Promise<void> {
    const { checkpoints, applied } = this
    const { root, rootBirth, page } = this.newest
    // Of the version that was opened there may be a list of what died with the checkpoint that it came to.
    if (applied === this.opened) return
    while (checkpoints.base.version < applied) {
      checkpoints.begin(applied, rootBirth, page)
      const batch = new Batch()
      const base = checkpoints.addTo(batch, applied, PAGES_AT_ONCE)
      const counts = base.version !== checkpoints.base.version
      if (counts)
        this.putVersion(batch, applied, { root, rootBirth, base: base.version, baseRootBirth: base.rootBirth })
      await this.store.write(batch, counts)
      checkpoints.settle(applied, rootBirth, page)
    }
  }

  private putVersion(batch: Batch, version: number, record: RootRecord): void {
    batch.put(versionKey('root', this.name, version), encodeRoot(record))
    putStanding(batch, this.name, version, record.base)
  }

  /** Lets go of a version that will not be applied, and of those that stand on it. It is done anyway once another one is applied in its place. */
  drop(prepared: Prepared): void {
    this.dropAll((each) => each === prepared)
  }

  private dropAll(isDropped: (each: Prepared) => boolean): void {
    this.prepared = this.prepared.filter((each) => {
      each.isDropped = isDropped(each) || each.parent?.isDropped === true
      if (each.isDropped) this.core.drop(each.made)
      return !each.isDropped
    })
  }

  /** The value of a key, as of the newest applied version or (`on`) of one that is prepared on top of it. */
  get(rawKey: Uint8Array, on?: Prepared): Uint8Array | undefined {
    const leaf = this.leafOf(rawKey, on)
    if (leaf === undefined) return undefined
    const version = versionOf(leaf)
    for (let each = on; version > this.applied && each !== undefined; each = each.parent) {
      if (each.version !== version) continue
      const record = writtenBy(each, leaf)
      return record.slice(2 + keyLength(record))
    }
    return this.valueOfLeaf(leaf, rawKey).value
  }

  /** Whether a key has a value, of the same versions: the value itself is not read. */
  has(rawKey: Uint8Array, on?: Prepared): boolean {
    return this.leafOf(rawKey, on) !== undefined
  }

  private leafOf(rawKey: Uint8Array, on: Prepared | undefined): LeafAt | undefined {
    const { page } = this.unapplied(on) ?? this.newest
    return this.pages.find(page, this.hasher.hash(rawKey))
  }

  /** The value of a key at a version that is applied and retained. */
  getAt(version: number, rawKey: Uint8Array): Uint8Array | undefined {
    this.demandRetained(version)
    if (version === this.applied) return this.get(rawKey)
    const view = new HistoryView(this.store, this.name, version, this.pageHasher)
    const leaf = findLeaf(view, { words: wordsOf(this.hasher.hash(rawKey)), at: 0 })
    return leaf && this.valueOfLeaf(leaf, rawKey).value
  }

  /** The proof that a key has its value at a version, or that it is not there. */
  prove(version: number, rawKey: Uint8Array): StateProof {
    const keyHash = this.hasher.hash(rawKey)
    const view = this.viewAt(version, keyHash)
    return proveKey(view, { words: wordsOf(keyHash), at: 0 }, this.pageHasher, (leaf) => this.valueOfLeaf(leaf).value)
  }

  rootAt(version: number): Uint8Array {
    this.demandRetained(version)
    if (version === this.applied) return this.root
    const view = new HistoryView(this.store, this.name, version, this.pageHasher)
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
    const { words, at: start } = page
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

  /** A version, to be read along the way to a key. */
  private viewAt(version: number, keyHash: Uint8Array): View {
    this.demandRetained(version)
    if (version !== this.applied) return new HistoryView(this.store, this.name, version, this.pageHasher)
    this.pages.find(this.newest.page, keyHash)
    return this.pages.view(this.newest)
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
    this.retainIn(batch)
    await this.store.write(batch)
  }

  private retainIn(batch: Batch): void {
    putRetained(batch, this.name, this.oldest, this.pins)
  }

  /** Lets go of the versions below `oldest` that are not pinned. What a crash here leaves is deleted the next time. */
  async prune(oldest: number): Promise<void> {
    this.demandRetained(Math.max(oldest, this.oldest))
    this.oldest = Math.max(oldest, this.oldest)
    await pruneTree(this.store, this.name, this.oldest, [...this.pins], (batch) => {
      this.retainIn(batch)
    })
  }

  /** Brings the pages that only the changes hold back into memory, as they were when the newest version was applied. */
  private restoreChanges({ root, rootBirth }: RootRecord): void {
    const { core, name } = this
    const history = new HistoryView(this.store, name, this.applied, this.pageHasher)
    const changed = new Set(history.changedPaths())
    const restore = (path: Path, birth: number, parent: number, slot: number): number => {
      const slots = changed.has(path) ? history.slotsOf(path) : undefined
      // What did not change is in the store.
      if (slots === undefined) return 0
      changed.delete(path)
      const stored = history.basePage(path)
      core.setKey(padded(pathBytes(path)))
      const as = { stored: stored?.birth ?? -1, whole: stored?.whole ?? -1 }
      const isRight = leavesStandRight(slots, 0, depthOf(path))
      const page = isRight ? core.restore(slots, parent, slot, depthOf(path), birth, as) : 0
      if (page === 0) throw damaged(name, `the page ${path} is not what was written`)
      const children = takenAt(slots, 0) & ~leavesAt(slots, 0)
      for (let each = 0; each < 16; each++) {
        if (((children >>> each) & 1) === 0) continue
        restore(childPath(path, each), readVersion(slots, slotAt(slots, 0, each) + CHILD_BIRTH), page, each)
      }
      return page
    }
    core.expectRoot(root)
    let page = 0
    if (rootBirth >= 0) page = restore(ROOT, rootBirth, 0, 0) || this.pages.root(root, rootBirth)
    this.newest = { root, rootBirth, page }
    // What changed and is not there any more was taken away; what the checkpoint has of it dies with the next one.
    for (const path of changed) {
      const stored = history.basePage(path)
      if (stored !== undefined) this.checkpoints.restoreDying(path, { stored: stored.birth, whole: stored.whole })
    }
  }
}

/** As long as a key. */
function padded(path: Uint8Array): Uint8Array {
  const key = new Uint8Array(32)
  key.set(path)
  return key
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
