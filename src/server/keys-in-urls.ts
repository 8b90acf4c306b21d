/** Raw keys and numbers as they stand in a URL. */
import { KEY_MAX } from '../verify/bounds.ts'
import { isWellFormed, utf8 } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { fromHex } from '../verify/index.ts'

/** `0x` and hex digits are bytes; anything else is the UTF-8 of the text. */
export function keyIn(text: string): Uint8Array {
  const key = text.startsWith('0x') ? fromHex(text) : isWellFormed(text) ? utf8(text) : undefined
  if (key === undefined || key.length === 0 || key.length > KEY_MAX) {
    throw new CairnError(
      'invalid_key',
      `A key is text, or 0x and pairs of lower-case hex digits, of 1 to ${KEY_MAX} bytes.`,
    )
  }
  return key
}

const U64_END = 1n << 64n

/** The schema has seen to the digits. */
export function numberIn(text: string, name: string): bigint {
  const number = BigInt(text)
  if (number < U64_END) return number
  throw new CairnError('invalid_request', `${name} is larger than a number here can be.`, { name })
}
