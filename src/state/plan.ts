/**
 * What a set of writes makes of the pages of a tree. Pages that change are made anew, or patched where they keep their form, all but
 * the hashes of their children; a page that is left with one leaf gives it to its parent, a slot that gets a second key becomes a page.
 *
 * Nothing is mutated but the plan and its space.
 */

import { childPath, type Path, ROOT } from '../store/path.ts'
import { nodesAt, type PageAt, roomWords, SLOTS, startPage } from './page.ts'
import { PATCH_SLOTS, patchWords } from './patch.ts'
import {
  CHILD_BIRTH,
  CHILD_WORDS,
  copyWords,
  equalWords,
  HASH_WORDS,
  isSingleLeaf,
  LEAF_VERSION,
  LEAF_WORDS,
  leavesAt,
  lowestBit,
  nibbleAt,
  readVersion,
  slotAt,
  takenAt,
  writeVersion,
} from './slots.ts'
import type { Space } from './space.ts'

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

/** A page that is no more. */
export interface Removed {
  readonly path: Path
}

/** The page at a path: the hash that it must have stands among these words, and its birth, as its parent says. */
export type PageSource = (path: Path, birth: number, words: Uint32Array, at: number) => PageAt

/** What becomes of a slot, where it is not a page that is made: then it is the number of that page. */
const UNCHANGED = -1
const NOTHING = -2
const LEAF = -3

/** The slots of a page in the making that are not as they were; of those that become a leaf, where it stands now. */
interface Changing {
  readonly becomes: Int32Array
  readonly words: Uint32Array[]
  readonly at: number[]
}

export class Plan {
  /** Of each page that is made, by its number: where it begins in the space, its path, the page that it was made from … */
  readonly at: number[] = []
  readonly paths: Path[] = []
  readonly before: (PageAt | undefined)[] = []
  /** … the slots that are not as they were (of a new page all of them) … */
  readonly changed: number[] = []
  /** … whether it is a patch of that page, for it keeps its form … */
  readonly isPatch: boolean[] = []
  /** … and where in its parent its hash goes, once it is known. The root has none. */
  readonly hashTo: (number | undefined)[] = []
  /** The numbers of the pages that are made, by their depth. */
  readonly byDepth: number[][] = []
  readonly removed: Removed[] = []
  /** All that changed in the order of the paths, the shorter first: pages that are made, and (`Removed`) those that are no more. */
  readonly ordered: (number | Removed | undefined)[] = []
  /** The writes that change something, by their place among the writes. */
  readonly effective: number[] = []
  /** The leaves whose value is overwritten or deleted. */
  readonly overwritten: LeafAt[] = []
  private readonly version: number
  private readonly writes: SortedWrites
  private readonly pageAt: PageSource
  private readonly space: Space
  private readonly changing: Changing[] = []
  /** The leaf of the last answer `LEAF`. */
  private leafWords: Uint32Array
  private leafAt = 0

  constructor(
    version: number,
    writes: SortedWrites,
    root: { readonly hash: Uint32Array; readonly birth: number },
    pageAt: PageSource,
    space: Space,
  ) {
    this.version = version
    this.writes = writes
    this.pageAt = pageAt
    this.space = space
    this.leafWords = writes.entries
    if (writes.count === 0) return
    if (root.birth < 0) this.fillEmptyTree()
    else this.changeChild(ROOT, 0, root.hash, 0, root.birth, 0, writes.count)
  }

  private fillEmptyTree(): void {
    const values = new Leaves()
    for (let i = 0; i < this.writes.count; i++) this.addValue(i, values)
    if (values.at.length > 0) this.newPage(ROOT, 0, values, 0, values.at.length)
  }

  private addValue(i: number, leaves: Leaves): void {
    if (this.writes.isValue[i] !== 1) return
    this.effective.push(i)
    leaves.add(this.writes.entries, i * LEAF_WORDS)
  }

  /** The page of which a slot at `slot` among `words` says the hash: the writes [from, to) all lie below it. */
  private changeChild(
    path: Path,
    depth: number,
    words: Uint32Array,
    slot: number,
    birth: number,
    from: number,
    to: number,
  ): number {
    return this.changePage(path, depth, this.pageAt(path, birth, words, slot), from, to)
  }

