/** What a store that does not hold what was written means: it is thrown away and made again from the journal. */
import { CairnError } from '../verify/error.ts'
import type { RangeName } from '../verify/types.ts'

export function damaged(range: RangeName, what: string, details: Readonly<Record<string, unknown>> = {}): CairnError {
  const message = `The store is damaged (range of ${range}: ${what}). Rebuild it from the journal.`
  return new CairnError('store_damaged', message, { range, ...details })
}
