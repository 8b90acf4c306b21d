/** What a client ends with beside the errors of the server: that it could not be reached, and each lie by its name. */
import { CairnError } from '../verify/error.ts'
import type { Evidence, Verdict } from '../verify/index.ts'

/** Nothing came back, or nothing that a Cairn server says. It may be tried again. */
export function unreachable(why: string, cause?: unknown): CairnError {
  return new CairnError('server_unreachable', `The server cannot be reached: ${why}.`, { why, cause })
}

/** What was given up while it was on its way: it may have happened. */
export function aborted(isSent: boolean): CairnError {
  if (!isSent) return new CairnError('aborted', 'It was given up before anything was sent.')
  return new CairnError(
    'outcome_unknown',
    'It was given up after it was sent: whether it happened is told when it is sent again, under the same client and number.',
  )
}

/** The error that a problem document names; nothing where it is none. What it says is a stranger's: only texts are taken for texts. */
export function named(problem: unknown, more: Readonly<Record<string, unknown>> = {}): CairnError | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined
  const { code, detail, ...details } = problem as Readonly<Record<string, unknown>>
  if (typeof code !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(code)) return undefined
  return new CairnError(code, typeof detail === 'string' ? detail : 'The server says no more.', { ...details, ...more })
}

/** The proof does not show what the server says. */
export function disproved(what: string, verdicts: readonly Verdict[]): CairnError {
  const failed = verdicts
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ check, reason }) => `${check}: ${reason ?? ''}`)
  const why = failed.length === 0 ? what : `${what} (${failed.join('; ')})`
  return new CairnError('proof_invalid', `The server does not prove what it says: ${why}. Do not rely on it.`, { why })
}

/** The server showed a block that another one contradicts: one of them was signed by somebody who lies. */
export function forked(evidence: Evidence | undefined): CairnError {
  return new CairnError(
    'chain_forked',
    'The server shows a chain that contradicts what it showed before. Keep the evidence, publish it, and rely on nothing of this chain until it is explained.',
    evidence === undefined ? {} : { evidence },
  )
}

/** What was accepted rests on keys that were taken back from below it on. No server lied by that, and none can prove what comes after. */
export function nothingStands(): CairnError {
  return new CairnError(
    'nothing_stands',
    'The cold key took back the key under which this chain was followed here, from a lower block on: nothing that was accepted stands, and nothing newer can be known to go on from it. Ask another source than this server for a block that stands, forget what is kept, and begin anew from that.',
  )
}

/** It is behind what it showed before: a restored copy, or one that was not brought up to date. */
export function behind(height: bigint, known: bigint): CairnError {
  return new CairnError(
    'server_behind',
    `The server ${height < 0n ? 'has no block' : `stands at block ${height}`}, and showed block ${known} before: it is an older copy, or was rolled back. Ask another one.`,
    { height, known },
  )
}

/** A height as a server names it in an error: one that is no number of a few digits says nothing. */
export function heightIn(given: unknown): bigint | undefined {
  return typeof given === 'string' && /^-?[0-9]{1,20}$/.test(given) ? BigInt(given) : undefined
}

/** Of these it says itself that nothing happened. */
const NOTHING_HAPPENED = [
  'overloaded',
  'too_many_requests',
  'chain_failed',
  'chain_closed',
  'draining',
  'disk_full',
  'delegation_needed',
] as const
const MAY_HAVE_HAPPENED: ReadonlySet<string> = new Set(['server_unreachable', 'too_slow', 'outcome_unknown'])
const PASSING: ReadonlySet<string> = new Set([...NOTHING_HAPPENED, ...MAY_HAVE_HAPPENED])

/** Whether what was sent may have happened although it was answered so. */
export function mayHaveHappened(error: CairnError): boolean {
  return MAY_HAVE_HAPPENED.has(error.code) || isBroken(error)
}

/** The server broke over it: what it says is no refusal, and how far it came it does not know itself. */
export function isBroken({ details }: CairnError): boolean {
  return details.status === 500
}

/** What is said last is true of the last attempt, or of one command of several. */
export function notKnown(cause: CairnError): CairnError {
  return new CairnError(
    'outcome_unknown',
    `It may have happened, although the server says: ${cause.message} Send it again under the same client and number to know.`,
    { cause },
  )
}

/** Whether the same may be asked again, and answered otherwise. */
export function mayRetry(error: unknown): boolean {
  return error instanceof CairnError && PASSING.has(error.code)
}

/** The lies of a server, each by its name. */
export const LIES: ReadonlySet<string> = new Set([
  'proof_invalid',
  'chain_forked',
  'server_behind',
  'seal_outdated',
  'wrong_chain',
])

/**
 * Of a server that was asked for the proof of its own answer: whatever it refuses it with is no refusal of what was sent. That has a receipt; and a
 * server that fails since then says of the proof alone that nothing happened.
 */
export function asDisproved(error: unknown): unknown {
  if (!(error instanceof CairnError) || LIES.has(error.code) || error.code === 'nothing_stands') return error
  if (isBroken(error)) return notKnown(error)
  if (mayRetry(error)) return mayHaveHappened(error) ? error : notKnown(error)
  return disproved(`asked for the proof of its answer it says: ${error.message}`, [])
}
