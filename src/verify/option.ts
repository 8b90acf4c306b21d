/**
 * What a program hands in by name, where perhaps no compiler looked at it.
 *
 * Promise: what is misspelt is refused. Left out in silence it would make an answer to another question: a proof that was never compared with what the
 * cold key took back.
 */
import { CairnError } from './error.ts'

export function invalidOption(option: string, why: string): CairnError {
  return new CairnError('invalid_option', `The option ${option} is refused: ${why}.`, { option, why })
}

/** An object of no other members than these. */
export function demandMembers(given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw invalidOption('options', `they are an object, and may have ${known.join(', ')}`)
  }
  const unknown = unknownMember(given, known)
  if (unknown !== undefined) throw invalidOption(unknown, `there is ${known.join(', ')}, and none of this name`)
}

/** The first member that is none of these, or nothing. */
export function unknownMember(given: object, known: readonly string[]): string | undefined {
  return Object.keys(given).find((name) => !known.includes(name))
}

/** A height that is asked for: as a number it would be mixed with bigints, or be taken for another one. */
export function asHeight(height: unknown): bigint {
  if (typeof height === 'bigint' && height >= 0n) return height
  const message = `There is no block ${String(height)}: heights are numbers from 0 on, as bigints.`
  throw new CairnError('unknown_height', message, { height })
}

/** The index of a command, an obligation or an intent: as a number it would pass for another one, or for none. */
export function asIndex(what: string, index: unknown): bigint {
  if (typeof index === 'bigint') return index
  const message = `There is no ${what} ${String(index)}: they are asked for by bigints.`
  throw new CairnError('unknown_entry', message, { what, index })
}
