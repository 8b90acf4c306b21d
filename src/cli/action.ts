/** What every command on files needs: that the operating system refused something is told in plain words, not with a stack. */
import { CairnError } from '../verify/index.ts'
import { shownPath } from './place.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'this user may not do that there: look whose it is, and its mode',
  EPERM: 'this user may not do that there: look whose it is, and its mode',
  ENOTDIR: 'it is no directory, or lies below a file',
  EISDIR: 'it is a directory',
  EROFS: 'it lies on a file system that is read only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your space on the disk is used up',
  EFBIG: 'no file of this process may be so large (ulimit -f)',
  EMFILE: 'too many files are open',
}

export function asAction<Given extends unknown[]>(
  run: (...given: Given) => Promise<void>,
): (...given: Given) => Promise<void> {
  return async (...given) => {
    try {
      await run(...given)
    } catch (error) {
      throw isSystemError(error) ? inPlainWords(error) : error
    }
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error
}

function inPlainWords({ code = '', path, message }: NodeJS.ErrnoException): CairnError {
  const reason = REASONS[code]
  const text = reason === undefined || path === undefined ? message : `${shownPath(path)}: ${reason}`
  return new CairnError('system_error', `The system refused: ${text}.`, { cause: code, path })
}
