/** Ranges and state trees of random entries, with their roots and proofs from the definitions of RFC 9162 and FORMAT §7. */
import { toHex, utf8 } from '../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import type { StateProof } from '../../../src/verify/state-proof.ts'
import { Rfc9162 } from '../rfc9162.ts'
import type { Random } from '../seed.ts'
import { pair, proofOf, rootOf } from '../state-definition.ts'

export interface RangeVectors {
  readonly entries: readonly string[]
  /** Of the first 0, 1, 2, … entries. */
  readonly roots: readonly string[]
  readonly inclusion: readonly { size: string; index: string; entry: string; root: string; path: string[] }[]
  readonly consistency: readonly { size1: string; root1: string; size2: string; root2: string; path: string[] }[]
}

export function rangeVectors(random: Random): RangeVectors {
  const entries = Array.from({ length: 20 + random.below(50) }, () => random.bytes(32))
  const rfc = new Rfc9162({
    at: (index) => entries[Number(index)] as Uint8Array,
    nameOf: (from, to) => `${from}:${to}`,
  })
  const rootAt = (size: number): string => toHex(rfc.mth(0n, BigInt(size)))
  const inclusion = Array.from({ length: 60 }, () => {
    const size = 1 + random.below(entries.length)
    const index = random.below(size)
    return {
      size: String(size),
      index: String(index),
      entry: toHex(entries[index] as Uint8Array),
      root: rootAt(size),
      path: rfc.path(BigInt(index), 0n, BigInt(size)).map(toHex),
    }
  })
  const consistency = Array.from({ length: 60 }, () => {
    const size2 = random.below(entries.length + 1)
    const size1 = random.below(size2 + 1)
    const path = size1 === 0 || size1 === size2 ? [] : rfc.proof(BigInt(size1), BigInt(size2))
    return {
      size1: String(size1),
      root1: rootAt(size1),
      size2: String(size2),
      root2: rootAt(size2),
      path: path.map(toHex),
    }
  })
  const roots = Array.from({ length: entries.length + 1 }, (_, size) => rootAt(size))
  return { entries: entries.map(toHex), roots, inclusion, consistency }
}

interface StateProofVector {
  readonly key: string
  readonly value: string | null
  readonly siblings: readonly string[]
  readonly other?: { readonly key: string; readonly value: string }
}

export interface StateVectors {
  readonly empty: string
  readonly sets: readonly {
    readonly pairs: readonly { key: string; value: string }[]
    readonly root: string
    readonly proofs: readonly StateProofVector[]
  }[]
}

export function stateVectors(random: Random): StateVectors {
  const sets = [0, 1, 2, 3, 5, 8, 20, 60].map((count) => {
    const raw = Array.from({ length: count }, () => ({
      key: random.bytes(1 + random.below(24)),
      value: random.bytes(random.below(40)),
    }))
    // Short keys may come twice: the last one counts.
    const distinct = [...new Map(raw.map((each) => [toHex(each.key), each])).values()]
    const hashed = distinct.map(({ key, value }) => pair(nobleEngine.hasher.hash(key), value))
    const asked = [...distinct.slice(0, 8).map(({ key }) => key), ...Array.from({ length: 8 }, () => random.bytes(9))]
    const proofs = asked.map((key) => written(key, proofOf(hashed, nobleEngine.hasher.hash(key))))
    const pairs = distinct.map(({ key, value }) => ({ key: toHex(key), value: toHex(value) }))
    return { pairs, root: toHex(rootOf(hashed)), proofs }
  })
  return { empty: toHex(utf8('SPARSE_MERKLE_PLACEHOLDER_HASH__')), sets }
}

function written(key: Uint8Array, { value, siblings, other }: StateProof): StateProofVector {
  const found = { key: toHex(key), value: value === null ? null : toHex(value), siblings: siblings.map(toHex) }
  return other === undefined ? found : { ...found, other: { key: toHex(other.key), value: toHex(other.value) } }
}
