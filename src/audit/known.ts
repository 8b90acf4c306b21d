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

export function knownOf(
  text: string | Uint8Array,
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
  const hash = blockHash(identify(proof.genesis, engine.hasher), block, engine.hasher)
  return { block: { header: block, hash, sealedBy: seal.delegation.index }, revocations: proof.revocations }
}
