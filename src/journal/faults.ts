/** The errors of a journal: what is wrong, where, and what helps. */
import type { Place } from '../ports/commit-log.ts'
import { CairnError } from '../verify/error.ts'
import { fileName } from './file-name.ts'

/** Something was written here and is damaged; `height` is the block that would have come next, where that is known. */
export function journalCorrupt({ file, offset }: Place, height: bigint | undefined, reason: string): CairnError {
  const name = fileName(file)
  const message = `The journal is damaged in ${name} at byte ${offset}: ${reason}. Nothing was changed: repair it from a copy.`
  return new CairnError('journal_corrupt', message, { file: name, offset, height, reason })
}

/** What is there does not follow what stands before it, or is not what its name says. */
export function journalGap(name: string, reason: string, details: Readonly<Record<string, unknown>> = {}): CairnError {
  const message = `The journal does not hang together at ${name}: ${reason}. Put back what is missing, or repair it from a copy.`
  return new CairnError('journal_gap', message, { file: name, reason, ...details })
}

/**
 * Stops a journal for good: after a write or a sync that failed nobody knows what is on the disk, and asking again may answer that all is
 * well though it is not.
 */
export class FailStop {
  private failure: CairnError | undefined

  get hasFailed(): boolean {
    return this.failure !== undefined
  }

  check(): void {
    if (this.failure !== undefined) throw this.failure
  }

  /** The first cause stays. */
  fail(cause: unknown): CairnError {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `The journal failed and takes nothing more (${why}): what was written last may or may not be there. Start again.`
    this.failure ??= new CairnError('journal_failed', message, { cause })
    return this.failure
  }
}
