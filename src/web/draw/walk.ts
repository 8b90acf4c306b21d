/** The way of a proof, step by step: each hash with the sibling that it is hashed with. For showing; whether it holds is `cairn-log/verify`'s to say. */

import { equal } from '../../verify/bytes.ts'
import type { StateClaim } from '../../verify/index.ts'
import { rangeLeaf, rangeNode } from '../../verify/range.ts'
import { bitAt, EMPTY, stateInner, stateLeaf } from '../../verify/state-proof.ts'
import { hasher } from '../session.ts'

export interface Step {
  /** The hash that is made by this step. */
  readonly made: Uint8Array
  readonly sibling: Uint8Array
  readonly side: 'left' | 'right'
  readonly isEmpty: boolean
}

export interface Way {
  readonly start: Uint8Array
  readonly steps: readonly Step[]
}

/** From an entry of a range to its root (RFC 9162). */
export function rangeWay(entry: Uint8Array, index: bigint, size: bigint, path: readonly Uint8Array[]): Way {
  const start = rangeLeaf(entry, hasher).slice()
  let made = start
  let [at, last] = [index, size - 1n]
  const steps = path.map((sibling): Step => {
    const isRight = (at & 1n) === 1n || at === last
    made = (isRight ? rangeNode(sibling, made, hasher) : rangeNode(made, sibling, hasher)).slice()
    if (isRight) while (at !== 0n && (at & 1n) === 0n) [at, last] = [at >> 1n, last >> 1n]
    ;[at, last] = [at >> 1n, last >> 1n]
    return { made, sibling, side: isRight ? 'left' : 'right', isEmpty: false }
  })
  return { start, steps }
}

/** From a leaf of a state tree, or the place where it is not, to its root. */
export function stateWay({ key, value, siblings, other }: StateClaim): Way {
  const hashed = hasher.hash(key)
  const start =
    value !== null
      ? stateLeaf(hashed, hasher.hash(value), hasher)
      : other === undefined
        ? EMPTY
        : stateLeaf(other.key, other.value, hasher)
  let made = start.slice()
  const steps = siblings.map((sibling, i): Step => {
    const isRight = bitAt(hashed, siblings.length - 1 - i) === 1
    made = (isRight ? stateInner(sibling, made, hasher) : stateInner(made, sibling, hasher)).slice()
    return { made, sibling, side: isRight ? 'left' : 'right', isEmpty: equal(sibling, EMPTY) }
  })
  return { start: start.slice(), steps }
}
