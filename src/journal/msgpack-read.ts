/**
 * Reads msgpack as FORMAT §10 allows it: maps with text as names, each once; arrays; bytes; text; integers from 0 to below 2^64, in any
 * form; nil. Whatever else msgpack has is refused, and so are bytes after the value.
 *
 * Promise: bytes, however hostile, give values or a CairnError `malformed`, and take memory in proportion to their number. Integers
 * come as numbers where they are safe, else as bigints; bytes come as views of what was read.
 */
import { fromUtf8 } from '../verify/bytes.ts'
import { malformed } from '../verify/fault.ts'

/** Frame, record, commands, command, writes, write: deeper than these lies nothing, and a little air. */
const NESTING_MAX = 12
/** Texts up to this length are looked up before they are made: names of members, clients and types come again and again. */
const KNOWN_TEXT_MAX = 24
const KNOWN_TEXTS = 4096

const known: string[] = Array.from({ length: KNOWN_TEXTS }, () => '')

/** The one value that these bytes are. */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  const reader = new MsgpackReader(bytes)
  const value = reader.value(0)
  if (!reader.isDone) throw malformed('there are bytes after the value')
  return value
}

export class MsgpackReader {
  protected readonly bytes: Uint8Array
  protected readonly end: number
  protected at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.end = bytes.length
  }

  get isDone(): boolean {
    return this.at === this.end
  }

  value(depth: number): unknown {
    const type = this.byte()
    if (type < 0x80) return type
    if (type < 0x90) return this.map(type & 15, depth)
    if (type < 0xa0) return this.array(type & 15, depth)
    if (type < 0xc0) return this.text(type & 31)
    switch (type) {
      case 0xc0:
        return null
      case 0xc4:
        return this.binary(this.byte())
      case 0xc5:
        return this.binary(this.u16())
      case 0xc6:
        return this.binary(this.u32())
      case 0xcc:
        return this.byte()
      case 0xcd:
        return this.u16()
      case 0xce:
        return this.u32()
      case 0xcf:
        return this.u64()
      case 0xd0:
        return positive(this.byte(), 0x80)
      case 0xd1:
        return positive(this.u16(), 0x8000)
      case 0xd2:
        return positive(this.u32(), 0x80000000)
      case 0xd3:
        return positive(this.u64(), 0x8000000000000000)
      case 0xd9:
        return this.text(this.byte())
      case 0xda:
        return this.text(this.u16())
      case 0xdb:
        return this.text(this.u32())
      case 0xdc:
        return this.array(this.u16(), depth)
      case 0xdd:
        return this.array(this.u32(), depth)
      case 0xde:
        return this.map(this.u16(), depth)
      case 0xdf:
        return this.map(this.u32(), depth)
      default:
        throw malformed(`a journal holds no msgpack of type 0x${type.toString(16)}`)
    }
  }

  private map(members: number, depth: number): unknown {
    this.nest(2 * members, depth)
    const map: Record<string, unknown> = {}
    for (let i = 0; i < members; i++) {
      const name = this.memberName()
      // What every object inherits is no member of it.
      if (map[name] !== undefined && Object.hasOwn(map, name)) throw malformed('a member stands twice')
      map[name] = this.value(depth + 1)
    }
    return map
  }

  private memberName(): string {
    const type = this.byte()
    let name: string
    if (type >= 0xa0 && type < 0xc0) name = this.text(type & 31)
    else if (type === 0xd9) name = this.text(this.byte())
    else if (type === 0xda) name = this.text(this.u16())
    else if (type === 0xdb) name = this.text(this.u32())
    else throw malformed('the name of a member is not text')
    // It would be taken for the prototype. No record has a member of this name.
    if (name === '__proto__') throw malformed('nobody knows this member')
    return name
  }

  private array(items: number, depth: number): unknown {
    this.nest(items, depth)
    const array: unknown[] = []
    for (let i = 0; i < items; i++) array.push(this.value(depth + 1))
    return array
  }

  /** Every value has a byte at least: so many must be there before any memory is taken for them. */
  private nest(values: number, depth: number): void {
    if (depth >= NESTING_MAX) throw malformed('the values nest too deep')
    if (values > this.end - this.at) throw truncated()
  }

  protected binary(length: number): Uint8Array {
    const { bytes } = this
    const start = this.skip(length)
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length)
  }

  protected text(length: number): string {
    const start = this.skip(length)
    if (length > KNOWN_TEXT_MAX) return this.makeText(start, length)
    const { bytes } = this
    let mixed = length
    for (let i = start; i < start + length; i++) mixed = Math.imul(mixed ^ (bytes[i] as number), 0x01000193)
    const slot = (mixed ^ (mixed >>> 15)) & (KNOWN_TEXTS - 1)
    const candidate = known[slot] as string
    if (this.holds(candidate, start, length)) return candidate
    const text = this.makeText(start, length)
    known[slot] = text
    return text
  }

  /** Whether the text is these bytes: units beyond ASCII equal none of them, for their bytes are others. */
  private holds(text: string, start: number, length: number): boolean {
    if (text.length !== length) return false
    for (let i = 0; i < length; i++) {
      const byte = this.bytes[start + i] as number
      if (byte > 0x7f || text.charCodeAt(i) !== byte) return false
    }
    return true
  }

  private makeText(start: number, length: number): string {
    const text = fromUtf8(this.bytes.subarray(start, start + length))
    if (text === undefined) throw malformed('the text is not UTF-8')
    return text
  }

  protected skip(length: number): number {
    const start = this.at
    if (length > this.end - start) throw truncated()
    this.at = start + length
    return start
  }

  protected byte(): number {
    if (this.at >= this.end) throw truncated()
    return this.bytes[this.at++] as number
  }

  protected u16(): number {
    return this.byte() * 0x100 + this.byte()
  }

  protected u32(): number {
    return this.u16() * 0x10000 + this.u16()
  }

  protected u64(): number | bigint {
    const high = this.u32()
    const low = this.u32()
    return high < 0x200000 ? high * 0x100000000 + low : (BigInt(high) << 32n) | BigInt(low)
  }
}

/** The value of a signed form, which is negative from the half of its range on. */
function positive(value: number | bigint, half: number): number | bigint {
  if (value >= half) throw malformed('a journal holds no negative number')
  return value
}

function truncated(): Error {
  return malformed('the bytes end inside a value')
}
