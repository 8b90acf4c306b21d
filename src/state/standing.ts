/** Where a tree stands, as the store has it: two records, so that a prune and a version that is applied never write the same one. */
import type { Batch, Store } from '../ports/store.ts'
import { metaKey, readNumber, retainedKey, writeNumber } from '../store/keys.ts'
import type { TreeName } from '../verify/types.ts'

export interface Standing {
  /** The newest applied version, −1 before the first. */
  readonly applied: number
  readonly base: number
  /** The oldest version that is retained, but for the pinned ones. */
  readonly oldest: number
  readonly pins: readonly number[]
}

const NOTHING: Standing = { applied: -1, base: -1, oldest: 0, pins: [] }

export function readStanding(store: Store, tree: TreeName): Standing {
  const record = store.get(metaKey(tree))
  if (record === undefined) return NOTHING
  const [applied = 0, base = 0] = decodeNumbers(record)
  const [oldest = 0, ...pins] = decodeNumbers(store.get(retainedKey(tree)))
  return { applied: applied - 1, base: base - 1, oldest, pins }
}

export function putStanding(batch: Batch, tree: TreeName, applied: number, base: number): void {
  batch.put(metaKey(tree), encodeNumbers([applied + 1, base + 1]))
}

export function putRetained(batch: Batch, tree: TreeName, oldest: number, pins: Iterable<number>): void {
  batch.put(retainedKey(tree), encodeNumbers([oldest, ...pins]))
}

function encodeNumbers(numbers: readonly number[]): Uint8Array {
  const record = new Uint8Array(8 * numbers.length)
  for (const [i, number] of numbers.entries()) writeNumber(record, 8 * i, number)
  return record
}

function decodeNumbers(record: Uint8Array | undefined): readonly number[] {
  return Array.from({ length: (record?.length ?? 0) >> 3 }, (_, i) => readNumber(record as Uint8Array, 8 * i))
}
