/**
 * Changes of msgpack that leave it one nearly always: other forms of the same number, lengths that say more than there is, members that stand twice,
 * names that are no text, values that nest. What is written here no writer of a journal writes.
 */
import type { Random } from '../../support/seed.ts'
import { NAMES, NOT_UTF8 } from './hostile.ts'

/** What has no parts stands as its bytes, head and all. */
type Node = { items: Node[]; head?: Uint8Array } | { members: [Node, Node][]; head?: Uint8Array } | { raw: Uint8Array }
type Holder = Exclude<Node, { raw: Uint8Array }>

/** The bytes changed; nothing where they are no msgpack. */
export function mutateMsgpack(bytes: Uint8Array, random: Random, other: () => Uint8Array): Uint8Array | undefined {
  const tree = parsed(bytes)
  if (tree === undefined) return undefined
  const root: Node & Holder = { items: [tree] }
  for (let i = 1 + random.below(random.pick([1, 1, 3])); i > 0; i--) change(root, random, other)
  return Buffer.concat(root.items.map(written))
}

function change(root: Holder, random: Random, other: () => Uint8Array): void {
  const holder = random.pick(holdersIn(root))
  if (holder !== root && random.below(8) === 0) {
    holder.head = headFor(holder, random)
    return
  }
  const parts: Node[][] = 'items' in holder ? holder.items.map((each) => [each]) : holder.members
  const at = random.below(parts.length + 1)
  const part = parts[at]
  switch (part === undefined ? 5 : random.below(6)) {
    case 0:
      parts.splice(at, 1)
      break
    case 1:
      parts.splice(
        at,
        0,
        ...Array.from({ length: random.pick([1, 1, 15, 300]) }, () => structuredClone(part) as Node[]),
      )
      break
    case 5:
      parts.push(partFor(holder, root, random, other))
      break
    default: {
      const place = random.below(part?.length ?? 1)
      ;(part as Node[])[place] = changedValue((part as Node[])[place] as Node, root, random, other)
    }
  }
  const kept = parts.filter((each) => each.length > 0)
  if ('items' in holder) holder.items = kept.map(([each]) => each as Node)
  else holder.members = kept as [Node, Node][]
}

function partFor(holder: Holder, root: Holder, random: Random, other: () => Uint8Array): Node[] {
  const value = valueFor(root, random, other)
  return 'items' in holder ? [value] : [{ raw: text(random.pick(NAMES)) }, value]
}

function changedValue(value: Node, root: Holder, random: Random, other: () => Uint8Array): Node {
  if ('raw' in value && random.below(2) === 0) return { raw: changedScalar(value.raw, random) }
  return valueFor(root, random, other)
}

/** The same in a longer form, with a length that is not its own, or cut. */
function changedScalar(raw: Uint8Array, random: Random): Uint8Array {
  const body = bodyOf(raw)
  if (body === undefined) return random.pick(SCALARS)
  const { isText, bytes } = body
  const [one, two, four] = isText ? [0xd9, 0xda, 0xdb] : [0xc4, 0xc5, 0xc6]
  const said = random.pick([bytes.length, bytes.length, bytes.length - 1, bytes.length + 1, 0, 0xffff, 0xffffffff])
  const length = Math.max(0, said)
  switch (random.below(4)) {
    case 0:
      return Buffer.concat([Uint8Array.of(one, length & 255), bytes])
    case 1:
      return Buffer.concat([Uint8Array.of(two, (length >> 8) & 255, length & 255), bytes])
    case 2:
      return Buffer.concat([Uint8Array.of(four), big(length), bytes])
    default: {
      const changed = Uint8Array.from(bytes)
      if (changed.length > 0) changed[random.below(changed.length)] = random.below(256)
      return isText ? text(changed) : binary(changed)
    }
  }
}

function valueFor(root: Holder, random: Random, other: () => Uint8Array): Node {
  switch (random.below(6)) {
    case 0:
      return structuredClone(random.pick(holdersIn(root)))
    case 1: {
      const tree = parsed(other())
      return tree === undefined || 'raw' in tree ? { raw: random.pick(SCALARS) } : random.pick(holdersIn(tree))
    }
    case 2: {
      const depth = random.pick([2, 11, 12, 13, 200, 20_000])
      const level = random.below(2) === 0 ? Uint8Array.of(0x91) : Uint8Array.of(0x81, 0xa1, 0x61)
      return { raw: Buffer.concat([...Array.from({ length: depth }, () => level), Uint8Array.of(0xc0)]) }
    }
    default:
      return { raw: random.pick(SCALARS) }
  }
}

/** A head that says how many there are in another form, or another number of them. */
function headFor(holder: Holder, random: Random): Uint8Array {
  const [count, short, long] =
    'items' in holder ? [holder.items.length, 0xdc, 0xdd] : [holder.members.length, 0xde, 0xdf]
  const said = random.pick([count, count, count + 1, count - 1, 0xffff, 0x7fffffff, 0xffffffff])
  return random.below(2) === 0
    ? Uint8Array.of(short, (said >> 8) & 255, said & 255)
    : Buffer.concat([Uint8Array.of(long), big(Math.max(0, said))])
}

