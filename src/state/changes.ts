/**
 * What one version changed: for each page that it made or took away, the slots in which it differs. The page at a version is its page at
 * the checkpoint before, with the changes since laid over it one after the other.
 *
 * The changes of a version are up to 17 values of the store, one for the root page and one for what is below each of its slots: whoever
 * looks for a key in an old version reads a sixteenth of the changes that lead to it.
 *
 * Layout, in words of 32 bits, by kernel/changes.ts: number of pages ‖ where each begins … ‖ pages in the order of their paths: changed u16, depth u16 ‖
 * leaves u16, taken u16 (no slots: it was taken away) ‖ the path, padded ‖ the slots that are changed and taken, as in a page.
 */
import { firstNibble, type Path, pathOfBytes, ROOT } from '../store/path.ts'
import { bytesOf, CHILD_WORDS, copyWords, LEAF_WORDS, slotAt, wordsFor, wordsOf } from './slots.ts'

const HEAD = 2
/** The half-bytes of a key. */
const DEEPEST = 64

/** The part of the changes that has the root page; the others are numbered as its slots. */
export const ROOT_PART = 16

export function partOf(path: Path): number {
  return path === ROOT ? ROOT_PART : firstNibble(path)
}

export interface ChangesPart {
  readonly part: number
  readonly record: Uint8Array
}

/** Eight half-bytes fit into a word. */
function pathWords(depth: number): number {
  return (depth + 7) >> 3
}

/** The changes of a version, as they are stored. What rotted in them may point anywhere: where that is told it throws a RangeError. */
export class Changes {
  private readonly words: Uint32Array
  private readonly bytes: Uint8Array

  constructor(record: Uint8Array) {
    this.words = wordsOf(record)
    this.bytes = bytesOf(this.words)
    if (1 + this.count > this.words.length) throw new RangeError('a record of changes is shorter than it says')
  }

  get count(): number {
    return this.word(0)
  }

  /** The paths of all pages that it changed. */
  get paths(): readonly Path[] {
    return Array.from({ length: this.count }, (_, i) => {
      const at = this.word(1 + i)
      const depth = this.depthAt(at)
      return pathOfBytes(this.bytes.subarray(4 * (at + HEAD), 4 * (at + HEAD + pathWords(depth))), depth)
    })
  }

  /** Where among the changes the page of this path stands, −1 where the version left it alone. */
  find(path: Uint8Array, depth: number): number {
    let from = 0
    let to = this.count
    while (from < to) {
      const middle = (from + to) >> 1
      const order = this.compare(this.word(1 + middle), path, depth)
      if (order === 0) return middle
      if (order < 0) from = middle + 1
      else to = middle
    }
    return -1
  }

  /** The page after the `i`th change: its words, or undefined where it was taken away. */
  apply(i: number, before: Uint32Array | undefined): Uint32Array | undefined {
    const start = this.word(1 + i)
    const changed = this.word(start) & 0xffff
    const slots = this.word(start + 1)
    if (slots === 0) return undefined
    const taken = slots & 0xffff
    const leaves = slots >>> 16
    if ((leaves & ~taken) !== 0) throw new RangeError('a record of changes has leaves where nothing is')
    const words = new Uint32Array(wordsFor(taken, leaves))
    words[0] = slots
    let from = start + HEAD + pathWords(this.depthAt(start))
    for (let slot = 0, to = 1; slot < 16; slot++) {
      if (((taken >>> slot) & 1) === 0) continue
      const count = ((leaves >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
      if (((changed >>> slot) & 1) === 1) {
        copyWords(this.words, from, words, to, count)
        from += count
      } else if (before !== undefined) copyWords(before, slotAt(before, 0, slot), words, to, count)
      to += count
    }
    return words
  }

  private depthAt(start: number): number {
    const depth = this.word(start) >>> 16
    if (depth > DEEPEST) throw new RangeError('a record of changes has a page deeper than any')
    return depth
  }

  private word(at: number): number {
    const word = this.words[at]
    if (word === undefined) throw new RangeError('a record of changes points to where it has nothing')
    return word
  }

  private compare(start: number, path: Uint8Array, depth: number): number {
    const own = this.depthAt(start)
    const shared = Math.min(own, depth)
    for (let nibble = 0; nibble < shared; nibble++) {
      const shift = nibble % 2 === 0 ? 4 : 0
      const a = ((this.bytes[4 * (start + HEAD) + (nibble >> 1)] as number) >> shift) & 15
      const b = ((path[nibble >> 1] as number) >> shift) & 15
      if (a !== b) return a - b
    }
    return own - depth
  }
}
