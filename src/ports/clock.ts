/**
 * The port to time. Two clocks, because neither is enough: the one on the wall may be set, the other says nothing of the date.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, as the machine believes them to be; may jump in both directions. */
  now(): number
  /** Milliseconds since some moment, never fewer than before. */
  monotonic(): number
  /** Calls once after so many milliseconds, unless the answer is called before. What waits so does not keep a process alive. */
  after(milliseconds: number, call: () => void): () => void
}

/** A time on the wall as records have it: whole milliseconds, and none before 1970. */
export function asRecorded(milliseconds: number): bigint {
  return BigInt(Math.max(0, Math.floor(milliseconds)))
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds: number, call: () => void): () => void {
    const timer = setTimeout(call, milliseconds).unref()
    return () => {
      clearTimeout(timer)
    }
  },
}
