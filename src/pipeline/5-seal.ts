/**
 * Stage 5: the seal, only now that the block is durable: what did not commit was never sealed, so it can never look like a fork. A crash here
 * means that the block is sealed again at the next start, over the same hash.
 */
import type { Signer } from '../ports/signer.ts'
import { toHex } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { isDelegatedByColdKey, windowAt } from '../verify/seal.ts'
import type { Delegation } from '../verify/types.ts'
import type { DurableBlock, SealedBlock } from './block.ts'

export async function seal(signer: Signer, identity: Identity, block: DurableBlock): Promise<SealedBlock> {
  return { ...block, seal: await signer.seal(identity, block.header) }
}

/** Whether a block of this time could be sealed: asked before it is made. */
export function demandDelegation({ delegations }: Signer, timestamp: bigint): void {
  if (delegations.some((delegation) => windowAt(timestamp, delegation) === 'open')) return
  throw new CairnError(
    'delegation_needed',
    'No delegation is for this time, so no block is made: let the cold key sign a new one, and open the chain with it.',
    { timestamp, until: delegations.map(({ validUntil }) => validUntil) },
  )
}

/** A delegation that this chain’s cold key did not sign would make seals that nobody accepts. */
export function demandColdKey(
  { delegations }: Signer,
  identity: Identity,
  engine: Parameters<typeof isDelegatedByColdKey>[2],
): void {
  const foreign = delegations.find((delegation: Delegation) => !isDelegatedByColdKey(identity, delegation, engine))
  if (foreign === undefined) return
  throw new CairnError(
    'delegation_invalid',
    `The cold key of this chain did not sign the signer’s delegation of index ${foreign.index}.`,
    { index: foreign.index, chainId: toHex(identity.chainId) },
  )
}
