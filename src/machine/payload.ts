/**
 * The payloads of the built-in machines: UTF-8 JSON objects, decoded strictly as FORMAT §1 says. Exactly the members named, each
 * once; no numbers; text is well-formed Unicode.
 */
import { Slab } from '../store/slab.ts'
import { fromUtf8, toHex, utf8 } from '../verify/bytes.ts'
import { bytes, type Carrier, type Codec, json, type Members, object, text } from '../verify/codec.ts'
import { malformed } from '../verify/fault.ts'
import { readJson } from '../verify/json.ts'
import { isOwnKey } from '../verify/own-writes.ts'
import type { Plain } from './reply.ts'

const READING_ONLY = new WeakSet<object>()

/** Reads a payload of exactly these members, or throws what is wrong with it. */
export function payload<T>(members: Members<T>): (payload: Uint8Array) => T {
  const codec = object<T>(members)
  const validate = (bytes: Uint8Array): T => codec.decode(readJson(bytes), json)
  READING_ONLY.add(validate)
  return validate
}

/** Whether the `validate` of this definition changes nothing of the bytes it is given, and keeps nothing of them. */
export function readsOnly({ validate }: { readonly validate: object }): boolean {
  return READING_ONLY.has(validate)
}

// Side by side, which only machines of this package get to see: a buffer for each is most of what a command would leave to be collected.
const slab = new Slab()

const encoder = new TextEncoder()

function bytesOf(text: string): Uint8Array {
  const bytes = slab.take(text.length)
  // Only ASCII has room there: anything else takes more bytes than it has units.
  return encoder.encodeInto(text, bytes).read === text.length ? bytes : utf8(text)
}

/** Bytes as the text that they are the UTF-8 of, or as `{"hex":"0x…"}`. */
export function textOrHex(min: number, max: number): Codec<Uint8Array> {
  const asText = text(min, max)
  const asHex = object<{ readonly hex: Uint8Array }>({ hex: bytes(min, max) })
  return {
    decode(value: unknown, carrier: Carrier): Uint8Array {
      if (typeof value === 'string') return bytesOf(asText.decode(value, carrier))
      if (value instanceof Map) return asHex.decode(value, carrier).hex
      throw malformed('expected text or {"hex":"0x…"}')
    },
    encode: (value: Uint8Array): unknown => shown(value),
  }
}

/** The one way in which bytes are shown in replies and events: as text where they are text. */
export function shown(value: Uint8Array): Plain {
  return fromUtf8(value) ?? { hex: toHex(value) }
}

/** The integer that a machine wrote in decimal digits; anything else in its place is a fault, never a zero. */
export function readInteger(value: Uint8Array): bigint {
  const digits = fromUtf8(value) ?? ''
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(digits)) throw malformed('expected an integer in decimal digits')
  return BigInt(digits)
}

/** A raw key that a machine may use. */
export function withoutOwnKeys(key: Uint8Array): string | undefined {
  return isOwnKey(key) ? 'keys that begin with byte 0 belong to the chain' : undefined
}
