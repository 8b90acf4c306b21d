/** A journal file that is opened to be read: its size and its header, checked against its name and its chain. */
import { SECTOR } from '../limits.ts'
import type { DiskFile } from '../ports/disk.ts'
import { orNothing } from '../ports/system-error.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { equal, toHex } from '../verify/bytes.ts'
import { journalCorrupt, journalGap } from './faults.ts'
import { fileName } from './file-name.ts'
import { decodeHeader } from './header.ts'
import { type JournalHome, pathIn } from './settings.ts'
import { isZero } from './zeros.ts'

export interface JournalFile {
  readonly file: DiskFile
  readonly first: bigint
  readonly size: number
  /** Undefined where the header is all zero: then it may only be a file that nothing was written to. */
  readonly salt: Uint8Array | undefined
}

/** Opens the file of this height and looks at its header. */
export async function openFile(home: JournalHome, first: bigint): Promise<JournalFile> {
  const file = await home.disk.open(pathIn(home, fileName(first)), 'read')
  try {
    return await identify(home, file, first)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The same for whoever reads beside a producer: nothing where there is no such file any more, for a start takes away what holds nothing. */
export function openIfThere(home: JournalHome, first: bigint): Promise<JournalFile | undefined> {
  return orNothing(openFile(home, first), 'ENOENT')
}

/** The same, for whoever reads frames: what has no header has none. */
export async function openWritten(home: JournalHome, first: bigint): Promise<JournalFile & { salt: Uint8Array }> {
  const opened = await openFile(home, first)
  const { salt } = opened
  if (salt !== undefined) return { ...opened, salt }
  await opened.file.close()
  throw damagedHeader(first)
}

export function damagedHeader(first: bigint): Error {
  return journalCorrupt({ file: first, offset: 0 }, first, 'its header is not whole')
}

async function identify({ chainId }: JournalHome, file: DiskFile, first: bigint): Promise<JournalFile> {
  const size = await file.size()
  if (size > JOURNAL_FILE_MAX) {
    throw journalCorrupt(
      { file: first, offset: JOURNAL_FILE_MAX },
      undefined,
      'it is larger than a journal file can be',
    )
  }
  const sector = await file.read(0, SECTOR)
  if (isZero(sector)) return { file, first, size, salt: undefined }
  const header = decodeHeader(sector)
  if (header === undefined) throw damagedHeader(first)
  const name = fileName(first)
  if (!equal(header.chainId, chainId)) {
    throw journalGap(name, 'it is of another chain', { chainId: toHex(header.chainId), height: first })
  }
  if (header.first !== first) {
    throw journalGap(name, `it says that it begins at ${header.first}`, { first: header.first, height: first })
  }
  return { file, first, size, salt: header.salt }
}
