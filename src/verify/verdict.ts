/** What a verifier answers: one verdict a check, by the names of FORMAT §8, and the overall answer. */
import { CairnError } from './error.ts'

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

/** Decodes, then judges. What cannot be decoded gets the one verdict that its form is wrong: nothing in it was looked at. */
export function verifyDecoded<T>(decode: () => T, judge: (document: T) => Verification): Verification {
  let document: T
  try {
    document = decode()
  } catch (fault) {
    if (!(fault instanceof CairnError)) throw fault
    return verification([judged('format', fault.message)])
  }
  return judge(document)
}
