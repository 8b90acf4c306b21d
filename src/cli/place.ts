/**
 * Where a chain and what belongs to it lie: the keys and the rollback guard are beside the data directory, never in it, so that no copy or
 * backup of the data takes them along.
 */
import { realpathSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { CairnError } from '../verify/index.ts'

export interface Place {
  readonly data: string
  readonly keys: string
  readonly guard: string
}

/**
 * Of a link to a data directory the place is that of the directory: there is one guard, whatever leads to it. Keys and guard may be said to lie
 * elsewhere, but never within the data, of which copies and backups are made.
 */
export function placeOf(directory: string, elsewhere: { readonly keys?: string; readonly guard?: string } = {}): Place {
  const data = realpathOf(resolve(directory))
  const keys = elsewhere.keys === undefined ? `${data}.keys` : realpathOf(resolve(elsewhere.keys))
  const guard = elsewhere.guard === undefined ? `${keys}/guard` : resolve(elsewhere.guard)
  if (isWithin(keys, data)) throw inData(keys, data)
  return { data, keys, guard }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`)
}

function inData(keys: string, data: string): CairnError {
  const message = `${shownPath(keys)} lies within the data of the chain: a copy or a backup of ${shownPath(data)} would take the keys along. Choose a place outside.`
  return new CairnError('keys_in_data', message, { keys, data })
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** A path as a user types it here: relative where it lies below, and never one that is read as an option or as standard input. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path)
  if (below === '' || below.startsWith('..')) return path
  return below.startsWith('-') ? `./${below}` : below
}

/** A word of a command line, in quotes where a shell would read more into it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
