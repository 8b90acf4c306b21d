/** The seal of the head, where it needs another one: at a start that finds none that holds, and when the cold key takes back the one that it has. */
import { CairnError } from '../verify/error.ts'
import type { Header, Seal } from '../verify/types.ts'
import { type SealParts, sealFor } from './5-seal.ts'
import { attemptAsync } from './attempt-async.ts'
import type { KnownAuthority } from './authority.ts'
import type { History } from './history.ts'
import type { ReadHead } from './replay.ts'

/** What can be proved where nothing can be sealed: all up to the newest block that has a seal of its own in the journal. */
export async function newestSealed(
  history: History,
  head: bigint,
  authority: KnownAuthority,
): Promise<(ReadHead & { readonly seal: Seal }) | undefined> {
  for (let height = head; height >= 0n; height--) {
    const hash = history.hashOf(height)
    const seals = await history.sealsOf(height)
    const seal = seals.findLast((each) => !authority.isRevoked(each.delegation.index, height, hash))
    if (seal !== undefined) return { record: await history.block(height), hash, seal }
  }
  return undefined
}

/** Another seal of the head, over the same hash. */
export async function sealAgain(parts: SealParts, header: Header, hash: Uint8Array): Promise<Seal> {
  const { signer, authority } = parts
  const { height, timestamp } = header
  const isHopeless = authority.usableAt(signer.delegations, timestamp).length === 0
  const sealed = isHopeless ? undefined : await attemptAsync(() => sealFor(parts, header, hash))
  if (sealed !== undefined && !(sealed instanceof Error)) return sealed
  if (sealed !== undefined && !(sealed instanceof CairnError && sealed.code === 'delegation_needed')) throw sealed
  throw new CairnError(
    'unsealed_block_needs_delegation',
    `Block ${height}, the newest, needs a seal that holds, and no delegation of the signer is for its time: let the cold key sign one that is valid from ${timestamp} or earlier (cairn keys delegation, cairn keys import).`,
    { height, timestamp },
  )
}
