/**
 * Worked examples in any number, in the form of those in test/vectors: for each chain its own blocks, proofs, evidence, ranges and
 * state, good and bad. What must come out is known from how each case is made; no verifier is asked.
 */
import { toHex } from '../../../src/verify/bytes.ts'
import { Random } from '../seed.ts'
import { makeBase } from './base.ts'
import type { EvidenceCase, ProofCase } from './cases.ts'
import { type ChainVectors, chainVectors } from './chain-vectors.ts'
import { claimCases } from './claim-cases.ts'
import { evidenceCases } from './evidence-cases.ts'
import { forgedCases } from './forged-cases.ts'
import { formCases } from './form-cases.ts'
import { sealCases } from './seal-cases.ts'
import { sealedCases } from './sealed-cases.ts'
import { type RangeVectors, rangeVectors, type StateVectors, stateVectors } from './tables.ts'

export interface Vectors {
  readonly chain: ChainVectors
  readonly proofs: { readonly chainId: string; readonly cases: readonly ProofCase[] }
  readonly evidence: { readonly chainId: string; readonly cases: readonly EvidenceCase[] }
  readonly ranges: RangeVectors
  readonly state: StateVectors
}

/** Those of one chain; the same seed gives the same ones, to the letter. */
export function makeVectors(seed: number): Vectors {
  const random = new Random(seed)
  const base = makeBase(random)
  const chainId = toHex(base.chain.chainId)
  return {
    chain: chainVectors(base),
    proofs: {
      chainId,
      cases: [claimCases, formCases, sealCases, sealedCases, forgedCases].flatMap((make) => make(base)),
    },
    evidence: { chainId, cases: evidenceCases(base) },
    ranges: rangeVectors(random),
    state: stateVectors(random),
  }
}
