/**
 * The journal: the commit log of one machine (FORMAT §10). A block exists when the frame that holds it is on the disk, and not before.
 *
 * Promise: what `append` answered with a place is there for good. After any failure but a full disk nothing more is written, and nothing
 * more is said: who wants to know what is there opens it again. Before `takeover` nothing on the disk is changed.
 */
import type { CommitLog, FrameRecords, LoggedFrame, Place } from '../ports/commit-log.ts'
import { CairnError } from '../verify/error.ts'
import { FailStop } from './faults.ts'
import { capacityOf } from './frame.ts'
import { type Found, type Looked, look } from './open.ts'
import { Order } from './order.ts'
import { type Extent, Reader } from './reader.ts'
import { checkSettings, type JournalSettings } from './settings.ts'
import { Writer } from './writer.ts'

export class Journal implements CommitLog {
  readonly found: Found
  readonly capacity: number
  private readonly order: Order
  private readonly reader: Reader
  private readonly writer: Writer
  private readonly failStop = new FailStop()
  private readonly files: bigint[]
  private state: 'looked' | 'ordered' | 'taken' | 'closed' = 'looked'
  /** The height of the block that comes next; undefined where the first one of the journal says it. */
  private next: bigint | undefined
  private inFlight: Promise<unknown> = Promise.resolve()
  private isAppending = false

  private constructor(settings: JournalSettings, looked: Looked) {
    this.found = looked.found
    this.capacity = capacityOf(settings.fileBytes)
    this.order = new Order(settings, looked)
    this.files = [...looked.found.files]
    this.next = this.files.length > 0 ? looked.found.height + 1n : undefined
    this.reader = new Reader(settings)
    this.writer = new Writer(settings)
  }

  /**
   * Looks at what is there and changes nothing. `journal_corrupt` where what was acknowledged is damaged, `journal_gap` where files are
   * not what their names say or do not follow each other.
   */
  static async open(settings: JournalSettings): Promise<Journal> {
    checkSettings(settings)
    return new Journal(settings, await look(settings))
  }

  /** `disk_full` leaves it as it was: it may be called again. */
  async takeover(): Promise<void> {
    this.demandOpen()
    if (this.state === 'taken') return
    try {
      if (this.state === 'looked') {
        await this.order.make()
        await this.reader.forget()
        if (this.files.length > 0) await this.writer.goOn(this.found.end)
        this.state = 'ordered'
      }
      await this.writer.makeAhead()
      this.state = 'taken'
    } catch (error) {
      throw this.failedBy(error)
    }
  }

  /**
   * One frame. `height` is that of its block, the next one; or, for records without a block, that of the newest block or a lower one.
   * `over_limit` and `disk_full` come before anything is written.
   */
  append(height: bigint, records: readonly Uint8Array[]): Promise<Place> {
    if (this.isAppending) return Promise.reject(new Error('a journal takes one frame at a time'))
    const appended = this.appendFrame(height, records)
    // Whoever waits for it hears of its end; that it failed is for its caller.
    this.inFlight = appended.catch(() => undefined)
    return appended
  }

  async barrier(): Promise<void> {
    await this.inFlight
    this.demandOpen()
  }

  /** Up to the end as it is now. */
  read(from: Place | undefined): AsyncIterable<LoggedFrame> {
    this.demandOpen()
    return this.reader.read(this.extent(), from)
  }

  /** The records of one frame. */
  async frameAt(place: Place): Promise<FrameRecords> {
    this.demandOpen()
    return this.reader.frameAt(this.files, place)
  }

  /** After what is in flight. It writes nothing: the close record is the caller's to append. */
  async close(): Promise<void> {
    await this.inFlight
    if (this.state === 'closed') return
    this.state = 'closed'
    await this.writer.close()
    await this.reader.forget()
  }

  private async appendFrame(height: bigint, records: readonly Uint8Array[]): Promise<Place> {
    this.demandOpen()
    if (this.state !== 'taken') throw new Error('a journal is taken over before anything is appended')
    const length = this.writer.demandRoom(records)
    const next = this.next ?? height
    if (height > next) throw new Error(`block ${next} comes next in the journal, not ${height}`)
    const mustRoll = this.writer.mustRoll(length, next)
    this.isAppending = true
    try {
      if (mustRoll) await this.roll(next)
      const place = await this.writer.append(records)
      this.next = height === next ? next + 1n : next
      return place
    } catch (error) {
      throw this.failedBy(error)
    } finally {
      this.isAppending = false
    }
  }

  private async roll(first: bigint): Promise<void> {
    await this.writer.roll(first)
    this.files.push(first)
  }

  private extent(): Extent {
    return { files: [...this.files], end: this.writer.end ?? this.found.end }
  }

  private demandOpen(): void {
    this.failStop.check()
    if (this.state === 'closed') throw new CairnError('journal_closed', 'The journal is closed: open it again.')
  }

  /** What is told of an error: a full disk leaves the journal as it was, anything else stops it. */
  private failedBy(error: unknown): unknown {
    if (error instanceof CairnError && error.code === 'disk_full') return error
    this.writer.halt()
    return this.failStop.fail(error)
  }
}
