/**
 * What a set of writes makes of the pages of a tree: structure only, no hashes. Pages that change become drafts; a page that is
 * left with one leaf gives it to its parent, a slot that gets a second key becomes a page.
 *
 * Nothing is mutated but the plan that is being made.
 */
import { birthOf, isSingleLeaf, type PageAt, SLOTS } from './page.ts'
import {
  CHILD_WORDS,
  equalWords,
  HASH_WORDS,
  LEAF_VERSION,
  LEAF_WORDS,
  leavesAt,
  nibbleAt,
  type PathKey,
  pathKeyOf,
  readVersion,
  takenAt,
} from './slots.ts'

/** Writes to distinct keys in the order of K: K, V and version of each as in a leaf, and whether it is a value or a deletion. */
export interface SortedWrites {
  readonly entries: Uint32Array
  readonly isValue: Uint8Array
  readonly count: number
}

/** A leaf where it stands: in a page or among the writes. */
export interface LeafAt {
  readonly words: Uint32Array
  readonly at: number
}

const NOTHING_IN_SLOTS: readonly undefined[] = Array.from({ length: 16 }, () => undefined)
const ZERO_IN_SLOTS: readonly number[] = Array.from({ length: 16 }, () => 0)

/** A page in the making: for each slot that is taken, where its words are, or the draft that it points to. */
export class Draft {
  readonly depth: number
  /** Some key below it, whose first half-bytes are the path. */
  readonly below: LeafAt
  readonly before: PageAt | undefined
  taken = 0
  leaves = 0
  /** The slots that are not as they were. */
  changed = 0
  readonly sources: (Uint32Array | undefined)[] = NOTHING_IN_SLOTS.slice()
  readonly offsets: number[] = ZERO_IN_SLOTS.slice()
  readonly children: (Draft | undefined)[] = NOTHING_IN_SLOTS.slice()
  /** Filled in once its hash is known. */
  readonly hash: Uint32Array = new Uint32Array(HASH_WORDS)

