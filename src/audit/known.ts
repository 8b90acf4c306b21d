/** A portable proof as the place where a reading starts: a block that is known to be of the chain, because the proof holds. */
import { blockHash } from '../verify/block.ts'
import { decodeProof } from '../verify/documents.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import { judgeProof } from '../verify/proof.ts'
import type { Revocation } from '../verify/types.ts'
import type { KnownBlock } from './join.ts'
import type { CheckedAudit } from './options.ts'

export interface Known {
  readonly block?: KnownBlock
  readonly revocations: readonly Revocation[]
  /** Why the proof proves nothing. */
  readonly wrong?: string
}

/** Where the reading starts at `from`, the block before it does as well as that of the proof, where the proof carries it. */
export function knownOf(
  text: string | Uint8Array,
  from: bigint,
  { chainId, revocations }: Pick<CheckedAudit, 'chainId' | 'revocations'>,
  engine: Engine,
): Known {
  const proof = attempt(() => decodeProof(text))
  if (proof instanceof CairnError) return { revocations: [], wrong: `the proof is malformed: ${proof.message}` }
  const { verdicts } = judgeProof(proof, { chainId, ...(revocations && { revocations }) }, engine)
  const failed = verdicts.find(({ verdict }) => verdict === 'fail')
  if (failed !== undefined) {
    return { revocations: [], wrong: `the proof does not hold: ${failed.check}: ${failed.reason ?? ''}` }
  }
  const { block, seal } = proof
  const sealedBy = seal.delegation.index
  const carried = proof.claims.find((each) => each.kind === 'block' && each.height + 1n === from && each.block)
  if (carried?.kind === 'block' && carried.block !== undefined) {
    return { block: { header: carried.block, hash: carried.blockHash, sealedBy }, revocations: proof.revocations }
  }
  const hash = blockHash(identify(proof.genesis, engine.hasher), block, engine.hasher)
  return { block: { header: block, hash, sealedBy }, revocations: proof.revocations }
}
