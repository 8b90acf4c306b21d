/**
 * The other side of `range.ts`: the paths that prove something of a range, from the nodes that whoever holds the range kept.
 * Only nodes of complete subtrees are asked for; what is cut short by the right edge is folded from them.
 */
import type { Hasher } from './engine.ts'
import { foldPeaks } from './range.ts'
import type { Path } from './types.ts'

/** The root of the complete subtree of 2^level entries that is the `index`th on its level. */
export type NodeAt = (level: number, index: bigint) => Uint8Array

/** The audit path of the entry at `index` in a range of this size, bottom to top. */
export function inclusionPath(index: bigint, size: bigint, nodeAt: NodeAt, hasher: Hasher): Path {
  return climb(index, index + 1n, size, nodeAt, hasher)
}

/** The consistency path from the range of `older` entries to the one of `newer`. */
export function consistencyPath(older: bigint, newer: bigint, nodeAt: NodeAt, hasher: Hasher): Path {
  if (older === 0n || older === newer) return []
  const lastPeak = older & -older
  const steps = climb(older - lastPeak, older, newer, nodeAt, hasher)
  // A range that is one complete subtree is proved from its own root, which the verifier has.
  return lastPeak === older ? steps : [subtree(older - lastPeak, older, nodeAt, hasher), ...steps]
}

/** The siblings on the way from the complete subtree over [from, to) up to the root of `size` entries. */
function climb(from: bigint, to: bigint, size: bigint, nodeAt: NodeAt, hasher: Hasher): Path {
  const steps: Uint8Array[] = []
  for (let start = 0n, end = size; end - start > to - from; ) {
    const middle = start + largestPowerBelow(end - start)
    const goesRight = from >= middle
    steps.push(goesRight ? subtree(start, middle, nodeAt, hasher) : subtree(middle, end, nodeAt, hasher))
    if (goesRight) start = middle
    else end = middle
  }
  return steps.reverse()
}

/** The tree hash of the entries [start, end), where `start` lies on a border of subtrees at least that wide. */
function subtree(start: bigint, end: bigint, nodeAt: NodeAt, hasher: Hasher): Uint8Array {
  const peaks: Uint8Array[] = []
  for (let at = start; at < end; ) {
    const level = (end - at).toString(2).length - 1
    peaks.push(nodeAt(level, at >> BigInt(level)))
    at += 1n << BigInt(level)
  }
  return foldPeaks(peaks, hasher)
}

function largestPowerBelow(count: bigint): bigint {
  return 1n << BigInt((count - 1n).toString(2).length - 1)
}
