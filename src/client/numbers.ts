/**
 * The numbers of a client's commands: each higher than all before it, over restarts too, without anything that has to be kept. They are the time in
 * microseconds, or one more than the last, whichever is higher.
 */
export class Numbers {
  private readonly now: () => number
  private last = 0n

  constructor(now: () => number) {
    this.now = now
  }

  next(): bigint {
    const time = BigInt(Math.floor(this.now())) * 1000n
    this.last = time > this.last ? time : this.last + 1n
    return this.last
  }

  /** The server knows higher ones, of a clock that was ahead: go on so much above. */
  leap(): void {
    this.last += LEAP
  }
}

/** An hour. */
const LEAP = 3_600_000_000n
