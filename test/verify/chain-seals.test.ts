/** A chain is sealed when its head is: by a key that the cold key delegated to, for that time, and that is not revoked. */
import { describe, expect, it } from 'vitest'
import { type ChainRecord, type Revocation, type SealRecord, verifyChain } from '../../src/verify/index.ts'
import { ChainMaker, type HotKey } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { toyEngine } from '../support/toy-engine.ts'
import { faultOf, sealRecord, verdictsOf, verify, withBlocks } from '../support/whole-chain.ts'

const maker = new ChainMaker(new Random(50)).grow(8, 1)
const [second, third] = [maker.delegate({ index: 1n }), maker.delegate({ index: 2n })]
const blocks: ChainRecord[] = maker.blocks.map(({ record }) => record)

function sealOf(height: number, by: HotKey = maker.hot): SealRecord {
  const { header, hash } = maker.madeAt(height)
  return sealRecord({ header, seal: maker.seal(hash, by) })
}

/** A fault of a chain that was read to its end. */
function atEnd(check: string, height: bigint): unknown {
  return { check, blocks: BigInt(maker.blocks.length), height }
}

describe('seals', () => {
  it.each<[string, ChainRecord[]]>([
    ['may all come at the end', [...blocks, ...maker.blocks.map(sealRecord)]],
    ['may come in any order', [...blocks, ...maker.blocks.map(sealRecord).reverse()]],
    ['may be several for one block', [...maker.records(), sealOf(7), sealOf(7, second), sealOf(3, third), sealOf(0)]],
    ['may be missing where a later one covers the block', [...blocks, sealOf(7)]],
    ['may be of another key each time', [...blocks, sealOf(2), sealOf(5, second), sealOf(7, third)]],
  ])('%s', async (_, records) => {
    expect(await verify(maker, records)).toMatchObject({ ok: true, blocks: 8n })
  })

  it.each<[string, ChainRecord[], bigint]>([
    ['of the head', maker.records().slice(0, -1), 7n],
    ['of the last blocks', [...blocks, sealOf(4), sealOf(2)], 5n],
    ['of all blocks', blocks, 0n],
  ])('that are missing, %s, leave the blocks from there on without one', async (_, records, height) => {
    expect(await faultOf(maker, records)).toEqual(atEnd('seals', height))
    const { head } = await verify(maker, records)
    expect(head?.height).toBe(7n)
  })

  const foreign = new ChainMaker(new Random(51)).grow(8, 1)
  const { timestamp } = maker.madeAt(3).header
  const good = sealOf(3)

  it.each<[string, SealRecord, bigint?]>([
    ['by a key that a foreign cold key delegated to', sealOf(3, foreign.hot)],
    ['of another block', { ...good, seal: sealOf(2).seal }],
    ['of another block, said to be of that', { ...good, height: 2n }, 2n],
    ['of a block that comes later', sealOf(4), 4n],
    ['of a block that never comes', { ...good, height: (1n << 64n) - 1n }, (1n << 64n) - 1n],
    ['of another chain', sealRecord(foreign.madeAt(3))],
    ['by another key than the delegate', { ...good, seal: { ...good.seal, delegation: second.delegation } }],
    ['of a time before the delegation', sealOf(3, maker.delegate({ index: 3n, validFrom: timestamp + 1n }))],
    ['of a time after the delegation', sealOf(3, maker.delegate({ index: 3n, validUntil: timestamp - 1n }))],
    ['with a signature of nobody', { ...good, seal: { ...good.seal, signature: new Uint8Array(65) } }],
    ['with a delegation that nobody signed', { ...good, seal: { ...good.seal, delegation: unsigned() } }],
  ])('%s are none', async (_, record, height = 3n) => {
    // After a good one, so that what was found good does not make the next one good.
    const records = [...maker.records().slice(0, 8), record, ...maker.records().slice(8)]
    expect(await faultOf(maker, records)).toEqual({ check: 'seals', blocks: 4n, height })
  })

  it('of the first and last instant of a delegation are good', async () => {
    const instant = maker.delegate({ index: 3n, validFrom: timestamp, validUntil: timestamp })
    expect((await verify(maker, [...maker.records(), sealOf(3, instant)])).ok).toBe(true)
  })

  function unsigned(): SealRecord['seal']['delegation'] {
    const signature = Uint8Array.from(good.seal.delegation.signature)
    signature[10] = (signature[10] as number) ^ 1
    return { ...good.seal.delegation, signature }
  }
})

