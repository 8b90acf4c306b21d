/**
 * The recovery table as a table: every combination of findings, which row wins, and that every row can be reached. Rows of it that need what is
 * still to come (snapshots, `cairn repair` out of an export or a follower, `cairn guard accept`) are decided here all the same.
 */
import { describe, expect, it } from 'vitest'
import {
  decide,
  type GuardFinding,
  type JournalFinding,
  RECOVERY_TABLE,
  type StoreFinding,
} from '../../src/pipeline/recovery-table.ts'

const STORES: readonly StoreFinding[] = ['same', 'other', 'below', 'trace', 'ahead', 'unusable']
const GUARDS: readonly GuardFinding[] = ['not-ahead', 'ahead', 'other-hash', 'missing']
const JOURNALS: readonly JournalFinding[] = [...new Set(RECOVERY_TABLE.map(({ journal }) => journal))]

const ALL = JOURNALS.flatMap((journal) => STORES.flatMap((store) => GUARDS.map((guard) => ({ journal, store, guard }))))
const rowOf = (each: (typeof ALL)[number]): number =>
  RECOVERY_TABLE.findIndex(
    ({ journal, store, guard }) => journal === each.journal && store.includes(each.store) && guard.includes(each.guard),
  )
const said = (action: ReturnType<typeof decide>): string =>
  typeof action === 'string' ? action : `stop ${action.stop}`

/** The table of the design again, as one function: what must come out for every combination. */
function expected({ journal, store, guard }: (typeof ALL)[number]): string {
  switch (journal) {
    case 'good':
      return store === 'other' ? 'stop store_mismatch' : 'skip'
    case 'next':
      return 'apply'
    case 'not-next':
      return 'stop journal_gap'
    case 'roots-differ':
      return 'stop root_mismatch'
    case 'torn':
      return store === 'below' && guard === 'not-ahead' ? 'cut' : 'stop journal_truncated'
    case 'corrupt':
      return 'stop journal_corrupt'
    case 'nothing':
      if (store === 'ahead' || store === 'trace') return 'stop store_ahead'
      if (guard !== 'not-ahead') return 'read-only'
      if (store === 'unusable') return 'rebuild'
      return store === 'other' ? 'skip' : 'go-on'
    case 'starts-late':
      return 'stop snapshot_needed'
    case 'left-over':
      return 'remove'
    case 'seal-invalid':
      return 'stop seal_invalid'
    case 'unsealed':
      return 'seal'
    case 'disk-full':
      return 'read-only'
  }
}

describe('the recovery table', () => {
  it.each(ALL)('journal $journal, store $store, guard $guard', (situation) => {
    expect(said(decide(situation))).toBe(expected(situation))
  })

  it('has no row that another one hides', () => {
    const reached = new Set(ALL.map(rowOf))
    expect(RECOVERY_TABLE.map((_, i) => reached.has(i))).toEqual(RECOVERY_TABLE.map(() => true))
  })

  it('never goes on where the store or the guard knows of more than the journal', () => {
    const knowMore = ALL.filter(({ journal, store, guard }) => {
      const isAhead = store === 'ahead' || store === 'trace' || guard !== 'not-ahead'
      return isAhead && (journal === 'nothing' || journal === 'torn')
    })
    for (const each of knowMore) expect(['go-on', 'cut', 'apply', 'rebuild']).not.toContain(decide(each))
  })

  it('lets a damaged journal stop every start, whatever else is found', () => {
    for (const journal of ['corrupt', 'not-next', 'roots-differ', 'seal-invalid'] as const) {
      for (const store of STORES)
        for (const guard of GUARDS) expect(decide({ journal, store, guard })).toHaveProperty('stop')
    }
  })
})
