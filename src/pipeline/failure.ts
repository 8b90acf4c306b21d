/** What callers are told when a chain cannot go on. */
import { CairnError } from '../verify/error.ts'

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** To those whose command was on its way into the log when it failed. */
export function outcomeUnknown(cause: unknown): CairnError {
  return new CairnError(
    'outcome_unknown',
    `The command was being written when the chain failed: whether it is in the log is known after a restart. Send it again then, under the same client and number. (${reasonOf(cause)})`,
    { cause },
  )
}

/** To all others: their command is not in the log. */
export function chainFailed(cause: unknown): CairnError {
  return new CairnError(
    'chain_failed',
    `The chain failed and takes nothing more; nothing of this submission was written. Start again: what was acknowledged is there, and an earlier submission of the same number that ended with outcome_unknown is there or not. (${reasonOf(cause)})`,
    { cause },
  )
}

/** To who waits for all of it: a barrier, or an end in good order. */
export function failedMeanwhile(cause: unknown): CairnError {
  return new CairnError(
    'chain_failed',
    `The chain failed meanwhile and takes nothing more. Start again: what was acknowledged is there, and what ended with outcome_unknown is there or not. (${reasonOf(cause)})`,
    { cause },
  )
}

export function chainClosed(): CairnError {
  return new CairnError('chain_closed', 'The chain is closed.')
}

/** Met before anything was written: it may be tried again. */
export function isDiskFull(cause: unknown): cause is CairnError {
  return cause instanceof CairnError && cause.code === 'disk_full'
}
