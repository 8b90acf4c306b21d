/**
 * Writes the guard behind the producer: at most a second after a seal was released, and at a close. Where the disk of the keys takes longer than that,
 * no block is made until it is done: else nobody could tell a backup of that time from the chain.
 */
import type { Guard, GuardMark } from '../keys/guard.ts'
import { GUARD_INTERVAL } from '../limits.ts'
import type { Clock } from '../ports/clock.ts'
import { CairnError } from '../verify/error.ts'

export class GuardKeeper {
  private readonly guard: Guard
  private readonly clock: Clock
  private readonly failed: (cause: unknown) => void
  private newest: GuardMark | undefined
  private cancel: (() => void) | undefined
  private writing: Promise<void> = Promise.resolve()
  /** Writes that are due, with the one that is under way. */
  private due = 0
  private stopped = false

  constructor(guard: Guard, clock: Clock, failed: (cause: unknown) => void) {
    this.guard = guard
    this.clock = clock
    this.failed = failed
  }

  /** A seal was released. */
  release(mark: GuardMark): void {
    this.newest = mark
    if (this.stopped) return
    this.cancel ??= this.clock.after(GUARD_INTERVAL, () => {
      this.cancel = undefined
      this.due++
      this.writing = this.writing.then(() => this.write()).finally(() => this.due--)
      this.writing.catch((cause: unknown) => {
        // A guard that could not be synced is never tried again, and without one no block may be made.
        this.stopped = true
        this.failed(cause)
      })
    })
  }

  /** Whether another write is due, and the one before it is not done. */
  get isBehind(): boolean {
    return this.due > 1
  }

  /** Comes back when what is due was written, or failed. */
  async caughtUp(): Promise<void> {
    await this.writing.catch(() => undefined)
  }

  /** Comes back when the guard names the newest seal. */
  async flush(): Promise<void> {
    this.stop()
    await this.writing
    await this.write()
  }

  /** Nothing more is written, and nothing is being written: whoever opens the chain next writes there too. */
  async settle(): Promise<void> {
    this.stop()
    await this.writing.catch(() => undefined)
  }

  /** Nothing more is begun. */
  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private async write(): Promise<void> {
    const { newest } = this
    if (newest === undefined || this.stopped) return
    try {
      await this.guard.write(newest)
    } catch (cause) {
      throw guardFailed(cause)
    }
    if (this.newest === newest) this.newest = undefined
  }
}

function guardFailed(cause: unknown): CairnError {
  const why = cause instanceof Error ? cause.message : String(cause)
  // What is ours says itself what to do, which is not always to start again.
  const advice = cause instanceof CairnError ? '' : ' Mend what is wrong with the disk of the keys, and start again.'
  return new CairnError(
    'guard_failed',
    `The rollback guard could not be written (${why}), and without it no block may be made.${advice}`,
    { cause },
  )
}
