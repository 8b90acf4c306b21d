/**
 * What a start does with what it finds (design, "Recovery"), as a table that is read from above: the first row that matches decides. Every
 * stop, the cut of a torn tail and opening for reading only are asked of it; where the rows that go on (skip, apply, remove, rebuild, seal) say what the
 * code around it does, they are here so that it can be read in one place.
 */

/** What the journal has, at a height or at its end. */
export type JournalFinding =
  | 'good' // a whole frame, of a height that the store has too
  | 'next' // a whole frame, the next one for the store
  | 'not-next' // a whole frame of another height; a file of another name; a file that is not there
  | 'roots-differ' // a block that does not give the roots that it names
  | 'torn' // a tail that an ordinary power cut leaves
  | 'corrupt'
  | 'nothing' // its end
  | 'starts-late' // its first file does not begin at 0, and no snapshot reaches it
  | 'left-over' // an empty newest file, a .tmp
  | 'seal-invalid' // a seal without its block, or one that fails leaving revocations aside
  | 'unsealed' // a head that no usable seal covers
  | 'disk-full'

/** What the store has at that height. */
export type StoreFinding = 'same' | 'other' | 'below' | 'trace' | 'ahead' | 'unusable'

/** What the guard says of that height. */
export type GuardFinding = 'not-ahead' | 'ahead' | 'other-hash' | 'missing'

export type Action =
  | 'skip'
  | 'apply'
  | 'cut'
  | 'read-only'
  | 'rebuild'
  | 'remove'
  | 'seal'
  | 'go-on'
  | { readonly stop: StopCode }

export type StopCode =
  | 'store_mismatch'
  | 'journal_gap'
  | 'root_mismatch'
  | 'journal_truncated'
  | 'journal_corrupt'
  | 'store_ahead'
  | 'snapshot_needed'
  | 'seal_invalid'

export interface Situation {
  readonly journal: JournalFinding
  readonly store: StoreFinding
  readonly guard: GuardFinding
}

interface Row {
  readonly journal: JournalFinding
  readonly store: readonly StoreFinding[]
  readonly guard: readonly GuardFinding[]
  readonly action: Action
}

const ANY_STORE: readonly StoreFinding[] = ['same', 'other', 'below', 'trace', 'ahead', 'unusable']
const ANY_GUARD: readonly GuardFinding[] = ['not-ahead', 'ahead', 'other-hash', 'missing']
const BACK: readonly GuardFinding[] = ['ahead', 'other-hash', 'missing']

export const RECOVERY_TABLE: readonly Row[] = [
  { journal: 'good', store: ['same'], guard: ['not-ahead'], action: 'skip' },
  { journal: 'good', store: ['other'], guard: ANY_GUARD, action: { stop: 'store_mismatch' } },
  { journal: 'next', store: ['below'], guard: ['not-ahead'], action: 'apply' },
  { journal: 'not-next', store: ANY_STORE, guard: ANY_GUARD, action: { stop: 'journal_gap' } },
  { journal: 'roots-differ', store: ANY_STORE, guard: ANY_GUARD, action: { stop: 'root_mismatch' } },
  { journal: 'torn', store: ['below'], guard: ['not-ahead'], action: 'cut' },
  { journal: 'torn', store: ANY_STORE, guard: ANY_GUARD, action: { stop: 'journal_truncated' } },
  { journal: 'corrupt', store: ANY_STORE, guard: ANY_GUARD, action: { stop: 'journal_corrupt' } },
  { journal: 'nothing', store: ['ahead', 'trace'], guard: ANY_GUARD, action: { stop: 'store_ahead' } },
  { journal: 'nothing', store: ANY_STORE, guard: BACK, action: 'read-only' },
  { journal: 'starts-late', store: ANY_STORE, guard: ANY_GUARD, action: { stop: 'snapshot_needed' } },
  { journal: 'nothing', store: ['unusable'], guard: ANY_GUARD, action: 'rebuild' },
  { journal: 'left-over', store: ANY_STORE, guard: ANY_GUARD, action: 'remove' },
  { journal: 'seal-invalid', store: ANY_STORE, guard: ANY_GUARD, action: { stop: 'seal_invalid' } },
  { journal: 'unsealed', store: ANY_STORE, guard: ANY_GUARD, action: 'seal' },
  { journal: 'disk-full', store: ANY_STORE, guard: ANY_GUARD, action: 'read-only' },
  // Not a row of the design: nothing is wrong.
  { journal: 'nothing', store: ['same', 'below'], guard: ['not-ahead'], action: 'go-on' },
]

export function decide({ journal, store, guard }: Situation): Action {
  const row = RECOVERY_TABLE.find(
    (each) => each.journal === journal && each.store.includes(store) && each.guard.includes(guard),
  )
  // A frame below a guard that is ahead: the end of the journal decides what becomes of the chain, and until then it is read like any other.
  if (row === undefined) return journal === 'next' ? 'apply' : 'skip'
  return row.action
}
