/** The error that something is refused with, for tests that look at all of it. */
import { CairnError } from '../../src/verify/error.ts'

export async function refused(attempt: () => unknown): Promise<CairnError> {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof CairnError) return error
    throw error
  }
  throw new Error('it was not refused')
}

/** All that an error tells, to look for secrets in. */
export function textOf(error: CairnError): string {
  const details = JSON.stringify(error.details, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
  return `${error.code} ${error.message} ${details} ${error.stack ?? ''}`
}
