/** That the simulated disk fails as it was told to, leaves behind what a real one may leave then, and lies where it was told to. */
import { describe, expect, it } from 'vitest'
import { Random, seed } from '../support/seed.ts'
import { begin, filled, outcomes } from './cuts.ts'
import { SECTOR } from './sim-file.ts'

const failure = Object.assign(new Error('input/output error'), { code: 'EIO' })

describe(`what fails (CAIRN_SEED=${seed})`, () => {
  it('leaves clean pages that are not on the disk, when it is a datasync', async () => {
    const seen = await outcomes(2, filled(2, 1), async (file, world) => {
      await file.write(0, filled(2, 2))
      world.failNext('datasync', failure)
      await expect(file.datasync()).rejects.toBe(failure)
      // Says that all is well, and is wrong; but for what was written again.
      await file.write(SECTOR, filled(1, 3))
      await file.datasync()
      expect(await file.read(0, 1)).toEqual(Uint8Array.of(2))
    })
    expect(seen).toEqual([[1, 2], [3]])
  })

  it('leaves names that are not there for good, when it is a sync of their directory', async () => {
    const random = new Random()
    const seen = new Set<string>()
    for (let round = 0; round < 100; round++) {
      const { world } = await begin(random)
      await world.disk.open('/data/first', 'create')
      world.failNext('syncDirectory', failure)
      await expect(world.disk.syncDirectory('/data')).rejects.toBe(failure)
      await world.disk.open('/data/second', 'create')
      await world.disk.syncDirectory('/data')
      seen.add((await world.crash(random).disk.list('/data')).join(' '))
    }
    expect([...seen].sort()).toEqual(['file first second', 'file second'])
  })

  it.each([
    ['at any byte of what is no whole sectors', SECTOR * 8 - 1, 1],
    ['between two sectors of what is whole ones', SECTOR * 8, SECTOR],
  ])('may have written a part, when it is a write: cut %s', async (_, length, unit) => {
    const random = new Random()
    const lengths = new Set<number>()
    for (let round = 0; round < 100; round++) {
      const { world, file } = await begin(random, filled(8, 1))
      world.failNext('write', failure)
      await expect(file.write(0, filled(8, 2).subarray(0, length))).rejects.toBe(failure)
      const written = await file.read(0, length)
      const end = written.indexOf(1)
      expect(written.subarray(0, end < 0 ? length : end).every((byte) => byte === 2)).toBe(true)
      lengths.add(end < 0 ? length : end)
    }
    expect(lengths.size).toBeGreaterThan(5)
    expect([...lengths].some((cut) => cut % SECTOR > 0)).toBe(unit < SECTOR)
  })

  it('is chosen by the name that a file has by now', async () => {
    const { world, file } = await begin(new Random())
    await world.disk.rename('/data/file', '/data/other')
    world.failNext('datasync', failure, /other$/)
    await (await world.disk.open('/data/third', 'create')).datasync()
    await expect(file.datasync()).rejects.toBe(failure)
  })

  it('has done nothing, when it is a rename or a creation, and fails once', async () => {
    const { world } = await begin(new Random())
    world.failNext('rename', failure)
    world.failNext('create', failure)
    await expect(world.disk.rename('/data/file', '/data/other')).rejects.toBe(failure)
    await expect(world.disk.open('/data/new', 'create')).rejects.toBe(failure)
    expect(await world.disk.list('/data')).toEqual(['file'])
    await world.disk.open('/data/new', 'create')
    await world.disk.rename('/data/file', '/data/other')
    expect(await world.disk.list('/data')).toEqual(['new', 'other'])
  })

  it('is what the disk has no room for; what has room already can be written', async () => {
    const { world, file } = await begin(new Random(), filled(2, 1))
    world.diskBytesFree = 3 * SECTOR
    await expect(file.write(0, filled(6, 2))).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await file.size()).toBe(5 * SECTOR)
    await file.write(0, filled(5, 3))
    await expect(file.write(5 * SECTOR, Uint8Array.of(1))).rejects.toMatchObject({ code: 'ENOSPC' })
    await file.truncate(SECTOR)
    expect(world.diskBytesFree).toBe(4 * SECTOR)
    await world.disk.unlink('/data/file')
    expect(world.diskBytesFree).toBe(5 * SECTOR)
  })
})

describe('a disk that lies', () => {
  it('loses what it said to have synced', async () => {
    const seen = await outcomes(1, filled(1, 1), async (file, world) => {
      world.lies.datasync = true
      await file.write(0, filled(1, 2))
      await file.datasync()
    })
    expect(seen).toEqual([[1, 2]])
  })

  it('loses names that it said to have synced', async () => {
    const random = new Random()
    const seen = new Set<string>()
    for (let round = 0; round < 100; round++) {
      const { world } = await begin(random)
      world.lies.syncDirectory = true
      await world.disk.open('/data/new', 'create')
      await world.disk.syncDirectory('/data')
      seen.add((await world.crash(random).disk.list('/data')).join(' '))
    }
    expect(seen).toEqual(new Set(['file', 'file new']))
  })
})
