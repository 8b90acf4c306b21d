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
import { NODE_WORDS, nodesAt, type PageAt, roomForNodes, SLOTS } from './page.ts'
import {
  bytesOf,
  CHILD_WORDS,
  copyWords,
  HASH_WORDS,
  hashAt,
  LEAF_WORDS,
  leavesAt,
  slotAt,
  takenAt,
  wordsOf,
} from './slots.ts'

const LEAF_PREFIX = utf8('JMT::LeafNode')
const LEAF_MESSAGE = LEAF_PREFIX.length + 64
const INNER_PREFIX = wordsOf(utf8('JMT::IntrnalNode'))
const INNER_MESSAGE = INNER_PREFIX.length + 2 * HASH_WORDS
const EMPTY_WORDS = wordsOf(EMPTY)
const EVERY_SLOT = 0xffff
const SLOT_HASHES = 16 * HASH_WORDS

/** Pages whose hashes are wanted, each with room for its nodes, among these words. */
export interface PagesToHash {
  readonly words: Uint32Array
  /** Where each begins. */
  readonly at: readonly number[]
  /** The page that each was made from, where there is one, and the slots in which they differ. */
  readonly before: readonly (PageAt | undefined)[]
  readonly changed: readonly number[]
}

export class PageHasher {
  private readonly hasher: Hasher
  /** The hashes of the slots of the pages, 16 of each. */
  private slots = new Uint32Array(0)
  /** Of each page, where its nodes begin. */
  private nodes = new Uint32Array(0)
  /** Of each page, bit p: place p is not empty, place p is a leaf, the node at place p is to be hashed. */
  private full = new Uint32Array(0)
  private leafy = new Uint32Array(0)
  private stale = new Uint32Array(0)
  /** The messages of one call, and where each hash goes. */
  private messages = new Uint32Array(0)
  private targets = new Uint32Array(0)

  constructor(hasher: Hasher) {
    this.hasher = hasher
  }

  /** Hashes these pages: afterwards their nodes stand behind their slots, the root at place 1. */
  hash(pages: PagesToHash): void {
    this.reserve(pages.at.length)
    for (let i = 0; i < pages.at.length; i++) this.place(pages, i)
    this.hashLeaves(pages)
    for (let level = 8; level >= 1; level >>= 1) this.hashInner(pages, level)
  }

  /** Hashes one page of which nothing is known yet. */
  hashWhole({ words, at }: PageAt): void {
    this.hash({ words, at: [at], before: [undefined], changed: [EVERY_SLOT] })
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
    this.full = new Uint32Array(room)
    this.leafy = new Uint32Array(room)
    this.stale = new Uint32Array(room)
    this.targets = new Uint32Array(room * 16)
    this.messages = new Uint32Array(room * 16 * INNER_MESSAGE)
  }

  /** Puts what is known of a page's nodes behind its slots, and marks the slots whose nodes above have to be hashed. */
  private place({ words, at: begins, before, changed }: PagesToHash, i: number): void {
    const start = (begins[i] as number) + SLOTS
    const taken = takenAt(words, start)
    const leaves = leavesAt(words, start)
    const nodes = roomForNodes(words, begins[i] as number)
    const known = before[i]
    const kept = known === undefined ? -1 : nodesAt(known)
    if (known !== undefined && kept >= 0) words.set(known.words.subarray(kept, kept + NODE_WORDS), nodes)
    const wanted = withNeighbours(kept < 0 ? EVERY_SLOT : (changed[i] as number))
    for (let slot = 0, at = start + 1; slot < 16; slot++) {
      if (((taken >>> slot) & 1) === 0) continue
      const isLeaf = ((leaves >>> slot) & 1) === 1
      if (!isLeaf && ((wanted >>> slot) & 1) === 1) {
        copyWords(words, at, this.slots, i * SLOT_HASHES + slot * HASH_WORDS, HASH_WORDS)
      }
      at += isLeaf ? LEAF_WORDS : CHILD_WORDS
    }
    // What is full and what is a leaf follows from the slots alone, at every level.
    let full = taken << 16
    let leafy = leaves << 16
    let stale = wanted << 16
    for (let place = 15; place >= 1; place--) {
      const left = (full >>> (2 * place)) & 1
      const right = (full >>> (2 * place + 1)) & 1
      if ((left | right) === 1) full |= 1 << place
      if (left + right === 1 && ((leafy >>> (2 * place + right)) & 1) === 1) leafy |= 1 << place
      if (((stale >>> (2 * place)) & 3) !== 0) stale |= 1 << place
    }
    this.nodes[i] = nodes
    this.full[i] = full
    this.leafy[i] = leafy
    this.stale[i] = stale
  }

