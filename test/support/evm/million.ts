/**
 * Trees of a million leaves, as far as a proof of one of them shows: made from its leaf up, with hashes of nothing beside the way. Paths are as long
 * as they would be.
 */
import { type Hasher, nobleEngine, type Path, stateInner } from '../../../src/verify/index.ts'
import { rangeLeaf, rangeNode } from '../../../src/verify/range.ts'
import { bitAt } from '../../../src/verify/state-proof.ts'
import type { Random } from '../seed.ts'

export const MILLION = 1_000_000n

/** Of a key among a million: its leaf stands 21 deep in the middle, and 24 deep for one in a hundred. */
const DEPTH = 24

/** A range of this size with `entry` at this index, and the path of that one. */
export function rangeWith(
  entry: Uint8Array,
  index: bigint,
  size: bigint,
  random: Random,
  hasher: Hasher = nobleEngine.hasher,
): { readonly root: Uint8Array; readonly path: Path } {
  const path: Uint8Array[] = []
  let root = rangeLeaf(entry, hasher)
  for (let at = index, last = size - 1n; last > 0n; at >>= 1n, last >>= 1n) {
    // On the right edge a node without a sibling rises as it is.
    if (at === last && at % 2n === 0n) continue
    const sibling = random.bytes(32)
    path.push(sibling)
    root = at % 2n === 1n ? rangeNode(sibling, root, hasher) : rangeNode(root, sibling, hasher)
  }
  return { root, path }
}

/** A state tree with this leaf in the place of the key, and its siblings. */
export function treeWith(
  leaf: Uint8Array,
  key: Uint8Array,
  random: Random,
  inner: (left: Uint8Array, right: Uint8Array) => Uint8Array = (left, right) =>
    stateInner(left, right, nobleEngine.hasher),
): { readonly root: Uint8Array; readonly siblings: Path } {
  const siblings = Array.from({ length: DEPTH }, () => random.bytes(32))
  const root = siblings.reduce(
    (below, sibling, step) => (bitAt(key, DEPTH - 1 - step) === 1 ? inner(sibling, below) : inner(below, sibling)),
    leaf,
  )
  return { root, siblings }
}
