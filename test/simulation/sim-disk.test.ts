/** That the simulated disk loses what a real one may lose, and nothing that was synced: else what passes on it proves nothing. */
import { describe, expect, it } from 'vitest'
import { Random, seed } from '../support/seed.ts'
import { begin, contentsOf, filled, outcomes } from './cuts.ts'
import { SECTOR } from './sim-file.ts'

describe(`a power cut (CAIRN_SEED=${seed})`, () => {
  it('leaves all that was synced, always', async () => {
    const random = new Random()
    for (let round = 0; round < 100; round++) {
      let { world } = await begin(random)
      let model = new Uint8Array(0)
      for (let cut = 0; cut < 3; cut++) {
        const file = await world.disk.open('/data/file', 'write')
        for (let step = 0; step < 8; step++) {
          const [at, written] = [random.below(9000), random.bytes(1 + random.below(3000))]
          await file.write(at, written)
          if (random.below(4) === 0) await file.truncate(random.below(9000))
        }
        await file.datasync()
        model = Uint8Array.from(await file.read(0, 1 << 20))
        // What is not synced may do anything to itself, and nothing to the rest.
        await file.write(Math.ceil(model.length / SECTOR) * SECTOR, random.bytes(2000))
        world = world.crash(random)
        const left = (await contentsOf(world)).subarray(0, model.length)
        expect(Buffer.compare(left, model)).toBe(0)
      }
    }
  })

  it('leaves of what was not synced the old, the new, or what was between', async () => {
    const seen = await outcomes(3, filled(3, 1), async (file) => {
      await file.write(0, filled(2, 2))
      await file.write(SECTOR, filled(2, 3))
    })
    expect(seen).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 3],
    ])
  })

  it('leaves zeros, or nothing at all, where a file was grown', async () => {
    const seen = await outcomes(3, filled(1, 1), (file) => file.write(0, filled(3, 2)))
    expect(seen).toEqual([
      [1, 2],
      [-1, 0, 2],
      [-1, 0, 2],
    ])
  })

  it('drops, tears and zeroes, and counts it', async () => {
    const random = new Random()
    let { world } = await begin(random)
    for (let round = 0; round < 100; round++) {
      const file = await world.disk.open('/data/file', 'write')
      await file.write(round * 10 * SECTOR, filled(10, 5))
      world = world.crash(random)
    }
    expect(world.counts.crashes).toBe(100)
    expect(world.counts.droppedSectors).toBeGreaterThan(100)
    expect(world.counts.tornWrites).toBeGreaterThan(10)
    expect(world.counts.zeroedSectors).toBeGreaterThan(100)
  })

  it('may leave any sectors of a page, and a page as one', async () => {
    const random = new Random()
    const kinds = new Set<string>()
    for (let round = 0; round < 300; round++) {
      const { world, file } = await begin(random, filled(16, 1))
      await file.write(0, filled(16, 2))
      const left = await contentsOf(world.crash(random))
      const sectors = Array.from({ length: 16 }, (_, i) => left[i * SECTOR])
      const pages = [sectors.slice(0, 8), sectors.slice(8)].map((page) => new Set(page).size === 1)
      kinds.add(`${pages.filter((isOne) => isOne).length} whole`)
    }
    expect([...kinds].sort()).toEqual(['0 whole', '1 whole', '2 whole'])
  })

  it('is foretold by the seed', async () => {
    const run = async (): Promise<Uint8Array> => {
      const random = new Random(77)
      const { world, file } = await begin(random, filled(9, 1))
      await file.write(100, random.bytes(4000))
      return contentsOf(world.crash(random))
    }
    expect(await run()).toEqual(await run())
  })

  it('takes nothing where only the process ended, and may take it with the next one', async () => {
    const random = new Random()
    const seen = new Set<number | undefined>()
    for (let round = 0; round < 100; round++) {
      const { world, file } = await begin(random, filled(1, 1))
      await file.write(0, filled(1, 2))
      const next = world.restart()
      expect(await contentsOf(next)).toEqual(filled(1, 2))
      seen.add((await contentsOf(next.crash(random)))[0])
    }
    expect(seen).toEqual(new Set([1, 2]))
  })

  it('may undo names that were not synced, each as a whole', async () => {
    const random = new Random()
    const seen = new Set<string>()
    let lost = 0
    for (let round = 0; round < 300; round++) {
      const { world } = await begin(random, filled(1, 1))
      const made = await world.disk.open('/data/new.tmp', 'create')
      await made.write(0, filled(1, 2))
      await made.datasync()
      await world.disk.rename('/data/new.tmp', '/data/file')
      await world.disk.open('/data/other', 'create')
      const next = world.crash(random)
      const names = await next.disk.list('/data')
      seen.add(`${(await contentsOf(next))[0]} ${names.join(' ')}`)
      lost += next.counts.lostDirectoryEntries
    }
    expect(lost).toBeGreaterThan(100)
    expect([...seen].sort()).toEqual([
      '1 file',
      '1 file new.tmp',
      '1 file new.tmp other',
      '1 file other',
      '2 file',
      '2 file other',
    ])
  })

  it('leaves every name that was synced', async () => {
    const random = new Random()
    for (let round = 0; round < 100; round++) {
      let { world } = await begin(random, filled(1, 1))
      const made = await world.disk.open('/data/new.tmp', 'create')
      await made.write(0, filled(1, 2))
      await made.datasync()
      await world.disk.rename('/data/new.tmp', '/data/file')
      await world.disk.open('/data/gone', 'create')
      await world.disk.unlink('/data/gone')
      await world.disk.syncDirectory('/data')
      world = world.crash(random).crash(random)
      expect(await world.disk.list('/data')).toEqual(['file'])
      expect(await contentsOf(world)).toEqual(filled(1, 2))
    }
  })

  it('may bring back what was in a directory that was taken away', async () => {
    const random = new Random()
    const seen = new Set<string>()
    for (let round = 0; round < 200; round++) {
      const { world } = await begin(random)
      await world.disk.removeDirectory('/data')
      const isSynced = round % 2 === 0
      if (isSynced) await world.disk.syncDirectory('/')
      const next = world.crash(random)
      const names = [...(await next.disk.list('/')), ...(await next.disk.list('/data'))]
      seen.add([isSynced ? 'synced' : 'not', ...names].join(' '))
    }
    expect([...seen].sort()).toEqual(['not', 'not data', 'not data file', 'synced'])
  })
})
