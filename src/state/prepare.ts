/**
 * What a version makes of a tree: its root, its pages, and what the store will hold of them. Nothing is mutated.
 *
 * A crash here means nothing: nobody was told, and nothing was written.
 */

import { VALUE_KEY_LENGTH, writeValueKey } from '../store/keys.ts'
import { Slab } from '../store/slab.ts'
import { EMPTY } from '../verify/state-proof.ts'
import type { TreeName } from '../verify/types.ts'
import { type ChangesPart, encodeChanges } from './changes.ts'
import { KeyList } from './key-list.ts'
import { MadePages } from './made.ts'
import type { Root } from './newest.ts'
import { hashOf, type PageHasher } from './page-hash.ts'
import { PATCH_NODES } from './patch.ts'
import { type LeafAt, type Plan, type Removed, versionOf } from './plan.ts'
import { bytesOf, copyHash, HASH_WORDS, hashAt, LEAF_WORDS } from './slots.ts'
import type { HashedWrites } from './sort.ts'
import type { Space } from './space.ts'

/** A version that was prepared; it may be dropped without a trace, or added to a batch in its turn. */
export interface Prepared {
  readonly version: number
  readonly root: Uint8Array
  /** The root of the version that it was prepared on. */
  readonly before: Uint8Array
  /** The birth of the root page, −1 where the tree is empty. */
  readonly rootBirth: number
  /** The pages that it takes away. */
  readonly removed: readonly Removed[]
  /** The pages and patches that it makes. */
  readonly made: MadePages
  readonly space: Space
  readonly changes: readonly ChangesPart[]
  readonly values: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]
  /** A list of the values that nobody needs from this version on. */
  readonly overwritten: Uint8Array
  /** What it wrote to a raw key, for whoever reads before it is applied: null where it deleted it, undefined where it did neither. */
  written(rawKey: Uint8Array): Uint8Array | null | undefined
  parent: Prepared | undefined
}

/** What a plan makes of the version before, hashed. */
export function prepareVersion(
  tree: TreeName,
  version: number,
  writes: HashedWrites,
  { root, rootBirth }: Root,
  plan: Plan,
  space: Space,
  pageHasher: PageHasher,
  parent: Prepared | undefined,
): Prepared {
  for (let depth = plan.byDepth.length - 1; depth >= 0; depth--) {
    hashPages(plan, plan.byDepth[depth] as number[], space.words, pageHasher)
  }
  const top = plan.byDepth[0]?.[0]
  const isUnchanged = top === undefined && plan.removed.length === 0
  const newRoot = top === undefined ? EMPTY : hashAt(space.words, hashMade(plan, top, space.words))
  return {
    version,
    root: (isUnchanged ? root : newRoot).slice(),
    before: root.slice(),
    rootBirth: isUnchanged ? rootBirth : top === undefined ? -1 : version,
    removed: plan.removed,
    made: new MadePages(plan),
    space,
    changes: encodeChanges(plan, space.words),
    values: valuesOf(tree, writes, plan.effective, version),
    overwritten: listOf(tree, plan.overwritten),
    written: lookup(writes),
    parent,
  }
}

function listOf(tree: TreeName, values: readonly LeafAt[]): Uint8Array {
  const list = new KeyList(values.length * KeyList.length(VALUE_KEY_LENGTH))
  let words: Uint32Array | undefined
  let bytes = list.bytes
  for (const value of values) {
    // Most of them stand in the cache: one view of it serves them all.
    if (value.words !== words) bytes = bytesOf(value.words)
    words = value.words
    writeValueKey(list.bytes, list.add(VALUE_KEY_LENGTH), tree, bytes, 4 * value.at, versionOf(value))
  }
  return list.bytes
}

/** Finds writes by their raw key. Nearly always nobody asks, and no index is made. */
function lookup({ records, isValue }: HashedWrites): Prepared['written'] {
  let places: ReadonlyMap<string, number> | undefined
  return (rawKey: Uint8Array): Uint8Array | null | undefined => {
    places ??= new Map(records.map((record, i) => [nameOf(record.subarray(2, 2 + keyLength(record))), i]))
    const place = places.get(nameOf(rawKey))
    if (place === undefined) return undefined
    const record = records[place] as Uint8Array
    return isValue[place] === 1 ? record.slice(2 + keyLength(record)) : null
  }
}

/** The length of the raw key in a record of a value. */
export function keyLength(record: Uint8Array): number {
  return ((record[0] as number) << 8) | (record[1] as number)
}

// Every byte has a character of its own there, and one call is a fifth of what `String.fromCharCode` takes.
const latin1 = new TextDecoder('latin1')

/** A raw key as a key of a map. */
function nameOf(rawKey: Uint8Array): string {
  return latin1.decode(rawKey)
}

/** Hashes the pages of one depth, and tells their parents. */
function hashPages(plan: Plan, numbers: readonly number[], words: Uint32Array, pageHasher: PageHasher): void {
  pageHasher.hash({ words, numbers, at: plan.at, before: plan.before, changed: plan.changed, isPatch: plan.isPatch })
  for (const number of numbers) {
    const to = plan.hashTo[number]
    if (to !== undefined) copyHash(words, hashMade(plan, number, words), words, to)
  }
}

/** Where the hash of what was made stands. */
function hashMade({ at, isPatch }: Plan, number: number, words: Uint32Array): number {
  const begins = at[number] as number
  return isPatch[number] === true ? begins + PATCH_NODES + HASH_WORDS : hashOf(words, begins)
}

function valuesOf(
  tree: TreeName,
  { entries, isValue, records }: HashedWrites,
  effective: readonly number[],
  version: number,
): Prepared['values'] {
  const slab = new Slab()
  const hashes = bytesOf(entries)
  const values: { key: Uint8Array; value: Uint8Array }[] = []
  for (const i of effective) {
    if (isValue[i] !== 1) continue
    const key = slab.take(VALUE_KEY_LENGTH)
    writeValueKey(key, 0, tree, hashes, 4 * i * LEAF_WORDS, version)
    values.push({ key, value: records[i] as Uint8Array })
  }
  return values
}
