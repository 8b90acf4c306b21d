/** Rounds: what is new goes to many as a few writes, each of them is sent all of it once and in order, and nobody who does not read is kept. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { LISTENER_BYTES_MAX, ROUND_BYTES_MAX } from '../../src/limits.ts'
import { type Receiver, Rounds } from '../../src/server/rounds.ts'
import { Random, seed } from '../support/seed.ts'

class Reader implements Receiver {
  readonly next: bigint
  isLive = true
  isDropped = false
  readonly written: Uint8Array[] = []
  private readonly cost: number
  readonly response = {
    writableLength: 0,
    write: (bytes: Uint8Array): void => {
      const end = performance.now() + this.cost
      while (performance.now() < end);
      this.written.push(bytes)
    },
    destroy: (): void => {
      this.isDropped = true
    },
  }

  /** `cost` is how many milliseconds a write to it takes. */
  constructor(next = 0n, cost = 0) {
    this.next = next
    this.cost = cost
  }

  get heights(): readonly number[] {
    return Buffer.concat(this.written).toString().split(' ').filter(Boolean).map(Number)
  }
}

const upTo = (count: number, from = 0): readonly number[] => Array.from({ length: count - from }, (_, i) => from + i)

describe(`rounds (CAIRN_SEED=${seed})`, () => {
  it('tell few at once, each block as it comes', async () => {
    const readers = new Set([new Reader(), new Reader()])
    const rounds = new Rounds(readers)
    // Writes that take no time at all: on a busy machine one may take long, and the pause after it is many times as long.
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    for (let height = 0; height < 3; height++) {
      await rounds.add(BigInt(height), `${height} `)
      for (const { heights } of readers) expect(heights).toEqual(upTo(height + 1))
      await turn()
    }
    now.mockRestore()
  })

  it('tell many of several blocks together: the same memory for all, and no more than a part of the time is spent on it', async () => {
    const readers = new Set(Array.from({ length: 200 }, () => new Reader(0n, 0.05)))
    const rounds = new Rounds(readers)
    const end = performance.now() + 1000
    let height = 0
    for (; performance.now() < end; height++) {
      await rounds.add(BigInt(height), `${height} `)
      await sleep(1)
    }
    await rounds.flush()
    const [first = new Reader()] = readers
    for (const { heights } of readers) expect(heights).toEqual(upTo(height))
    for (const { written } of readers) expect(written.every((bytes, i) => bytes === first.written[i])).toBe(true)
    // A round takes 10 ms and more: without a pause there were a hundred of them.
    expect([first.written.length > 1, first.written.length < 12]).toEqual([true, true])
  })

  it('send who came in the middle what it has not had', async () => {
    const random = new Random()
    // Slow enough that several blocks wait for each round.
    const readers = new Set<Reader>([new Reader(0n, 1)])
    const rounds = new Rounds(readers)
    // Live is whoever has had all that was made before it came: the next one is what is made next.
    const join = (next: number): unknown => random.below(6) === 0 && readers.add(new Reader(BigInt(next)))
    for (let height = 0; height < 300; height++) {
      join(height)
      const adding = rounds.add(BigInt(height), `${height} `)
      join(height + 1)
      await adding
      if (random.below(4) === 0) await turn()
    }
    await rounds.flush()
    for (const { heights, next } of readers) expect(heights).toEqual(upTo(300, Number(next)))
  })

  it('pass over who is not live yet, and drop who does not read', async () => {
    const [late, stalled, other] = [new Reader(), new Reader(), new Reader()]
    late.isLive = false
    stalled.response.writableLength = LISTENER_BYTES_MAX + 1
    const rounds = new Rounds(new Set([late, stalled, other]))
    await rounds.add(0n, '0 ')
    await rounds.flush()
    expect([late.written.length, stalled.isDropped, stalled.written.length, other.heights]).toEqual([0, true, 0, [0]])
  })

  it('hold no more than their bound, however long the pause is', async () => {
    const readers = new Set([new Reader(0n, 60)])
    const rounds = new Rounds(readers)
    await rounds.add(0n, '0 ')
    await turn()
    const text = ' '.repeat(ROUND_BYTES_MAX / 4)
    const [reader = new Reader()] = readers
    for (let height = 1n; height <= 5n; height++) await rounds.add(height, text)
    expect(reader.written.length).toBe(2)
    expect(Math.max(...reader.written.map(({ length }) => length))).toBeLessThanOrEqual(1.25 * ROUND_BYTES_MAX)
    rounds.stop()
  })
})
