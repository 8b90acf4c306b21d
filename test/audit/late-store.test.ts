/** A store that is written to late is the store that it writes to: for reads at any time, and for whoever looks when it is settled. */
import { setImmediate as immediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { LateStore } from '../../src/audit/late-store.ts'
import { Batch, type Store } from '../../src/ports/store.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Random, seed } from '../support/seed.ts'

/** A store whose writes come to an end only when they are let. */
class SlowStore {
  readonly memory = new MemoryStore()
  readonly written: { readonly size: number; readonly durable: boolean }[] = []
  failure: Error | undefined
  isClosed = false
  private readonly waiting: (() => void)[] = []

  get store(): Store {
    return {
      get: (key) => this.memory.get(key),
      getMany: (keys) => this.memory.getMany(keys),
      entries: (range) => this.memory.entries(range),
      write: async (batch, durable = false) => {
        await new Promise<void>((resolve) => {
          this.waiting.push(resolve)
        })
        if (this.failure !== undefined) throw this.failure
        this.written.push({ size: batch.operations.length, durable })
        await this.memory.write(batch)
      },
      close: async () => {
        this.isClosed = true
      },
    }
  }

  /** Lets those end that were begun, and those that are begun because of it. */
  async let(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      for (const resolve of this.waiting.splice(0)) resolve()
      await immediate()
    }
  }
}

const key = (number: number): Uint8Array => Uint8Array.of(0x6b, number)
function batchOf(...operations: readonly (readonly [number, Uint8Array | undefined])[]): Batch {
  const batch = new Batch()
  for (const [at, value] of operations) {
    if (value === undefined) batch.delete(key(at))
    else batch.put(key(at), value)
  }
  return batch
}
/** Values are of one byte again and again. */
const said = (value: Uint8Array | undefined): string => `${value?.length} × ${value?.[0]}`
const large = (byte: number): Uint8Array => new Uint8Array(600_000).fill(byte)

describe(`a store that is written to late (CAIRN_SEED=${seed})`, () => {
  it('reads as if all had been written at once, whatever of it was', async () => {
    const random = new Random(seed)
    const slow = new SlowStore()
    const late = new LateStore(slow.store)
    const model = new MemoryStore()
    const ends: Promise<void>[] = []
    for (let round = 0; round < 400; round++) {
      const batch = batchOf(
        ...Array.from({ length: 1 + random.below(4) }, () => {
          const value = random.below(4) === 0 ? undefined : new Uint8Array(random.below(90_000)).fill(round)
          return [random.below(12), value] as const
        }),
      )
      await model.write(batch)
      ends.push(late.write(batch))
      if (random.below(3) === 0) await slow.let()
      const some = Array.from({ length: random.below(12) }, (_, i) => key(i))
      const many = late.getMany(some)
      if (random.below(10) === 0) await slow.let()
      expect((await many).map(said)).toEqual((await model.getMany(some)).map(said))
      const at = key(random.below(12))
      expect(said(late.get(at))).toBe(said(model.get(at)))
    }
    const settled = late.settle()
    await slow.let()
    await Promise.all([...ends, settled])
    const all = async (store: Pick<Store, 'entries'>): Promise<unknown[]> => {
      const found: unknown[] = []
      for await (const [at, value] of store.entries({ from: key(0), to: key(255) })) found.push([...at, said(value)])
      return found
    }
    expect(await all(slow.memory)).toEqual(await all(model))
    expect(await all(late)).toEqual(await all(model))
    expect(slow.written.length).toBeLessThan(200)
  })

  it('keeps a writer waiting when as much is on its way as waits', async () => {
    const slow = new SlowStore()
    const late = new LateStore(slow.store)
    await late.write(batchOf([1, large(1)]))
    await late.write(batchOf([2, large(2)]))
    let isThere = false
    const writeThird = async (): Promise<void> => {
      await late.write(batchOf([3, large(3)], [4, large(4)]))
      isThere = true
    }
    const third = writeThird()
    await immediate()
    expect(isThere).toBe(false)
    expect([1, 2, 3, 4].map((each) => late.get(key(each))?.[0])).toEqual([1, 2, 3, 4])
    await slow.let()
    await third
  })

  it('tells a write that failed with the next one and when it is settled, and closes all the same', async () => {
    const slow = new SlowStore()
    const late = new LateStore(slow.store)
    slow.failure = new Error('the disk is full')
    await late.write(batchOf([1, large(1)], [2, large(2)]))
    await slow.let()
    await expect(late.write(batchOf([3, large(3)], [4, large(4)]))).rejects.toThrow('the disk is full')
    await expect(late.settle()).rejects.toThrow('the disk is full')
    await late.close()
    expect(slow.isClosed).toBe(true)
  })

  it('has written all that was given when a batch is written for good', async () => {
    const slow = new SlowStore()
    const late = new LateStore(slow.store)
    await late.write(batchOf([1, Uint8Array.of(1)]))
    const durable = late.write(batchOf([2, Uint8Array.of(2)]), true)
    await slow.let()
    await durable
    expect(slow.written).toEqual([
      { size: 1, durable: false },
      { size: 1, durable: true },
    ])
  })
})
