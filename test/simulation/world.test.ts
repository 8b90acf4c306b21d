/** That a world ends where it is told to, that nothing of the dead goes on, and what of it is there afterwards. */
import { describe, expect, it } from 'vitest'
import { Batch, type Store } from '../../src/ports/store.ts'
import { Random, seed } from '../support/seed.ts'
import { World } from './world.ts'

/** Something that uses a world: each step is several effects. */
async function work(world: World, done: string[]): Promise<void> {
  await world.disk.makeDirectory('/data')
  const file = await world.disk.open('/data/file', 'create')
  await world.disk.syncDirectory('/data')
  const store = await world.store().open()
  for (let i = 0; i < 3; i++) {
    await file.write(i, Uint8Array.of(i + 1))
    await file.datasync()
    await store.write(batchOf(i))
    done.push(`step ${i}`)
  }
}

function batchOf(i: number, size = 1): Batch {
  const batch = new Batch()
  batch.put(Uint8Array.of(i), new Uint8Array(size).fill(i))
  return batch
}

async function keysOf(store: Store): Promise<number[]> {
  const keys: number[] = []
  for await (const [key] of store.entries({ from: Uint8Array.of(), to: Uint8Array.of(255) }))
    keys.push(key[0] as number)
  return keys
}

describe(`a life (CAIRN_SEED=${seed})`, () => {
  it('ends before the effect that was chosen, or after it, and nothing goes on', async () => {
    const whole = new World()
    await work(whole, [])
    expect(whole.effects).toBe(14)
    for (let k = 1; k <= whole.effects; k++) {
      for (const how of ['crashAt', 'crashAfter'] as const) {
        const world = new World()
        world[how] = k
        const done: string[] = []
        const ended = work(world, done).then(() => 'ended')
        expect(await Promise.race([ended, world.died])).toBeUndefined()
        expect(world.effects).toBe(k)
        const before = done.length
        const next = world.restart()
        for (const name of await next.disk.list('/data')) {
          const file = await next.disk.open(`/data/${name}`, 'read')
          // Its size tells how many of the writes were done.
          const writes = [6, 9, 12].filter((each) => (how === 'crashAt' ? each < k : each <= k)).length
          expect(await file.size()).toBe(writes)
        }
        expect(done.length).toBe(before)
        expect(world.effects).toBe(k)
        expect(await Promise.race([ended, Promise.resolve('not')])).toBe('not')
      }
    }
  })

  it('ends with all that was begun in it, however much of that there is at once', async () => {
    const random = new Random()
    for (let round = 0; round < 100; round++) {
      const world = new World({ seed: random.below(2 ** 31) })
      await world.disk.makeDirectory('/data')
      world.crashAt = world.effects + 1 + random.below(8)
      for (let i = 0; i < 8; i++) void world.disk.open(`/data/${i}`, 'create')
      await world.died
      const next = world.restart()
      const names = await next.disk.list('/data')
      expect(names).toHaveLength((world.crashAt ?? 0) - 1 - (world.effects - names.length - 1))
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      expect(await next.disk.list('/data')).toEqual(names)
    }
  })

  it('goes on in the next world, with its locks free, its clock later and its randomness another', async () => {
    const world = new World()
    await world.disk.lock('/lock')
    await world.clock.advance(5000)
    const next = world.crash()
    await next.disk.lock('/lock')
    expect(next.effects).toBeGreaterThan(0)
    expect(next.clock.monotonic()).toBe(0)
    expect(next.clock.now()).toBeGreaterThanOrEqual(world.clock.now())
    expect(next.rng.bytes(8)).not.toEqual(world.rng.bytes(8))
    expect(next.counts).toBe(world.counts)
  })

  it('hears nothing of its timers when it is over', async () => {
    const world = new World()
    const called: string[] = []
    world.clock.after(10, () => called.push('first'))
    world.clock.after(30, () => called.push('second'))
    await world.clock.advance(20)
    world.crash()
    await world.clock.advance(20)
    expect(called).toEqual(['first'])
  })

  it('fails as it was told, once each', async () => {
    const world = new World()
    const store = await world.store().open()
    const error = Object.assign(new Error('no'), { code: 'EIO' })
    world.failNext('storeWrite', error)
    await expect(store.write(batchOf(1))).rejects.toBe(error)
    await store.write(batchOf(2))
    expect(await keysOf(store)).toEqual([2])
  })

  it('may leave what lies elsewhere to the next one', () => {
    const world = new World()
    const kept = world.elsewhere('list', (): string[] => [])
    kept.push('remembered')
    expect(world.crash().elsewhere('list', (): string[] => [])).toEqual(['remembered'])
  })
})

