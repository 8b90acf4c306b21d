/**
 * The time of the next block: the wall clock's, never earlier than the parent's. A wall clock that ran far ahead of the monotonic one since the
 * last block was set, or the machine slept: a block with that time could not be taken back, so none is made.
 */
import { CLOCK_JUMP_MAX } from '../limits.ts'
import { asRecorded, type Clock } from '../ports/clock.ts'
import { CairnError } from '../verify/error.ts'

export class BlockTime {
  private readonly clock: Clock
  private wall: number
  private monotonic: number

  constructor(clock: Clock) {
    this.clock = clock
    this.wall = clock.now()
    this.monotonic = clock.monotonic()
  }

  /** The time of a block that may not be older than this. */
  next(earliest: bigint): bigint {
    const [wall, monotonic] = [this.clock.now(), this.clock.monotonic()]
    const ahead = wall - this.wall - (monotonic - this.monotonic)
    if (ahead > CLOCK_JUMP_MAX) {
      throw new CairnError(
        'clock_jump',
        `The wall clock ran ${Math.round(ahead)} ms ahead of the monotonic one since the last block. Set it right and start again.`,
        { ahead: Math.round(ahead), limit: CLOCK_JUMP_MAX },
      )
    }
    this.wall = wall
    this.monotonic = monotonic
    const now = asRecorded(wall)
    return now > earliest ? now : earliest
  }
}
