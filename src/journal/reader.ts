/**
 * Reads what a journal holds: all of it in order, or one frame by its place. Every frame is checked whenever it is read, and every block
 * must follow the one before it.
 */
import { SECTOR } from '../limits.ts'
import type { FrameRecords, LoggedFrame, Place } from '../ports/commit-log.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { journalCorrupt, journalGap } from './faults.ts'
import { openWritten } from './file.ts'
import { fileName } from './file-name.ts'
import { frameIn, judgeTail } from './judge.ts'
import { Line } from './line.ts'
import { OpenFiles } from './open-files.ts'
import type { JournalSettings } from './settings.ts'
import { Window } from './window.ts'

/** The files of a journal as they are at a moment, and where the newest one ends. */
export interface Extent {
  readonly files: readonly bigint[]
  readonly end: Place
}

export class Reader {
  private readonly settings: JournalSettings
  private readonly openFiles: OpenFiles

  constructor(settings: JournalSettings) {
    this.settings = settings
    this.openFiles = new OpenFiles(settings)
  }

  /** The frames from a place on, up to the end of this extent. */
  async *read({ files, end }: Extent, from: Place | undefined): AsyncGenerator<LoggedFrame> {
    const line = new Line(undefined)
    const start = from === undefined ? 0 : files.indexOf(from.file)
    if (from !== undefined) demandPlace(files, from)
    for (const first of files.slice(start)) {
      const offset = first === from?.file ? from.offset : SECTOR
      // In the middle of a file nobody knows yet which block comes next.
      if (offset === SECTOR) line.enter(first)
      yield* this.readFile(first, offset, first === end.file ? end.offset : undefined, line)
    }
  }

  /** The records of the frame at this place. */
  frameAt(files: readonly bigint[], place: Place): Promise<FrameRecords> {
    demandPlace(files, place)
    return this.openFiles.use(place.file, async ({ file, salt }) => {
      // The file may have grown since it was opened.
      const window = new Window(file, JOURNAL_FILE_MAX, FRAME_PIECE_BYTES)
      const frame = await frameIn(window, salt, place.offset)
      if (typeof frame === 'string') throw journalCorrupt(place, undefined, frame)
      return frame
    })
  }

  /** Opens everything anew from now on: files were put in the place of others. */
  forget(): Promise<void> {
    return this.openFiles.leaveAll()
  }

  /** The frames of a file from an offset on: up to its end as it is known, or as it turns out. */
  private async *readFile(
    first: bigint,
    offset: number,
    end: number | undefined,
    line: Line,
  ): AsyncGenerator<LoggedFrame> {
    const { file, size, salt } = await openWritten(this.settings, first)
    try {
      const window = new Window(file, end ?? size)
      let at = offset
      while (at < window.size) {
        const place = { file: first, offset: at }
        const frame = await frameIn(window, salt, at)
        if (typeof frame === 'string') {
          const isEnd = end === undefined && (await judgeTail(window, salt, at)).state === 'ended'
          if (isEnd) return
          throw journalCorrupt(place, line.next, frame)
        }
        const { records, isPlain, length } = frame
        line.follow(first, records)
        yield { place, records, isPlain }
        at += length
      }
    } finally {
      await file.close()
    }
  }
}

/** One frame is read, and no more than a small one is taken along with its head. */
const FRAME_PIECE_BYTES = 16 << 10

function demandPlace(files: readonly bigint[], { file, offset }: Place): void {
  if (!files.includes(file)) throw journalGap(fileName(file), 'it is not there', { offset })
  if (offset < SECTOR || offset % SECTOR !== 0) {
    throw journalCorrupt({ file, offset }, undefined, 'no frame can begin there')
  }
}
