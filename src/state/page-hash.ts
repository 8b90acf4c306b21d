/**
 * The hashes of many pages at once. A page is a binary tree of four levels over its sixteen slots, by the rule of FORMAT §7: nothing
 * is `EMPTY`, one leaf stands for itself however high, all else is an inner node.
 *
 * Leaves of all pages are hashed in one call, then level by level all their inner nodes: a call of the kernel for each level,
 * whatever the number of pages. Its places are those of a heap: the root at 1, the slots from 16 on. The nodes of the first 16 stay
 * with the page; those of slots are their own hashes, or made anew.
 */

import { utf8 } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { EMPTY, stateLeaf } from '../verify/state-proof.ts'
import { EVERY_SLOT, NODE_WORDS, nodesAt, type PageAt, roomForNodes, roomWords, SLOTS } from './page.ts'
import { PATCH_NODES, PATCH_SLOTS, placesAbove } from './patch.ts'
import {
  bytesOf,
  CHILD_WORDS,
  copyHash,
  equalWords,
  HASH_WORDS,
  hashAt,
  LEAF_WORDS,
  leavesAt,
  leavesStandRight,
  lowestBit,
  slotAt,
  takenAt,
  wordsOf,
} from './slots.ts'

const LEAF_PREFIX = utf8('JMT::LeafNode')
const LEAF_MESSAGE = LEAF_PREFIX.length + 64
const INNER_PREFIX = wordsOf(utf8('JMT::IntrnalNode'))
const INNER_MESSAGE = INNER_PREFIX.length + 2 * HASH_WORDS
const EMPTY_WORDS = wordsOf(EMPTY)
const SLOT_HASHES = 16 * HASH_WORDS

/** Pages and patches among these words; the hashes of some of them are wanted, by their numbers. */
export interface PagesToHash {
  readonly words: Uint32Array
  readonly numbers: readonly number[]
  /** Where each begins. */
  readonly at: readonly number[]
  /** The page that each was made from, where there is one, and the slots in which they differ. */
  readonly before: readonly (PageAt | undefined)[]
  readonly changed: readonly number[]
  /** Whether it is a patch of the page before, and not a page with room for its nodes. */
  readonly isPatch: readonly boolean[]
}

export class PageHasher {
  private readonly hasher: Hasher
  /** The hashes of the slots of the pages, 16 of each. */
  private slots = new Uint32Array(0)
  /** Of each page, where its new nodes go, and where the others are. */
  private nodes = new Uint32Array(0)
  private others: Uint32Array[] = []
  private othersAt = new Uint32Array(0)
  /** Of each page, bit p: place p is not empty, place p is a leaf, the node at place p is to be hashed. */
  private full = new Uint32Array(0)
  private leafy = new Uint32Array(0)
  private stale = new Uint32Array(0)
  /** The messages of one call, in which the prefixes stay, and where each hash goes. */
  private leafMessages = new Uint8Array(0)
  private leafView = new DataView(this.leafMessages.buffer)
  private messages = new Uint32Array(0)
  private targets = new Uint32Array(0)
  private count = 0

  constructor(hasher: Hasher) {
    this.hasher = hasher
  }

