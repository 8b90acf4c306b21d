/**
 * Stage 5: the seal, only now that the block is durable: what did not commit was never sealed, so it can never look like a fork. A crash here
 * means that the block is sealed again at the next start, over the same hash.
 *
 * Promise: a seal that is released is one that every verifier accepts who knows no more revocations than the chain. What the signer gave back is
 * checked first.
 */
import { SEAL_TIME_MAX } from '../limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import { native } from '../verify/codec.ts'
import { seal as sealCodec } from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { isValidSeal, windowAt } from '../verify/seal.ts'
import type { Delegation, Header, Seal } from '../verify/types.ts'
import { attemptAsync } from './attempt-async.ts'
import type { KnownAuthority } from './authority.ts'
import type { DurableBlock, SealedBlock } from './block.ts'

export interface SealParts {
  readonly signer: Signer
  readonly identity: Identity
  readonly authority: KnownAuthority
  readonly engine: Engine
  readonly clock: Clock
}

export async function seal(parts: SealParts, block: DurableBlock): Promise<SealedBlock> {
  return { ...block, seal: await sealFor(parts, block.header, block.hash) }
}

/** The signer's seal of a block, checked. Fails with `delegation_needed`, or as `signer_failed` for whatever else. */
export async function sealFor(
  { signer, identity, authority, engine, clock }: SealParts,
  header: Header,
  hash: Uint8Array,
): Promise<Seal> {
  const given = await attemptAsync(() => within(clock, signer.seal(identity, header)))
  if (given instanceof Error) {
    // Of a signer's own codes only this one has a meaning here: a `disk_full` of its own says nothing of the journal.
    if (given instanceof CairnError && given.code === 'delegation_needed') throw given
    // In the middle of another sentence.
    throw signerFailed(header, given.message.replace(/\.$/, ''), given)
  }
  const decoded = attempt(() => sealCodec.decode(given, native))
  const block = { blockHash: hash, timestamp: header.timestamp }
  if (decoded instanceof CairnError || !isValidSeal(identity, block, decoded, engine)) {
    throw signerFailed(header, 'what it gave back is no valid seal of this block', undefined)
  }
  const { index } = decoded.delegation
  if (!authority.isRevoked(index, header.height, hash)) return decoded
  throw signerFailed(header, `it used the delegation ${index}, which the cold key took back`, undefined)
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
  // It signed another block there: no start changes that.
  const isOfAnother = cause instanceof CairnError && cause.code === 'seal_refused'
  const advice = isOfAnother
    ? 'So this is an older copy of the chain, or another one makes blocks beside it: bring back the newest, and start nothing again before it is found (docs/keys.md).'
    : 'The block is durable; the next start seals it.'
  const message = `The signer did not seal block ${height}: ${why}. ${advice}`
  return new CairnError('signer_failed', message, { height, why, cause })
}

/** Why a block of this time could not be sealed, where it could not: asked before it is made. */
export function noDelegation(
  { delegations }: Signer,
  authority: KnownAuthority,
  timestamp: bigint,
): CairnError | undefined {
  if (authority.usableAt(delegations, timestamp).length > 0) return undefined
  return new CairnError(
    'delegation_needed',
    `${whyNone(authority, timestamp)} (cairn keys delegation), and import it (cairn keys import). The chain goes on as soon as it is there.`,
    { timestamp, until: delegations.map(({ validUntil }) => validUntil) },
  )
}

/** An older keys directory may have been put back: the chain knows what its blocks brought. */
function whyNone(authority: KnownAuthority, timestamp: bigint): string {
  const open = authority.delegations.filter((each) => windowAt(timestamp, each) === 'open')
  const indexes = (of: readonly Delegation[]): string => of.map(({ index }) => index).join(', ')
  const elsewhere = authority.inForce(open)
  if (elsewhere.length > 0)
    return `The key that may seal at this time (${indexes(elsewhere)}) is not here, so no block is made: bring back the newest keys directory, or ask the cold key for another one`
  const why =
    open.length === 0
      ? 'No delegation is for this time'
      : `All delegations for this time (${indexes(open)}) were taken back`
  return `${why}, so no block is made: ask the cold key for a new one`
}
