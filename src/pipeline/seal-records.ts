/**
 * The seals that no frame of the log has yet: the newest ones. They ride with the next block; where none comes soon they get a frame of their
 * own, and at a close the record that says that this stop was a clean one comes after them.
 *
 * A crash loses them, and nothing with them: the next start seals the head again.
 */
import { encodeCloseRecord } from '../journal/record-write.ts'
import { SEAL_IDLE } from '../limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { CommitLog } from '../ports/commit-log.ts'
import type { CairnError } from '../verify/error.ts'
import { encodeSeal, type Unrecorded } from './4-commit.ts'
import { heightOf, type Standing } from './block.ts'
import { isDiskFull } from './failure.ts'

export class SealRecords {
  private readonly log: CommitLog
  private readonly clock: Clock
  private readonly onIdle: () => void
  private seals: readonly Unrecorded[]
  /** Whether the newest thing in the log is the close record. */
  private isClosed: boolean
  private cancelIdle: (() => void) | undefined
  /** Whether no block came that would have carried them. */
  areDue = false

  constructor(log: CommitLog, clock: Clock, unrecorded: readonly Unrecorded[], isClosed: boolean, onIdle: () => void) {
    this.log = log
    this.clock = clock
    this.seals = unrecorded
    this.isClosed = isClosed
    this.onIdle = onIdle
  }

  get unrecorded(): readonly Unrecorded[] {
    return this.seals
  }

  /** What a block that is about to be appended carries. */
  ride(): readonly Unrecorded[] {
    this.stop()
    this.isClosed = false
    return this.seals
  }

  /** These are in the log. */
  recorded(count: number): void {
    this.seals = this.seals.slice(count)
  }

  add(seal: Unrecorded): void {
    this.seals = [...this.seals, seal]
  }

  /** No block follows for now: after a while they are due. */
  wait(): void {
    this.stop()
    if (this.seals.length === 0) return
    this.cancelIdle = this.clock.after(SEAL_IDLE, () => {
      this.areDue = true
      this.onIdle()
    })
  }

  stop(): void {
    this.cancelIdle?.()
    this.cancelIdle = undefined
  }

  /** Puts them into a frame of their own; or says that the disk is full. Then the next block carries them, or the next start makes them again. */
  async record(durable: Standing): Promise<CairnError | undefined> {
    this.areDue = false
    const { seals } = this
    if (seals.length === 0) return undefined
    this.isClosed = false
    try {
      await this.log.append(heightOf(durable), seals.map(encodeSeal))
      this.recorded(seals.length)
      return undefined
    } catch (cause) {
      if (isDiskFull(cause)) return cause
      throw cause
    }
  }

  /** The last thing of a clean stop. Of a chain that was only read the close record is still there. */
  async close(durable: Standing): Promise<void> {
    await this.record(durable)
    const { header, hash } = durable
    if (header === undefined || this.isClosed) return
    await this.log.append(header.height, [encodeCloseRecord({ k: 'close', v: 1, height: header.height, hash })])
  }
}
