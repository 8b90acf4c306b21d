/**
 * Counts what a peer of the producer acknowledges: over the whole run, and by ten seconds, since a short run flatters.
 *
 * Promise: only what was acknowledged counts, in the ten seconds in which it was; what comes in after the end of the
 * run is in the last of them, and the time until then counts too.
 */

const WINDOW_MS = 10_000

export interface Pace {
  /** Acknowledged a second. */
  readonly rate: number
  /** Milliseconds within which 99 of 100 were acknowledged after they were handed over. */
  readonly p99: number
}

export interface PeerPace extends Pace {
  /** The same for each ten seconds; the last of them is shorter where the run does not fill it. */
  readonly windows: readonly Pace[]
}

interface Window {
  count: number
  readonly latencies: number[]
}

export class Meter {
  private readonly start: number = performance.now()
  private readonly end: number
  private readonly windows: readonly Window[]
  private last: number = this.start

  constructor(seconds: number) {
    this.end = this.start + 1000 * seconds
    const windows = Math.ceil((1000 * seconds) / WINDOW_MS)
    this.windows = Array.from({ length: windows }, () => ({ count: 0, latencies: [] }))
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
    const index = Math.min(Math.floor((this.last - this.start) / WINDOW_MS), this.windows.length - 1)
    const window = this.windows[index] as Window
    window.count += count
    window.latencies.push(this.last - since)
  }

  pace(): PeerPace {
    const { windows } = this
    const length = (i: number): number => (i + 1 < windows.length ? WINDOW_MS : this.last - this.start - i * WINDOW_MS)
    return {
      ...paceOf(windows, this.last - this.start),
      windows: windows.map((window, i) => paceOf([window], length(i))),
    }
  }
}

function paceOf(windows: readonly Window[], elapsed: number): Pace {
  const latencies = windows.flatMap((window) => window.latencies).sort((a, b) => a - b)
  const count = windows.reduce((sum, window) => sum + window.count, 0)
  return { rate: (1000 * count) / elapsed, p99: latencies[Math.ceil(0.99 * latencies.length) - 1] ?? Number.NaN }
}
