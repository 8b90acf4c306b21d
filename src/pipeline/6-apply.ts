/**
 * Stage 6: sealed blocks go into the store one after the other, behind the producer's back, never further behind than a bound of bytes. A crash
 * here means that they are applied again out of the log.
 */
import { APPLY_LAG_BYTES_MAX } from '../limits.ts'
import type { SealedBlock } from './block.ts'
import type { ChainStore } from './chain-store.ts'
import { chainFailed } from './failure.ts'
import { Level } from './level.ts'
import type { Amount, Meter } from './meter.ts'

export class Applier {
  private readonly store: ChainStore
  private readonly meter: Meter
  private readonly failed: (cause: unknown) => void
  private readonly behind: SealedBlock[] = []
  private lag = 0
  private running = false
  /** The block that was applied last, since the chain was opened. */
  newest: SealedBlock | undefined
  /** The newest applied height, for whoever waits for one. */
  private readonly applied: Level

  constructor(store: ChainStore, meter: Meter, failed: (cause: unknown) => void) {
    this.store = store
    this.meter = meter
    this.failed = failed
    this.applied = new Level(store.height)
  }

  /** What is behind. */
  get amount(): Amount {
    return { count: this.behind.length, bytes: this.lag }
  }

  take(block: SealedBlock): void {
    this.behind.push(block)
    this.lag += block.size
    if (this.running) return
    this.running = true
    void this.run()
  }

  /** The block of this height, where it is not applied yet. */
  find(height: bigint): SealedBlock | undefined {
    return this.behind.find(({ header }) => header.height === height)
  }

  /** Comes back when the lag is within its bound. */
  async room(): Promise<void> {
    while (this.lag > APPLY_LAG_BYTES_MAX) await this.applied.reaches(this.applied.at + 1n)
  }

  /** Comes back when this height is applied. */
  through(height: bigint): Promise<void> {
    return this.applied.reaches(height)
  }

  private async run(): Promise<void> {
    try {
      for (let block = this.behind[0]; block !== undefined; block = this.behind[0]) {
        const start = this.meter.apply.start()
        await this.store.apply(block)
        this.meter.apply.stop(start)
        this.behind.shift()
        this.newest = block
        this.lag -= block.size
        this.applied.rise(block.header.height)
      }
    } catch (cause) {
      this.applied.fail(chainFailed(cause))
      this.failed(cause)
      return
    }
    this.running = false
  }
}
