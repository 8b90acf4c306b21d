/**
 * The keys of the store (design, "State trees"): one letter for what it is, the tree where there are two, and big-endian numbers, so
 * that the order of the keys is the order of versions. The store is a cache of the journal: it may be thrown away and made again.
 */
import type { RangeName, TreeName } from '../verify/types.ts'
import type { Slab } from './slab.ts'

const TREES: Readonly<Record<TreeName, number>> = { state: 0x73, risk: 0x72 }
// None of them is the letter of a tree.
const RANGES: Readonly<Record<RangeName, number>> = {
  commands: 0x63,
  obligations: 0x6f,
  intents: 0x69,
  history: 0x68,
}

export const LETTER = {
  /** A page as it was born at a version. */
  page: 0x6e,
  /** What a version changed. */
  changes: 0x64,
  /** The root of a version, and from where its pages can be had. */
  root: 0x72,
  /** A raw key and its value, written at a version. */
  value: 0x76,
  /** Values that nobody needs who asks for this version or a later one. */
  stale: 0x73,
  /** Pages that nobody needs who asks for this version or a later one: it has a newer checkpoint. */
  stalePages: 0x78,
  /** Where the tree stands, and all of a range: what is below it is told apart by the letters of trees and ranges. */
  meta: 0x6d,
} as const

export type Letter = keyof typeof LETTER

const NUMBER = 8
/** Where the version stands in the keys that begin with one. */
export const VERSION_AT = 2
/** Where it stands in the key of a value. */
export const VALUE_VERSION_AT = 34

function start(letter: Letter, tree: TreeName, length: number, slab?: Slab): Uint8Array {
  const key = slab === undefined ? new Uint8Array(2 + length) : slab.take(2 + length)
  key[0] = LETTER[letter]
  key[1] = TREES[tree]
  return key
}

export function writeNumber(target: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  for (let i = 0; i < 4; i++) {
    target[at + i] = high >>> (24 - 8 * i)
    target[at + 4 + i] = value >>> (24 - 8 * i)
  }
}

export function readNumber(source: Uint8Array, at: number): number {
  let value = 0
  for (let i = 0; i < 8; i++) value = value * 256 + (source[at + i] as number)
  return value
}

/** `d`, `r`, `s`: of a tree and a version; of `n`, where the pages of a version begin. */
export function versionKey(letter: Exclude<Letter, 'value' | 'meta'>, tree: TreeName, version: number): Uint8Array {
  const key = start(letter, tree, NUMBER)
  writeNumber(key, 2, version)
  return key
}

/** `x`: by the version from which on nobody needs them, and the checkpoint that took their place. */
export function stalePagesKey(tree: TreeName, version: number, checkpoint: number): Uint8Array {
  const key = start('stalePages', tree, 2 * NUMBER)
  writeNumber(key, 2, version)
  writeNumber(key, 10, checkpoint)
  return key
}

export function metaKey(tree: TreeName): Uint8Array {
  return start('meta', tree, 0)
}

/** `n`: a page, by the version of its birth, the length of its path in nibbles and the path. */
export function pageKey(tree: TreeName, birth: number, nibbles: number, path: Uint8Array): Uint8Array {
  const key = start('page', tree, NUMBER + 1 + path.length)
  writeNumber(key, VERSION_AT, birth)
  key[10] = nibbles
  key.set(path, 11)
  return key
}

/** `v`: a value, by the hash of its raw key (at `from` among these bytes) and the version that wrote it. */
export function valueKey(tree: TreeName, bytes: Uint8Array, from: number, version: number, slab?: Slab): Uint8Array {
  const key = start('value', tree, 32 + NUMBER, slab)
  for (let i = 0; i < 32; i++) key[2 + i] = bytes[from + i] as number
  writeNumber(key, VALUE_VERSION_AT, version)
  return key
}

/** The end of all keys of this letter and tree. */
export function endOf(letter: Letter, tree: TreeName): Uint8Array {
  const key = start(letter, tree, 0)
  key[1] = TREES[tree] + 1
  return key
}

/** `m|range`: where the range stands. */
export function rangeKey(range: RangeName): Uint8Array {
  return Uint8Array.of(LETTER.meta, RANGES[range])
}

/** `m|range|level|tile|first`: hashes of a tile from the `first` on; what a tile has is between the key of its 0th and the next tile's. */
export function tileKey(range: RangeName, level: number, tile: bigint, first: number): Uint8Array {
  const key = new Uint8Array(12)
  key.set(rangeKey(range))
  key[2] = level
  new DataView(key.buffer).setBigUint64(3, tile)
  key[11] = first
  return key
}
