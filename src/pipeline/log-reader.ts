/**
 * The log of an open chain, as it is read for those who ask the chain for something: a receipt, a proof, older blocks. Where it failed meanwhile they are
 * told what everybody is told then, that the chain did.
 */
import type { CommitLog, FrameRecords, LoggedFrame, Place } from '../ports/commit-log.ts'
import { CairnError } from '../verify/error.ts'
import { chainFailed } from './failure.ts'

export type LogReader = Pick<CommitLog, 'frameAt' | 'read'>

export function readerOf(log: LogReader): LogReader {
  return {
    frameAt(place: Place): Promise<FrameRecords> {
      return log.frameAt(place).catch((error: unknown) => {
        throw toldOf(error)
      })
    },
    async *read(from: Place | undefined): AsyncGenerator<LoggedFrame> {
      try {
        yield* log.read(from)
      } catch (error) {
        throw toldOf(error)
      }
    },
  }
}

function toldOf(error: unknown): unknown {
  return error instanceof CairnError && error.code === 'journal_failed' ? chainFailed(error) : error
}
