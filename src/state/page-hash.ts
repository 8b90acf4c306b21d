/**
 * The hashes of many pages at once. A page is a binary tree of four levels over its sixteen slots, by the rule of FORMAT §7: nothing
 * is `EMPTY`, one leaf stands for itself however high, all else is an inner node.
 *
 * Leaves of all pages are hashed in one call, then level by level all their inner nodes: a call of the kernel for each level,
 * whatever the number of pages. Nodes are kept in a heap of 32 places, the root at 1, the slots from 16 on.
 */

import { utf8 } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { EMPTY } from '../verify/state-proof.ts'
import { NODE_WORDS, nodesAt, type PageAt } from './page.ts'
import { bytesOf, CHILD_WORDS, copyWords, HASH_WORDS, LEAF_WORDS, leavesAt, takenAt, wordsOf } from './slots.ts'

const PLACES = 32
const HEAP_WORDS = NODE_WORDS
const LEAF_PREFIX = utf8('JMT::LeafNode')
const LEAF_MESSAGE = LEAF_PREFIX.length + 64
const INNER_PREFIX = wordsOf(utf8('JMT::IntrnalNode'))
const INNER_MESSAGE = 4 * (INNER_PREFIX.length + 2 * HASH_WORDS)
const EMPTY_WORDS = wordsOf(EMPTY)

/** A page whose hash is wanted: its slots begin at `at`. */
export interface Hashed {
  readonly words: Uint32Array
  readonly at: number
  /** The page that this one was made from, and the slots in which it differs; undefined to hash all of it. */
  readonly before: PageAt | undefined
  readonly changed: number
}

export class PageHasher {
  private readonly hasher: Hasher
  /** The heaps of the pages that are being hashed, one after the other. */
  private heaps = new Uint32Array(0)
  /** Bit p of a page: place p is not empty, and place p is a leaf. */
  private full = new Uint32Array(0)
  private leafy = new Uint32Array(0)
  private stale = new Uint32Array(0)
  private messages = new Uint32Array(0)
  private jobs = new Uint32Array(0)

  constructor(hasher: Hasher) {
    this.hasher = hasher
  }

  /** Hashes these pages; afterwards `root` and `nodes` answer for each by its place in the list. */
  hash(pages: readonly Hashed[]): void {
    this.reserve(pages.length)
    for (const [i, page] of pages.entries()) this.place(page, i)
    this.hashLeaves(pages)
    for (let level = 8; level >= 1; level >>= 1) this.hashInner(pages.length, level)
  }

  /** Copies the root of the `i`th page. */
  copyRoot(i: number, target: Uint32Array, at: number): void {
    const isEmpty = (((this.full[i] as number) >>> 1) & 1) === 0
    copyWords(isEmpty ? EMPTY_WORDS : this.heaps, isEmpty ? 0 : i * HEAP_WORDS + HASH_WORDS, target, at, HASH_WORDS)
  }

  /** Copies the nodes of the `i`th page. */
  copyNodes(i: number, target: Uint32Array, at: number): void {
    target.set(this.heaps.subarray(i * HEAP_WORDS, (i + 1) * HEAP_WORDS), at)
  }

  private reserve(pages: number): void {
    if (this.full.length >= pages) return
    const room = Math.ceil(pages * 1.5)
    this.heaps = new Uint32Array(room * HEAP_WORDS)
    this.full = new Uint32Array(room)
    this.leafy = new Uint32Array(room)
    this.stale = new Uint32Array(room)
    this.jobs = new Uint32Array(room * 16)
    this.messages = new Uint32Array((room * 16 * LEAF_MESSAGE) / 4 + 1)
  }

