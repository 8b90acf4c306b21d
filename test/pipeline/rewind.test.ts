/** Stores that lost batches out of their middle, twice: what a first start took back must not hide what a second power cut takes. */
import { expect, it } from 'vitest'
import { tileKey } from '../../src/store/keys.ts'
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

it('loses nothing of what it took back, so that no piece of a whole tile is left behind', async () => {
  let world = new World()
  const settle = (): void => {
    world.store().unsyncedBytes = 1 << 24
  }
  /** One batch is lost, counted from the newest; then a start. */
  const after = async (lost: number): Promise<void> => {
    world.store().losesAlone = lost
    world = world.crash()
    settle()
    const { chain, told } = await sim.openTold(world, keys)
    expect(told.map(({ kind }) => kind)).not.toContain('rebuilding')
    expect(chain.head?.height).toBe(BigInt(BLOCKS - 1))
  }
  settle()
  const chain = await sim.createIn(world, keys)
  await sim.blocksOf(chain, BLOCKS)
  await chain.flush()
  await after(BLOCKS - 1 - 251)
  // That of the block which makes the tile of the history whole; then, after its blocks, what that start took back of the history.
  await after(BLOCKS - 1 - 256)
  await after(BLOCKS - 256)
  const [from, to] = [tileKey('history', 0, 0n, 0), tileKey('history', 0, 1n, 0)]
  const pieces: number[] = []
  for await (const [, { length }] of world.store().contents.entries({ from, to })) pieces.push(length / 32)
  expect(pieces).toEqual([256])
})
