/**
 * Stage 4: one append to the log. This is the commit point.
 *
 * Durability: a block is durable when `commit` comes back, and not before. A crash before that means that the block may or may not be there
 * after the restart, and nobody was told; after it, it is there. An append that failed is unknown, and is never tried again.
 */
import { encodeSealRecord } from '../journal/record-write.ts'
import type { CommitLog } from '../ports/commit-log.ts'
import type { DurableBlock, PreparedBlock, SealedBlock } from './block.ts'

/** A seal that no frame has yet, and the block that it is of. */
export type Unrecorded = Pick<SealedBlock, 'header' | 'seal'>

/** Appends the block, and with it the seals that no frame has yet. */
export async function commit(
  log: CommitLog,
  block: PreparedBlock,
  encoded: Uint8Array,
  unrecorded: readonly Unrecorded[],
): Promise<DurableBlock> {
  const place = await log.append(block.header.height, [...unrecorded.map(encodeSeal), encoded])
  return { ...block, place, size: encoded.length }
}

export function encodeSeal({ header, seal }: Unrecorded): Uint8Array {
  return encodeSealRecord({ k: 'seal', v: 1, height: header.height, seal })
}
