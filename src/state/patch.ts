/**
 * A page that keeps its form: the same slots are taken, and by the same. A version that changes it makes a patch, which is what becomes of
 * some slots and of the nodes above them, a tenth of the page. It can be laid over the page that it was made from, and over no other.
 *
 * Layout, in words: the changed slots, as bits ‖ 16 nodes, of which only those above changed slots are anything ‖ the changed slots.
 */
import { NODE_WORDS, type PageAt, roomForNodes, SLOTS } from './page.ts'
import { CHILD_WORDS, copyHash, copyWords, HASH_WORDS, LEAF_WORDS, leavesAt, lowestBit, slotAt } from './slots.ts'

export const PATCH_NODES = 1
export const PATCH_SLOTS: number = PATCH_NODES + NODE_WORDS

/** Of the slots 0 to 7, and 8 to 15: the places above them in the heap of a page, as bits. */
const ABOVE_LOWER: Uint16Array = new Uint16Array(256)
const ABOVE_UPPER: Uint16Array = new Uint16Array(256)
for (let slots = 0; slots < 256; slots++) {
  for (let slot = 0; slot < 8; slot++) {
    if (((slots >>> slot) & 1) === 0) continue
    for (let place = (16 + slot) >> 1; place >= 1; place >>= 1)
      ABOVE_LOWER[slots] = (ABOVE_LOWER[slots] as number) | (1 << place)
    for (let place = (24 + slot) >> 1; place >= 1; place >>= 1)
      ABOVE_UPPER[slots] = (ABOVE_UPPER[slots] as number) | (1 << place)
  }
}

/** The places from 1 to 15 that stand above some of these slots, as bits. */
export function placesAbove(slots: number): number {
  return (ABOVE_LOWER[slots & 0xff] as number) | (ABOVE_UPPER[slots >>> 8] as number)
}

/** The words of a patch of these slots of a page. */
export function patchWords(page: PageAt, changed: number): number {
  let size = PATCH_SLOTS
  for (let rest = changed; rest !== 0; rest &= rest - 1) {
    size += slotWords(page.words, page.at + SLOTS, lowestBit(rest))
  }
  return size
}

/** The words of a slot that is taken, of the slots that begin at `start`. */
export function slotWords(words: Uint32Array, start: number, slot: number): number {
  return ((leavesAt(words, start) >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
}

/** Lays the patch at `at` over the page that it was made from, or over what is the same. */
export function applyPatch(patch: Uint32Array, at: number, page: PageAt): void {
  const { words } = page
  const changed = patch[at] as number
  let from = at + PATCH_SLOTS
  for (let rest = changed; rest !== 0; rest &= rest - 1) {
    const slot = lowestBit(rest)
    const count = slotWords(words, page.at + SLOTS, slot)
    copyWords(patch, from, words, slotAt(words, page.at + SLOTS, slot), count)
    from += count
  }
  const nodes = roomForNodes(words, page.at)
  for (let rest = placesAbove(changed); rest !== 0; rest &= rest - 1) {
    const place = lowestBit(rest)
    copyHash(patch, at + PATCH_NODES + place * HASH_WORDS, words, nodes + place * HASH_WORDS)
  }
}