const big = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function text(given: string | Uint8Array): Uint8Array {
  const bytes = typeof given === 'string' ? Buffer.from(given) : given
  const head = bytes.length < 32 ? [0xa0 | bytes.length] : [0xd9, bytes.length & 255]
  return Buffer.concat([Uint8Array.from(head), bytes])
}

function binary(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0xc6), big(bytes.length), bytes])
}

const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, 'hex'))

const SCALARS: readonly Uint8Array[] = [
  // Numbers in every form, at the ends of their ranges; negative ones; such that lie beyond what a double tells apart.
  ...['00', '01', '7f', 'cc00', 'ccff', 'cdffff', 'ceffffffff', 'cf0000000000000001', 'cf001fffffffffffff'].map(hex),
  ...['cf0020000000000001', 'cfffffffffffffffff', 'e0', 'ff', 'd0ff', 'd17fff', 'd2ffffffff', 'd38000000000000000'].map(
    hex,
  ),
  ...['d37fffffffffffffff', 'ca3f800000', 'cb7ff8000000000000', 'cb3ff0000000000000', 'c0', 'c1', 'c2', 'c3'].map(hex),
  // Lengths with nothing behind them.
  ...['c4ff', 'c5ffff', 'c6ffffffff', 'd9ff', 'dbffffffff', 'ddffffffff', 'dfffffffff', 'dcffff', 'deffff'].map(hex),
  // What msgpack has and a journal has not: extensions, times.
  ...['d40000', 'd6ff00000000', 'c70cff000000000000000000000000', 'c900ffffff00'].map(hex),
  ...['a0', 'c400', '90', '80', 'dc0000', 'de0000', 'dd00000000', 'df00000000'].map(hex),
  ...NAMES.map((name) => text(name)),
  ...NOT_UTF8.map((bytes) => text(Uint8Array.from(bytes))),
]

function holdersIn(root: Holder): Holder[] {
  const found: Holder[] = []
  const visit = (node: Node): void => {
    if ('raw' in node) return
    found.push(node)
    for (const each of 'items' in node ? node.items : node.members.flat()) visit(each)
  }
  visit(root)
  return found
}

function written(node: Node): Uint8Array {
  if ('raw' in node) return node.raw
  const parts = 'items' in node ? node.items : node.members.flat()
  const count = 'items' in node ? node.items.length : node.members.length
  const [few, short] = 'items' in node ? [0x90, 0xdc] : [0x80, 0xde]
  const head = node.head ?? (count < 16 ? Uint8Array.of(few | count) : Uint8Array.of(short, count >> 8, count & 255))
  return Buffer.concat([head, ...parts.map(written)])
}

/** Of a text or bytes: what stands behind the length. */
function bodyOf(raw: Uint8Array): { readonly isText: boolean; readonly bytes: Uint8Array } | undefined {
  const type = raw[0] ?? 0
  if (type >= 0xa0 && type < 0xc0) return { isText: true, bytes: raw.subarray(1) }
  const at = { 217: 2, 218: 3, 219: 5, 196: 2, 197: 3, 198: 5 }[type]
  return at === undefined ? undefined : { isText: type > 0xd0, bytes: raw.subarray(at) }
}

/** What is deeper is changed as bytes: it would overflow this reader. */
const DEPTH_MAX = 1000

/** Only what a journal holds: anything else is changed as bytes. */
function parsed(bytes: Uint8Array): Node | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const raw = (from: number, length: number): Node => {
    at = from + length
    if (at > bytes.length) throw new RangeError('it ends')
    return { raw: bytes.slice(from, at) }
  }
  const list = (count: number, depth: number): Node => ({ items: Array.from({ length: count }, () => value(depth)) })
  const map = (count: number, depth: number): Node => ({
    members: Array.from({ length: count }, () => [value(depth), value(depth)]),
  })
  const value = (depth: number): Node => {
    if (depth > DEPTH_MAX) throw new RangeError('too deep')
    const from = at
    const type = view.getUint8(at++)
    if (type < 0x80 || type === 0xc0) return raw(from, 1)
    if (type < 0x90) return map(type & 15, depth + 1)
    if (type < 0xa0) return list(type & 15, depth + 1)
    if (type < 0xc0) return raw(from, 1 + (type & 31))
    const size = { 204: 2, 205: 3, 206: 5, 207: 9, 208: 2, 209: 3, 210: 5, 211: 9 }[type]
    if (size !== undefined) return raw(from, size)
    if (type === 0xc4 || type === 0xd9) return raw(from, 2 + view.getUint8(at))
    if (type === 0xc5 || type === 0xda) return raw(from, 3 + view.getUint16(at))
    if (type === 0xc6 || type === 0xdb) return raw(from, 5 + view.getUint32(at))
    const count = type === 0xdd || type === 0xdf ? view.getUint32(at) : view.getUint16(at)
    at += type === 0xdd || type === 0xdf ? 4 : 2
    if (count > bytes.length - at) throw new RangeError('it ends')
    if (type === 0xdc || type === 0xdd) return list(count, depth + 1)
    if (type === 0xde || type === 0xdf) return map(count, depth + 1)
    throw new RangeError('a journal has none')
  }
  try {
    const tree = value(0)
    return at === bytes.length ? tree : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
