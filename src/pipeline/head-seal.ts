/** The seal of the head at a start: made again where there is none that holds, or done without where nothing can be sealed. */
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { revokes } from '../verify/seal.ts'
import type { Revocation, Seal } from '../verify/types.ts'
import { sealFor } from './5-seal.ts'
import { attemptAsync } from './attempt-async.ts'
import type { History } from './history.ts'
import type { ReadHead } from './replay.ts'

/** What can be proved where nothing can be sealed: all up to the newest block that has a seal of its own in the journal. */
export async function newestSealed(
  history: History,
  head: bigint,
  revocations: readonly Revocation[],
): Promise<(ReadHead & { readonly seal: Seal }) | undefined> {
  for (let height = head; height >= 0n; height--) {
    const [seal, hash] = [await history.sealOf(height), history.hashOf(height)]
    if (seal === undefined || revocations.some((each) => revokes(each, seal.delegation.index, height, hash))) continue
    return { record: await history.block(height), hash, seal }
  }
  return undefined
}

export async function sealAgain(
  signer: Signer,
  { identity, engine, clock }: { readonly identity: Identity; readonly engine: Engine; readonly clock: Clock },
  { record, hash }: ReadHead,
): Promise<Seal> {
  const sealed = await attemptAsync(() => sealFor(signer, identity, record.header, hash, engine, clock))
  if (!(sealed instanceof Error)) return sealed
  if (!(sealed instanceof CairnError && sealed.code === 'delegation_needed')) throw sealed
  throw new CairnError(
    'unsealed_block_needs_delegation',
    `Block ${record.header.height} is durable and has no usable seal, and the signer has no delegation for its time: let the cold key sign one that is valid from ${record.header.timestamp} or earlier.`,
    { height: record.header.height, timestamp: record.header.timestamp },
  )
}
