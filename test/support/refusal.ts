/**
 * How text from strangers may be refused: with the one typed error, one of its two codes for documents, and the JSON path of the
 * place. Anything else that is thrown is a fault of the program, and goes on.
 */
import { CairnError } from '../../src/verify/index.ts'

export interface Refusal {
  readonly code: string
  readonly path: string
}

/** A plain name, an index, or a strange name as a JSON string in ASCII. */
const JSON_PATH = /^\$(?:\.\w{1,64}|\[[0-9]+\]|\["(?:[^"\\]|\\.)*"\])*$/

/** The refusal, or what the attempt made. */
export function tried<T>(attempt: () => T): { readonly refusal: Refusal } | { readonly made: T } {
  try {
    return { made: attempt() }
  } catch (error) {
    if (!(error instanceof CairnError)) throw error
    const { code, details, message } = error
    const { path } = details
    if (code !== 'malformed' && code !== 'over_limit') throw new Error(`refused with ${code}`, { cause: error })
    if (typeof path !== 'string' || !JSON_PATH.test(path))
      throw new Error(`no JSON path: ${String(path)}`, { cause: error })
    if (!message.startsWith(`${path}: `))
      throw new Error(`the message hides the path ${path}: ${message}`, { cause: error })
    return { refusal: { code, path } }
  }
}

/** That it was refused, and how. */
export function refusalOf(attempt: () => unknown): Refusal {
  const result = tried(attempt)
  if ('refusal' in result) return result.refusal
  throw new Error('it was accepted')
}
