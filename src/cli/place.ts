/**
 * Where a chain and what belongs to it lie: the keys and the rollback guard are beside the data directory, never in it, so that no copy or
 * backup of the data takes them along.
 */
import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'

export interface Place {
  readonly data: string
  readonly keys: string
  readonly guard: string
}

/** Of a link to a data directory the place is that of the directory: there is one guard, whatever leads to it. */
export function placeOf(directory: string): Place {
  const data = realpathOf(resolve(directory))
  return { data, keys: `${data}.keys`, guard: `${data}.keys/guard` }
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** A path as a user types it here: relative where it lies below. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path)
  return below === '' || below.startsWith('..') ? path : below
}

/** A word of a command line, in quotes where a shell would read more into it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
