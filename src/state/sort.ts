/** The writes of a version as the tree takes them: hashed, in the order of K, the last one to a key only. */
import { Slab } from '../store/slab.ts'
import { KEY_MAX, PAYLOAD_MAX } from '../verify/bounds.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Write } from '../verify/state-tree.ts'
import { Messages } from './messages.ts'
import { copyHash, HASH_WORDS, LEAF_VERSION, LEAF_WORDS, wordsOf, writeVersion } from './slots.ts'

export interface HashedWrites {
  /** Each as a leaf: K, V and version; a deletion has no version. */
  readonly entries: Uint32Array
  readonly count: number
  /**
   * Each as the store keeps a value: its raw key with its length before it, and the value, where there is one. Whoever walks the tree can so
   * name what it holds. Copies: who wrote it may change it while pages are read. None where values are not kept.
   */
  readonly records: readonly Uint8Array[]
}

const NO_VALUE = new Uint8Array(0)

export function sortWrites(
  writes: readonly Write[],
  version: number,
  hasher: Hasher,
  keepsValues = true,
): HashedWrites {
  for (const [rawKey, value] of writes) {
    demandBytes('key', rawKey, KEY_MAX)
    if (value !== null) demandBytes('value', value, PAYLOAD_MAX)
  }
  const keyMessages = new Messages()
  for (const [rawKey] of writes) keyMessages.add(rawKey)
  const keys = wordsOf(keyMessages.hashes(hasher))
  const origin = inOrder(keys, writes.length)
  const valueMessages = new Messages()
  for (const write of origin) valueMessages.add((writes[write] as Write)[1] ?? NO_VALUE)
  const values = wordsOf(valueMessages.hashes(hasher))
  const entries = new Uint32Array(origin.length * LEAF_WORDS)
  origin.forEach((write, i) => {
    const at = i * LEAF_WORDS
    copyHash(keys, write * HASH_WORDS, entries, at)
    if ((writes[write] as Write)[1] === null) {
      entries[at + LEAF_VERSION] = DELETED
      return
    }
    copyHash(values, i * HASH_WORDS, entries, at + HASH_WORDS)
    writeVersion(entries, at + LEAF_VERSION, version)
  })
  const slab = new Slab()
  const records = keepsValues ? origin.map((write) => recordOf(writes[write] as Write, slab)) : []
  return { entries, count: origin.length, records }
}

function recordOf([rawKey, value]: Write, slab: Slab): Uint8Array {
  const record = slab.take(2 + rawKey.length + (value?.length ?? 0))
  record[0] = rawKey.length >> 8
  record[1] = rawKey.length
  record.set(rawKey, 2)
  if (value !== null) record.set(value, 2 + rawKey.length)
  return record
}

function demandBytes(what: string, bytes: Uint8Array, limit: number): void {
  // Text has a length too, and would be taken for as many zeros.
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`a ${what} is an Uint8Array`)
  const size = bytes.length
  if (size <= limit) return
  throw new CairnError('too_large', `A ${what} has ${size} bytes, ${limit} is the limit.`, { what, size, limit })
}

/** The places of the keys in their order; of those that are equal the last one. */
function inOrder(keys: Uint32Array, count: number): readonly number[] {
  // The first bits of a key and its place in one number: sorted without a call for each comparison, and nearly always that decides.
  const places = 2 ** (32 - Math.clz32(count))
  const order = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const at = i * HASH_WORDS
    const leading = swapped(keys[at] as number) * 0x20_0000 + (swapped(keys[at + 1] as number) >>> 11)
    order[i] = Math.floor(leading / places) * places + i
  }
  order.sort()
  const found: number[] = []
  for (let first = 0, end = 0; first < count; first = end) {
    const leading = Math.floor((order[first] as number) / places)
    for (end = first + 1; end < count && Math.floor((order[end] as number) / places) === leading; ) end++
    if (end === first + 1) found.push((order[first] as number) - leading * places)
    else
      found.push(
        ...settled(
          keys,
          Array.from(order.subarray(first, end), (each) => each % places),
        ),
      )
  }
  return found
}

/** The same for keys that begin alike. */
function settled(keys: Uint32Array, alike: readonly number[]): readonly number[] {
  const order = alike.toSorted((a, b) => compareKeys(keys, a * HASH_WORDS, keys, b * HASH_WORDS) || a - b)
  return order.filter((write, i) => {
    const next = order[i + 1]
    return next === undefined || compareKeys(keys, write * HASH_WORDS, keys, next * HASH_WORDS) !== 0
  })
}

/** Below 0 where the key of the first comes before that of the other. */
export function compareKeys(a: Uint32Array, from: number, b: Uint32Array, other: number): number {
  for (let i = 0; i < HASH_WORDS; i++) {
    const [one, two] = [a[from + i] as number, b[other + i] as number]
    if (one !== two) return swapped(one) - swapped(two)
  }
  return 0
}

/** The word with its bytes in the other order: as a big-endian number, which is the order of keys. */
function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}

/** In the place of a version: far above any. */
const DELETED = 0xffff_ffff

export function isDeletion(entries: Uint32Array, i: number): boolean {
  return entries[i * LEAF_WORDS + LEAF_VERSION] === DELETED
}
