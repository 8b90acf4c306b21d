/** The records of the log in their shapes: what else is in it is no record. */
import type { FrameRecords } from '../ports/commit-log.ts'
import { native } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { type ChainRecord, chainRecord } from '../verify/records.ts'

/** The records of a frame, one by one, in their shapes: nobody's own. `height` says about where they stand. */
export function* recordsOf({ records, isPlain }: FrameRecords, height: bigint): Iterable<ChainRecord> {
  for (const record of records) yield isPlain ? (record as ChainRecord) : decodeRecord(record, height)
}

/** A record of the log in its shape, and the caller's own; `height` says about where it stands. */
export function decodeRecord(record: unknown, height: bigint): ChainRecord {
  const decoded = attempt(() => chainRecord.decode(record, native))
  if (!(decoded instanceof CairnError)) return decoded
  throw recordInvalid(decoded, height)
}

export function recordInvalid(fault: CairnError, height: bigint): CairnError {
  const message = `The journal holds a record at height ${height} that is none: ${fault.message}`
  return new CairnError('journal_corrupt', message, { height, reason: fault.message })
}
