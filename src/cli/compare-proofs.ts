/**
 * What two proofs of one chain say of each other: that they contradict each other, with the evidence of it as it is checked by anyone; or
 * why they do not.
 */
import { equal } from '../verify/bytes.ts'
import { assertions } from '../verify/evidence.ts'
import {
  type Evidence,
  type EvidenceSide,
  type Genesis,
  identify,
  judgeEvidence,
  nobleEngine,
  type Proof,
  type Verification,
} from '../verify/index.ts'
import { sidesOf } from '../verify/light-client-forks.ts'

export interface Contradiction {
  readonly evidence: Evidence
  readonly verification: Verification
  /** Where the two differ, and the hashes that they name. */
  readonly height: bigint
  readonly a: Uint8Array
  readonly b: Uint8Array
}

/** A side of evidence that a proof can give, and the hashes that it asserts. */
interface Said {
  readonly side: EvidenceSide
  readonly hashes: ReadonlyMap<bigint, Uint8Array>
}

/** The first contradiction that holds, or one that does not where none does, or why there is none. */
export function compareProofs(a: Proof, b: Proof, chainId: Uint8Array): Contradiction | string {
  for (const [name, { genesis }] of [['first', a] as const, ['second', b] as const]) {
    if (!equal(identify(genesis, nobleEngine.hasher).chainId, chainId)) return `the ${name} proof is of another chain`
  }
  const [ofA, ofB] = [saidBy(a), saidBy(b)]
  let unproven: Contradiction | undefined
  for (const found of contradictions(ofA, ofB, a.genesis, chainId)) {
    if (found.verification.ok) return found
    unproven ??= found
  }
  return unproven ?? whyNone(a, b, heightsOfBoth(ofA, ofB))
}

function saidBy(proof: Proof): readonly Said[] {
  const identity = identify(proof.genesis, nobleEngine.hasher)
  return sidesOf(proof).map((side) => {
    const asserted = assertions(identity, side, nobleEngine)
    return { side, hashes: new Map(asserted.map(({ height, blockHash }) => [height, blockHash])) }
  })
}

function* contradictions(
  ofA: readonly Said[],
  ofB: readonly Said[],
  genesis: Genesis,
  chainId: Uint8Array,
): Generator<Contradiction> {
  for (const { side: a, hashes } of ofA) {
    for (const { side: b, hashes: others } of ofB) {
      for (const [height, hash] of hashes) {
        const other = others.get(height)
        if (other === undefined || equal(hash, other)) continue
        const evidence: Evidence = { format: 'cairn.evidence/v1', genesis, a, b }
        yield { evidence, verification: judgeEvidence(evidence, { chainId }), height, a: hash, b: other }
        break
      }
    }
  }
}

function heightsOfBoth(ofA: readonly Said[], ofB: readonly Said[]): readonly bigint[] {
  const inB = new Set(ofB.flatMap(({ hashes }) => [...hashes.keys()]))
  const inA = new Set(ofA.flatMap(({ hashes }) => [...hashes.keys()]))
  return [...inA].filter((height) => inB.has(height)).toSorted((one, other) => (one < other ? -1 : 1))
}

/** How many heights are named: more say nothing more to a reader. */
const HEIGHTS_SHOWN = 8

function whyNone(a: Proof, b: Proof, both: readonly bigint[]): string {
  if (both.length > 0) {
    const heights = `${both.slice(-HEIGHTS_SHOWN).join(', ')}${both.length > HEIGHTS_SHOWN ? ' and others' : ''}`
    return `they say the same of every height of which both speak (${heights})`
  }
  const [{ block: lower }, { block: higher }] = a.block.height < b.block.height ? [a, b] : [b, a]
  return `there is no height of which both speak. Ask for a proof of block ${higher.height}, or a later one, that names block ${lower.height} (cairn prove --since ${lower.height}): it agrees with the other proof, or contradicts it`
}
