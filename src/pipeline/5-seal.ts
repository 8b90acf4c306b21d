/**
 * Stage 5: the seal, only now that the block is durable: what did not commit was never sealed, so it can never look like a fork. A crash here
 * means that the block is sealed again at the next start, over the same hash.
 *
 * Promise: a seal that is released is one that every verifier accepts, revocations aside. What the signer gave back is checked first.
 */
import { SEAL_TIME_MAX } from '../limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import { toHex } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import { seal as sealCodec } from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { isDelegatedByColdKey, isValidSeal, windowAt } from '../verify/seal.ts'
import type { Delegation, Header, Seal } from '../verify/types.ts'
import { attemptAsync } from './attempt-async.ts'
import type { DurableBlock, SealedBlock } from './block.ts'

export async function seal(
  signer: Signer,
  identity: Identity,
  block: DurableBlock,
  engine: Engine,
  clock: Clock,
): Promise<SealedBlock> {
  return { ...block, seal: await sealFor(signer, identity, block.header, block.hash, engine, clock) }
}

/** The signer's seal of a block, checked. Fails with `delegation_needed`, or as `signer_failed` for whatever else. */
export async function sealFor(
  signer: Signer,
  identity: Identity,
  header: Header,
  hash: Uint8Array,
  engine: Engine,
  clock: Clock,
): Promise<Seal> {
  const given = await attemptAsync(() => within(clock, signer.seal(identity, header)))
  if (given instanceof Error) {
    // Of a signer's own codes only this one has a meaning here: a `disk_full` of its own says nothing of the journal.
    if (given instanceof CairnError && given.code === 'delegation_needed') throw given
    throw signerFailed(header, given.message, given)
  }
  const decoded = attempt(() => sealCodec.decode(given, native))
  const block = { blockHash: hash, timestamp: header.timestamp }
  if (!(decoded instanceof CairnError) && isValidSeal(identity, block, decoded, engine)) return decoded
  throw signerFailed(header, 'what it gave back is no valid seal of this block', undefined)
}

/** A signer that never answers would hold up everything, a close too. */
function within<T>(clock: Clock, sealing: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(SEAL_TIME_MAX, () => {
      reject(new Error(`it did not answer within ${SEAL_TIME_MAX} ms`))
    })
    void sealing.then(resolve, reject).finally(cancel)
  })
}

function signerFailed({ height }: Header, why: string, cause: Error | undefined): CairnError {
  const message = `The signer did not seal block ${height}: ${why}. The block is durable; the next start seals it.`
  return new CairnError('signer_failed', message, { height, why, cause })
}

/** Why a block of this time could not be sealed, where it could not: asked before it is made. */
export function noDelegation({ delegations }: Signer, timestamp: bigint): CairnError | undefined {
  if (delegations.some((delegation) => windowAt(timestamp, delegation) === 'open')) return undefined
  return new CairnError(
    'delegation_needed',
    'No delegation is for this time, so no block is made: let the cold key sign a new one, and open the chain with it.',
    { timestamp, until: delegations.map(({ validUntil }) => validUntil) },
  )
}

/** A delegation that this chain’s cold key did not sign would make seals that nobody accepts. */
export function demandColdKey({ delegations }: Signer, identity: Identity, engine: Engine): void {
  const foreign = delegations.find((delegation: Delegation) => !isDelegatedByColdKey(identity, delegation, engine))
  if (foreign === undefined) return
  throw new CairnError(
    'delegation_invalid',
    `The cold key of this chain did not sign the signer’s delegation of index ${foreign.index}.`,
    { index: foreign.index, chainId: toHex(identity.chainId) },
  )
}
