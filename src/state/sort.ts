/** The writes of a version as the tree takes them: hashed, in the order of K, the last one to a key only. */
import type { Hasher } from '../verify/engine.ts'
import type { Write } from '../verify/state-tree.ts'
import { swapped } from './draft.ts'
import { bytesOf, copyWords, HASH_WORDS, LEAF_VERSION, LEAF_WORDS, writeVersion } from './slots.ts'

export interface HashedWrites {
  readonly entries: Uint32Array
  readonly isValue: Uint8Array
  readonly count: number
  /** The write that each came from. */
  readonly origin: readonly Write[]
}

export function sortWrites(writes: readonly Write[], version: number, hasher: Hasher): HashedWrites {
  const hashed = new Uint32Array(writes.length * HASH_WORDS)
  const bytes = bytesOf(hashed)
  const order: number[] = []
  const leading = new Float64Array(writes.length)
  writes.forEach(([rawKey], i) => {
    bytes.set(hasher.hash(rawKey), 4 * HASH_WORDS * i)
    const at = i * HASH_WORDS
    // 53 bits decide nearly always, and compare as one number.
    leading[i] = swapped(hashed[at] as number) * 0x20_0000 + (swapped(hashed[at + 1] as number) >>> 11)
    order.push(i)
  })
  order.sort((a, b) => (leading[a] as number) - (leading[b] as number) || compareWords(hashed, a, b) || a - b)
  const last = order.filter((write, i) => {
    const next = order[i + 1]
    return next === undefined || leading[write] !== leading[next] || compareWords(hashed, write, next) !== 0
  })

  const entries = new Uint32Array(last.length * LEAF_WORDS)
  const entryBytes = bytesOf(entries)
  const isValue = new Uint8Array(last.length)
  last.forEach((write, i) => {
    const at = i * LEAF_WORDS
    copyWords(hashed, write * HASH_WORDS, entries, at, HASH_WORDS)
    const value = (writes[write] as Write)[1]
    if (value === null) return
    isValue[i] = 1
    entryBytes.set(hasher.hash(value), 4 * (at + HASH_WORDS))
    writeVersion(entries, at + LEAF_VERSION, version)
  })
  return { entries, isValue, count: last.length, origin: last.map((write) => writes[write] as Write) }
}

function compareWords(hashed: Uint32Array, a: number, b: number): number {
  for (let i = 0; i < HASH_WORDS; i++) {
    const one = swapped(hashed[a * HASH_WORDS + i] as number)
    const other = swapped(hashed[b * HASH_WORDS + i] as number)
    if (one !== other) return one - other
  }
  return 0
}
