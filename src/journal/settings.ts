/** What a journal is given: where it lies, which chain it is of, and how large its files are. */
import { SECTOR } from '../limits.ts'
import type { Disk } from '../ports/disk.ts'
import type { Rng } from '../ports/rng.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { isHash } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'

/** All that a reader needs. */
export interface JournalHome {
  readonly disk: Disk
  readonly directory: string
  readonly chainId: Uint8Array
}

export interface JournalSettings extends JournalHome {
  /** Salts of files. */
  readonly rng: Rng
  /** How large files are made: a multiple of 512, at most 64 MiB. */
  readonly fileBytes: number
  /** Told how long the disk takes to make a frame durable. */
  readonly syncing?: Stopwatch
}

export interface Stopwatch {
  start(): number
  stop(start: number): void
}

export function checkSettings({ chainId, fileBytes }: JournalSettings): void {
  const isSize = fileBytes % SECTOR === 0 && fileBytes >= 2 * SECTOR && fileBytes <= JOURNAL_FILE_MAX
  if (!isSize)
    throw invalid(`a journal file has a multiple of ${SECTOR} bytes up to ${JOURNAL_FILE_MAX}`, { fileBytes })
  if (!isHash(chainId)) throw invalid('a chain id has 32 bytes', { length: chainId.length })
}

function invalid(reason: string, details: Readonly<Record<string, unknown>>): CairnError {
  return new CairnError('invalid_setting', `The journal cannot be opened: ${reason}.`, details)
}

export function pathIn({ directory }: Pick<JournalHome, 'directory'>, name: string): string {
  return `${directory}/${name}`
}
