/** Errors as answers: problem documents of RFC 9457, with the stable code of the error, and the status that a program can act on. */
import { toHex } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'

export const PROBLEM_TYPE = 'application/problem+json'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly [member: string]: unknown
}

interface Kind {
  readonly status: number
  readonly title: string
  /** After how many seconds it may be tried again. */
  readonly retryAfter?: number
  /** What is said instead of the error's own words: those name paths and causes, for whoever runs the server. */
  readonly detail?: string
}

const BAD: Kind = { status: 400, title: 'The request is not as it has to be' }
const UNKNOWN: Kind = { status: 404, title: 'There is no such thing' }
const CONFLICT: Kind = { status: 409, title: 'It contradicts what is there' }
const TOO_LARGE: Kind = { status: 413, title: 'It is too large' }
const REFUSED: Kind = { status: 422, title: 'The command is refused' }
const BUSY: Kind = { status: 503, title: 'There is no room for it now', retryAfter: 1 }
const STOPPED: Kind = { status: 503, title: 'The chain takes no commands', retryAfter: 10 }
const FULL: Kind = {
  ...STOPPED,
  detail:
    'The disk of the server is full, or its files may grow no further (ulimit -f): its log says which. Nothing of this was written: try again later.',
}
const FAILED: Kind = {
  ...STOPPED,
  detail:
    'The chain failed and takes nothing more until it is started again; nothing of this was written. An earlier submission of the same number that ended with outcome_unknown is there or not.',
}
/** Whether it happened is known after a restart: no answer of another kind may be taken for a no. */
const UNCERTAIN: Kind = {
  status: 503,
  title: 'Whether it happened is not known yet',
  retryAfter: 5,
  detail:
    'The chain failed while the command was being written, or proved: whether it is there is known after a restart. Send it again then, under the same client and number.',
}
const BROKEN: Kind = { status: 500, title: 'Something is wrong here', detail: 'See the log of the server.' }

const KINDS: Readonly<Record<string, Kind>> = {
  malformed: BAD,
  invalid_request: BAD,
  invalid_key: BAD,
  invalid_submission: BAD,
  unauthorized: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'The token does not allow it' },
  not_found: UNKNOWN,
  unknown_height: UNKNOWN,
  unknown_entry: UNKNOWN,
  key_absent: UNKNOWN,
  nothing_to_prove: UNKNOWN,
  nothing_to_export: UNKNOWN,
  method_not_allowed: { status: 405, title: 'That cannot be done to it' },
  key_present: CONFLICT,
  request_conflict: CONFLICT,
  request_skipped: CONFLICT,
  request_stale: CONFLICT,
  pruned: { status: 410, title: 'It is no longer kept' },
  over_limit: TOO_LARGE,
  too_slow: { status: 408, title: 'It took too long' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  unsupported_media_type: { status: 415, title: 'It is not JSON' },
  unknown_type: REFUSED,
  invalid_payload: REFUSED,
  invalid_outcome: REFUSED,
  invalid_entry: REFUSED,
  too_many_requests: { status: 429, title: 'Too much at once', retryAfter: 1 },
  overloaded: BUSY,
  draining: BUSY,
  disk_full: FULL,
  delegation_needed: STOPPED,
  chain_failed: FAILED,
  chain_closed: STOPPED,
  chain_rolled_back: STOPPED,
  no_signer: STOPPED,
  outcome_unknown: UNCERTAIN,
}

/** What is answered, and when it may be tried again. What nobody foresaw says nothing of itself: that is for the log. */
export function problemOf(error: unknown): { readonly problem: Problem; readonly retryAfter: number | undefined } {
  const { code, message, details } =
    error instanceof CairnError ? error : { code: 'internal', message: '', details: {} as const }
  const kind = KINDS[code] ?? BROKEN
  const more = kind.detail === undefined ? plain(details) : {}
  return { problem: document(code, kind, kind.detail ?? message, more), retryAfter: kind.retryAfter }
}

export function isOurs(error: unknown): boolean {
  return !(error instanceof CairnError) || (KINDS[error.code] ?? BROKEN).status === 500
}

function document(
  code: string,
  { status, title }: Kind,
  detail: string,
  details: Readonly<Record<string, unknown>>,
): Problem {
  return Object.assign({ type: `urn:cairn:error:${code}`, title, status, detail, code }, details)
}

const RESERVED: ReadonlySet<string> = new Set(['type', 'title', 'status', 'detail', 'code', 'instance'])

/** Details as JSON has them: numbers as decimal text, bytes as hex. What is none of it, a cause, stays here. */
function plain(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const known = Object.entries(details).flatMap(([name, value]): [string, unknown][] => {
    if (RESERVED.has(name)) return []
    if (typeof value === 'bigint') return [[name, String(value)]]
    if (value instanceof Uint8Array) return [[name, toHex(value)]]
    return ['string', 'number', 'boolean'].includes(typeof value) ? [[name, value]] : []
  })
  return Object.fromEntries(known)
}
