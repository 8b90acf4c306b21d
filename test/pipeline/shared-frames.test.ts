/** A start on a journal whose frames hold several blocks each: FORMAT §10 calls a frame an array of records, and another program may write so. */
import { expect, it } from 'vitest'
import { markKey } from '../../src/store/block-keys.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { verifyProof } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()

/** Six blocks, in frames of so many records. */
async function make(together: number): Promise<World> {
  const world = new World()
  const chain = await sim.createIn(world, keys)
  await sim.blocksOf(chain, 6)
  await chain.close()
  for (const path of await sim.walFiles(world)) {
    await sim.changeFrames(world, path, (frames) => {
      const records = frames.flat().filter(({ k }) => k !== 'close')
      const count = Math.ceil(records.length / together)
      return Array.from({ length: count }, (_, i) => records.slice(together * i, together * (i + 1)))
    })
  }
  sim.putStoreBack(world.store(), new Map())
  return world.restart()
}

it('that the store has only in part: it is applied from there on', async () => {
  const world = await make(12)
  await (await sim.openIn(world, keys)).close()
  sim.contentsOf(world.store()).put(sim.nameOf(markKey(4n)), undefined)
  const { chain, told } = await sim.openTold(world.restart(), keys)
  expect(told.map(({ kind }) => kind)).toEqual(['replaying'])
  expect(chain.head?.height).toBe(5n)
  await chain.close()
})

it.each([1, 3, 5, 8, 12])(
  'of %i records: the store that is made of them is taken as it is from then on',
  async (together) => {
    const world = await make(together)
    await (await sim.openIn(world, keys)).close()
    for (let life = 0; life < 3; life++) {
      const { chain, told } = await sim.openTold(world.restart(), keys)
      expect(told.map(({ kind }) => kind)).toEqual([])
      const height = BigInt(5 + life)
      expect(chain.head?.height).toBe(height)
      for (let at = 0n; at <= height; at++) {
        const proof = await chain.prove({ command: at, state: [utf8('k0')], height: at })
        expect(verifyProof(proof, { chainId: chain.id }).ok).toBe(true)
      }
      await sim.blocksOf(chain, 1, 6 + life)
      await chain.close()
    }
  },
)
