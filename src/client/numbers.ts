/**
 * The numbers of a client's commands: each higher than all before it, over restarts too, without anything that has to be kept. They are the time in
 * microseconds, or one more than the last, whichever is higher.
 */
export class Numbers {
  private readonly now: () => number
  private last = 0n
  private step = HOUR
  /** Whatever lies below was given before the last leap. */
  private leapt = 0n

  constructor(now: () => number) {
    this.now = now
  }

  next(): bigint {
    const time = BigInt(Math.floor(this.now())) * 1000n
    this.last = time > this.last ? time : this.last + 1n
    return this.last
  }

  /**
   * The server refused this one, for it knows higher ones, of a clock that was ahead: go on above, an hour at first, and each time twice as much as
   * before. Those that were refused together make one leap.
   */
  leap(refused: bigint): void {
    if (refused < this.leapt) return
    this.last += this.step
    this.leapt = this.last
    this.step *= 2n
  }
}

const HOUR = 3_600_000_000n
