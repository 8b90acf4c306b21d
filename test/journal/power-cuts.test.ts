/**
 * Many lives of a journal on a disk that power cuts and failing syncs go over: whatever was acknowledged is there in the next life, byte
 * for byte, and no cut makes a journal that is refused.
 */
import { expect, it } from 'vitest'
import { Journal } from '../../src/journal/journal.ts'
import { EIO, endAt, failAfter } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { Random, seed } from '../support/seed.ts'
import { blockOf, chainId, closeAt, heightsOf } from './life.ts'

interface Written {
  /** The newest block that was acknowledged, and the newest that was begun. */
  acknowledged: bigint
  begun: bigint
}

/** One life. At its append of this number, or at its takeover for 0, a call of the disk fails. */
async function live(world: World, random: Random, written: Written, failing: number): Promise<void> {
  const settings = { disk: world.disk, directory: '/chain/journal', chainId, rng: world.rng, fileBytes: 8192 }
  const journal = await Journal.open(settings)
  const { height } = journal.found
  if (height < written.acknowledged || height > written.begun) {
    throw new Error(`block ${written.acknowledged} of ${written.begun} was acknowledged, and ${height} is the newest`)
  }
  if (failing === 0) failSoon(world, random)
  await journal.takeover()
  // What is believed now is believed for good.
  written.acknowledged = height
  let next = 0n
  for await (const { records } of journal.read(undefined)) {
    for (const found of heightsOf(records))
      if (found !== next++) throw new Error(`block ${found} stands at ${next - 1n}`)
  }
  if (next !== height + 1n) throw new Error(`${next} blocks are read, and ${height} is the newest`)
  const last = next + BigInt(random.below(12))
  for (let count = 1; next < last; count++, next++) {
    if (count === failing) failSoon(world, random)
    written.begun = next
    await journal.append(next, [blockOf(next, 600 + random.below(3000))])
    written.acknowledged = next
  }
  if (next > 0n && random.below(2) === 0) await closeAt(journal, next - 1n)
}

function failSoon(world: World, random: Random): void {
  // No write: the simulated one leaves parts of sectors, which FORMAT §10 knows as damage.
  const what = random.pick(['datasync', 'syncDirectory', 'rename', 'create'] as const)
  world.failNext(what, EIO)
}

it(`whatever was acknowledged is there after any cut (CAIRN_SEED=${seed})`, async () => {
  const random = new Random()
  let faults = 0
  let lives = 0
  for (let round = 0; round < 60; round++) {
    let world = new World({ seed: random.below(2 ** 31) })
    const written: Written = { acknowledged: -1n, begun: -1n }
    for (let life = 0; life < 12; life++) {
      lives++
      if (random.below(5) > 0) world.crashAt = 1 + random.below(60)
      const isFailing = random.below(4) === 0
      if (isFailing) faults++
      const ended = live(world, random, written, isFailing ? random.below(12) : -1).catch((error: unknown) => {
        // A disk that failed: the next life finds out what is there.
        if ((error as { code?: unknown }).code !== 'journal_failed') throw error
      })
      await Promise.race([ended, world.died])
      world = random.below(2) === 0 ? world.crash(random) : world.restart(random)
    }
    // And at last without any fault.
    await live(world, random, written, -1)
  }
  expect(lives).toBe(720)
  expect(faults).toBeGreaterThan(50)
})

/** A journal that was just taken over, on a machine of its own. */
async function begun(round: number, fileBytes: number) {
  const world = new World({ seed: round })
  const open = (on: World): Promise<Journal> =>
    Journal.open({ directory: '/chain/journal', chainId, fileBytes, disk: on.disk, rng: on.rng })
  const first = await open(world)
  await first.takeover()
  return { world, random: new Random(round), open, first }
}

it('a close record whose sync failed is there for good when the journal is taken over', async () => {
  for (let round = 0; round < 20; round++) {
    const { random, open, first, ...machine } = await begun(round, 16_384)
    let { world } = machine
    await first.append(0n, [blockOf(0n)])
    world.failNext('datasync', EIO, /\.wal$/)
    await expect(closeAt(first, 0n)).rejects.toMatchObject({ code: 'journal_failed' })
    world = world.restart(random)
    const second = await open(world)
    await second.takeover()
    await second.append(1n, [blockOf(1n)])
    world = world.crash(random)
    const third = await open(world)
    expect(third.found).toMatchObject({ state: 'unclean', height: 1n })
  }
})

it('a file ahead whose sync failed is not the one that the next process writes blocks into, though the stop was clean', async () => {
  for (let round = 0; round < 40; round++) {
    const { random, open, first, ...machine } = await begun(round, 8192)
    let { world } = machine
    world.failNext('datasync', EIO, /\.tmp$/)
    await first.append(0n, [blockOf(0n)])
    await closeAt(first, 0n)
    world = world.restart(random)
    const second = await open(world)
    expect(second.found.state).toBe('clean')
    await second.takeover()
    for (let height = 1n; height < 5n; height++) await second.append(height, [blockOf(height, 3000)])
    world = world.crash(random)
    const third = await open(world)
    expect(third.found.height).toBe(4n)
  }
})

