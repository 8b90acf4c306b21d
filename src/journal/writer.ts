/**
 * Appends frames: each is one write and one sync, into space that is there. When one does not fit, the file that was made ahead takes
 * the next name, and its header is on the disk before any frame is: so a header of zeros with something behind it is never a cut.
 */
import { SECTOR } from '../limits.ts'
import type { Place } from '../ports/commit-log.ts'
import type { DiskFile } from '../ports/disk.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { overLimit } from '../verify/fault.ts'
import { Ahead } from './ahead.ts'
import { openWritten } from './file.ts'
import { fileName } from './file-name.ts'
import { FrameMaker, frameLength, frameLimit, payloadLength } from './frame.ts'
import { encodeHeader, SALT_BYTES } from './header.ts'
import { type JournalSettings, pathIn } from './settings.ts'

interface Current {
  readonly file: DiskFile
  readonly first: bigint
  readonly salt: Uint8Array
  /** Where the next frame goes. */
  end: number
}

export class Writer {
  private readonly settings: JournalSettings
  private readonly ahead: Ahead
  private readonly maker = new FrameMaker()
  private current: Current | undefined

  constructor(settings: JournalSettings) {
    this.settings = settings
    this.ahead = new Ahead(settings)
  }

  /** Where the next frame goes, if it fits; undefined before the first file. */
  get end(): Place | undefined {
    return this.current && { file: this.current.first, offset: this.current.end }
  }

  /** Goes on at this place of the newest file. */
  async goOn({ file, offset }: Place): Promise<void> {
    const { file: reading, salt } = await openWritten(this.settings, file)
    await reading.close()
    const writing = await this.settings.disk.open(pathIn(this.settings, fileName(file)), 'write')
    this.current = { file: writing, first: file, salt, end: offset }
  }

  /** Comes back when the next file is there; `disk_full` where it has no room. */
  async makeAhead(): Promise<void> {
    await this.ahead.takeLeft()
    await this.ahead.ready()
  }

  /** Refuses what fits into no file. */
  demandRoom(records: readonly Uint8Array[]): number {
    const length = frameLength(payloadLength(records))
    const limit = frameLimit(this.settings.fileBytes)
    if (length > limit) throw overLimit('the frame in bytes', limit, length)
    return length
  }

  /**
   * Whether a frame of this length goes into a new file, which would be named after the next block. A file that has that name itself, for
   * it has no block yet, goes on beyond its size.
   */
  mustRoll(length: number, next: bigint): boolean {
    if (this.current === undefined) return true
    const { end, first } = this.current
    if (first < next) return end + length > this.settings.fileBytes
    if (end + length > JOURNAL_FILE_MAX) throw overLimit('the frame in bytes', JOURNAL_FILE_MAX - end, length)
    return false
  }

  /** One frame, on the disk when this comes back. */
  async append(records: readonly Uint8Array[]): Promise<Place> {
    const { current } = this
    if (current === undefined) throw new Error('a journal without a file takes no frame')
    const { file, first, salt, end: offset } = current
    const frame = this.maker.make(records, salt, offset)
    await file.write(offset, frame)
    const start = this.settings.syncing?.start()
    await file.datasync()
    if (start !== undefined) this.settings.syncing?.stop(start)
    current.end = offset + frame.length
    return { file: first, offset }
  }

  /** Goes on in the file that was made ahead, which begins at this height; the one after it is begun. */
  async roll(first: bigint): Promise<void> {
    const { disk, directory, chainId, rng } = this.settings
    const file = await this.ahead.ready()
    const salt = rng.bytes(SALT_BYTES)
    await disk.rename(this.ahead.path, pathIn(this.settings, fileName(first)))
    this.ahead.handOver()
    const before = this.current
    this.current = { file, first, salt, end: SECTOR }
    await before?.file.close()
    await file.write(0, encodeHeader({ chainId, first, salt }))
    await file.datasync()
    await disk.syncDirectory(directory)
    this.ahead.start()
  }

  /** What goes on in the background asks nothing more of the disk. */
  halt(): void {
    this.ahead.halt()
  }

  /** Nothing more is asked of the disk but to close what is open. */
  async close(): Promise<void> {
    await this.ahead.stop()
    const { current } = this
    this.current = undefined
    await current?.file.close()
  }
}
