/**
 * What a chain counts of itself while it works: how large its blocks are, and how long each stage takes. It is read by whoever asks how the chain
 * is, and decides nothing.
 *
 * Counted once a block, never once a command: numbers in arrays that are there, so that it costs the producer nothing.
 */
import type { Clock } from '../ports/clock.ts'

/** Commands, or blocks, and the bytes of them. */
export interface Amount {
  readonly count: number
  readonly bytes: number
}

/** How often a value was within each bound; `counts` has one more than `bounds`, for what was above all of them. */
export interface Distribution {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

/** In milliseconds. */
const TIMES: readonly number[] = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000]
const COMMANDS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]
const BYTES: readonly number[] = Array.from({ length: 9 }, (_, power) => 1024 * 4 ** power)

export class Histogram {
  private readonly bounds: readonly number[]
  private readonly counts: Float64Array
  private sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  add(value: number): void {
    let i = 0
    while (i < this.bounds.length && value > (this.bounds[i] as number)) i++
    this.counts[i] = (this.counts[i] as number) + 1
    this.sum += value
  }

  read(): Distribution {
    return { bounds: this.bounds, counts: [...this.counts], sum: this.sum }
  }
}

/** How long something took, each time. What failed on its way is not counted: after it nothing goes on. */
export class Timer {
  private readonly clock: Clock
  private readonly took = new Histogram(TIMES)

  constructor(clock: Clock) {
    this.clock = clock
  }

  start(): number {
    return this.clock.monotonic()
  }

  stop(start: number): void {
    this.took.add(this.clock.monotonic() - start)
  }

  read(): Distribution {
    return this.took.read()
  }
}

export class Meter {
  /** Stages 3 to 7; and of stage 4 what the disk takes to make a frame durable. */
  readonly prepare: Timer
  readonly commit: Timer
  readonly sync: Timer
  readonly seal: Timer
  readonly apply: Timer
  readonly acknowledge: Timer
  /** Of a block. */
  readonly commands: Histogram = new Histogram(COMMANDS)
  readonly bytes: Histogram = new Histogram(BYTES)

  constructor(clock: Clock) {
    this.prepare = new Timer(clock)
    this.commit = new Timer(clock)
    this.sync = new Timer(clock)
    this.seal = new Timer(clock)
    this.apply = new Timer(clock)
    this.acknowledge = new Timer(clock)
  }
}
