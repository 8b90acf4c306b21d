/**
 * The frames of the log that the marks of the store lead to. Where one leads to nothing, one of two is damaged: the store, which is made anew, or the
 * journal, which is repaired from a copy. Marks are not hashed; what lies behind the block before tells which.
 */
import type { FrameRecords, LoggedFrame } from '../ports/commit-log.ts'
import { CairnError } from '../verify/error.ts'
import { attemptAsync } from './attempt-async.ts'
import type { ChainStore } from './chain-store.ts'
import { recordsOf } from './decode-record.ts'
import type { LogReader } from './log-reader.ts'

export function misplaced(height: bigint): CairnError {
  const message = `The store is damaged: block ${height} is not where its mark says. Rebuild it.`
  return new CairnError('store_damaged', message, { height })
}

/** The frame that the mark of a block leads to, whatever block it holds. */
export async function frameOf(log: LogReader, store: ChainStore, height: bigint): Promise<FrameRecords> {
  try {
    return await log.frameAt(store.mark(height).place)
  } catch (error) {
    throw await faultAt(log, store, height, error)
  }
}

/** The same, and those that follow it. */
export async function* framesFrom(log: LogReader, store: ChainStore, height: bigint): AsyncGenerator<LoggedFrame> {
  let isAtMark = true
  try {
    for await (const frame of log.read(store.mark(height).place)) {
      isAtMark = false
      yield frame
    }
  } catch (error) {
    throw isAtMark ? await faultAt(log, store, height, error) : error
  }
}

/** What is told of an error that came where the mark of a block leads: itself, unless the journal has the block where it belongs. */
async function faultAt(log: LogReader, store: ChainStore, height: bigint, error: unknown): Promise<unknown> {
  if (!(error instanceof CairnError) || !error.code.startsWith('journal_')) return error
  // It may come to nothing as well: then the journal is damaged, or two marks are, and what was said first is as good.
  const isThere = await attemptAsync(() => isBehindTheOneBefore(log, store, height))
  return isThere === true ? misplaced(height) : error
}

async function isBehindTheOneBefore(log: LogReader, store: ChainStore, height: bigint): Promise<boolean> {
  const before = height === 0n ? undefined : store.mark(height - 1n).place
  for await (const frame of log.read(before)) {
    for (const record of recordsOf(frame, height)) {
      if (record.k === 'block' && record.header.height >= height) return record.header.height === height
    }
  }
  return false
}
