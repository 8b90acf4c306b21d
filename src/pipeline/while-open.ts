/**
 * Reads of an open chain that take their time. Where it was closed meanwhile, journal and store refuse with errors of their own: whoever asked is told
 * what everybody is told then, that the chain is closed.
 */
import { CairnError } from '../verify/error.ts'
import { chainClosed } from './failure.ts'

/** Whether somebody closed the chain. */
export interface Lifetime {
  isClosed: boolean
}

export async function whileOpen<T>(lifetime: Readonly<Lifetime>, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw toldOf(error, lifetime)
  }
}

/** The same of what is read bit by bit. */
export async function* eachWhileOpen<T>(lifetime: Readonly<Lifetime>, read: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* read
  } catch (error) {
    throw toldOf(error, lifetime)
  }
}

function toldOf(error: unknown, { isClosed }: Readonly<Lifetime>): unknown {
  const isAnswer = error instanceof CairnError && error.code !== 'journal_closed'
  return isClosed && !isAnswer ? chainClosed() : error
}