  private changePage(path: Path, depth: number, page: PageAt, from: number, to: number): number {
    const place = this.ordered.push(undefined) - 1
    const { entries } = this.writes
    const { words } = page
    const start = page.at + SLOTS
    const changing = this.changingAt(depth)
    let changed = 0
    let taken = takenAt(words, start)
    let leaves = leavesAt(words, start)
    for (let first = from; first < to; ) {
      const slot = nibbleAt(entries, first * LEAF_WORDS, depth)
      let end = first + 1
      while (end < to && nibbleAt(entries, end * LEAF_WORDS, depth) === slot) end++
      const becomes = this.changeSlot(path, depth, page, slot, first, end)
      first = end
      if (becomes === UNCHANGED) continue
      const bit = 1 << slot
      changed |= bit
      taken = becomes === NOTHING ? taken & ~bit : taken | bit
      leaves = becomes === LEAF ? leaves | bit : leaves & ~bit
      this.note(changing, slot, becomes)
    }
    if (changed === 0) return UNCHANGED
    if (words[start] === ((leaves << 16) | taken) >>> 0 && nodesAt(page) >= 0) {
      return this.makePatch(path, depth, place, page, changed)
    }
    const isOneLeaf = depth > 0 && isSingleLeaf(taken, leaves)
    if (taken !== 0 && !isOneLeaf) return this.make(path, depth, place, page, taken, leaves, changed)

    const removed = { path }
    this.removed.push(removed)
    this.ordered[place] = removed
    if (taken === 0) return NOTHING
    const slot = 31 - Math.clz32(taken)
    if (((changed >>> slot) & 1) === 0) return this.leafAtPlace(page.words, slotAt(page.words, start, slot))
    return this.leafAtPlace(changing.words[slot] as Uint32Array, changing.at[slot] as number)
  }

  private changingAt(depth: number): Changing {
    let changing = this.changing[depth]
    if (changing === undefined) {
      changing = { becomes: new Int32Array(16), words: [], at: [] }
      this.changing[depth] = changing
    }
    return changing
  }

  private note(changing: Changing, slot: number, becomes: number): void {
    changing.becomes[slot] = becomes
    if (becomes !== LEAF) return
    changing.words[slot] = this.leafWords
    changing.at[slot] = this.leafAt
  }

  private changeSlot(path: Path, depth: number, page: PageAt, slot: number, from: number, to: number): number {
    const { words } = page
    const start = page.at + SLOTS
    const below = childPath(path, slot)
    if (((takenAt(words, start) >>> slot) & 1) === 0) return this.fillSlot(below, depth + 1, undefined, 0, from, to)
    const at = slotAt(words, start, slot)
    if (((leavesAt(words, start) >>> slot) & 1) === 1) return this.fillSlot(below, depth + 1, words, at, from, to)
    return this.changeChild(below, depth + 1, words, at, readVersion(words, at + CHILD_BIRTH), from, to)
  }

  /** What becomes of a slot that holds one leaf or (`leaf` undefined) none. */
  private fillSlot(
    path: Path,
    depth: number,
    leaf: Uint32Array | undefined,
    leafAt: number,
    from: number,
    to: number,
  ): number {
    const { entries, isValue } = this.writes
    // Nearly always it is one write to the key that stands there, or to a slot that is free.
    if (to === from + 1 && (leaf === undefined || compareKeys(leaf, leafAt, entries, from * LEAF_WORDS) === 0)) {
      return this.fillWithOne(leaf, leafAt, from)
    }
    const leaves = new Leaves()
    /** Whether the leaf that was there has found its place, or has none any more. */
    let isPlaced = leaf === undefined
    let isUntouched = leaf !== undefined
    for (let i = from; i < to; i++) {
      const order = isPlaced || leaf === undefined ? 1 : compareKeys(leaf, leafAt, entries, i * LEAF_WORDS)
      if (leaf === undefined || order > 0) {
        this.addValue(i, leaves)
        continue
      }
      isPlaced = true
      const isOther = order < 0
      const isSame =
        !isOther &&
        isValue[i] === 1 &&
        equalWords(leaf, leafAt + HASH_WORDS, entries, i * LEAF_WORDS + HASH_WORDS, HASH_WORDS)
      if (isOther || isSame) leaves.add(leaf, leafAt)
      else {
        isUntouched = false
        this.overwritten.push({ words: leaf, at: leafAt })
        if (isValue[i] === 0) this.effective.push(i)
      }
      if (!isSame) this.addValue(i, leaves)
    }
    if (!isPlaced && leaf !== undefined) leaves.add(leaf, leafAt)
    const count = leaves.at.length
    if (count === 0) return leaf === undefined ? UNCHANGED : NOTHING
    if (count === 1) return isUntouched ? UNCHANGED : this.leafOf(leaves, 0)
    return this.newPage(path, depth, leaves, 0, count)
  }

  /** The same for one write to the key of the leaf, if there is one. */
  private fillWithOne(leaf: Uint32Array | undefined, leafAt: number, i: number): number {
    const { entries, isValue } = this.writes
    const at = i * LEAF_WORDS
    const isValueToo = isValue[i] === 1
    if (leaf === undefined && !isValueToo) return UNCHANGED
    if (leaf !== undefined) {
      if (isValueToo && equalWords(leaf, leafAt + HASH_WORDS, entries, at + HASH_WORDS, HASH_WORDS)) return UNCHANGED
      this.overwritten.push({ words: leaf, at: leafAt })
    }
    this.effective.push(i)
    return isValueToo ? this.leafAtPlace(entries, at) : NOTHING
  }

  private leafAtPlace(words: Uint32Array, at: number): number {
    this.leafWords = words
    this.leafAt = at
    return LEAF
  }

