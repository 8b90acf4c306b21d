/**
 * A strict reader for the JSON of FORMAT §1. It knows objects, arrays, strings, null and the two numbers `0` and `1`, for
 * nothing else occurs. It refuses what JSON.parse lets through: a member that stands twice, however it is escaped.
 *
 * Promise: time and memory in proportion to the text, which is bounded first; a fault says where it is.
 */
import { DOCUMENT_MAX, NESTING_MAX, VALUES_MAX } from './bounds.ts'
import { fromUtf8, utf8Length } from './bytes.ts'
import { malformed, overLimit, within } from './fault.ts'

/** What a text holds. A Map, for a member may be called `__proto__`. */
export type Json = null | 0 | 1 | string | readonly Json[] | ReadonlyMap<string, Json>

export function readJson(document: string | Uint8Array): Json {
  const isBytes = document instanceof Uint8Array
  if (!isBytes && typeof document !== 'string') throw malformed('expected a text or its bytes')
  const size = isBytes ? document.length : sizeOf(document)
  if (size > DOCUMENT_MAX) throw overLimit('the document', DOCUMENT_MAX, size)
  const text = isBytes ? fromUtf8(document) : document
  if (text === undefined) throw malformed('the text is not UTF-8')
  return new Reader(text).document()
}

/** Its bytes of UTF-8; counted one by one only where they decide. */
function sizeOf(text: string): number {
  return text.length * 3 <= DOCUMENT_MAX || text.length > DOCUMENT_MAX ? text.length : utf8Length(text)
}

const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const ONE = 0x31
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside strings
const NOT_PLAIN = /[\u0000-\u001f\\]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside strings
const STOP = /[\u0000-\u001f\\"]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class Reader {
  private readonly text: string
  private at = 0
  private values = 0

  constructor(text: string) {
    this.text = text
  }

  document(): Json {
    const value = this.value(0)
    if (this.next() !== undefined) throw this.unexpected('nothing may follow the document')
    return value
  }

  private value(depth: number): Json {
    if (depth > NESTING_MAX) throw overLimit('nesting', NESTING_MAX, depth)
    // An empty object takes 2 bytes of text and a hundred times that of memory.
    if (++this.values > VALUES_MAX) throw overLimit('the number of values', VALUES_MAX, this.values)
    const first = this.next()
    if (first === QUOTE) return this.string()
    if (first === OPEN_OBJECT) return this.object(depth)
    if (first === OPEN_ARRAY) return this.array(depth)
    // A number that goes on is none of the two, and the fault is here, not where it goes on.
    const isBit = (first === ZERO || first === ONE) && !/[0-9.eE]/.test(this.text.charAt(this.at + 1))
    if (isBit) return this.past(1, first === ZERO ? 0 : 1)
    if (this.text.startsWith('null', this.at)) return this.past(4, null)
    throw this.unexpected('expected an object, an array, a string, null, 0 or 1')
  }

  private object(depth: number): ReadonlyMap<string, Json> {
    const members = new Map<string, Json>()
    this.at++
    if (this.next() === CLOSE_OBJECT) return this.past(1, members)
    for (;;) {
      if (this.next() !== QUOTE) throw this.unexpected('expected the name of a member')
      const name = this.string()
      if (members.has(name)) throw within(name, malformed('the member stands twice'))
      if (this.next() !== COLON) throw this.unexpected('expected a colon')
      this.at++
      members.set(name, this.inside(name, depth))
      const separator = this.next()
      if (separator === CLOSE_OBJECT) return this.past(1, members)
      if (separator !== COMMA) throw this.unexpected('expected a comma or the end of the object')
      this.at++
    }
  }

  private array(depth: number): readonly Json[] {
    const items: Json[] = []
    this.at++
    if (this.next() === CLOSE_ARRAY) return this.past(1, items)
    for (;;) {
      items.push(this.inside(items.length, depth))
      const separator = this.next()
      if (separator === CLOSE_ARRAY) return this.past(1, items)
      if (separator !== COMMA) throw this.unexpected('expected a comma or the end of the array')
      this.at++
    }
  }

  private inside(step: string | number, depth: number): Json {
    try {
      return this.value(depth + 1)
    } catch (fault) {
      throw within(step, fault)
    }
  }

  /** Nearly every string is plain, and is one slice; the others are read unit by unit. */
  private string(): string {
    const from = this.at + 1
    const end = this.text.indexOf('"', from)
    if (end < 0) throw this.unexpected('a string does not end')
    const plain = this.text.slice(from, end)
    if (NOT_PLAIN.test(plain)) return this.escaped(from)
    this.at = end + 1
    return plain
  }

  private escaped(from: number): string {
    const parts: string[] = []
    for (let start = from; ; start = this.at) {
      // Up to whatever is not plain text, in one piece. A match that is asked for would take more memory than a text of escapes itself.
      STOP.lastIndex = start
      this.at = STOP.test(this.text) ? STOP.lastIndex - 1 : this.text.length
      if (this.at > start) parts.push(this.text.slice(start, this.at))
      const unit = this.text[this.at]
      if (unit === undefined) throw this.unexpected('a string does not end')
      if (unit < ' ') throw this.unexpected('a control character inside a string')
      this.at++
      if (unit === '"') return parts.join('')
      parts.push(this.escape())
    }
  }

  private escape(): string {
    const letter = this.text[this.at] ?? ''
    const digits = letter === 'u' ? this.text.slice(this.at + 1, this.at + 5) : ''
    if (/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.at += 5
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const unit = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    if (unit === undefined) throw this.unexpected('an escape that JSON does not know')
    this.at++
    return unit
  }

  private past<T>(length: number, value: T): T {
    this.at += length
    return value
  }

  /** The next unit that is not white space, or nothing at the end. */
  private next(): number | undefined {
    for (; this.at < this.text.length; this.at++) {
      const unit = this.text.charCodeAt(this.at)
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit
    }
    return undefined
  }

  private unexpected(reason: string): Error {
    return malformed(`${reason}, at character ${this.at}`)
  }
}
