/**
 * How a shape is read and written, said once: a codec for each, put together from a few. The same codec serves the JSON of
 * FORMAT §8 and the records of a journal, for the two differ only in how numbers and bytes are carried.
 *
 * Promise: what `decode` lets through, `encode` writes back to the same; everything else is refused with its path.
 */
import { fromHex, isWellFormed, toHex, utf8Length } from './bytes.ts'
import { malformed, overLimit, within } from './fault.ts'

/** How numbers, bytes and objects are carried. Arrays, text, null and the few fixed values are the same in all carriers. */
export interface Carrier {
  readU64(value: unknown): bigint
  writeU64(value: bigint): unknown
  /** At most `max` bytes: checked before memory is taken for them. */
  readBytes(value: unknown, max: number): Uint8Array
  writeBytes(value: Uint8Array): unknown
  /** How many members an object has. */
  count(object: unknown): number
  /** Their names. */
  names(object: unknown): readonly string[]
  /** The member of an object, undefined where it has none of that name. */
  member(object: unknown, name: string): unknown
}

export interface Codec<T> {
  decode(value: unknown, carrier: Carrier): T
  encode(value: T, carrier: Carrier): unknown
}

/** A member of an object that may be left out. */
interface Optional<T> extends Codec<T> {
  readonly optional: true
}

const U64_END = 1n << 64n
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/

/** The JSON of FORMAT §1. */
export const json: Carrier = {
  readU64(value: unknown): bigint {
    if (typeof value !== 'string' || !DECIMAL.test(value)) throw malformed('expected a decimal string')
    return boundedU64(BigInt(value))
  },
  writeU64: (value: bigint): string => value.toString(),
  readBytes(value: unknown, max: number): Uint8Array {
    if (typeof value !== 'string') throw malformed('expected a hex string')
    const size = value.length / 2 - 1
    if (size > max) throw overLimit('the number of bytes', max, size)
    const bytes = fromHex(value)
    if (bytes === undefined) throw malformed('expected 0x and pairs of lower-case hex digits')
    return bytes
  },
  writeBytes: toHex,
  count(object: unknown): number {
    if (!(object instanceof Map)) throw malformed('expected an object')
    return object.size
  },
  names: (object: unknown): readonly string[] => [...(object as ReadonlyMap<string, unknown>).keys()],
  member: (object: unknown, name: string): unknown => (object as ReadonlyMap<string, unknown>).get(name),
}

/** Values in memory and the records of a journal: integers (bigint or number), Uint8Array, plain objects. */
export const native: Carrier = {
  readU64(value: unknown): bigint {
    if (typeof value === 'bigint') return boundedU64(value)
    if (typeof value === 'number' && Number.isSafeInteger(value)) return boundedU64(BigInt(value))
    throw malformed('expected an integer')
  },
  writeU64: (value: bigint): bigint => value,
  readBytes(value: unknown, max: number): Uint8Array {
    if (!(value instanceof Uint8Array)) throw malformed('expected bytes')
    const copy = copyOf(value, max)
    // Counted again, for an array of another class can say what it wants of its length.
    if (copy.length > max) throw overLimit('the number of bytes', max, copy.length)
    return copy
  },
  writeBytes: (value: Uint8Array): Uint8Array => value,
  count(object: unknown): number {
    // Told from an object before its members are listed: an array of bytes has millions.
    const isOther = typeof object !== 'object' || object === null || Array.isArray(object) || ArrayBuffer.isView(object)
    if (isOther) throw malformed('expected an object')
    return native.names(object).length
  },
  names: (object: unknown): readonly string[] =>
    Object.keys(object as object).filter((name) => native.member(object, name) !== undefined),
  member: (object: unknown, name: string): unknown =>
    Object.prototype.propertyIsEnumerable.call(object, name)
      ? (object as Readonly<Record<string, unknown>>)[name]
      : undefined,
}

/** A copy: what was checked must not change afterwards, whoever else holds it. */
function copyOf(value: Uint8Array, max: number): Uint8Array {
  try {
    if (value.length <= max) return new Uint8Array(value)
  } catch {
    // It only passes for bytes, or they were handed to another thread.
    throw malformed('expected bytes')
  }
  throw overLimit('the number of bytes', max, value.length)
}

function boundedU64(value: bigint): bigint {
  if (value < 0n || value >= U64_END) throw malformed('expected a number below 2^64')
  return value
}

export const u64: Codec<bigint> = {
  decode: (value: unknown, carrier: Carrier): bigint => carrier.readU64(value),
  encode: (value: bigint, carrier: Carrier): unknown => carrier.writeU64(boundedU64(value)),
}

export function bytes(min: number, max: number): Codec<Uint8Array> {
  return {
    decode(value: unknown, carrier: Carrier): Uint8Array {
      const decoded = carrier.readBytes(value, max)
      if (decoded.length < min) throw malformed(`expected at least ${min} bytes, got ${decoded.length}`)
      return decoded
    },
    encode: (value: Uint8Array, carrier: Carrier): unknown => carrier.writeBytes(value),
  }
}

export const bytes32: Codec<Uint8Array> = bytes(32, 32)

