/** The end of a journal as whoever asks the cold key sees it, past the process that has the chain open: empty, rolled, written to, torn, forged. */
import { describe, expect, it } from 'vitest'
import { hotSigner } from '../../src/keys/hot-signer.ts'
import { endOfJournal, hashOfBlock, type JournalPlace } from '../../src/pipeline/journal-end.ts'
import { nobleEngine } from '../../src/verify/index.ts'
import { EIO } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { CREATED_AT, chainKeys, delegate } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const random = new Random()
const keys = chainKeys()
const { identity, coldKey } = keys
const placeIn = ({ disk }: World): JournalPlace => ({
  disk,
  directory: sim.DIRECTORY,
  identity,
  engine: nobleEngine,
})

describe(`the end of a journal (CAIRN_SEED=${seed})`, () => {
  it('is nothing before the first block, and changes nothing', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    expect(await endOfJournal(placeIn(world))).toEqual({})
    expect((await sim.errorOf(hashOfBlock(placeIn(world), 0n))).code).toBe('unknown_height')
    await sim.blocksOf(chain, 3)
    const before = await sim.everyFile(world)
    // The seal of the newest block rides in the next frame.
    const end = await endOfJournal(placeIn(world))
    expect([end.head?.header.height, end.unsealed?.height]).toEqual([1n, 2n])
    expect(await hashOfBlock(placeIn(world), 1n)).toEqual(end.head?.hash)
    expect(await sim.everyFile(world)).toEqual(before)
    await chain.close()
  })

  it('gives the cold key no hash of a block without a seal: it may be in memory alone', async () => {
    const made = new World()
    const chain = await sim.createIn(made, keys)
    await sim.blocksOf(chain, 2)
    made.failNext('datasync', EIO, /wal$/)
    await expect(chain.submit(sim.put('k', 'v'))).rejects.toMatchObject({ code: 'outcome_unknown' })
    const world = made.restart()
    expect((await endOfJournal(placeIn(world))).unsealed?.height).toBe(2n)
    const error = await sim.errorOf(hashOfBlock(placeIn(world), 2n))
    expect(error).toMatchObject({ code: 'unknown_height', details: { height: 2n, newest: 1n } })
  })

  it('is the newest block under its newest seal, also where files hold nothing but seals', async () => {
    const world = new World()
    const signer = hotSigner([{ privateKey: keys.hotKey, delegation: keys.delegation }], nobleEngine)
    const chain = await sim.createIn(world, keys, { signer, journalFileBytes: 1 << 16 })
    await sim.blocksOf(chain, 3)
    for (let index = 1n; index <= 150n; index++) {
      const privateKey = random.bytes(32)
      const delegation = delegate(identity, coldKey, privateKey, index, [CREATED_AT, CREATED_AT + 1_000_000_000_000n])
      signer.add({ privateKey, delegation })
      signer.retire(index - 1n)
      await chain.importAuthority()
      if (index % 25n !== 0n) continue
      const { head } = await endOfJournal(placeIn(world))
      expect([head?.header.height, head?.seal.delegation.index]).toEqual([2n, index])
    }
    expect((await sim.walFiles(world)).length).toBeGreaterThan(1)
    await chain.close()
    const next = await sim.openIn(world.restart(), keys, { journalFileBytes: 1 << 16 })
    expect(next.head?.height).toBe(2n)
    await next.close()
  })

  it('is refused where somebody wrote a block there that no key of the chain sealed', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await sim.blocksOf(chain, 3)
    await chain.close()
    const [file = ''] = await sim.walFiles(world)
    await sim.changeFrames(world, file, (frames) =>
      frames.map((records) =>
        records.map((each) =>
          each.k === 'seal' && each.height === 2n
            ? { ...each, seal: { ...each.seal, signature: nobleEngine.secp256k1.sign(random.bytes(32), keys.hotKey) } }
            : each,
        ),
      ),
    )
    expect((await sim.errorOf(endOfJournal(placeIn(world)))).code).toBe('seal_invalid')
  })
})