  private hashLeaves({ words, at: begins }: PagesToHash): void {
    const messages = bytesOf(this.messages)
    const bytes = bytesOf(words)
    let count = 0
    for (let i = 0; i < begins.length; i++) {
      const start = (begins[i] as number) + SLOTS
      const taken = takenAt(words, start)
      const leaves = leavesAt(words, start)
      const wanted = (this.stale[i] as number) >>> 16
      if ((leaves & wanted) === 0) continue
      for (let slot = 0, at = start + 1; slot < 16; slot++) {
        if (((taken >>> slot) & 1) === 0) continue
        const isLeaf = ((leaves >>> slot) & 1) === 1
        if (isLeaf && ((wanted >>> slot) & 1) === 1) {
          const to = count * LEAF_MESSAGE
          for (let k = 0; k < LEAF_PREFIX.length; k++) messages[to + k] = LEAF_PREFIX[k] as number
          messages.set(bytes.subarray(4 * at, 4 * at + 64), to + LEAF_PREFIX.length)
          this.targets[count++] = i * SLOT_HASHES + slot * HASH_WORDS
        }
        at += isLeaf ? LEAF_WORDS : CHILD_WORDS
      }
    }
    if (count === 0) return
    this.collect(this.hasher.hashMany(messages.subarray(0, count * LEAF_MESSAGE), LEAF_MESSAGE), this.slots, count)
  }

  /** All nodes of the places `level` to `2·level − 1` that lie above what changed. */
  private hashInner({ words, at: begins }: PagesToHash, level: number): void {
    const { messages } = this
    const below = level === 8 ? this.slots : words
    let count = 0
    for (let i = 0; i < begins.length; i++) {
      const full = this.full[i] as number
      const leafy = this.leafy[i] as number
      const wanted = (this.stale[i] as number) & full
      const nodes = this.nodes[i] as number
      for (let place = level; place < 2 * level; place++) {
        if (((wanted >>> place) & 1) === 0) continue
        const left = (full >>> (2 * place)) & 1
        const right = (full >>> (2 * place + 1)) & 1
        const children = (level === 8 ? i * SLOT_HASHES - SLOT_HASHES : nodes) + 2 * place * HASH_WORDS
        const target = nodes + place * HASH_WORDS
        if (((leafy >>> place) & 1) === 1) {
          copyWords(below, children + right * HASH_WORDS, words, target, HASH_WORDS)
          continue
        }
        const to = count * INNER_MESSAGE
        copyWords(INNER_PREFIX, 0, messages, to, 4)
        if (left === 1) copyWords(below, children, messages, to + 4, HASH_WORDS)
        else copyWords(EMPTY_WORDS, 0, messages, to + 4, HASH_WORDS)
        if (right === 1) copyWords(below, children + HASH_WORDS, messages, to + 12, HASH_WORDS)
        else copyWords(EMPTY_WORDS, 0, messages, to + 12, HASH_WORDS)
        this.targets[count++] = target
      }
    }
    if (count === 0) return
    const bytes = bytesOf(messages, 0, count * INNER_MESSAGE)
    this.collect(this.hasher.hashMany(bytes, 4 * INNER_MESSAGE), words, count)
  }

  private collect(hashes: Uint8Array, words: Uint32Array, count: number): void {
    const found =
      hashes.byteOffset % 4 === 0
        ? new Uint32Array(hashes.buffer, hashes.byteOffset, count * HASH_WORDS)
        : wordsOf(hashes)
    for (let i = 0; i < count; i++) copyWords(found, i * HASH_WORDS, words, this.targets[i] as number, HASH_WORDS)
  }
}

/** These slots and each one's neighbour, with which it is hashed. */
function withNeighbours(slots: number): number {
  return slots | ((slots & 0x5555) << 1) | ((slots & 0xaaaa) >>> 1)
}

/** Where the hash of a page that was hashed stands: its root, at place 1. */
export function hashOf(words: Uint32Array, at: number): number {
  return roomForNodes(words, at) + HASH_WORDS
}