/** Text of `min` to `max` bytes of UTF-8, and of a form where one is given. */
export function text(min: number, max: number, form?: RegExp): Codec<string> {
  return {
    decode(value: unknown): string {
      if (typeof value !== 'string') throw malformed('expected text')
      // Counted only where it decides: a unit is one to three bytes.
      const isSurely = value.length >= min && 3 * value.length <= max
      const size = isSurely || value.length > max ? value.length : utf8Length(value)
      if (size > max) throw overLimit('the text in bytes of UTF-8', max, size)
      if (size < min) throw malformed(`expected at least ${min} bytes of text`)
      if (!isWellFormed(value)) throw malformed('the text holds half a surrogate pair')
      if (form !== undefined && !form.test(value)) throw malformed(`expected text of the form ${form.source}`)
      return value
    },
    encode: (value: string): string => value,
  }
}

/** One of a few values, itself in every carrier. */
export function oneOf<T extends string | number>(...values: readonly T[]): Codec<T> {
  return {
    decode(value: unknown): T {
      // Integers may come as bigints from a journal; no text ever gives one.
      const given = typeof value === 'bigint' ? Number(value) : value
      const found = values.find((known) => known === given)
      if (found === undefined) throw malformed(`expected ${values.join(' or ')}`)
      return found
    },
    encode: (value: T): T => value,
  }
}

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    decode: (value: unknown, carrier: Carrier): T | null => (value === null ? null : codec.decode(value, carrier)),
    encode: (value: T | null, carrier: Carrier): unknown => (value === null ? null : codec.encode(value, carrier)),
  }
}

export function list<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    decode(value: unknown, carrier: Carrier): readonly T[] {
      if (!Array.isArray(value)) throw malformed('expected an array')
      if (value.length > max) throw overLimit('the number of items', max, value.length)
      const decoded: T[] = []
      try {
        for (const each of value) decoded.push(item.decode(each, carrier))
      } catch (fault) {
        throw within(decoded.length, fault)
      }
      return decoded
    },
    encode: (value: readonly T[], carrier: Carrier): unknown => value.map((each) => item.encode(each, carrier)),
  }
}

/** An array of fixed length, an item a codec. */
export function tuple<T extends readonly unknown[]>(...items: { readonly [I in keyof T]: Codec<T[I]> }): Codec<T> {
  const codecs: readonly Codec<unknown>[] = items
  return {
    decode(value: unknown, carrier: Carrier): T {
      if (!Array.isArray(value) || value.length !== codecs.length) throw malformed(`expected ${codecs.length} items`)
      const decoded: unknown[] = []
      try {
        for (const codec of codecs) decoded.push(codec.decode(value[decoded.length], carrier))
      } catch (fault) {
        throw within(decoded.length, fault)
      }
      return decoded as unknown as T
    },
    encode: (value: T, carrier: Carrier): unknown => codecs.map((codec, i) => codec.encode(value[i], carrier)),
  }
}

export function optional<T>(codec: Codec<T>): Optional<T> {
  return { ...codec, optional: true }
}

/** The members of an object in the order in which they are written; an undefined one is left out. */
export type Members<T> = { readonly [K in keyof T]-?: Codec<Exclude<T[K], undefined>> }

/** Exactly these members, each once (`optional` ones at most once). */
export function object<T>(members: Members<T>): Codec<T> {
  const known = Object.entries(members) as readonly (readonly [string, Codec<unknown>])[]
  return {
    decode(value: unknown, carrier: Carrier): T {
      const given = carrier.count(value)
      const decoded: Record<string, unknown> = {}
      let taken = 0
      let at = ''
      try {
        for (const [name, codec] of known) {
          at = name
          const member = carrier.member(value, name)
          if (member !== undefined) {
            decoded[name] = codec.decode(member, carrier)
            taken++
          } else if (!('optional' in codec)) throw malformed('the member is missing')
        }
      } catch (fault) {
        throw within(at, fault)
      }
      if (taken < given) throw unknownMember(carrier.names(value), members)
      return decoded as T
    },
    encode(value: T, carrier: Carrier): unknown {
      const encoded: Record<string, unknown> = {}
      for (const [name, codec] of known) {
        const member = (value as Record<string, unknown>)[name]
        if (member !== undefined) encoded[name] = codec.encode(member, carrier)
      }
      return encoded
    },
  }
}

function unknownMember(given: readonly string[], members: object): unknown {
  const name = given.find((each) => !Object.hasOwn(members, each))
  return within(name ?? '', malformed('nobody knows this member'))
}

/** Objects told apart by the member `by`. */
export function variant<K extends string, T extends { readonly [P in K]: string }>(
  by: K,
  codecs: { readonly [N in T[K]]: Codec<Extract<T, { readonly [P in K]: N }>> },
): Codec<T> {
  const known = new Map<unknown, Codec<unknown>>(Object.entries(codecs))
  return {
    decode(value: unknown, carrier: Carrier): T {
      const codec = carrier.count(value) > 0 ? known.get(carrier.member(value, by)) : undefined
      if (codec === undefined) throw within(by, malformed(`expected ${[...known.keys()].join(' or ')}`))
      return codec.decode(value, carrier) as T
    },
    encode: (value: T, carrier: Carrier): unknown => (known.get(value[by]) as Codec<T>).encode(value, carrier),
  }
}

/** The same shape with a rule of its own: `rule` answers what is wrong, or nothing. */
export function refine<T>(codec: Codec<T>, rule: (value: T) => string | undefined): Codec<T> {
  return {
    decode(value: unknown, carrier: Carrier): T {
      const decoded = codec.decode(value, carrier)
      const wrong = rule(decoded)
      if (wrong !== undefined) throw malformed(wrong)
      return decoded
    },
    encode: (value: T, carrier: Carrier): unknown => codec.encode(value, carrier),
  }
}
