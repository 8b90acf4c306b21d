/** What whoever uses the signer port relies on, as tests that any signer has to pass. */
import { describe, expect, it } from 'vitest'
import type { Signer } from '../../src/ports/signer.ts'
import { blockHash } from '../../src/verify/block.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { isValidSeal } from '../../src/verify/seal.ts'
import type { Header, Seal } from '../../src/verify/types.ts'
import { ChainMaker, type HotKey } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'

/** `make` gives a signer with these hot keys, each delegated to, that has sealed nothing yet. */
export function signerConformance(name: string, make: (hotKeys: readonly HotKey[]) => Promise<Signer>): void {
  const random = new Random()
  const begin = async () => {
    const maker = new ChainMaker(random)
    for (let i = 0; i < 4; i++) maker.block([{}])
    const signer = await make([maker.hot])
    const header = (height: number): Header => (maker.blocks[height] as { header: Header }).header
    const seal = (header: Header): Promise<Seal> => signer.seal(maker.identity, header)
    return { maker, signer, header, seal }
  }

  describe(`${name}: a signer (CAIRN_SEED=${seed})`, () => {
    it('seals so that everybody can check it', async () => {
      const { maker, signer, header, seal } = await begin()
      expect(signer.delegations).toEqual([maker.hot.delegation])
      for (let height = 0; height < 4; height++) {
        const block = header(height)
        const hash = blockHash(maker.identity, block, nobleEngine.hasher)
        const sealed = { blockHash: hash, timestamp: block.timestamp }
        expect(isValidSeal(maker.identity, sealed, await seal(block), nobleEngine)).toBe(true)
      }
    })

    it('seals the same block again', async () => {
      const { header, seal } = await begin()
      const first = await seal(header(2))
      expect((await seal(header(2))).delegation).toEqual(first.delegation)
      await seal(header(3))
    })

    it('refuses another block at a height, and goes on with the one', async () => {
      const { header, seal } = await begin()
      await seal(header(1))
      const other = { ...header(1), batchRoot: random.bytes(32) }
      await expect(seal(other)).rejects.toMatchObject({ code: 'seal_refused' })
      await expect(seal(other)).rejects.toMatchObject({ code: 'seal_refused' })
      await seal(header(1))
      await seal(header(2))
    })

    it('refuses it too where both are asked for at once', async () => {
      const { header, seal } = await begin()
      const two = [seal(header(1)), seal({ ...header(1), batchRoot: random.bytes(32) })]
      const results = await Promise.allSettled(two)
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    })

    it('refuses what is below the newest, as it was or not', async () => {
      const { header, seal } = await begin()
      await seal(header(3))
      await expect(seal(header(2))).rejects.toMatchObject({ code: 'seal_refused' })
      await expect(seal({ ...header(2), batchRoot: random.bytes(32) })).rejects.toMatchObject({ code: 'seal_refused' })
      await seal(header(3))
    })

    it('takes a later height whatever lies between', async () => {
      const { header, seal } = await begin()
      await seal(header(0))
      await seal({ ...header(3), height: 1_000_000n })
    })

    it('knows chains apart', async () => {
      const { maker, signer, header, seal } = await begin()
      await seal(header(1))
      const other = new ChainMaker(random)
      const block = { ...header(0), batchRoot: random.bytes(32) }
      await signer.seal(other.identity, block)
      expect(other.identity.chainId).not.toEqual(maker.identity.chainId)
    })

    it('uses the delegation that is for the time of the block', async () => {
      const maker = new ChainMaker(random)
      maker.block([{}])
      const [block] = maker.blocks
      const time = (block as { header: Header }).header.timestamp
      const keys = [0n, 1n, 2n].map((i) => {
        const validFrom = time + i * 1000n
        return maker.delegate({ index: i, validFrom, validUntil: validFrom + 999n })
      })
      const signer = await make(keys)
      const header = (block as { header: Header }).header
      for (const [i, { delegation }] of keys.entries()) {
        const timestamp = time + BigInt(i) * 1000n + 500n
        const seal = await signer.seal(maker.identity, { ...header, height: BigInt(i), timestamp })
        expect(seal.delegation).toEqual(delegation)
      }
      const late = { ...header, height: 9n, timestamp: time + 3000n }
      await expect(signer.seal(maker.identity, late)).rejects.toMatchObject({ code: 'delegation_needed' })
    })
  })
}