  /** Hashes these pages: afterwards their nodes stand where there is room for them, the root at place 1. */
  hash(pages: PagesToHash): void {
    const { numbers, isPatch } = pages
    this.reserve(numbers.length)
    this.count = 0
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] as number
      if (isPatch[number] === true) this.placePatch(pages, i, number)
      else this.placePage(pages, i, number)
    }
    if (this.count > 0) {
      const messages = this.leafMessages.subarray(0, this.count * LEAF_MESSAGE)
      this.collect(this.hasher.hashMany(messages, LEAF_MESSAGE), this.slots)
    }
    for (let level = 8; level >= 1; level >>= 1) this.hashInner(pages.words, numbers.length, level)
  }

  /** Hashes one page of which nothing is known yet. */
  hashWhole({ words, at }: PageAt): void {
    this.hash({ words, numbers: [0], at: [at], before: [undefined], changed: [EVERY_SLOT], isPatch: [false] })
  }

  /**
   * The page of this depth with these slots, as they came out of the store, where its hash is the one that stands at `at` among the
   * expected words; otherwise nothing. The hash alone is not enough: it does not fix where a leaf stands that is alone.
   */
  admit(slots: Uint32Array, depth: number, expected: Uint32Array, at: number): PageAt | undefined {
    const words = new Uint32Array(roomWords(takenAt(slots, 0), leavesAt(slots, 0)))
    words.set(slots, SLOTS)
    const page = { words, at: 0 }
    this.hashWhole(page)
    const isRight = equalWords(words, hashOf(words, 0), expected, at, HASH_WORDS)
    return isRight && leavesStandRight(words, SLOTS, depth) ? page : undefined
  }

  /** The hash of what stands in a slot that is taken. */
  hashOfSlot({ words, at }: PageAt, slot: number): Uint8Array {
    const start = at + SLOTS
    const begins = slotAt(words, start, slot)
    const isLeaf = ((leavesAt(words, start) >>> slot) & 1) === 1
    if (!isLeaf) return hashAt(words, begins)
    return stateLeaf(hashAt(words, begins), hashAt(words, begins + HASH_WORDS), this.hasher)
  }

  private reserve(pages: number): void {
    if (this.full.length >= pages) return
    const room = Math.ceil(pages * 1.5)
    this.slots = new Uint32Array(room * SLOT_HASHES)
    this.nodes = new Uint32Array(room)
    this.othersAt = new Uint32Array(room)
    this.full = new Uint32Array(room)
    this.leafy = new Uint32Array(room)
    this.stale = new Uint32Array(room)
    this.targets = new Uint32Array(room * 16)
    this.leafMessages = new Uint8Array(room * 16 * LEAF_MESSAGE)
    this.leafView = new DataView(this.leafMessages.buffer)
    for (let to = 0; to < this.leafMessages.length; to += LEAF_MESSAGE) this.leafMessages.set(LEAF_PREFIX, to)
    // The places of a page's level, 8 of them at most.
    this.messages = new Uint32Array(room * 8 * INNER_MESSAGE)
    for (let to = 0; to < this.messages.length; to += INNER_MESSAGE) this.messages.set(INNER_PREFIX, to)
  }

  /** Takes up the slots of a page that have to be hashed, and those beside them. */
  private placePage({ words, at: begins, before, changed }: PagesToHash, i: number, number: number): void {
    const start = (begins[number] as number) + SLOTS
    const taken = takenAt(words, start)
    const nodes = roomForNodes(words, begins[number] as number)
    const known = before[number]
    const kept = known === undefined ? -1 : nodesAt(known)
    if (known !== undefined && kept >= 0) words.set(known.words.subarray(kept, kept + NODE_WORDS), nodes)
    const stale = kept < 0 ? EVERY_SLOT : (changed[number] as number)
    this.mark(i, words, start, stale, nodes, words, nodes)
    for (let rest = withNeighbours(stale) & taken; rest !== 0; rest &= rest - 1) {
      const slot = lowestBit(rest)
      this.takeSlot(i, slot, words, slotAt(words, start, slot), ((leavesAt(words, start) >>> slot) & 1) === 1)
    }
  }

  private placePatch({ words, at: begins, before }: PagesToHash, i: number, number: number): void {
    const at = begins[number] as number
    const page = before[number] as PageAt
    const start = page.at + SLOTS
    const changed = words[at] as number
    const leaves = leavesAt(page.words, start)
    this.mark(i, page.words, start, changed, at + PATCH_NODES, page.words, roomForNodes(page.words, page.at))
    let from = at + PATCH_SLOTS
    for (let rest = withNeighbours(changed) & takenAt(page.words, start); rest !== 0; rest &= rest - 1) {
      const slot = lowestBit(rest)
      const isLeaf = ((leaves >>> slot) & 1) === 1
      if (((changed >>> slot) & 1) === 0) this.takeSlot(i, slot, page.words, slotAt(page.words, start, slot), isLeaf)
      else {
        this.takeSlot(i, slot, words, from, isLeaf)
        from += isLeaf ? LEAF_WORDS : CHILD_WORDS
      }
    }
  }

  /** What is full and what is a leaf follows from the slots alone, at every level. */
  private mark(
    i: number,
    page: Uint32Array,
    start: number,
    stale: number,
    nodes: number,
    others: Uint32Array,
    othersAt: number,
  ): void {
    const taken = takenAt(page, start)
    const full = (taken << 16) | placesAbove(taken)
    let leafy = leavesAt(page, start) << 16
    for (let place = 15; place >= 1; place--) {
      const below = (full >>> (2 * place)) & 3
      const isLeaf = below === 1 ? leafy >>> (2 * place) : below === 2 ? leafy >>> (2 * place + 1) : 0
      leafy |= (isLeaf & 1) << place
    }
    this.nodes[i] = nodes
    this.others[i] = others
    this.othersAt[i] = othersAt
    this.full[i] = full
    this.leafy[i] = leafy
    this.stale[i] = placesAbove(stale)
  }

  /** The hash of a child is in its slot; that of a leaf is to be made. */
  private takeSlot(i: number, slot: number, words: Uint32Array, at: number, isLeaf: boolean): void {
    const target = i * SLOT_HASHES + slot * HASH_WORDS
    if (!isLeaf) {
      copyHash(words, at, this.slots, target)
      return
    }
    const { leafView } = this
    // By a view, for where words stand in a message is no multiple of four.
    const to = this.count * LEAF_MESSAGE + LEAF_PREFIX.length
    for (let k = 0; k < 2 * HASH_WORDS; k++) leafView.setUint32(to + 4 * k, words[at + k] as number, true)
    this.targets[this.count++] = target
  }

  /** The nodes of the places `level` to `2·level − 1` that lie above what changed. */
  private hashInner(words: Uint32Array, pages: number, level: number): void {
    const { messages, slots } = this
    const places = ((1 << level) - 1) << level
    this.count = 0
    for (let i = 0; i < pages; i++) {
      const full = this.full[i] as number
      const leafy = this.leafy[i] as number
      const stale = this.stale[i] as number
      const nodes = this.nodes[i] as number
      const others = this.others[i] as Uint32Array
      const othersAt = this.othersAt[i] as number
      for (let rest = stale & full & places; rest !== 0; rest &= rest - 1) {
        const place = lowestBit(rest)
        const isLeaf = ((leafy >>> place) & 1) === 1
        const to = isLeaf ? nodes + place * HASH_WORDS : this.count * INNER_MESSAGE + 4
        for (let child = 2 * place; child <= 2 * place + 1; child++) {
          const isFull = ((full >>> child) & 1) === 1
          if (isLeaf && !isFull) continue
          const target = isLeaf ? to : to + (child & 1) * HASH_WORDS
          const into = isLeaf ? words : messages
          if (!isFull) copyHash(EMPTY_WORDS, 0, into, target)
          else if (level === 8) copyHash(slots, i * SLOT_HASHES + (child - 16) * HASH_WORDS, into, target)
          else if (((stale >>> child) & 1) === 1) copyHash(words, nodes + child * HASH_WORDS, into, target)
          else copyHash(others, othersAt + child * HASH_WORDS, into, target)
        }
        if (isLeaf) continue
        this.targets[this.count++] = nodes + place * HASH_WORDS
      }
    }
    if (this.count === 0) return
    const bytes = bytesOf(messages, 0, this.count * INNER_MESSAGE)
    this.collect(this.hasher.hashMany(bytes, 4 * INNER_MESSAGE), words)
  }

  private collect(hashes: Uint8Array, words: Uint32Array): void {
    const found = hashes.byteOffset % 4 === 0 ? asWords(hashes) : wordsOf(hashes)
    for (let i = 0; i < this.count; i++) {
      copyHash(found, i * HASH_WORDS, words, this.targets[i] as number)
    }
  }
}

function asWords(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
}

/** These slots and each one's neighbour, with which it is hashed. */
function withNeighbours(slots: number): number {
  return slots | ((slots & 0x5555) << 1) | ((slots & 0xaaaa) >>> 1)
}

/** Where the hash of a page that was hashed stands: its root, at place 1. */
export function hashOf(words: Uint32Array, at: number): number {
  return roomForNodes(words, at) + HASH_WORDS
}