  private leafOf(leaves: Leaves, i: number): number {
    return this.leafAtPlace(leaves.words[i] as Uint32Array, leaves.at[i] as number)
  }

  /** A page for these leaves, two or more of them (or any number at the root), in the order of K. */
  private newPage(path: Path, depth: number, leaves: Leaves, from: number, to: number): number {
    const place = this.ordered.push(undefined) - 1
    const changing = this.changingAt(depth)
    let taken = 0
    let single = 0
    for (let first = from; first < to; ) {
      const slot = leaves.slot(first, depth)
      let end = first + 1
      while (end < to && leaves.slot(end, depth) === slot) end++
      const isAlone = end === first + 1
      const becomes = isAlone
        ? this.leafOf(leaves, first)
        : this.newPage(childPath(path, slot), depth + 1, leaves, first, end)
      this.note(changing, slot, becomes)
      taken |= 1 << slot
      if (isAlone) single |= 1 << slot
      first = end
    }
    return this.make(path, depth, place, undefined, taken, single, taken)
  }

  /** Makes a page: its slots are those of the page before, but for what is changing at this depth. */
  private make(
    path: Path,
    depth: number,
    place: number,
    before: PageAt | undefined,
    taken: number,
    leaves: number,
    changed: number,
  ): number {
    const at = this.space.take(roomWords(taken, leaves))
    const { words } = this.space
    startPage(words, at, this.version, taken, leaves)
    const { becomes, words: leafWords, at: leafAt } = this.changingAt(depth)
    const stood = before === undefined ? 0 : takenAt(before.words, before.at + SLOTS)
    const stoodLeaves = before === undefined ? 0 : leavesAt(before.words, before.at + SLOTS)
    let from = before === undefined ? 0 : before.at + SLOTS + 1
    let to = at + SLOTS + 1
    for (let slot = 0; slot < 16; slot++) {
      const count = ((leaves >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
      if (((taken >>> slot) & 1) === 1) {
        const page = becomes[slot] as number
        if (((changed >>> slot) & 1) === 0) copyWords((before as PageAt).words, from, words, to, count)
        else if (page === LEAF) copyWords(leafWords[slot] as Uint32Array, leafAt[slot] as number, words, to, count)
        else {
          this.hashTo[page] = to
          writeVersion(words, to + CHILD_BIRTH, this.version)
        }
        to += count
      }
      if (((stood >>> slot) & 1) === 1) from += ((stoodLeaves >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
    }
    return this.keep(path, depth, place, at, before, changed, false)
  }

  /** A page that keeps its form: what becomes of the changed slots. */
  private makePatch(path: Path, depth: number, place: number, page: PageAt, changed: number): number {
    const at = this.space.take(patchWords(page, changed))
    const { words } = this.space
    const { becomes, words: leafWords, at: leafAt } = this.changingAt(depth)
    words[at] = changed
    let to = at + PATCH_SLOTS
    for (let rest = changed; rest !== 0; rest &= rest - 1) {
      const slot = lowestBit(rest)
      const child = becomes[slot] as number
      if (child === LEAF) copyWords(leafWords[slot] as Uint32Array, leafAt[slot] as number, words, to, LEAF_WORDS)
      else {
        this.hashTo[child] = to
        writeVersion(words, to + CHILD_BIRTH, this.version)
      }
      to += child === LEAF ? LEAF_WORDS : CHILD_WORDS
    }
    return this.keep(path, depth, place, at, page, changed, true)
  }

  private keep(
    path: Path,
    depth: number,
    place: number,
    at: number,
    before: PageAt | undefined,
    changed: number,
    isPatch: boolean,
  ): number {
    const number = this.at.push(at) - 1
    this.isPatch.push(isPatch)
    this.paths.push(path)
    this.before.push(before)
    this.changed.push(changed)
    this.hashTo.push(undefined)
    this.ordered[place] = number
    while (this.byDepth.length <= depth) this.byDepth.push([])
    this.byDepth[depth]?.push(number)
    return number
  }
}

/** Leaves in the order of K, as two lists: there are too many of them to be objects. */
class Leaves {
  readonly words: Uint32Array[] = []
  readonly at: number[] = []

  add(words: Uint32Array, at: number): void {
    this.words.push(words)
    this.at.push(at)
  }

  slot(i: number, depth: number): number {
    return nibbleAt(this.words[i] as Uint32Array, this.at[i] as number, depth)
  }
}

/** The version that wrote the value of a leaf. */
export function versionOf({ words, at }: LeafAt): number {
  return readVersion(words, at + LEAF_VERSION)
}

/** Below 0 where the key of the first comes before that of the other. */
function compareKeys(a: Uint32Array, from: number, b: Uint32Array, other: number): number {
  for (let i = 0; i < HASH_WORDS; i++) {
    const one = a[from + i] as number
    const two = b[other + i] as number
    if (one !== two) return swapped(one) - swapped(two)
  }
  return 0
}

/** The word with its bytes in the other order: as a big-endian number, which is the order of keys. */
export function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}