  constructor(depth: number, below: LeafAt, before: PageAt | undefined) {
    this.depth = depth
    this.below = below
    this.before = before
    if (before === undefined) return
    const { words } = before
    const start = before.at + SLOTS
    this.taken = takenAt(words, start)
    this.leaves = leavesAt(words, start)
    for (let slot = 0, at = start + 1; slot < 16; slot++) {
      if (((this.taken >>> slot) & 1) === 0) continue
      this.sources[slot] = words
      this.offsets[slot] = at
      at += ((this.leaves >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
    }
  }

  set(slot: number, content: Content): void {
    const bit = 1 << slot
    this.changed |= bit
    this.taken &= ~bit
    this.leaves &= ~bit
    this.sources[slot] = undefined
    this.children[slot] = undefined
    if (content === NOTHING) return
    this.taken |= bit
    if (content instanceof Draft) this.children[slot] = content
    else {
      this.leaves |= bit
      this.sources[slot] = content.words
      this.offsets[slot] = content.at
    }
  }

  /** The leaf that is all there is on this page, or nothing where there is more or none. */
  get onlyLeaf(): LeafAt | undefined {
    if (!isSingleLeaf(this.taken, this.leaves)) return undefined
    const slot = 31 - Math.clz32(this.taken)
    return { words: this.sources[slot] as Uint32Array, at: this.offsets[slot] as number }
  }
}

/** What a slot comes to hold. */
const NOTHING = 'nothing'
const UNCHANGED = 'unchanged'
type Content = Draft | LeafAt | typeof NOTHING
type Change = Content | typeof UNCHANGED

/** A page that is no more. */
export interface Removed {
  readonly birth: number
  readonly path: PathKey
  readonly depth: number
  readonly below: LeafAt
}

/** All that a version changes, but for the hashes. */
export class Plan {
  /** By depth. */
  readonly drafts: Draft[][] = []
  /** Drafts and removed pages in the order of their paths, the shorter first. */
  readonly ordered: (Draft | Removed | undefined)[] = []
  readonly removed: Removed[] = []
  /** The writes that change something, by their place among the writes. */
  readonly effective: number[] = []
  /** The leaves whose value is overwritten or deleted. */
  readonly overwritten: LeafAt[] = []
  private readonly writes: SortedWrites
  private readonly pageAt: (path: PathKey) => PageAt

  /** `pageAt` knows every page on the way to a written key. */
  constructor(writes: SortedWrites, root: PageAt | undefined, pageAt: (path: PathKey) => PageAt) {
    this.writes = writes
    this.pageAt = pageAt
    if (writes.count > 0) this.plan(root)
  }

  private plan(root: PageAt | undefined): void {
    if (root !== undefined) this.changePage(root, 0, 0, this.writes.count)
    else {
      const values = this.valuesIn(0, this.writes.count)
      if (values.length > 0) this.newPage(0, values, 0, values.length)
    }
  }

  private write(i: number): LeafAt {
    return { words: this.writes.entries, at: i * LEAF_WORDS }
  }

  private isValue(i: number): boolean {
    return this.writes.isValue[i] === 1
  }

  private valuesIn(from: number, to: number): LeafAt[] {
    const values: LeafAt[] = []
    for (let i = from; i < to; i++) {
      if (!this.isValue(i)) continue
      this.effective.push(i)
      values.push(this.write(i))
    }
    return values
  }

  /** The writes [from, to) all lie below this page. */
  private changePage(page: PageAt, depth: number, from: number, to: number): Change {
    const place = this.ordered.push(undefined) - 1
    const { entries } = this.writes
    const draft = new Draft(depth, this.write(from), page)
    for (let start = from; start < to; ) {
      const slot = nibbleAt(entries, start * LEAF_WORDS, depth)
      let end = start + 1
      while (end < to && nibbleAt(entries, end * LEAF_WORDS, depth) === slot) end++
      const change = this.changeSlot(draft, slot, depth, start, end)
      if (change !== UNCHANGED) draft.set(slot, change)
      start = end
    }
    if (draft.changed === 0) return UNCHANGED
    const leaf = depth > 0 ? draft.onlyLeaf : undefined
    if (draft.taken === 0 || leaf !== undefined) {
      const removed = {
        birth: birthOf(page),
        path: pathKeyOf(entries, from * LEAF_WORDS, depth),
        depth,
        below: draft.below,
      }
      this.removed.push(removed)
      this.ordered[place] = removed
      return leaf ?? NOTHING
    }
    return this.keep(draft, place)
  }

  private keep(draft: Draft, place: number): Draft {
    this.ordered[place] = draft
    const level = this.drafts[draft.depth]
    if (level === undefined) {
      while (this.drafts.length < draft.depth) this.drafts.push([])
      this.drafts[draft.depth] = [draft]
    } else level.push(draft)
    return draft
  }

  private changeSlot(draft: Draft, slot: number, depth: number, from: number, to: number): Change {
    const source = draft.sources[slot]
    const at = draft.offsets[slot] as number
    if (source === undefined) return this.fillSlot(undefined, depth + 1, from, to)
    if (((draft.leaves >>> slot) & 1) === 1) return this.fillSlot({ words: source, at }, depth + 1, from, to)
    const child = this.pageAt(pathKeyOf(this.writes.entries, from * LEAF_WORDS, depth + 1))
    return this.changePage(child, depth + 1, from, to)
  }

  /** What becomes of a slot that holds one leaf or none. */
  private fillSlot(leaf: LeafAt | undefined, depth: number, from: number, to: number): Change {
    const { entries } = this.writes
    const leaves: LeafAt[] = []
    let isKept = leaf !== undefined
    let isKeptPlaced = false
    for (let i = from; i < to; i++) {
      const order = leaf === undefined ? 1 : compareKeys(leaf, this.write(i))
      if (isKept && !isKeptPlaced && order < 0) {
        leaves.push(leaf as LeafAt)
        isKeptPlaced = true
      }
      if (leaf !== undefined && order === 0) {
        const isSame =
          this.isValue(i) &&
          equalWords(leaf.words, leaf.at + HASH_WORDS, entries, i * LEAF_WORDS + HASH_WORDS, HASH_WORDS)
        if (isSame) {
          leaves.push(leaf)
          isKeptPlaced = true
          continue
        }
        isKept = false
        this.overwritten.push(leaf)
        this.effective.push(i)
        if (this.isValue(i)) leaves.push(this.write(i))
      } else if (this.isValue(i)) {
        this.effective.push(i)
        leaves.push(this.write(i))
      }
    }
    if (isKept && !isKeptPlaced) leaves.push(leaf as LeafAt)
    const [first] = leaves
    if (first === undefined) return leaf === undefined ? UNCHANGED : NOTHING
    if (leaves.length === 1) return first === leaf ? UNCHANGED : first
    return this.newPage(depth, leaves, 0, leaves.length)
  }

  /** A page for these leaves, two or more of them (or any number at the root), in the order of K. */
  private newPage(depth: number, leaves: readonly LeafAt[], from: number, to: number): Draft {
    const place = this.ordered.push(undefined) - 1
    const draft = new Draft(depth, leaves[from] as LeafAt, undefined)
    for (let start = from; start < to; ) {
      const first = leaves[start] as LeafAt
      const slot = nibbleAt(first.words, first.at, depth)
      let end = start + 1
      while (end < to && slotOf(leaves[end] as LeafAt, depth) === slot) end++
      draft.set(slot, end === start + 1 ? first : this.newPage(depth + 1, leaves, start, end))
      start = end
    }
    return this.keep(draft, place)
  }
}

function slotOf({ words, at }: LeafAt, depth: number): number {
  return nibbleAt(words, at, depth)
}

/** The version that wrote the value of a leaf. */
export function versionOf({ words, at }: LeafAt): number {
  return readVersion(words, at + LEAF_VERSION)
}

/** Below 0 where the key of `a` comes first. */
function compareKeys(a: LeafAt, b: LeafAt): number {
  for (let i = 0; i < HASH_WORDS; i++) {
    const one = a.words[a.at + i] as number
    const other = b.words[b.at + i] as number
    if (one !== other) return swapped(one) - swapped(other)
  }
  return 0
}

/** The word with its bytes in the other order: as a big-endian number, which is the order of keys. */
export function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}
