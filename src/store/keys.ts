/**
 * The keys of the store (design, "State trees"): one letter for what it is, the tree where there are two, and big-endian numbers, so
 * that the order of the keys is the order of versions. The store is a cache of the journal: it may be thrown away and made again.
 */
import type { RangeName, TreeName } from '../verify/types.ts'
import { depthOf, type Path, pathLength, writePath } from './path.ts'

const TREES: Readonly<Record<TreeName, number>> = { state: 0x73, risk: 0x72 }
// None of them is the letter of a tree.
const RANGES: Readonly<Record<RangeName, number>> = {
  commands: 0x63,
  obligations: 0x6f,
  intents: 0x69,
  history: 0x68,
}

/** Any other name would have the letter 0, and all such trees and ranges would be one. */
export function demandTree(name: TreeName): void {
  if (!Object.hasOwn(TREES, name)) throw new RangeError(`a tree is ${Object.keys(TREES).join(' or ')}, not ${name}`)
}

export function demandRange(name: RangeName): void {
  if (!Object.hasOwn(RANGES, name)) throw new RangeError(`a range is ${Object.keys(RANGES).join(', ')}, not ${name}`)
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

/** How all keys of a letter and a tree begin, as a number of 16 bits: the letter is the lower one. */
export function keyStart(letter: Letter, tree: TreeName): number {
  return LETTER[letter] | (TREES[tree] << 8)
}

function start(letter: Letter, tree: TreeName, length: number): Uint8Array {
  const key = new Uint8Array(2 + length)
  writeStart(key, 0, letter, tree)
  return key
}

function writeStart(target: Uint8Array, at: number, letter: Letter, tree: TreeName): void {
  target[at] = LETTER[letter]
  target[at + 1] = TREES[tree]
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

/** `d`: of a version, the changes of the root page (`part` 16) or of those below one of its slots. */
export function changesKey(tree: TreeName, version: number, part: number): Uint8Array {
  const key = start('changes', tree, NUMBER + 1)
  writeNumber(key, VERSION_AT, version)
  key[10] = part
  return key
}

/** `r`, `s`: of a tree and a version; of the others, where those of a version begin. */
export function versionKey(letter: Exclude<Letter, 'meta'>, tree: TreeName, version: number): Uint8Array {
  const key = start(letter, tree, NUMBER)
  writeNumber(key, VERSION_AT, version)
  return key
}

/** Where the checkpoint stands in the key of a list of pages that it made stale. */
export const CHECKPOINT_AT = 10

/** `x`: by the version from which on nobody needs them, and the checkpoint that took their place. */
export function stalePagesKey(tree: TreeName, version: number, checkpoint: number): Uint8Array {
  const key = start('stalePages', tree, 2 * NUMBER)
  writeNumber(key, VERSION_AT, version)
  writeNumber(key, CHECKPOINT_AT, checkpoint)
  return key
}

export function metaKey(tree: TreeName): Uint8Array {
  return start('meta', tree, 0)
}

/** What is retained: beside `metaKey`, so that a prune and a version that is applied never write the same record. */
export function retainedKey(tree: TreeName): Uint8Array {
  return start('meta', tree, 1)
}

/** `n`: a page, by the version of its birth, the length of its path in nibbles and the path. */
export function pageKey(tree: TreeName, birth: number, path: Path): Uint8Array {
  const key = start('page', tree, NUMBER + 1 + pathLength(path))
  writeNumber(key, VERSION_AT, birth)
  key[10] = depthOf(path)
  writePath(key, 11, path)
  return key
}

export const VALUE_KEY_LENGTH = 42

/**
 * `v`: a value, by the version that wrote it and the hash of its raw key. In this order what is new comes after all that is there: the store
 * moves its tables down without merging them, where keys in the order of hashes made it rewrite every value several times.
 */
export function valueKey(tree: TreeName, keyHash: Uint8Array, version: number): Uint8Array {
  const key = new Uint8Array(VALUE_KEY_LENGTH)
  writeValueKey(key, 0, tree, keyHash, 0, version)
  return key
}

/** The same, the hash of the raw key being at `from` among these bytes. */
export function writeValueKey(
  target: Uint8Array,
  at: number,
  tree: TreeName,
  bytes: Uint8Array,
  from: number,
  version: number,
): void {
  writeStart(target, at, 'value', tree)
  writeNumber(target, at + VERSION_AT, version)
  for (let i = 0; i < 32; i++) target[at + 10 + i] = bytes[from + i] as number
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
