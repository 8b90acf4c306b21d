/** The error of a start that stops: what was found contradicts itself, and no program may choose what is true. */
import { CairnError } from '../verify/error.ts'
import { decide, type Situation, type StopCode } from './recovery-table.ts'

const ADVICE: Readonly<Record<StopCode, string>> = {
  store_mismatch:
    'Make sure that data directory, store and journal belong together; the store alone may be deleted, it is made anew.',
  journal_gap: 'A file of the journal is missing or misplaced: bring it back.',
  root_mismatch:
    'The journal does not give the roots that it names: the record was changed, or this program computes otherwise. Keep everything and compare with a follower.',
  journal_truncated:
    'What is torn had been acknowledged: restore the journal from a follower or an export (cairn repair).',
  journal_corrupt: 'Restore the journal from a follower or an export (cairn repair).',
  store_ahead:
    'Acknowledged blocks are missing from the journal: restore it from a follower or an export (cairn repair). Only where they are gone for good, move the store away, and go on as docs/operating.md says of a restore.',
  snapshot_needed: 'The journal does not begin at block 0: bring its first files back, or a snapshot that reaches it.',
  seal_invalid:
    'The journal holds a seal that is none of this chain’s: restore it from a follower or an export (cairn repair).',
}

function stopped(code: StopCode, what: string, details: Readonly<Record<string, unknown>>): CairnError {
  return new CairnError(code, `${what} ${ADVICE[code]}`, details)
}

/** The stop that the recovery table says for what was found. */
export function stopAt(
  found: Pick<Situation, 'journal'> & Partial<Situation>,
  what: string,
  details: Readonly<Record<string, unknown>>,
): CairnError {
  const action = decide({ store: 'below', guard: 'not-ahead', ...found })
  if (typeof action === 'object') return stopped(action.stop, what, details)
  throw new Error(`the recovery table stops no start at ${found.journal}`)
}