describe('revocations', () => {
  const last = (height: number, index = 0n): Revocation => maker.revoke(index, maker.madeAt(height))
  const rotated = [...maker.records().slice(0, 10), ...withSeals(blocks.slice(5), second)]

  it.each<[string, ChainRecord[], Revocation[]]>([
    ['of another key', maker.records(), [last(2, 1n)]],
    ['after the head, as the last good block', maker.records(), [last(7)]],
    ['of a key whose blocks a later key covers', rotated, [last(4)]],
    ['of a key whose blocks a later key covers, though it is revoked from before', rotated, [last(1)]],
    ['of one of two seals of the head', [...maker.records(), sealOf(7, second)], [last(2)]],
    ['of the other of the two', [...maker.records(), sealOf(7, second)], [last(2, 1n)]],
  ])('%s: all is covered', async (_, records, revocations) => {
    expect(verdictsOf(await verify(maker, records, { revocations }))).toMatchObject({ seals: 'ok', revocation: 'ok' })
  })

  it.each<[string, ChainRecord[], Revocation[], bigint]>([
    ['after an older block', maker.records(), [last(4)], 5n],
    ['of the whole key', maker.records(), [fromTheStart()], 0n],
    ['that name another last block', maker.records(), [maker.revoke(0n, maker.fork(4).grow(3, 1).madeAt(6))], 0n],
    ['of the later key: the blocks of the older stay covered', rotated, [last(5, 1n)], 6n],
    ['of both keys', rotated, [last(3), last(6, 1n)], 7n],
    ['of both keys from before the rotation', rotated, [last(3), last(2, 1n)], 4n],
    ['of both keys, twice for one', rotated, [last(3), last(2), last(2, 1n)], 0n],
    ['of both seals of the head', [...maker.records(), sealOf(7, second)], [last(2), last(1, 1n)], 3n],
  ])('%s: what comes later is not covered', async (_, records, revocations, height) => {
    expect(await faultOf(maker, records, { revocations })).toEqual(atEnd('revocation', height))
  })

  it('that the chain itself carries count as those from elsewhere do', async () => {
    const authority = [{ k: 'revocation', ...last(4) }] as const
    const carrying = withBlocks(maker.records(), ({ header }) => (header.height === 2n ? { authority } : undefined))
    expect(await faultOf(maker, carrying)).toEqual(atEnd('revocation', 5n))
    const { chainId, identity } = maker
    const { fault } = await verifyChain(carrying, { chainId, genesis: identity.genesis })
    expect(fault).toMatchObject({ check: 'revocation', height: 5n })
  })

  it('fail after the seals do: what was never sealed was not revoked', async () => {
    expect(await faultOf(maker, [...blocks, sealOf(5)], { revocations: [last(3)] })).toEqual(atEnd('seals', 6n))
  })

  function withSeals(records: ChainRecord[], by: HotKey): ChainRecord[] {
    return records.flatMap((each): ChainRecord[] =>
      each.k === 'block' ? [each, sealOf(Number(each.header.height), by)] : [each],
    )
  }

  function fromTheStart(): Revocation {
    return maker.revoke(0n, { header: { ...maker.head.header, height: -1n }, hash: maker.head.hash })
  }
})

describe('over more blocks than a reader remembers', () => {
  const long = new ChainMaker(new Random(52), toyEngine)
  for (let i = 0; i < 4200; i++) long.block([{}])
  const all: ChainRecord[] = long.blocks.map(({ record }) => record)
  const sealed = (height: number) => sealRecord(long.madeAt(height))
  const verifyWithoutTrees = (records: ChainRecord[], revocations: Revocation[] = []) =>
    verifyChain(records, { chainId: long.chainId, genesis: long.identity.genesis, revocations }, toyEngine)

  it('a seal may come that late that it can only be called unchecked', async () => {
    const late = await verifyWithoutTrees([...all, sealed(4199), sealed(102)])
    expect(verdictsOf(late)).toMatchObject({ seals: 'unchecked' })
    expect(late.verdicts.find(({ check }) => check === 'seals')?.reason).toMatch(/height 102/)
    expect(verdictsOf(await verifyWithoutTrees([...all, sealed(4199), sealed(103)]))).toMatchObject({ seals: 'ok' })
  })

  it('where a long end has no seal, the height from which on is still known', async () => {
    const { fault } = await verifyWithoutTrees([...all.slice(0, 11), sealed(10), ...all.slice(11)])
    expect(fault).toMatchObject({ check: 'seals', height: 11n })
  })

  it('where a long end has revoked seals only, the height is known as far as it is remembered', async () => {
    const revocations = [long.revoke(0n, long.madeAt(10))]
    const { fault } = await verifyWithoutTrees(long.records(), revocations)
    expect(fault).toMatchObject({ check: 'revocation', height: 103n })
    expect(fault?.reason).toMatch(/or an earlier one/)
  })
})
