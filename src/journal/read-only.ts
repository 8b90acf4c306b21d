/**
 * Reads a journal beside whoever writes it: without the lock, and without changing anything, so also from a directory that may only be
 * read. Files are only appended to, a new one comes by a rename, and a start may put the newest one anew in its own place.
 *
 * Promise: what it gives was whole when it was read, in its order, each block after the one before. What is not whole and has nothing
 * whole behind it is the end: it may be on its way to the disk, or torn. What is not whole and has, is `journal_corrupt`: a frame is
 * written only after the one before it was synced.
 */
import { SECTOR } from '../limits.ts'
import type { LoggedFrame, Place } from '../ports/commit-log.ts'
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { journalCorrupt } from './faults.ts'
import { damagedHeader, type JournalFile, openIfThere } from './file.ts'
import { frameIn, judgeTail, wholeFrameFollows } from './judge.ts'
import { closedAt, Line } from './line.ts'
import { firstHeights, holdsNothing } from './open.ts'
import type { JournalHome } from './settings.ts'
import { Window } from './window.ts'
import { isZero } from './zeros.ts'

/** A file that was begun: it has a header. */
type Begun = JournalFile & { readonly salt: Uint8Array }

/** What comes after the last whole frame of a file. */
type Behind = 'end' | 'more' | 'next file'

/** A place in a journal that goes on from where it stands, as often as it is asked. */
export class JournalCursor {
  private readonly home: JournalHome
  private readonly from: bigint | undefined
  private readonly line = new Line(undefined)
  private at: Place | undefined
  /** There is nothing behind this place, as far as was looked. */
  private judged: Place | undefined
  /** The close record that was given last: a start takes it away that cuts a torn frame behind it, and what comes next begins in its place. */
  private closed: { readonly place: Place; readonly sector: Uint8Array } | undefined
  /** Whether bytes that are no whole frame lie behind the newest one. */
  hasRest = false

  /** It begins with the file that has the block of this height, or would. */
  constructor(home: JournalHome, from?: bigint) {
    this.home = home
    this.from = from
  }

  /** Where the next frame will be; undefined as long as there is no file. */
  get place(): Place | undefined {
    return this.at
  }

  /** The frames that it did not give yet. */
  async *more(): AsyncGenerator<LoggedFrame> {
    let files = await this.files()
    const begin = this.at?.file ?? files.findLast((first) => first <= (this.from ?? 0n)) ?? files[0]
    if (begin === undefined || (await this.isStillTheEnd(files))) return
    for (let file: bigint | undefined = begin; file !== undefined; ) {
      const behind: Behind = yield* this.readFile(file)
      if (behind === 'more') continue
      if (behind !== 'next file') return
      files = await this.files()
      const before: bigint = file
      file = files.find((first) => first > before)
    }
  }

  private async files(): Promise<readonly bigint[]> {
    return firstHeights(await this.home.disk.list(this.home.directory))
  }

  /** What was judged to be the end is not judged again while nothing was written there: that takes a look at the whole rest of a file. */
  private async isStillTheEnd(files: readonly bigint[]): Promise<boolean> {
    const { judged } = this
    if (judged === undefined || files.at(-1) !== judged.file) return false
    const opened = await openIfThere(this.home, judged.file)
    try {
      if (opened === undefined || !(await this.isStillClosed(opened))) return false
      return isZero(await opened.file.read(judged.offset, SECTOR))
    } finally {
      await opened?.file.close()
    }
  }

  /** Whether the close record is where it was given, where it was the last thing that was. */
  private async isStillClosed({ file, first }: JournalFile): Promise<boolean> {
    const { closed } = this
    return closed?.place.file !== first || equal(await file.read(closed.place.offset, SECTOR), closed.sector)
  }

  /** The frames of a file from where this stands, up to the first that is not whole. */
  private async *readFile(first: bigint): AsyncGenerator<LoggedFrame, Behind> {
    const begun = await this.open(first)
    if (begun === undefined) return 'end'
    const { file, size, salt } = begun
    try {
      if (this.at?.file !== first) {
        this.line.enter(first)
        this.at = { file: first, offset: SECTOR }
      }
      if (this.closed !== undefined && !(await this.isStillClosed(begun))) {
        this.at = this.closed.place
        this.closed = undefined
      }
      const window = new Window(file, size)
      for (;;) {
        const place: Place = this.at
        const frame = await frameIn(window, salt, place.offset)
        if (typeof frame === 'string') return await this.judge(begun, place, frame)
        const { records, isPlain, length } = frame
        this.line.follow(first, records)
        this.at = { file: first, offset: place.offset + length }
        const isClosed = closedAt(records) !== undefined
        this.closed = isClosed ? { place, sector: (await window.bytes(place.offset, SECTOR)).slice() } : undefined
        yield { place, records, isPlain }
      }
    } finally {
      await file.close()
    }
  }

  /** What it means that no whole frame was read at this place of an opened file. */
  private async judge({ file, size, salt }: Begun, place: Place, reason: string): Promise<Behind> {
    // A look at what is there now: what was read before may have been half written.
    const window = new Window(file, size)
    if (typeof (await frameIn(window, salt, place.offset)) !== 'string') return 'more'
    const isWholeFrameBehind = await wholeFrameFollows(window, salt, place.offset)
    const isGoneOnElsewhere = await this.isLaterFileBegun(place.file)
    if (!isWholeFrameBehind && !isGoneOnElsewhere) {
      this.hasRest = (await judgeTail(window, salt, place.offset)).state !== 'ended'
      this.judged = this.hasRest ? undefined : place
      return 'end'
    }
    return this.judgeAgain(place, reason)
  }

  /** Something was written behind this place: so what is at it was synced before, and is whole now, or nothing, or damaged. */
  private async judgeAgain(place: Place, reason: string): Promise<Behind> {
    // Opened anew, for another file may have been put under its name.
    const begun = await this.demandBegun(place.file)
    const { file, size, salt } = begun
    try {
      if (!(await this.isStillClosed(begun))) return 'more'
      const window = new Window(file, size)
      if (typeof (await frameIn(window, salt, place.offset)) !== 'string') return 'more'
      if ((await judgeTail(window, salt, place.offset)).state === 'ended') return 'next file'
      throw journalCorrupt(place, this.line.next, reason)
    } finally {
      await file.close()
    }
  }

  /** A later file gets its header when all that is in this one was synced. */
  private async isLaterFileBegun(before: bigint): Promise<boolean> {
    for (const first of await this.files()) {
      const begun = first > before ? await this.open(first) : undefined
      await begun?.file.close()
      if (begun !== undefined) return true
    }
    return false
  }

  /**
   * The file, or nothing where it is not begun: a roll gives it its name first, and then its header, which is there before any frame is. A
   * header that was caught while it was written is whole when it is looked at again.
   */
  private async open(first: bigint): Promise<Begun | undefined> {
    try {
      return await this.openOnce(first)
    } catch (error) {
      if (error instanceof CairnError && error.code === 'journal_corrupt') return this.openOnce(first)
      throw error
    }
  }

  private async openOnce(first: bigint): Promise<Begun | undefined> {
    const opened = await openIfThere(this.home, first)
    if (opened === undefined) return undefined
    const { salt } = opened
    if (salt !== undefined) return { ...opened, salt }
    try {
      if (await holdsNothing(opened)) return undefined
    } finally {
      await opened.file.close()
    }
    throw damagedHeader(first)
  }

  private async demandBegun(first: bigint): Promise<Begun> {
    const begun = await this.open(first)
    if (begun === undefined) throw damagedHeader(first)
    return begun
  }
}
