/** What a journal says of the cold key touches no hash: a start believes it where the cold key signed it, and nowhere else. */
import { describe, expect, it } from 'vitest'
import type { Authority, BlockRecord } from '../../src/verify/records.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const FIRST = `${sim.JOURNAL}/0000000000000000.wal`
const stranger = { ...keys.delegation, index: 1n }
const FORGED: Readonly<Record<string, Authority>> = {
  delegation: { k: 'delegation', ...stranger },
  revocation: {
    k: 'revocation',
    index: 0n,
    fromHeight: 0n,
    parentHash: new Uint8Array(32),
    signature: keys.delegation.signature.with(0, 1),
  },
}

/** Six blocks, of which the one at this height says this of the cold key. */
async function made(height: bigint, authority: readonly Authority[]): Promise<World> {
  const world = new World()
  const chain = await sim.createIn(world, keys)
  await sim.blocksOf(chain, 6)
  await chain.close()
  const saying = (each: BlockRecord): BlockRecord =>
    each.header.height === height ? { ...each, authority: [...each.authority, ...authority] } : each
  await sim.changeFrames(world, FIRST, (frames) =>
    frames.map((records) => records.map((each) => (each.k === 'block' ? saying(each) : each))),
  )
  return world.restart()
}

describe.each(Object.entries(FORGED))('a %s that the cold key did not sign', (k, forged) => {
  it('in a block that is made again: journal_corrupt, with its height', async () => {
    const world = await made(3n, [forged])
    const error = await sim.errorOf(() => sim.openIn(world, keys, { ports: { home: world.store('none') } }))
    expect(error).toMatchObject({ code: 'journal_corrupt', details: { height: 3n } })
    expect(error.message).toContain(`the cold key did not sign the ${k} of index ${forged.index}`)
  })

  it.each([0n, 5n])('in block %i, which the store has: the same', async (height) => {
    // Block 0 brought the delegation, and is read for it at every start.
    const world = await made(height, [forged])
    const error = await sim.errorOf(() => sim.openIn(world, keys))
    expect(error).toMatchObject({ code: 'journal_corrupt', details: { height } })
  })
})

it('what it did sign is known, wherever it stands', async () => {
  const signed: Authority = { k: 'delegation', ...keys.delegation }
  const world = await made(3n, [signed])
  const chain = await sim.openIn(world, keys, { ports: { home: world.store('none') } })
  expect(chain.authority.delegations).toEqual([keys.delegation])
  await chain.close()
})
