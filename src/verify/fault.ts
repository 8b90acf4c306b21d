/** Faults of what was decoded: what is wrong, and the JSON path of where. */
import { CairnError } from './error.ts'

export function malformed(reason: string): CairnError {
  return fault('malformed', reason, '$', {})
}

export function overLimit(what: string, limit: number, size: number): CairnError {
  return fault('over_limit', `${what} is over its bound of ${limit}: ${size}`, '$', { limit, size })
}

/** The same fault, seen from one step further out. */
export function within(step: string, error: unknown): unknown {
  if (!(error instanceof CairnError)) return error
  const { path, reason, ...rest } = error.details as { path: string; reason: string }
  return fault(error.code, reason, `$${step}${path.slice(1)}`, rest)
}

function fault(code: string, reason: string, path: string, rest: Readonly<Record<string, unknown>>): CairnError {
  return new CairnError(code, `${path}: ${reason}`, { path, reason, ...rest })
}