  /** Puts what is known of a page into its heap, and marks the slots whose nodes above have to be hashed. */
  private place({ words, at: start, before, changed }: Hashed, i: number): void {
    const base = i * HEAP_WORDS
    const taken = takenAt(words, start)
    const leaves = leavesAt(words, start)
    const kept = before === undefined ? -1 : nodesAt(before)
    if (before !== undefined && kept >= 0) this.heaps.set(before.words.subarray(kept, kept + HEAP_WORDS), base)
    const wanted = kept < 0 ? 0xffff : changed
    let at = start + 1
    for (let slot = 0; slot < 16; slot++) {
      const isTaken = (taken >>> slot) & 1
      if (isTaken === 0) continue
      const isLeaf = (leaves >>> slot) & 1
      if (isLeaf === 0 && ((wanted >>> slot) & 1) === 1) {
        copyWords(words, at, this.heaps, base + (16 + slot) * HASH_WORDS, HASH_WORDS)
      }
      at += isLeaf === 1 ? LEAF_WORDS : CHILD_WORDS
    }
    // What is full and what is a leaf follows from the slots alone, at every level.
    let full = taken << 16
    let leafy = leaves << 16
    for (let place = 15; place >= 1; place--) {
      const left = (full >>> (2 * place)) & 1
      const right = (full >>> (2 * place + 1)) & 1
      if ((left | right) === 1) full |= 1 << place
      const isLeaf = left + right === 1 && ((leafy >>> (2 * place + right)) & 1) === 1
      if (isLeaf) leafy |= 1 << place
    }
    this.full[i] = full
    this.leafy[i] = leafy
    this.stale[i] = wanted << 16
  }

  private hashLeaves(pages: readonly Hashed[]): void {
    const messages = bytesOf(this.messages)
    let count = 0
    pages.forEach(({ words, at: start }, i) => {
      const taken = takenAt(words, start)
      const leaves = leavesAt(words, start)
      const wanted = (this.stale[i] as number) >>> 16
      let at = start + 1
      for (let slot = 0; slot < 16; slot++) {
        if (((taken >>> slot) & 1) === 0) continue
        const isLeaf = ((leaves >>> slot) & 1) === 1
        if (isLeaf && ((wanted >>> slot) & 1) === 1) {
          const to = count * LEAF_MESSAGE
          messages.set(LEAF_PREFIX, to)
          const bytes = words.byteOffset + 4 * at
          messages.set(new Uint8Array(words.buffer, bytes, 64), to + LEAF_PREFIX.length)
          this.jobs[count++] = i * PLACES + 16 + slot
        }
        at += isLeaf ? LEAF_WORDS : CHILD_WORDS
      }
    })
    if (count === 0) return
    this.collect(this.hasher.hashMany(messages.subarray(0, count * LEAF_MESSAGE), LEAF_MESSAGE), count)
  }

  /** All nodes of the places `level` to `2·level − 1` that lie above what changed. */
  private hashInner(pages: number, level: number): void {
    const { heaps, messages } = this
    let count = 0
    for (let i = 0; i < pages; i++) {
      const full = this.full[i] as number
      const leafy = this.leafy[i] as number
      let stale = this.stale[i] as number
      const base = i * HEAP_WORDS
      for (let place = level; place < 2 * level; place++) {
        if (((stale >>> (2 * place)) & 3) === 0) continue
        stale |= 1 << place
        if (((full >>> place) & 1) === 0) continue
        const left = (full >>> (2 * place)) & 1
        const right = (full >>> (2 * place + 1)) & 1
        if (((leafy >>> place) & 1) === 1) {
          copyWords(heaps, base + (2 * place + right) * HASH_WORDS, heaps, base + place * HASH_WORDS, HASH_WORDS)
          continue
        }
        const to = (count * INNER_MESSAGE) / 4
        copyWords(INNER_PREFIX, 0, messages, to, 4)
        const children = base + 2 * place * HASH_WORDS
        if (left === 1) copyWords(heaps, children, messages, to + 4, HASH_WORDS)
        else copyWords(EMPTY_WORDS, 0, messages, to + 4, HASH_WORDS)
        if (right === 1) copyWords(heaps, children + HASH_WORDS, messages, to + 12, HASH_WORDS)
        else copyWords(EMPTY_WORDS, 0, messages, to + 12, HASH_WORDS)
        this.jobs[count++] = i * PLACES + place
      }
      this.stale[i] = stale
    }
    if (count === 0) return
    const bytes = bytesOf(messages, 0, (count * INNER_MESSAGE) / 4)
    this.collect(this.hasher.hashMany(bytes, INNER_MESSAGE), count)
  }

  private collect(hashes: Uint8Array, count: number): void {
    const words =
      hashes.byteOffset % 4 === 0 ? new Uint32Array(hashes.buffer, hashes.byteOffset, count * 8) : wordsOf(hashes)
    for (let job = 0; job < count; job++) {
      copyWords(words, job * HASH_WORDS, this.heaps, (this.jobs[job] as number) * HASH_WORDS, HASH_WORDS)
    }
  }
}
