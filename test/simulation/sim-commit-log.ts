/**
 * The commit log port in memory, on another machine: it outlives every life of a world. An append can be made to fail in each way in
 * which one fails: it is there, it is not, or there was no room.
 */

import { decodeMsgpack } from '../../src/journal/msgpack-read.ts'
import type { CommitLog, FrameRecords, LoggedFrame, Place } from '../../src/ports/commit-log.ts'
import { CairnError } from '../../src/verify/error.ts'
import type { World } from './world.ts'

/** What an append that is told to fail leaves in the log. */
type Left = 'all' | 'nothing'

class Frames {
  readonly frames: (readonly Uint8Array[])[] = []
  /** The writer who took it over last. */
  writer: SimCommitLog | undefined
}

/** All in one file, where a frame's offset is its number. */
const FILE = 0n
const CAPACITY = 1 << 20

export class SimCommitLog implements CommitLog {
  readonly capacity = CAPACITY
  private readonly world: World
  private readonly log: Frames
  private readonly failures: { readonly left: Left; readonly error: Error }[] = []
  private failure: Error | undefined
  private isAppending = false
  private isClosed = false

  /** A writer on the log of this name, one of any number. */
  constructor(world: World, name = 'log') {
    this.world = world
    this.log = world.elsewhere(`commit log ${name}`, () => new Frames())
  }

  /** The next append fails, and nobody knows what it left. */
  failNext(left: Left, error: Error = new Error('the connection broke')): void {
    this.failures.push({ left, error })
  }

  /** There is no room for the next append. */
  refuseNext(): void {
    this.failNext('nothing', new CairnError('disk_full', 'there is no room for the frame: make some, and go on'))
  }

  async append(height: bigint, records: readonly Uint8Array[]): Promise<Place> {
    this.demandOpen()
    if (this.failure !== undefined) throw this.failure
    if (this.isAppending) throw new Error('one append at a time')
    const bytes = records.reduce((sum, record) => sum + record.length, 0)
    if (bytes > CAPACITY) throw new CairnError('over_limit', `an append takes ${CAPACITY} bytes, not ${bytes}`)
    this.isAppending = true
    try {
      return await this.world.effect(`append ${height}`, () => this.put(records))
    } catch (error) {
      if (!(error instanceof CairnError && error.code === 'disk_full')) this.failure = error as Error
      throw error
    } finally {
      this.isAppending = false
    }
  }

  async barrier(): Promise<void> {
    this.demandOpen()
    await this.world.pass()
    if (this.failure !== undefined) throw this.failure
  }

  async takeover(): Promise<void> {
    this.demandOpen()
    await this.world.effect('takeover', () => {
      this.log.writer = this
      this.failure = undefined
    })
  }

  async frameAt(place: Place): Promise<FrameRecords> {
    this.demandOpen()
    await this.world.pass()
    return this.decoded(place.offset)
  }

  async *read(from: Place | undefined): AsyncIterable<LoggedFrame> {
    this.demandOpen()
    const end = this.log.frames.length
    for (let offset = from?.offset ?? 0; offset < end; offset++) {
      await this.world.pass()
      yield { place: { file: FILE, offset }, ...this.decoded(offset) }
    }
  }

  async close(): Promise<void> {
    await this.world.pass()
    this.isClosed = true
  }

  private put(records: readonly Uint8Array[]): Place {
    if (this.log.writer !== this) throw new CairnError('fenced', 'another writer took the log over: stop')
    const failure = this.failures.shift()
    if (failure?.left !== 'nothing') this.log.frames.push(records.map((record) => new Uint8Array(record)))
    if (failure !== undefined) throw failure.error
    return { file: FILE, offset: this.log.frames.length - 1 }
  }

  private decoded(offset: number): FrameRecords {
    const records = this.log.frames[offset]
    if (records === undefined) throw new Error(`there is no frame ${offset}`)
    // Copies: what a reader does to them is not done to the log.
    return { records: records.map((record) => decodeMsgpack(record.slice())), isPlain: false }
  }

  private demandOpen(): void {
    if (this.isClosed) throw new Error('the log is closed')
  }
}
