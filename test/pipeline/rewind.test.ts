/** Stores that lost batches out of their middle, twice: what a first start took back must not hide what a second power cut takes. */
import { expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../src/verify/bytes.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const BLOCKS = 262

it('finds a second gap among what it applied again after the first', async () => {
  const options = { checkpointEvery: 1 }
  let world = new World()
  world.store().unsyncedBytes = 1 << 24
  const chain = await sim.createIn(world, keys, options)
  await sim.blocksOf(chain, BLOCKS)
  await chain.flush()
  world.store().losesAlone = BLOCKS - 1 - 251
  world = world.crash()
  world.store().unsyncedBytes = 1 << 24
  const second = await sim.openTold(world, keys, options)
  expect(second.told.map(({ kind }) => kind)).not.toContain('rebuilding')
  expect(second.chain.head?.height).toBe(BigInt(BLOCKS - 1))
  world.store().losesAlone = BLOCKS - 1 - 253
  world = world.crash()
  const third = await sim.openIn(world, keys, options)
  for (let i = 245; i < BLOCKS; i++) {
    expect(fromUtf8(third.get('state', utf8(`k${i}`)) as Uint8Array)).toBe(`v${i}`)
  }
  expect((await third.submit(sim.put('k253', 'new', { client: 'a', request: 1000n }))).seq).toBe(BigInt(BLOCKS))
  await third.close()
})
