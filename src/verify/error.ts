/**
 * The one error that this package throws: a stable `code` for programs, a message that says what to do for people, and data.
 *
 * Promise: no text, bytes or plain data, however hostile, make anything in `verify` throw another one.
 */
export class CairnError extends Error {
  override readonly name = 'CairnError'
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

/** What an attempt gives, or the error that it ended with; what is not ours is a fault of the program and goes on. */
export function attempt<T>(make: () => T): T | CairnError {
  try {
    return make()
  } catch (error) {
    if (error instanceof CairnError) return error
    throw error
  }
}
