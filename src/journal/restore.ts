/**
 * Writes a damaged file of a journal anew: its whole frames as they are, and in their places the frames that are missing. What was there before is kept
 * aside, whole, before anything takes its place.
 *
 * A crash here leaves the damaged file or the restored one, never a mixture; a copy that was kept aside is taken up by the next repair.
 *
 * A restored file is seen under its name before that is there for good. As long as that is in doubt a mark lies beside it: whoever repairs again writes it
 * again, and so does a start whose newest file it is, whatever it ends with.
 */
import { SECTOR } from '../limits.ts'
import type { DiskFile } from '../ports/disk.ts'
import type { Rng } from '../ports/rng.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { equal } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import { type ChainRecord, chainRecord } from '../verify/records.ts'
import { doubtName, fileName } from './file-name.ts'
import { FrameMaker, frameLength, payloadLength } from './frame.ts'
import { encodeHeader, SALT_BYTES } from './header.ts'
import { frameIn } from './judge.ts'
import { copyBytes, makeFile } from './make-file.ts'
import { firstHeights } from './open.ts'
import { encodeRecord } from './record-write.ts'
import { type JournalHome, pathIn } from './settings.ts'
import type { Piece, Surveyed } from './survey.ts'
import { PIECE_BYTES, Window } from './window.ts'

/** The records of a frame that is missing, those of one block at most. */
export type MissingFrame = readonly ChainRecord[]

export interface Restored {
  /** Under this name lies what was there before; absent where the file was missing. */
  readonly kept?: string
  /** The files that were written. */
  readonly files: readonly string[]
}

/** What the file is to hold, in order: frames of its own that are whole, and such as are missing. */
export type Part = Piece | MissingFrame

/** Whether this file was restored, and nobody knows whether it has its name for good. */
export async function isInDoubt({ disk, directory }: JournalHome, first: bigint): Promise<boolean> {
  return (await disk.list(directory)).includes(doubtName(first))
}

/**
 * The parts are taken one at a time, as they are written: what is missing may be more than memory holds. `onMoved` comes before a file takes its place whose
 * whole frames lie elsewhere in it.
 */
export async function restoreFile(
  home: JournalHome,
  { first, size, salt }: Surveyed,
  parts: AsyncIterable<Part>,
  rng: Rng,
  onMoved: () => Promise<void>,
): Promise<Restored> {
  const { disk, directory } = home
  const names = await disk.list(directory)
  const isThere = names.includes(fileName(first))
  const kept = isThere ? await keepAside(home, first, names) : undefined
  const room = await usualSize(home, first)
  const source = isThere ? await disk.open(pathIn(home, fileName(first)), 'read') : undefined
  let isMoved = false
  const written: string[] = []
  const left = new PartsLeft(parts)
  try {
    const window = source && new Window(source, await source.size())
    const maker = new FrameMaker()
    await left.advance()
    // All but the first are files that were missing, and begin with what no longer fits.
    for (let begin = first; written.length === 0 || left.next !== undefined; begin = heightIn(left.next) ?? begin) {
      const ownSalt = (begin === first ? salt : undefined) ?? rng.bytes(SALT_BYTES)
      const file = await makeFile(disk, await freshPath(home, RESTORE_NAME), async (target) => {
        await target.write(0, encodeHeader({ chainId: home.chainId, first: begin, salt: ownSalt }))
        let at = SECTOR
        for (let part = left.next; part !== undefined; part = left.next) {
          const records = await recordsOf(part, window, salt)
          const encoded = records.map(encodeRecord)
          const length = frameLength(payloadLength(encoded))
          // Only a block gives a new file its name: seals go on in this one beyond its size.
          const hasBlock = heightIn(part) !== undefined
          if (hasBlock && at > SECTOR && at + length > Math.min(JOURNAL_FILE_MAX, Math.max(size, room))) break
          await target.write(at, maker.make(encoded, ownSalt, at))
          isMoved ||= 'offset' in part && (part.offset !== at || begin !== first)
          at += length
          await left.advance()
        }
        // One that was missing is no larger than what it holds.
        if (source !== undefined && at < size) await target.truncate(size)
      })
      await file.close()
      if (isMoved) await onMoved()
      await putInPlace(home, begin)
      written.push(fileName(begin))
    }
  } finally {
    // Where they are not at their end, what they are read from is let go.
    await left.end()
    await source?.close()
  }
  return { ...(kept !== undefined && { kept }), files: written }
}

