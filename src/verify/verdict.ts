/** What a verifier answers: one verdict a check, by the names of FORMAT §8, and the overall answer. */
import type { CairnError } from './error.ts'

/** `unchecked` is never `ok`: it says that the verifier was not given what it takes to decide. */
export type Judgement = 'ok' | 'fail' | 'unchecked'

export interface Verdict {
  /** `format`, `genesis`, `delegation`, `seal`, `revocation`, `roots`, `head`, `claims[i]`, `claims[i].claims[j]`. */
  readonly check: string
  readonly verdict: Judgement
  /** Why it failed, or what was missing to check it. */
  readonly reason?: string
}

export interface Verification {
  /** Nothing failed. What is `unchecked` is not covered by it. */
  readonly ok: boolean
  readonly verdicts: readonly Verdict[]
}

export function verification(verdicts: readonly Verdict[]): Verification {
  return { ok: verdicts.every(({ verdict }) => verdict !== 'fail'), verdicts }
}

/** Fails for a reason, or is `ok` without one. */
export function judged(check: string, reason: string | undefined): Verdict {
  return reason === undefined ? { check, verdict: 'ok' } : { check, verdict: 'fail', reason }
}

export function unchecked(check: string, reason: string): Verdict {
  return { check, verdict: 'unchecked', reason }
}

/** The one verdict on what cannot be decoded: its form is wrong, and nothing in it was looked at. */
export function refusedForm(fault: CairnError): Verification {
  return verification([judged('format', fault.message)])
}
