/** Randomness for tests, from one seed that is printed, so that whatever failed can be made to fail again. */
import { randomInt } from 'node:crypto'

/** From the environment variable CAIRN_SEED where it is set. */
export const seed: number = Number(process.env.CAIRN_SEED ?? randomInt(2 ** 31))

export class Random {
  private state: number

  constructor(from: number = seed) {
    this.state = from >>> 0
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    // mulberry32: small, and good enough to choose test data.
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256))
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}