/** How large the other files of the journal are: this one may have been cut. Where there is no other one, as large as any may be. */
async function usualSize(home: JournalHome, first: bigint): Promise<number> {
  let usual = 0
  for (const other of firstHeights(await home.disk.list(home.directory))) {
    if (other === first) continue
    const file = await home.disk.open(pathIn(home, fileName(other)), 'read')
    try {
      usual = Math.max(usual, await file.size())
    } finally {
      await file.close()
    }
  }
  return usual === 0 ? JOURNAL_FILE_MAX : usual
}

/** A power cut leaves no name in doubt: what is seen after it is on the disk. So the mark is for whoever comes before one, and needs no sync of its own. */
async function putInPlace(home: JournalHome, first: bigint): Promise<void> {
  const { disk, directory } = home
  const mark = pathIn(home, doubtName(first))
  if (!(await isInDoubt(home, first))) await (await disk.open(mark, 'create')).close()
  await disk.rename(pathIn(home, RESTORE_NAME), pathIn(home, fileName(first)))
  await disk.syncDirectory(directory)
  await disk.unlink(mark)
  await disk.syncDirectory(directory)
}

/** While they are being written; whoever opens the journal removes what a crash left of them. */
const RESTORE_NAME = 'restore.tmp'
const ASIDE_NAME = 'aside.tmp'

/** It has its name when it is whole: a repair that is repeated finds the copy that an earlier one made, and keeps no second one. */
async function keepAside(home: JournalHome, first: bigint, names: readonly string[]): Promise<string> {
  const { disk, directory } = home
  const plain = `damaged-${fileName(first).slice(0, -'.wal'.length)}`
  const source = await disk.open(pathIn(home, fileName(first)), 'read')
  try {
    let name = `${plain}.bin`
    let isKept = false
    for (let again = 1; names.includes(name) && !isKept; again++) {
      isKept = await holdsTheSame(source, home, name)
      if (!isKept) name = `${plain}-${again}.bin`
    }
    if (!isKept) {
      const size = await source.size()
      const copy = await makeFile(disk, await freshPath(home, ASIDE_NAME), (file) =>
        copyBytes(source, 0, size, file, 0),
      )
      await copy.close()
      await disk.rename(pathIn(home, ASIDE_NAME), pathIn(home, name))
    }
    await disk.syncDirectory(directory)
    return name
  } finally {
    await source.close()
  }
}

async function holdsTheSame(source: DiskFile, home: JournalHome, name: string): Promise<boolean> {
  const size = await source.size()
  const other = await home.disk.open(pathIn(home, name), 'read')
  try {
    if ((await other.size()) !== size) return false
    for (let at = 0; at < size; at += PIECE_BYTES) {
      if (!equal(await source.read(at, PIECE_BYTES), await other.read(at, PIECE_BYTES))) return false
    }
    return true
  } finally {
    await other.close()
  }
}

/** Of a file that is not there, or not any more: what a kill left under this name is of no worth. */
async function freshPath(home: JournalHome, name: string): Promise<string> {
  const { disk, directory } = home
  if ((await disk.list(directory)).includes(name)) await disk.unlink(pathIn(home, name))
  return pathIn(home, name)
}

/** The parts that are not written yet: the next one is looked at before it is taken, for it may belong into another file. */
class PartsLeft {
  next: Part | undefined
  private readonly parts: AsyncIterator<Part>

  constructor(parts: AsyncIterable<Part>) {
    this.parts = parts[Symbol.asyncIterator]()
  }

  async advance(): Promise<void> {
    const next = await this.parts.next()
    this.next = next.done === true ? undefined : next.value
  }

  async end(): Promise<void> {
    await this.parts.return?.()
  }
}

async function recordsOf(
  part: Part,
  window: Window | undefined,
  salt: Uint8Array | undefined,
): Promise<readonly ChainRecord[]> {
  if (!('offset' in part)) return part
  const frame = window && salt && (await frameIn(window, salt, part.offset))
  if (frame === undefined || typeof frame === 'string') throw new Error('a frame that was whole is so no more')
  return frame.records.map((record) => chainRecord.decode(record, native))
}

function heightIn(part: Part | undefined): bigint | undefined {
  if (part === undefined) return undefined
  if ('offset' in part) return part.heights[0]
  const block = part.find((record) => record.k === 'block')
  return block?.k === 'block' ? block.header.height : undefined
}
