/** Bytes and their text forms (FORMAT §1): strict lower-case hex, strict UTF-8, comparison. */

import { malformed } from './fault.ts'

const encoder = new TextEncoder()
// A byte order mark is kept, so that whoever parses the text sees it and refuses it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const ZERO32: Uint8Array = new Uint8Array(32)

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text of these bytes, or nothing where they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** How many bytes of UTF-8 a text takes, without making them. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) length += 1
    // Both halves of a surrogate pair are counted: four bytes in all, two units.
    if (unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff)) length += 1
  }
  return length
}

export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Equality of bytes. What is compared here is public: no need for constant time. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

export function isHash(bytes: Uint8Array): boolean {
  return bytes.length === 32
}

/** For whoever makes trees: a node of another length would be a hash of something else. */
export function demandHash(bytes: Uint8Array): void {
  if (!isHash(bytes)) throw malformed(`a hash has 32 bytes, not ${bytes.length}`)
}

const DIGITS = '0123456789abcdef'
const HEX_OF: readonly string[] = Array.from({ length: 256 }, (_, byte) => `${DIGITS[byte >> 4]}${DIGITS[byte & 15]}`)
// -1 for every byte that is not a lower-case digit, so that the sign of what was read tells.
const DIGIT_AT: Int8Array = new Int8Array(256).fill(-1)
for (let digit = 0; digit < 16; digit++) DIGIT_AT[DIGITS.charCodeAt(digit)] = digit
// Nearly every text is short, and an array for each would cost more than reading it.
const SCRATCH: Uint8Array = new Uint8Array(1024)

/** `0x` and lower-case digits. */
export function toHex(bytes: Uint8Array): string {
  let text = '0x'
  for (let i = 0; i < bytes.length; i++) text += HEX_OF[bytes[i] as number]
  return text
}

/** The bytes of `0x([0-9a-f]{2})*`, or nothing where the text is not that. */
export function fromHex(text: string): Uint8Array | undefined {
  const { length } = text
  if (length % 2 !== 0 || !text.startsWith('0x')) return undefined
  // Laid out as bytes first: a table is read faster by them than by the units of a string.
  const digits = length <= SCRATCH.length ? SCRATCH : new Uint8Array(length)
  if (encoder.encodeInto(text, digits).read !== length) return undefined
  const bytes = new Uint8Array(length / 2 - 1)
  let seen = 0
  for (let i = 0, at = 2; i < bytes.length; i++, at += 2) {
    const high = DIGIT_AT[digits[at] as number] as number
    const low = DIGIT_AT[digits[at + 1] as number] as number
    seen |= high | low
    bytes[i] = (high << 4) | low
  }
  return seen < 0 ? undefined : bytes
}
