/**
 * The time of the next block: the wall clock's, never earlier than the parent's. A wall clock that ran far ahead of the monotonic one since the
 * last block was set, or the machine slept: a block with that time could not be taken back, so none is made. One that stands before the newest block
 * is waited for, and told: it ran ahead before that block, or stands behind now.
 */
import { CLOCK_BEHIND_TOLD, CLOCK_JUMP_MAX } from '../limits.ts'
import { asRecorded, type Clock } from '../ports/clock.ts'
import { CairnError } from '../verify/error.ts'
import type { Reporter } from './report.ts'

export class BlockTime {
  private readonly clock: Clock
  private readonly report: Reporter
  private wall: number
  private monotonic: number
  private isToldBehind = false

  /** `newest` is the time of the newest block. */
  constructor(clock: Clock, report: Reporter, newest: bigint) {
    this.clock = clock
    this.report = report
    this.wall = clock.now()
    this.monotonic = clock.monotonic()
    this.notBefore(newest)
  }

  /** The time of a block that may not be older than this. */
  next(earliest: bigint): bigint {
    const [wall, monotonic] = [this.clock.now(), this.clock.monotonic()]
    const ahead = wall - this.wall - (monotonic - this.monotonic)
    if (ahead > CLOCK_JUMP_MAX) {
      throw new CairnError(
        'clock_jump',
        `The wall clock ran ${Math.round(ahead)} ms ahead of the monotonic one since the last block: it was set, or the machine slept. See that it is right, and start again.`,
        { ahead: Math.round(ahead), limit: CLOCK_JUMP_MAX },
      )
    }
    this.wall = wall
    this.monotonic = monotonic
    return this.notBefore(earliest)
  }

  private notBefore(newest: bigint): bigint {
    const now = asRecorded(this.wall)
    if (now >= newest) {
      this.isToldBehind = false
      return now
    }
    if (newest - now > CLOCK_BEHIND_TOLD && !this.isToldBehind) {
      this.isToldBehind = true
      this.report({ kind: 'clock-behind', now, newest })
    }
    return newest
  }
}