async function blocksIn(journal: Journal): Promise<number> {
  let count = 0
  for await (const { records } of journal.read(undefined)) count += heightsOf(records).length
  return count
}

it.each(['was killed', 'failed'])(
  'a file that a start took away that %s does not come back with a power cut, among those that were written since',
  async (how) => {
    for (let round = 0; round < 40; round++) {
      const { random, open, first, ...machine } = await begun(round, 8192)
      let { world } = machine
      await first.append(0n, [blockOf(0n, 5000)])
      await closeAt(first, 0n)
      world = world.restart(random)
      // Killed when the next file has its name, and nothing in it yet.
      const second = await open(world)
      await second.takeover()
      endAt(world, /^write .*0001\.wal 512/)
      await Promise.race([second.append(1n, [blockOf(1n, 5000)]), world.died])
      world = world.restart(random)
      // Killed when that file is taken away, and not for good yet.
      const third = await open(world)
      if (how === 'failed') world.failNext('syncDirectory', EIO, /journal$/)
      else endAt(world, /^syncDirectory .*journal$/)
      await Promise.race([third.takeover().catch(() => undefined), world.died])
      world = world.restart(random)
      const fourth = await open(world)
      await fourth.takeover()
      await fourth.append(1n, [blockOf(1n)])
      world = world.crash(random)
      // It was not seen any more, and is taken away for good all the same.
      expect(await world.disk.list('/chain/journal')).not.toContain('0000000000000001.wal')
      const fifth = await open(world)
      expect(fifth.found.height).toBe(1n)
    }
  },
)

it('a file that a start took away, of which a sync failed, does not come back in the middle of those that were written since', async () => {
  for (let round = 0; round < 40; round++) {
    const { random, open, first, ...machine } = await begun(round, 8192)
    let { world } = machine
    await first.append(0n, [blockOf(0n, 5000)])
    // Of a clean stop too: then the newest file is not written again.
    if (round % 2 === 0) await closeAt(first, 0n)
    world = world.restart(random)
    const second = await open(world)
    await second.takeover()
    endAt(world, round % 4 < 2 ? /^write .*0001\.wal 0\+/ : /^write .*0001\.wal 512/)
    await Promise.race([second.append(1n, [blockOf(1n, 5000)]), world.died])
    world = world.restart(random)
    const third = await open(world)
    world.failNext('syncDirectory', EIO, /journal$/)
    await expect(third.takeover()).rejects.toMatchObject({ code: 'journal_failed' })
    world = world.restart(random)
    const fourth = await open(world)
    await fourth.takeover()
    // The first of them goes where there is room, and the file after it begins higher than the one that was taken away.
    await fourth.append(1n, [blockOf(1n)])
    for (let height = 2n; height < 5n; height++) await fourth.append(height, [blockOf(height, 5000)])
    world = world.crash(random)
    expect(await world.disk.list('/chain/journal')).not.toContain('0000000000000001.wal')
    const fifth = await open(world)
    expect(fifth.found.height).toBe(4n)
    await fifth.takeover()
    expect(await blocksIn(fifth)).toBe(5)
  }
})

it('the name of the next file is not on the disk before the newest block is, which a start may see in memory alone', async () => {
  for (let round = 0; round < 120; round++) {
    const { random, open, first, ...machine } = await begun(round, 16_384)
    let { world } = machine
    await first.append(0n, [blockOf(0n)])
    world.failNext('datasync', EIO, /\.wal$/)
    await expect(first.append(1n, [blockOf(1n)])).rejects.toMatchObject({ code: 'journal_failed' })
    world = world.restart(random)
    const second = await open(world)
    expect(second.found.height).toBe(1n)
    world.crashAt = world.effects + 1 + (round % 12)
    await Promise.race([second.takeover(), world.died])
    world = world.crash(random)
    const third = await open(world)
    expect(third.found.height).toBeGreaterThanOrEqual(0n)
  }
})

it('a journal that was closed, torn and written again is not believed to be closed: of its name a sync may have failed', async () => {
  let torn = 0
  for (let round = 0; round < 200; round++) {
    const { random, open, first, ...machine } = await begun(round, 16_384)
    let { world } = machine
    await first.append(0n, [blockOf(0n)])
    await closeAt(first, 0n)
    world = world.restart(random)
    const second = await open(world)
    await second.takeover()
    endAt(world, /^datasync .*0000\.wal/)
    await Promise.race([second.append(1n, [blockOf(1n, 5000)]), world.died])
    world = world.crash(random)
    const third = await open(world)
    if (third.found.state !== 'torn') continue
    torn++
    failAfter(world, /^rename .*rewrite/, 'syncDirectory', /journal$/)
    await expect(third.takeover()).rejects.toMatchObject({ code: 'journal_failed' })
    world = world.restart(random)
    const fourth = await open(world)
    await fourth.takeover()
    for (let height = 1n; height < 3n; height++) await fourth.append(height, [blockOf(height)])
    world = world.crash(random)
    const fifth = await open(world)
    expect(fifth.found).toMatchObject({ state: 'unclean', height: 2n })
  }
  expect(torn).toBeGreaterThan(20)
})
