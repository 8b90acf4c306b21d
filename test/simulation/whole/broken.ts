/** That a promise does not hold: which check found it, and what it saw. */
export type Check =
  | 'lost'
  | 'twice'
  | 'other-outcome'
  | 'refused-and-executed'
  | 'seen-and-gone'
  | 'two-hashes'
  | 'verification'
  | 'audit'
  | 'replay'
  | 'store'
  | 'read'
  | 'start'
  | 'failure-without-cause'
  | 'progress'
  | 'proof'
  | 'follow'
  | 'flush'
  | 'close'
  | 'damage'
  | 'backup'
  | 'guard'
  | 'unexpected'

export class Broken extends Error {
  readonly check: Check

  constructor(check: Check, what: string, cause?: unknown) {
    super(what, { cause })
    this.check = check
  }
}

export function demand(holds: boolean, check: Check, otherwise: string | (() => string)): asserts holds {
  if (!holds) throw new Broken(check, typeof otherwise === 'string' ? otherwise : otherwise())
}
