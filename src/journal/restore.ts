/**
 * Writes a damaged file of a journal anew: its whole frames as they are, and in their places the frames that are missing. What was there before is kept
 * aside, whole, before anything takes its place.
 *
 * A crash here leaves the damaged file or the restored one, never a mixture; a copy that was kept aside for nothing may be deleted.
 */
import { SECTOR } from '../limits.ts'
import type { Rng } from '../ports/rng.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { native } from '../verify/codec.ts'
import { type ChainRecord, chainRecord } from '../verify/records.ts'
import { fileName } from './file-name.ts'
import { FrameMaker, frameLength, payloadLength } from './frame.ts'
import { encodeHeader, SALT_BYTES } from './header.ts'
import { frameIn } from './judge.ts'
import { copyBytes, makeFile } from './make-file.ts'
import { encodeRecord } from './record-write.ts'
import { type JournalHome, pathIn } from './settings.ts'
import type { Piece, Surveyed } from './survey.ts'
import { Window } from './window.ts'

/** The records of a frame that is missing, those of one block at most. */
export type MissingFrame = readonly ChainRecord[]

export interface Restored {
  /** Under this name lies what was there before; absent where the file was missing. */
  readonly kept?: string
  /** Whether frames that were whole lie elsewhere now: then no place that a store remembers is right any more. */
  readonly isMoved: boolean
  /** The files that were written. */
  readonly files: readonly string[]
}

/** What the file is to hold, in order: frames of its own that are whole, and such as are missing. */
export type Part = Piece | MissingFrame

export async function restoreFile(
  home: JournalHome,
  { first, size, salt }: Surveyed,
  parts: readonly Part[],
  rng: Rng,
): Promise<Restored> {
  const { disk, directory } = home
  const names = await disk.list(directory)
  const isThere = names.includes(fileName(first))
  const kept = isThere ? await keepAside(home, first, names) : undefined
  const source = isThere ? await disk.open(pathIn(home, fileName(first)), 'read') : undefined
  let isMoved = false
  const written: string[] = []
  try {
    const window = source && new Window(source, await source.size())
    const maker = new FrameMaker()
    const left = [...parts]
    // All but the first are files that were missing, and begin with what no longer fits.
    for (let begin = first; written.length === 0 || left.length > 0; begin = heightIn(left[0]) ?? begin) {
      const ownSalt = (begin === first ? salt : undefined) ?? rng.bytes(SALT_BYTES)
      const temporary = pathIn(home, RESTORE_NAME)
      if ((await disk.list(directory)).includes(RESTORE_NAME)) await disk.unlink(temporary)
      const file = await makeFile(disk, temporary, async (target) => {
        await target.write(0, encodeHeader({ chainId: home.chainId, first: begin, salt: ownSalt }))
        let at = SECTOR
        for (let part = left[0]; part !== undefined; part = left[0]) {
          const records = await recordsOf(part, window, salt)
          const encoded = records.map(encodeRecord)
          const length = frameLength(payloadLength(encoded))
          if (at > SECTOR && at + length > Math.min(JOURNAL_FILE_MAX, Math.max(size, SECTOR))) break
          await target.write(at, maker.make(encoded, ownSalt, at))
          isMoved ||= 'offset' in part && (part.offset !== at || begin !== first)
          at += length
          left.shift()
        }
        // One that was missing is no larger than what it holds.
        if (source !== undefined && at < size) await target.truncate(size)
      })
      await file.close()
      await disk.rename(temporary, pathIn(home, fileName(begin)))
      await disk.syncDirectory(directory)
      written.push(fileName(begin))
    }
  } finally {
    await source?.close()
  }
  return { ...(kept !== undefined && { kept }), isMoved, files: written }
}

/** While it is being written; whoever opens the journal removes what a crash left of it. */
const RESTORE_NAME = 'restore.tmp'

async function keepAside(home: JournalHome, first: bigint, names: readonly string[]): Promise<string> {
  const { disk, directory } = home
  const plain = `damaged-${fileName(first).slice(0, -'.wal'.length)}`
  let name = `${plain}.bin`
  for (let again = 1; names.includes(name); again++) name = `${plain}-${again}.bin`
  const source = await disk.open(pathIn(home, fileName(first)), 'read')
  try {
    const size = await source.size()
    const copy = await makeFile(disk, pathIn(home, name), (file) => copyBytes(source, 0, size, file, 0))
    await copy.close()
    await disk.syncDirectory(directory)
  } finally {
    await source.close()
  }
  return name
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
