/** A start on a disk without room: open for reading only, and all there when there is room again. */
import { describe, expect, it } from 'vitest'
import { CairnError } from '../../src/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { isReadOnly } from '../support/read-only.ts'
import { seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()

describe(`a start on a full disk (CAIRN_SEED=${seed})`, () => {
  it.each([0, 600, 5000])(
    'with %s bytes free, after a clean stop: reads and proves, and takes nothing',
    async (free) => {
      const made = new World()
      const first = await sim.createIn(made, keys)
      await sim.blocksOf(first, 5)
      await first.close()
      const world = made.restart()
      await world.disk.unlink(`${sim.JOURNAL}/ahead.tmp`)
      world.diskBytesFree = free
      await isReadOnly(world, keys, 'disk_full', 4n)
      const next = world.restart()
      next.diskBytesFree = 1 << 24
      const chain = await sim.openIn(next, keys)
      expect(chain.readOnly).toBeUndefined()
      await chain.close()
    },
  )

  it('after a clean stop, with the file that was made ahead: goes on into that, and the guard stays as it is', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await sim.blocksOf(chain, 3)
    await chain.close()
    const guard = await sim.readAll(world, sim.GUARD)
    const next = world.restart()
    next.diskBytesFree = 0
    const again = await sim.openIn(next, keys)
    expect([again.readOnly, again.head?.height]).toEqual([undefined, 2n])
    expect(await sim.readAll(next, sim.GUARD)).toEqual(guard)
    await again.close()
  })

  it('after a kill, with the store far behind: opens for reading what is believed', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await sim.blocksOf(chain, 2)
    await chain.flush()
    const store = sim.storeCopy(world.store())
    await sim.blocksOf(chain, 3, 2)
    const next = world.restart()
    sim.putStoreBack(next.store(), store)
    await next.disk.unlink(`${sim.JOURNAL}/ahead.tmp`)
    next.diskBytesFree = 0
    await isReadOnly(next, keys, 'disk_full', 1n)
    const after = next.restart()
    after.diskBytesFree = 1 << 24
    const whole = await sim.openIn(after, keys)
    expect(whole.head?.height).toBe(4n)
    await whole.close()
  })
})

it('a store that cannot be opened for want of room is not thrown away', async () => {
  const world = new World()
  const chain = await sim.createIn(world, keys)
  await sim.blocksOf(chain, 3)
  await chain.close()
  const next = world.restart()
  const home = next.store()
  const full = { open: () => Promise.reject(new CairnError('disk_full', 'no room')), destroy: () => home.destroy() }
  expect((await sim.errorOf(sim.openIn(next, keys, { ports: { home: full } }))).code).toBe('disk_full')
  const { chain: again, told } = await sim.openTold(next.restart(), keys)
  expect(told).toEqual([])
  await again.close()
})
