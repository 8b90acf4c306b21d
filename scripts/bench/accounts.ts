/** The work of the state benchmarks: accounts with balances, made in order and then changed at random, five hundred a block. */
import { Random } from '../../test/support/seed.ts'

export const UPDATES = 500
const VALUE_BYTES = 64

export type AccountWrite = readonly [rawKey: Uint8Array, value: Uint8Array]

export class Accounts {
  readonly count: number
  private readonly random: Random

  /** The same every time. */
  constructor(count: number) {
    this.count = count
    this.random = new Random(count)
  }

  /** `account/` and eight digits. */
  key(account: number): Uint8Array {
    return Buffer.from(`account/${String(account).padStart(8, '0')}`)
  }

  any(): Uint8Array {
    return this.key(this.random.below(this.count))
  }

  /** New accounts, from the `first` on. */
  opened(first: number, count: number): AccountWrite[] {
    return Array.from({ length: Math.min(count, this.count - first) }, (_, i) => [this.key(first + i), this.value()])
  }

  /** What a block does: random accounts, each with a new value. */
  changed(): AccountWrite[] {
    return Array.from({ length: UPDATES }, () => [this.any(), this.value()])
  }

  private value(): Uint8Array {
    const words = Uint32Array.from({ length: VALUE_BYTES / 4 }, () => this.random.below(2 ** 32))
    return new Uint8Array(words.buffer)
  }
}
