/** The errors by which a command says that something was checked and does not hold: it exits as a verification that failed. */
import { LIES } from '../client/errors.ts'

/** What is no answer at all proves nothing either, like a malformed document. */
export const FAILING: ReadonlySet<string> = new Set([...LIES, 'answer_invalid'])
