/**
 * Writes msgpack as FORMAT §10 has it, into one buffer that is used again: no object between the values and their bytes, for every
 * command of a chain comes through here. Integers and lengths take their smallest form.
 *
 * Promise: what is no u64, no well-formed text or too large for a journal is refused, never written as something else.
 */
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { isWellFormed, utf8 } from '../verify/bytes.ts'
import { malformed, overLimit } from '../verify/fault.ts'

const FIRST_BYTES = 1 << 16
/** A buffer that a large record made is not kept for the small ones that come after it. */
const KEPT_BYTES = 16 << 20
/** Up to so many bytes a loop is faster than a call that copies them. */
const LOOP_BYTES = 96
/** The longest form of an integer, or of a length. */
const HEAD_BYTES = 9

/** A member's name as it is written: made once. */
export function packedName(name: string): Uint8Array {
  const bytes = utf8(name)
  return Uint8Array.of(0xa0 | bytes.length, ...bytes)
}

export class MsgpackWriter {
  private buffer = new Uint8Array(FIRST_BYTES)
  private end = 0

  /** A copy of all that was written; after it the next value begins. */
  take(): Uint8Array {
    const taken = this.buffer.slice(0, this.end)
    this.reset()
    return taken
  }

  /** Forgets what was written: of a value that could not be finished nothing may stay. */
  reset(): void {
    this.end = 0
    if (this.buffer.length > KEPT_BYTES) this.buffer = new Uint8Array(FIRST_BYTES)
  }

  /** The head of a map of at most 15 members; their names and values follow. */
  map(members: number): void {
    this.room(1)
    this.buffer[this.end++] = 0x80 | members
  }

  /** The head of an array; its items follow. */
  array(items: number): void {
    this.room(HEAD_BYTES)
    if (items < 16) this.buffer[this.end++] = 0x90 | items
    else this.length(items, 0xdc, 2)
  }

  /** What `packedName` made. */
  name(packed: Uint8Array): void {
    this.raw(packed)
  }

  nil(): void {
    this.room(1)
    this.buffer[this.end++] = 0xc0
  }

  integer(value: bigint | number): void {
    const number = Number(value)
    this.room(HEAD_BYTES)
    if (number < 0x80 && number >= 0 && Number.isInteger(number)) this.buffer[this.end++] = number
    else if (Number.isSafeInteger(number)) this.safeInteger(number)
    else this.largeInteger(value)
  }

  bytes(value: Uint8Array): void {
    this.room(HEAD_BYTES)
    this.length(value.length, 0xc4, 1)
    this.raw(value)
  }

  text(value: string): void {
    const { length } = value
    this.room(HEAD_BYTES + length)
    const before = this.end
    this.textLength(length)
    const { buffer } = this
    let at = this.end
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) {
        this.end = before
        this.wideText(value)
        return
      }
      buffer[at++] = unit
    }
    this.end = at
  }

  /** Text that is not ASCII alone, and so longer than its units. */
  private wideText(value: string): void {
    if (!isWellFormed(value)) throw malformed('the text holds half a surrogate pair')
    const bytes = utf8(value)
    this.room(HEAD_BYTES)
    this.textLength(bytes.length)
    this.raw(bytes)
  }

  private textLength(length: number): void {
    if (length < 32) this.buffer[this.end++] = 0xa0 | length
    else this.length(length, 0xd9, 1)
  }

  /** A type byte and a length behind it: the types for 1, 2 and 4 bytes stand side by side, and not all begin with 1. */
  private length(length: number, type: number, smallest: number): void {
    if (smallest === 1 && length < 0x100) {
      this.buffer[this.end++] = type
      this.buffer[this.end++] = length
      return
    }
    const short = type + (smallest === 1 ? 1 : 0)
    if (length < 0x10000) {
      this.buffer[this.end++] = short
    } else {
      this.buffer[this.end++] = short + 1
      this.buffer[this.end++] = length >>> 24
      this.buffer[this.end++] = length >>> 16
    }
    this.buffer[this.end++] = length >>> 8
    this.buffer[this.end++] = length
  }

  private safeInteger(value: number): void {
    if (value < 0) throw malformed('expected a number below 2^64')
    if (value > 0xffffffff) {
      this.words(Math.floor(value / 0x100000000), value >>> 0)
      return
    }
    const { buffer } = this
    if (value < 0x100) {
      buffer[this.end++] = 0xcc
    } else {
      if (value < 0x10000) {
        buffer[this.end++] = 0xcd
      } else {
        buffer[this.end++] = 0xce
        buffer[this.end++] = value >>> 24
        buffer[this.end++] = value >>> 16
      }
      buffer[this.end++] = value >>> 8
    }
    buffer[this.end++] = value
  }

  private largeInteger(value: bigint | number): void {
    if (typeof value !== 'bigint' || value < 0n || value >> 64n !== 0n) throw malformed('expected a number below 2^64')
    this.words(Number(value >> 32n), Number(value & 0xffffffffn))
  }

  private words(high: number, low: number): void {
    const { buffer } = this
    buffer[this.end++] = 0xcf
    for (let shift = 24; shift >= 0; shift -= 8) buffer[this.end++] = high >>> shift
    for (let shift = 24; shift >= 0; shift -= 8) buffer[this.end++] = low >>> shift
  }

  private raw(bytes: Uint8Array): void {
    const { length } = bytes
    this.room(length)
    const { buffer, end } = this
    if (length > LOOP_BYTES) buffer.set(bytes, end)
    else for (let i = 0; i < length; i++) buffer[end + i] = bytes[i] as number
    this.end = end + length
  }

  private room(length: number): void {
    const needed = this.end + length
    if (needed > this.buffer.length) this.grow(needed)
  }

  private grow(needed: number): void {
    if (needed > JOURNAL_FILE_MAX) throw overLimit('the record in bytes', JOURNAL_FILE_MAX, needed)
    const larger = new Uint8Array(Math.min(JOURNAL_FILE_MAX, Math.max(needed, 2 * this.buffer.length)))
    larger.set(this.buffer.subarray(0, this.end))
    this.buffer = larger
  }
}
