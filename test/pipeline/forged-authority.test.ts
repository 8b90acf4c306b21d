/** What a journal says of the cold key touches no hash: a start believes it where the cold key signed it, and nowhere else. */
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/pipeline/report.ts'
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

/** The signer of the chain, which says of a delegation of a stranger as well that it has it, as long as it `isLying`. */
function lyingSigner() {
  const { seal } = keys.signer
  const lying = {
    isLying: false,
    get delegations() {
      return this.isLying ? [keys.delegation, forged] : [keys.delegation]
    },
    seal: (...asked: Parameters<typeof seal>) => seal(...asked),
  }
  const forged = { ...stranger, signature: keys.delegation.signature.with(0, 1) }
  return lying
}

describe('a delegation that the cold key did not sign, and that a signer has a moment after it was asked', () => {
  it('is brought by no block: an import takes up what was checked', async () => {
    const world = new World()
    const signer = lyingSigner()
    const { seal } = signer
    const chain = await sim.createIn(world, keys, { signer })
    await sim.blocksOf(chain, 1)
    signer.seal = (...asked) => {
      signer.isLying = true
      return seal(...asked)
    }
    await chain.importAuthority()
    signer.isLying = false
    signer.seal = seal
    await sim.blocksOf(chain, 1, 1)
    expect(chain.authority.delegations).toEqual([keys.delegation])
    await chain.close()
    const again = await sim.openIn(world.restart(), keys)
    expect([again.readOnly, again.head?.height]).toEqual([undefined, 1n])
    await again.close()
  })

  it('ends a start that reads the journal meanwhile, and nothing is written', async () => {
    const world = new World()
    const first = await sim.createIn(world, keys)
    await sim.blocksOf(first, 1)
    await first.close()
    const signer = lyingSigner()
    const report = ({ kind }: Report): void => {
      if (kind === 'rebuilding') signer.isLying = true
    }
    const opened = sim.openIn(world, keys, { signer, report, ports: { home: world.store('none') } })
    expect(await sim.errorOf(opened)).toMatchObject({ code: 'delegation_invalid', details: { index: 1n } })
  })
})

it('what it did sign is known, wherever it stands', async () => {
  const signed: Authority = { k: 'delegation', ...keys.delegation }
  const world = await made(3n, [signed])
  const chain = await sim.openIn(world, keys, { ports: { home: world.store('none') } })
  expect(chain.authority.delegations).toEqual([keys.delegation])
  await chain.close()
})
