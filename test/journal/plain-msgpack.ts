/**
 * Msgpack once more, after its specification and for tests only: it shares nothing with what is tested, takes what is right and checks
 * nothing. Maps come as arrays of pairs, so that a name that stands twice is seen, and integers as bigints.
 */
type Plain = bigint | string | null | Uint8Array | readonly Plain[] | Pairs
class Pairs {
  readonly pairs: readonly (readonly [Plain, Plain])[]
  constructor(pairs: readonly (readonly [Plain, Plain])[]) {
    this.pairs = pairs
  }
}

export function readPlain(bytes: Uint8Array): Plain {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const unsigned = (size: 1 | 2 | 4 | 8): bigint => {
    const start = at
    at += size
    if (size === 8) return view.getBigUint64(start)
    return BigInt(size === 1 ? view.getUint8(start) : size === 2 ? view.getUint16(start) : view.getUint32(start))
  }
  const taken = (length: bigint | number): Uint8Array => {
    const start = at
    at += Number(length)
    return bytes.slice(start, at)
  }
  const text = (length: bigint | number): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(taken(length))
  const array = (length: bigint | number): Plain[] => Array.from({ length: Number(length) }, () => value())
  const map = (length: bigint | number): Pairs =>
    new Pairs(Array.from({ length: Number(length) }, () => [value(), value()] as const))
  const forms: Readonly<Record<number, () => Plain>> = {
    192: () => null,
    196: () => taken(unsigned(1)),
    197: () => taken(unsigned(2)),
    198: () => taken(unsigned(4)),
    204: () => unsigned(1),
    205: () => unsigned(2),
    206: () => unsigned(4),
    207: () => unsigned(8),
    217: () => text(unsigned(1)),
    218: () => text(unsigned(2)),
    219: () => text(unsigned(4)),
    220: () => array(unsigned(2)),
    221: () => array(unsigned(4)),
    222: () => map(unsigned(2)),
    223: () => map(unsigned(4)),
  }
  function value(): Plain {
    const type = Number(unsigned(1))
    if (type <= 127) return BigInt(type)
    if (type <= 143) return map(type - 128)
    if (type <= 159) return array(type - 144)
    if (type <= 191) return text(type - 160)
    const form = forms[type]
    if (form === undefined) throw new Error(`type ${type}`)
    return form()
  }
  const whole = value()
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes are left`)
  return whole
}

/** What a value of a record is in these terms. */
export function plainOf(value: unknown): Plain {
  if (typeof value === 'bigint' || typeof value === 'number') return BigInt(value)
  if (typeof value === 'string' || value === null) return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) return value.map(plainOf)
  const members = Object.entries(value as object).filter(([, member]) => member !== undefined)
  return new Pairs(members.map(([name, member]) => [name, plainOf(member)]))
}
