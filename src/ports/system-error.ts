/** What the system refuses, by Node and by LevelDB: which refusal it is, and what somebody can do about it. */
import { constants } from 'node:os'
import { CairnError } from '../verify/error.ts'

/** What of the system's refusals somebody can mend, told as that; the rest goes on as it is. */
export async function explained<T>(directory: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw told(directory, error) ?? error
  }
}

/** The same refusal as an error of ours, where it is one. */
export function told(path: string, cause: unknown): CairnError | undefined {
  if (cause instanceof CairnError) return undefined
  if (isFull(cause)) return diskFull(path, cause)
  if (isOf(cause, 'EMFILE', 'Too many open files') || isOf(cause, 'ENFILE', 'Too many open files in system')) {
    const message = `This process may open no more files, and ${path} needs some: raise the limit (ulimit -n), or have fewer open at once, and try again.`
    return new CairnError('too_many_files', message, { path, cause })
  }
  const isReadOnly = isOf(cause, 'EROFS', 'Read-only file system')
  if (!isReadOnly && !isOf(cause, 'EACCES', 'Permission denied')) return undefined
  const message = isReadOnly
    ? `${path} lies on a file system that is read only: mount it for writing, or choose another place.`
    : `This user may not do that in ${path}: look whose it is, and its mode, and give the user the right to, or choose another place.`
  return new CairnError('data_unwritable', message, { path, cause })
}

/**
 * What the system refused to whoever starts a chain in this directory, also where the journal ended of it: nothing was acknowledged yet, and what to do is to
 * mend what was refused. Where it is something else it goes on as that.
 */
export function refusedAtStart(directory: string, error: unknown): unknown {
  const isOfJournal = error instanceof CairnError && error.code === 'journal_failed'
  const cause = isOfJournal ? error.details.cause : error
  if (!(cause instanceof Error) || cause instanceof CairnError) return error
  const path = 'path' in cause && typeof cause.path === 'string' ? cause.path : directory
  return told(path, cause) ?? (isOfJournal ? error : diskFailed(directory, cause))
}

function diskFailed(path: string, cause: Error): unknown {
  if (!isOf(cause, 'EIO', 'Input/output error')) return cause
  const message = `The disk under ${path}, or that of the guard, fails (${cause.message}): what was being written may be there or not, and the next start finds out. Look what the system says of the disk, mend it or bring the chain to another one, and start again.`
  return new CairnError('disk_failed', message, { path, cause })
}

/** Whether there was no room on the disk, or no more for this user, or for one file of this process. */
export function isFull(cause: unknown): boolean {
  return isOf(cause, 'ENOSPC', 'No space left on device') || isOf(cause, 'EDQUOT', 'quota exceeded') || isBounded(cause)
}

/** Nothing of what was to be written is there: when there is room again, it may be tried again. */
export function diskFull(path: string, cause: unknown): CairnError {
  const message = isBounded(cause)
    ? `No file of this process may be as large as ${path} needs: raise the limit (ulimit -f), and try again.`
    : `The disk is full: there is no room for ${path}. Make room, and try again.`
  return new CairnError('disk_full', message, { path, cause })
}

function isBounded(cause: unknown): boolean {
  return isOf(cause, 'EFBIG', 'File too large')
}

type Refused = 'ENOSPC' | 'EDQUOT' | 'EFBIG' | 'EMFILE' | 'ENFILE' | 'EROFS' | 'EACCES' | 'EIO'

/** Whether it goes back to this refusal. LevelDB tells only the system's words for it, and Node has no code for a quota. */
function isOf(error: unknown, code: Refused, words: string): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    if (codeOf(at) === code || ('errno' in at && at.errno === -constants.errno[code])) return true
    if (codeOf(at) === 'LEVEL_IO_ERROR' && at.message.toLowerCase().endsWith(words.toLowerCase())) return true
  }
  return false
}

export async function orNothing<T>(asked: Promise<T>, code: string): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (codeOf(error) === code) return undefined
    throw error
  }
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Whether it is the system's own word, as the disk port passes it on: LevelDB has other codes. */
export function isOfDisk(error: unknown): boolean {
  const code = codeOf(error)
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)
}
