/**
 * What one version changed, as one value of the store: for each page that it made or removed, the slots in which it differs. The
 * page at a version is its page at the checkpoint before, with the changes since laid over it one after the other.
 *
 * Layout: number of pages u32 ‖ where each begins u32 … ‖ pages in the order of their paths: nibbles u8 ‖ path ‖ changed u16 ‖
 * taken u16 ‖ leaves u16 ‖ the slots that are changed and taken, as in a page.
 */
import type { Draft, LeafAt } from './draft.ts'
import { type PageAt, SLOTS } from './page.ts'
import { bytesOf, CHILD_WORDS, copyWords, LEAF_WORDS, leavesAt, slotAt, takenAt, wordsFor } from './slots.ts'

/** A page that a version made, or (`words` undefined) took away. */
export interface ChangedPage {
  readonly depth: number
  readonly below: LeafAt
  readonly changed: number
  readonly page: PageAt | undefined
}

const EVERY_SLOT = 0xffff

export function encodeChanges(pages: readonly ChangedPage[]): Uint8Array {
  let size = 4 + 4 * pages.length
  for (const page of pages) size += sizeOf(page)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, pages.length)
  let at = 4 + 4 * pages.length
  pages.forEach(({ depth, below, changed, page }, i) => {
    view.setUint32(4 + 4 * i, at)
    const taken = page === undefined ? 0 : takenAt(page.words, page.at + SLOTS)
    const leaves = page === undefined ? 0 : leavesAt(page.words, page.at + SLOTS)
    bytes[at] = depth
    at = writePath(bytes, at + 1, below, depth)
    view.setUint16(at, page === undefined ? EVERY_SLOT : changed)
    view.setUint16(at + 2, taken)
    view.setUint16(at + 4, leaves)
    at += 6
    if (page === undefined) return
    for (let slot = 0, from = page.at + SLOTS + 1; slot < 16; slot++) {
      if (((taken >>> slot) & 1) === 0) continue
      const count = ((leaves >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
      if (((changed >>> slot) & 1) === 1) {
        bytes.set(bytesOf(page.words, from, count), at)
        at += 4 * count
      }
      from += count
    }
  })
  return bytes
}

function sizeOf({ depth, changed, page }: ChangedPage): number {
  const head = 1 + ((depth + 1) >> 1) + 6
  if (page === undefined) return head
  const taken = takenAt(page.words, page.at + SLOTS) & changed
  return head + 4 * (wordsFor(taken, leavesAt(page.words, page.at + SLOTS) & changed) - 1)
}

function writePath(target: Uint8Array, at: number, { words, at: from }: LeafAt, depth: number): number {
  const length = (depth + 1) >> 1
  target.set(bytesOf(words, from, 8).subarray(0, length), at)
  if (depth % 2 === 1) target[at + length - 1] = (target[at + length - 1] as number) & 0xf0
  return at + length
}

/** The path of a page in bytes, two half-bytes each, the last one's second half zero where the depth is odd. */
export function pathBytes(below: LeafAt, depth: number): Uint8Array {
  const path = new Uint8Array((depth + 1) >> 1)
  writePath(path, 0, below, depth)
  return path
}

/** The changes of a version, as they are stored. */
export class Changes {
  private readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (4 + 4 * this.count > bytes.length) throw new RangeError('a record of changes is shorter than it says')
  }

  get count(): number {
    return this.view.getUint32(0)
  }

  depthAt(i: number): number {
    return this.bytes[this.startOf(i)] as number
  }

  pathAt(i: number): Uint8Array {
    const at = this.startOf(i)
    return this.bytes.subarray(at + 1, at + 1 + ((this.depthAt(i) + 1) >> 1))
  }

  /** Where among the changes the page of this path stands, −1 where the version left it alone. */
  find(path: Uint8Array, depth: number): number {
    let from = 0
    let to = this.count
    while (from < to) {
      const middle = (from + to) >> 1
      const order = this.compare(middle, path, depth)
      if (order === 0) return middle
      if (order < 0) from = middle + 1
      else to = middle
    }
    return -1
  }

  /** The page after the `i`th change: its words, or undefined where it was taken away. */
  apply(i: number, before: Uint32Array | undefined): Uint32Array | undefined {
    let at = this.startOf(i)
    at += 1 + (((this.bytes[at] as number) + 1) >> 1)
    const changed = this.view.getUint16(at)
    const taken = this.view.getUint16(at + 2)
    const leaves = this.view.getUint16(at + 4)
    at += 6
    if (taken === 0) return undefined
    const words = new Uint32Array(wordsFor(taken, leaves))
    words[0] = (leaves << 16) | taken
    const bytes = bytesOf(words)
    for (let slot = 0, to = 1; slot < 16; slot++) {
      if (((taken >>> slot) & 1) === 0) continue
      const count = ((leaves >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
      if (((changed >>> slot) & 1) === 1) {
        bytes.set(this.bytes.subarray(at, at + 4 * count), 4 * to)
        at += 4 * count
      } else if (before !== undefined) copyWords(before, slotAt(before, 0, slot), words, to, count)
      to += count
    }
    return words
  }

  private startOf(i: number): number {
    return this.view.getUint32(4 + 4 * i)
  }

  private compare(i: number, path: Uint8Array, depth: number): number {
    const start = this.startOf(i)
    const own = this.bytes[start] as number
    const shared = Math.min(own, depth)
    for (let nibble = 0; nibble < shared; nibble++) {
      const shift = nibble % 2 === 0 ? 4 : 0
      const a = ((this.bytes[start + 1 + (nibble >> 1)] as number) >> shift) & 15
      const b = ((path[nibble >> 1] as number) >> shift) & 15
      if (a !== b) return a - b
    }
    return own - depth
  }
}

/** The slots of a page that a draft makes: of a new page all, of another those that differ. */
export function changedSlots(draft: Draft): number {
  return draft.before === undefined ? draft.taken : draft.changed
}
