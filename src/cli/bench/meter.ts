/**
 * Counts what is acknowledged: over the whole run, and by windows of it, since a short run flatters.
 *
 * Promise: only what was acknowledged counts, in the window in which it was; what comes in after the end of the run is in the last of them, and the time
 * until then counts too. Memory is for the windows, not for what is counted.
 */
import { Latencies } from './latencies.ts'

export interface Pace {
  /** Acknowledged a second. */
  readonly rate: number
  /** Milliseconds within which half, 99 of 100, and 999 of 1,000 were acknowledged after they were handed over. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export interface MeterPace extends Pace {
  /** The same for each window; the last of them is shorter where the run does not fill it. */
  readonly windows: readonly Pace[]
}

interface Window {
  count: number
  readonly latencies: Latencies
}

export class Meter {
  private readonly start: number = performance.now()
  private readonly end: number
  private readonly windowLength: number
  private readonly windows: readonly Window[]
  private last: number = this.start

  constructor(seconds: number, windowSeconds = 10) {
    this.end = this.start + 1000 * seconds
    this.windowLength = 1000 * windowSeconds
    const windows = Math.ceil(seconds / windowSeconds)
    this.windows = Array.from({ length: windows }, () => ({ count: 0, latencies: new Latencies() }))
  }

  /** Whether there is time for more. */
  get open(): boolean {
    return performance.now() < this.end
  }

  get count(): number {
    return this.windows.reduce((sum, window) => sum + window.count, 0)
  }

  /** So many at once, handed over at `since`. */
  acknowledged(count: number, since: number): void {
    this.last = performance.now()
    const index = Math.min(Math.floor((this.last - this.start) / this.windowLength), this.windows.length - 1)
    const window = this.windows[index] as Window
    window.count += count
    window.latencies.add(this.last - since)
  }

  pace(): MeterPace {
    const { windows, windowLength } = this
    const length = (i: number): number =>
      i + 1 < windows.length ? windowLength : this.last - this.start - i * windowLength
    return {
      ...paceOf(windows, this.last - this.start),
      windows: windows.map((window, i) => paceOf([window], length(i))),
    }
  }
}

function paceOf(windows: readonly Window[], elapsed: number): Pace {
  const all = new Latencies()
  for (const { latencies } of windows) all.addAll(latencies)
  const count = windows.reduce((sum, window) => sum + window.count, 0)
  const rate = elapsed > 0 ? (1000 * count) / elapsed : 0
  return { rate, p50: all.within(0.5), p99: all.within(0.99), p999: all.within(0.999) }
}
