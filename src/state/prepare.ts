/**
 * A version that was prepared: its root, its pages, and what the store will hold of it. Nothing that was there changed; it may be dropped
 * without a trace, or added to a batch in its turn.
 *
 * A crash here means nothing: nobody was told, and nothing was written.
 */
import { VALUE_KEY_LENGTH, writeValueKey } from '../store/keys.ts'
import { Slab } from '../store/slab.ts'
import { EMPTY } from '../verify/state-proof.ts'
import type { TreeName } from '../verify/types.ts'
import type { ChangesPart } from './changes.ts'
import { MADE_PAGE, type TreeCore, UNCHANGED } from './core.ts'
import { bytesOf, LEAF_WORDS, type LeafAt } from './slots.ts'
import { compareKeys, type HashedWrites, isDeletion } from './sort.ts'

/** The root of a version, the birth of its root page, −1 where the tree is empty, and where that page is, 0 then. */
export interface Root {
  readonly root: Uint8Array
  readonly rootBirth: number
  readonly page: number
}

export interface Prepared extends Root {
  readonly version: number
  /** The root of the version that it was prepared on. */
  readonly before: Uint8Array
  /** The pages that it takes away, and those that it makes. */
  readonly removed: Uint32Array
  readonly made: Uint32Array
  readonly changes: readonly ChangesPart[]
  readonly values: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]
  /** A list of the values that nobody needs from this version on. */
  readonly overwritten: Uint8Array
  readonly writes: HashedWrites
  parent: Prepared | undefined
  /** Another version was applied in its place, or in that of one below it. */
  isDropped: boolean
}

const NOTHING: Uint8Array = new Uint8Array(0)

/** What the entries of the core make of the version before. Every page on their ways is in memory. */
export function prepareVersion(
  tree: TreeName,
  version: number,
  writes: HashedWrites,
  before: Root,
  core: TreeCore,
  valueStart: number,
  parent: Prepared | undefined,
  keepsValues: boolean,
): Prepared {
  const becomes = core.prepare(before.page, writes.count, version, valueStart)
  const page = becomes === UNCHANGED ? before.page : becomes === MADE_PAGE ? core.newRoot : 0
  return {
    version,
    root: becomes === UNCHANGED ? before.root.slice() : page === 0 ? EMPTY.slice() : core.hashOf(page),
    before: before.root.slice(),
    rootBirth: becomes === UNCHANGED ? before.rootBirth : page === 0 ? -1 : version,
    page,
    removed: core.numbers('removed'),
    made: core.numbers('made'),
    changes: changesOf(core),
    values: keepsValues ? valuesOf(tree, writes, core.numbers('effective'), version) : [],
    overwritten: keepsValues ? core.list('stale').slice() : NOTHING,
    writes,
    parent,
    isDropped: false,
  }
}

function changesOf(core: TreeCore): readonly ChangesPart[] {
  const parts = core.numbers('parts')
  const records = core.list('records').slice()
  const changes: ChangesPart[] = []
  for (let i = 0; i < parts.length; i += 3) {
    const from = parts[i + 1] as number
    changes.push({ part: parts[i] as number, record: records.subarray(from, from + (parts[i + 2] as number)) })
  }
  return changes
}

function valuesOf(
  tree: TreeName,
  { entries, records }: HashedWrites,
  effective: Uint32Array,
  version: number,
): Prepared['values'] {
  const slab = new Slab()
  const hashes = bytesOf(entries)
  const values: { key: Uint8Array; value: Uint8Array }[] = []
  for (const i of effective) {
    if (isDeletion(entries, i)) continue
    const key = slab.take(VALUE_KEY_LENGTH)
    writeValueKey(key, 0, tree, hashes, 4 * i * LEAF_WORDS, version)
    values.push({ key, value: records[i] as Uint8Array })
  }
  return values
}

/** What a version wrote to the key of a leaf that it made, with its raw key before it. */
export function writtenBy({ writes: { entries, records, count } }: Prepared, leaf: LeafAt): Uint8Array {
  let [from, to] = [0, count]
  while (from < to) {
    const middle = (from + to) >> 1
    if (compareKeys(entries, middle * LEAF_WORDS, leaf.words, leaf.at) < 0) from = middle + 1
    else to = middle
  }
  return records[from] as Uint8Array
}

/** The length of the raw key in a record of a value. */
export function keyLength(record: Uint8Array): number {
  return ((record[0] as number) << 8) | (record[1] as number)
}
