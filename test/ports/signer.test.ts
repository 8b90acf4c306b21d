/** The signer in memory does what the port says, and its world remembers what it sealed. */
import { expect, it } from 'vitest'
import { SimSigner, sealedHashes } from '../simulation/sim-signer.ts'
import { World } from '../simulation/world.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { signerConformance } from './signer-conformance.ts'

signerConformance('simulated', (hotKeys) => Promise.resolve(new SimSigner(new World(), hotKeys)))
signerConformance('simulated, with a memory of its own', (hotKeys) =>
  Promise.resolve(new SimSigner(new World(), hotKeys, 'of its own')),
)

it('a world remembers over its crashes what was sealed, twice at one height too', async () => {
  const random = new Random()
  const maker = new ChainMaker(random)
  const { header } = maker.block([{}])
  const other = { ...header, batchRoot: random.bytes(32) }
  let world = new World()
  await new SimSigner(world, [maker.hot]).seal(maker.identity, header)
  expect([...sealedHashes(world).values()].map(({ size }) => size)).toEqual([1])
  // Sealed, and nobody heard of it.
  world = world.crash()
  world.crashAfter = 1
  void new SimSigner(world, [maker.hot]).seal(maker.identity, other)
  await world.died
  expect([...sealedHashes(world.crash()).values()].map(({ size }) => size)).toEqual([2])
})

it('a signer with a memory of its own refuses over crashes', async () => {
  const random = new Random()
  const maker = new ChainMaker(random)
  const { header } = maker.block([{}])
  const world = new World()
  await new SimSigner(world, [maker.hot], 'of its own').seal(maker.identity, header)
  const next = new SimSigner(world.crash(), [maker.hot], 'of its own')
  await next.seal(maker.identity, header)
  const other = { ...header, batchRoot: random.bytes(32) }
  await expect(next.seal(maker.identity, other)).rejects.toMatchObject({ code: 'seal_refused' })
})
