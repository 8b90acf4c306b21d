/** Faults of what was decoded: what is wrong, and the JSON path of where. */
import { CairnError } from './error.ts'

export function malformed(reason: string): CairnError {
  return fault('malformed', reason, '$', {})
}

export function overLimit(what: string, limit: number, size: number): CairnError {
  return fault('over_limit', `${what} is over its bound of ${limit}: ${size}`, '$', { limit, size })
}

/** The same fault, seen from one step further out: from the object or array that has it as a member or item. */
export function within(step: string | number, error: unknown): unknown {
  if (!(error instanceof CairnError)) return error
  const { path, reason, ...rest } = error.details as { path: string; reason: string }
  return fault(error.code, reason, `$${stepText(step)}${path.slice(1)}`, rest)
}

/** A name that is not a plain one comes from a stranger: it is cut, and shown in ASCII. */
function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`
  if (/^\w{1,64}$/.test(step)) return `.${step}`
  const shown = JSON.stringify(step.slice(0, 64))
  return `[${shown.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}]`
}

function fault(code: string, reason: string, path: string, rest: Readonly<Record<string, unknown>>): CairnError {
  return new CairnError(code, `${path}: ${reason}`, { path, reason, ...rest })
}
