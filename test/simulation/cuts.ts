/** For tests of the simulated disk: a file on it, and what power cuts leave of what is done to it. */
import { expect } from 'vitest'
import type { DiskFile } from '../../src/ports/disk.ts'
import { Random } from '../support/seed.ts'
import { SECTOR } from './sim-file.ts'
import { World } from './world.ts'

/** A world with a directory, and a file in it that is there for good. */
export async function begin(random: Random, contents: Uint8Array = Uint8Array.of()) {
  const world = new World({ seed: random.below(2 ** 31) })
  await world.disk.makeDirectory('/data')
  const file = await world.disk.open('/data/file', 'create')
  await file.write(0, contents)
  await file.datasync()
  await world.disk.syncDirectory('/data')
  return { world, file }
}

export async function contentsOf(world: World, path = '/data/file'): Promise<Uint8Array> {
  const file = await world.disk.open(path, 'read')
  return file.read(0, 1 << 20)
}

/** What each of these sectors holds after a cut, over many worlds: the different values of its first byte, in their order. */
export async function outcomes(
  sectors: number,
  contents: Uint8Array,
  change: (file: DiskFile, world: World) => Promise<unknown>,
): Promise<readonly (readonly number[])[]> {
  const random = new Random()
  const seen = Array.from({ length: sectors }, () => new Set<number>())
  for (let round = 0; round < 300; round++) {
    const { world, file } = await begin(random, contents)
    await change(file, world)
    const left = await contentsOf(world.crash(random))
    for (let i = 0; i < sectors; i++) {
      const sector = left.subarray(i * SECTOR, (i + 1) * SECTOR)
      // A sector has one of its states, never a mixture.
      expect(new Set(sector).size).toBeLessThan(2)
      seen[i]?.add(sector[0] ?? -1)
    }
  }
  return seen.map((values) => [...values].sort((a, b) => a - b))
}

export const filled = (sectors: number, byte: number): Uint8Array => new Uint8Array(sectors * SECTOR).fill(byte)