describe(`a store in a power cut (CAIRN_SEED=${seed})`, () => {
  it('keeps what is old, and loses of the rest what is newest, or leaves holes', async () => {
    const random = new Random()
    const kinds = new Set<string>()
    let last = new World({ seed: random.below(2 ** 31) })
    for (let round = 0; round < 200; round++) {
      const world = new World({ seed: random.below(2 ** 31), counts: last.counts })
      world.store().unsyncedBytes = 5 * 101
      const store = await world.store().open()
      for (let i = 0; i < 10; i++) await store.write(batchOf(i, 100))
      last = world.crash(random)
      const keys = await keysOf(await last.store().open())
      expect(keys.slice(0, 5)).toEqual([0, 1, 2, 3, 4])
      const isSuffixLost = keys.every((key, i) => key === i)
      kinds.add(isSuffixLost ? `first ${keys.length}` : 'holes')
    }
    expect([...kinds].sort()).toEqual(['first 10', 'first 5', 'first 6', 'first 7', 'first 8', 'first 9', 'holes'])
    expect(last.counts.storeHoles).toBeGreaterThan(20)
    expect(last.counts.batchesLost).toBeGreaterThan(last.counts.storeHoles)
  })

  it('keeps batches whole', async () => {
    const random = new Random()
    for (let round = 0; round < 50; round++) {
      const world = new World({ seed: random.below(2 ** 31) })
      const store = await world.store().open()
      for (let i = 0; i < 10; i++) {
        const batch = batchOf(2 * i)
        batch.put(Uint8Array.of(2 * i + 1), Uint8Array.of(1))
        await store.write(batch)
      }
      const keys = new Set(await keysOf(await world.crash(random).store().open()))
      for (const key of keys) expect(keys.has(key ^ 1)).toBe(true)
    }
  })

  it('has what survived for good, and all where only the process ended', async () => {
    const random = new Random()
    const world = new World()
    const store = await world.store().open()
    for (let i = 0; i < 10; i++) await store.write(batchOf(i))
    const restarted = world.restart()
    expect(await keysOf(await restarted.store().open())).toHaveLength(10)
    const cut = restarted.crash(random)
    const keys = await keysOf(await cut.store().open())
    expect(await keysOf(await cut.crash(random).store().open())).toEqual(keys)
  })

  it('refuses to open until it is destroyed, in this life and the next', async () => {
    const world = new World()
    const store = await world.store().open()
    await store.write(batchOf(1))
    await expect(world.store().open()).rejects.toMatchObject({ cause: { code: 'LEVEL_LOCKED' } })
    await expect(world.store().destroy()).rejects.toMatchObject({ cause: { code: 'LEVEL_LOCKED' } })
    await store.close()
    world.store().refuse()
    await expect(world.store().open()).rejects.toMatchObject({ cause: { code: 'LEVEL_CORRUPTION' } })
    const next = world.crash()
    await expect(next.store().open()).rejects.toThrow()
    await next.store().destroy()
    expect(await keysOf(await next.store().open())).toEqual([])
  })

  it('cannot be opened where it was destroyed by half', async () => {
    const world = new World()
    await (await world.store().open()).close()
    world.crashAt = 2
    void world.store().destroy()
    await world.died
    const next = world.crash()
    await expect(next.store().open()).rejects.toThrow()
    await next.store().destroy()
    await next.store().open()
  })
})
