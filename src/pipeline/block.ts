/** A block on its way: prepared, then durable, then sealed, then applied. And what the next one stands on. */

import type { Place } from '../ports/commit-log.ts'
import type { PreparedAppend } from '../ranges/range.ts'
import type { Prepared } from '../state/prepare.ts'
import type { BlockRecord } from '../verify/records.ts'
import type { Header, RangeName, Roots, Seal, TreeName } from '../verify/types.ts'

/** What a block is prepared on: the newest prepared one, or the newest applied one, or nothing. */
export interface Standing {
  /** Absent before block 0. */
  readonly header?: Header
  readonly hash: Uint8Array
  /** The machine in force for the next block. */
  readonly machine: string
  /** What is prepared and may not be applied yet; absent where all of it is. */
  readonly trees?: Readonly<Record<TreeName, Prepared>>
  readonly ranges?: Readonly<Record<RangeName, PreparedAppend>>
}

/** A block with all that the store has to hold of it. Nothing is touched until it is applied. */
export interface PreparedBlock extends Required<Standing> {
  readonly roots: Roots
  readonly record: BlockRecord
}

/** A block that is in the log. */
export interface DurableBlock extends PreparedBlock {
  readonly place: Place
  /** Bytes of its record: what would have to be read again. */
  readonly size: number
}

export interface SealedBlock extends DurableBlock {
  readonly seal: Seal
}

export function heightOf({ header }: Standing): bigint {
  return header === undefined ? -1n : header.height
}

export function nextSeqOf({ header }: Standing): bigint {
  return header === undefined ? 0n : header.firstSeq + header.commandCount
}
