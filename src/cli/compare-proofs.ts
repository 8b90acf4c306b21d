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
  const { genesis } = a
  const [ofA, ofB] = [saidBy(a), saidBy(b)]
  // Each side is judged once, by itself: a stranger's thousand claims against another thousand are a million pairs.
  const sound = (said: readonly Said[]): readonly Said[] =>
    said.filter(({ side }) => holdsAlone(side, genesis, chainId))
  const found = contradiction(sound(ofA), sound(ofB)) ?? contradiction(ofA, ofB)
  if (found === undefined) return whyNone(a, b, heightsOfBoth(ofA, ofB))
  const { sides, ...differing } = found
  const evidence: Evidence = { format: 'cairn.evidence/v1', genesis, ...sides }
  return { evidence, verification: judgeEvidence(evidence, { chainId }), ...differing }
}

/** Whether all that is asked of a side holds, whatever the other one says. */
function holdsAlone(side: EvidenceSide, genesis: Genesis, chainId: Uint8Array): boolean {
  const { verdicts } = judgeEvidence({ format: 'cairn.evidence/v1', genesis, a: side, b: side }, { chainId })
  return verdicts.every(({ check, verdict }) => verdict === 'ok' || check === 'contradiction')
}

function saidBy(proof: Proof): readonly Said[] {
  const identity = identify(proof.genesis, nobleEngine.hasher)
  return sidesOf(proof).map((side) => {
    const asserted = assertions(identity, side, nobleEngine)
    return { side, hashes: new Map(asserted.map(({ height, blockHash }) => [height, blockHash])) }
  })
}

interface Differing extends Pick<Contradiction, 'height' | 'a' | 'b'> {
  readonly sides: Pick<Evidence, 'a' | 'b'>
}

function contradiction(ofA: readonly Said[], ofB: readonly Said[]): Differing | undefined {
  for (const { side: a, hashes } of ofA) {
    for (const { side: b, hashes: others } of ofB) {
      for (const [height, hash] of hashes) {
        const other = others.get(height)
        if (other !== undefined && !equal(hash, other)) return { sides: { a, b }, height, a: hash, b: other }
      }
    }
  }
  return undefined
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
