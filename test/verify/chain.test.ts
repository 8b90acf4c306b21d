/** A chain that is what it should be verifies from its records alone, and what could not be checked is said to be unchecked. */
import { describe, expect, it } from 'vitest'
import {
  CairnError,
  type ChainRecord,
  type ChainVerification,
  ChainVerifier,
  type Genesis,
  nobleEngine,
  payloadHash,
  type RecordedCommand,
  toHex,
  verifyChain,
} from '../../src/verify/index.ts'
import { ChainMaker, type Order } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'
import { closeRecord, sealRecord, trustIn, verdictsOf, verify, withBlocks } from '../support/whole-chain.ts'

const ALL_OK = {
  genesis: 'ok',
  format: 'ok',
  order: 'ok',
  hashes: 'ok',
  requests: 'ok',
  ranges: 'ok',
  state: 'ok',
  authority: 'ok',
  seals: 'ok',
  revocation: 'ok',
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function reasonOf({ verdicts }: ChainVerification, check: string): string | undefined {
  return verdicts.find((each) => each.check === check)?.reason
}

function withoutPayload({ payload, salt, ...rest }: RecordedCommand): RecordedCommand {
  const { hasher } = nobleEngine
  return { ...rest, payloadHash: payloadHash(salt as Uint8Array, payload as Uint8Array, hasher) }
}

function withoutWrites(command: RecordedCommand): RecordedCommand {
  const { writes: _, ...rest } = command
  return rest
}

function putMachine(version: string, more: Order = {}): Order {
  return { type: 'cairn/machine', payload: utf8(version), salt: new Uint8Array(32), ...more }
}

describe('a whole chain', () => {
  it(`of random commands verifies, and says how far it reaches (seed ${seed})`, async () => {
    const maker = new ChainMaker().grow(12)
    const verification = await verify(maker)
    expect(verdictsOf(verification)).toEqual(ALL_OK)
    const { height, epoch, timestamp } = maker.head.header
    expect(verification).toMatchObject({ ok: true, blocks: 12n, commands: 36n })
    expect(verification.head).toEqual({ height, blockHash: maker.head.hash, epoch, timestamp })
    expect(verification.fault).toBe(undefined)
  })

  it('of one block verifies', async () => {
    expect((await verify(new ChainMaker(new Random(20)).grow(1, 1))).ok).toBe(true)
  })

  it('is told by its id as bytes or as text', async () => {
    const maker = new ChainMaker(new Random(21)).grow(2)
    expect((await verify(maker, maker.records(), { chainId: toHex(maker.chainId) })).ok).toBe(true)
    await expect(verify(maker, maker.records(), { chainId: '0x12' })).rejects.toThrow(CairnError)
  })

  it('goes through takeovers, some with an empty opening block', async () => {
    const maker = new ChainMaker(new Random(22)).grow(2)
    maker.block([], { opensEpoch: true })
    maker.grow(1)
    maker.block([{ client: 'desk-1' }], { opensEpoch: true })
    maker.block([], { opensEpoch: true })
    maker.block([], { opensEpoch: true })
    maker.grow(1)
    const verification = await verify(maker)
    expect(verdictsOf(verification)).toEqual(ALL_OK)
    expect(verification.head?.epoch).toBe(5n)
  })

  it('may stand still in time, and begin in the instant of its genesis', async () => {
    const maker = new ChainMaker(new Random(23))
    const timestamp = maker.identity.genesis.createdAt
    for (let i = 0; i < 3; i++) maker.block([{}], { timestamp })
    expect((await verify(maker)).ok).toBe(true)
  })

  it('has its close record after a clean stop, in the middle of it or at its end', async () => {
    const maker = new ChainMaker(new Random(24)).grow(4)
    const records: ChainRecord[] = [...maker.records(), closeRecord(maker.head)]
    records.splice(4, 0, closeRecord(maker.madeAt(1)))
    expect((await verify(maker, records)).ok).toBe(true)
  })

  it('verifies with numbers as numbers, as a journal carries them', async () => {
    const maker = new ChainMaker(new Random(25)).grow(3)
    const plain = (value: unknown): unknown => {
      if (typeof value === 'bigint') return Number(value)
      if (Array.isArray(value)) return value.map(plain)
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
    }
    expect((await verify(maker, maker.records().map(plain))).ok).toBe(true)
  })
})

describe('commands', () => {
  it('come from clients with names and without, whose numbers may have gaps', async () => {
    const maker = new ChainMaker(new Random(26))
    maker.block([{ client: 'a', request: 3n }, {}, { client: 'b', request: 1n }, { client: 'a', request: 4n }, {}])
    maker.block([
      { client: 'b', request: (1n << 64n) - 1n },
      { client: 'a', request: 900n, status: 1 },
    ])
    expect(verdictsOf(await verify(maker))).toEqual(ALL_OK)
  })

  it('whose payload was erased leave the hash of it, and everything stays provable', async () => {
    const maker = new ChainMaker(new Random(27)).grow(3)
    const erased = withBlocks(maker.records(), ({ commands }) => ({ commands: commands.map(withoutPayload) }))
    expect(verdictsOf(await verify(maker, erased))).toEqual(ALL_OK)
  })

  it('may write nothing, one key twice, or a key away that was never there', async () => {
    const maker = new ChainMaker(new Random(28))
    const [key, value] = [utf8('k'), utf8('v')]
    maker.block([
      { writes: [['risk', key, null]] },
      {
        writes: [
          ['state', key, value],
          ['state', key, new Uint8Array()],
        ],
      },
    ])
    maker.block([
      {
        writes: [
          ['state', key, null],
          ['risk', key, value],
        ],
      },
      { writes: [['risk', key, null]] },
    ])
    expect(verdictsOf(await verify(maker))).toEqual(ALL_OK)
  })

  it('put another machine in force, and the first one back', async () => {
    const maker = new ChainMaker(new Random(29)).grow(1)
    maker.block([putMachine('kv@2')])
    maker.grow(1)
    maker.block([putMachine('kv@3'), putMachine('kv@4'), putMachine('kv@9', { status: 1 })])
    maker.block([putMachine('kv@1')])
    maker.block([putMachine('kv@1')])
    maker.grow(1)
    expect(verdictsOf(await verify(maker))).toEqual(ALL_OK)
    expect(maker.madeAt(3).trees.state.get(utf8('\0machine'))).toEqual(utf8('kv@4'))
    expect(maker.head.trees.state.get(utf8('\0machine'))).toBe(undefined)
  })
})

describe('revocations from elsewhere', () => {
  const maker = new ChainMaker(new Random(36)).grow(3)
  const revocation = maker.revoke(0n, maker.madeAt(1))

  it('are decoded: a number counts as the bigint that it stands for, what is none is refused by name', async () => {
    const revocations = [{ ...revocation, index: 0 as never }]
    expect((await verify(maker, maker.records(), { revocations })).fault).toMatchObject({
      check: 'revocation',
      height: 2n,
    })
    for (const each of [
      { ...revocation, index: '0' as never },
      { ...revocation, parentHash: new Uint8Array(31) },
    ]) {
      await expect(verify(maker, maker.records(), { revocations: [each] })).rejects.toThrow(CairnError)
    }
  })
})

describe('what could not be checked', () => {
  const maker = new ChainMaker(new Random(30)).grow(5)

  it('is the state, without trees to recompute it in', async () => {
    const { trees: _, ...trust } = trustIn(maker)
    const verification = await verifyChain(maker.records(), trust)
    expect(verdictsOf(verification)).toEqual({ ...ALL_OK, state: 'unchecked' })
    expect(verification.ok).toBe(true)
  })

  it('is revocation, without a list from another source', async () => {
    const { revocations: _, ...trust } = trustIn(maker)
    const verification = await verifyChain(maker.records(), trust)
    expect(verdictsOf(verification)).toEqual({ ...ALL_OK, revocation: 'unchecked' })
    expect(verification.ok).toBe(true)
  })

  it('is the state, from the first block on whose writes were left out', async () => {
    const records = withBlocks(maker.records(), ({ header, commands }) =>
      header.height === 2n ? { commands: commands.map(withoutWrites) } : undefined,
    )
    const verification = await verify(maker, records)
    expect(verdictsOf(verification)).toEqual({ ...ALL_OK, state: 'unchecked' })
    expect(reasonOf(verification, 'state')).toMatch(/height 2/)
  })

  it('is the state, from the block on whose machine was named in a payload that was erased', async () => {
    const upgraded = new ChainMaker(new Random(31)).grow(1)
    upgraded.block([putMachine('kv@2')])
    upgraded.grow(1)
    const records = withBlocks(upgraded.records(), ({ header, commands }) =>
      header.height === 1n ? { commands: commands.map(withoutPayload) } : undefined,
    )
    expect(verdictsOf(await verify(upgraded, records))).toEqual({ ...ALL_OK, state: 'unchecked' })
  })
})

describe('another chain than the trusted one', () => {
  const maker = new ChainMaker(new Random(32)).grow(2)

  it('is refused before a record is believed', async () => {
    const other = new ChainMaker(new Random(33)).grow(2)
    const verification = await verify(maker, other.records(), { genesis: other.identity.genesis })
    expect(verdictsOf(verification)).toMatchObject({ genesis: 'fail', order: 'unchecked', seals: 'unchecked' })
    expect(verification).toMatchObject({ ok: false, blocks: 0n, fault: { check: 'genesis' } })
    expect(verification.head).toBe(undefined)
  })

  it.each<[keyof Genesis, Partial<Genesis>]>([
    ['name', { name: 'other' }],
    ['coldKey', { coldKey: new Uint8Array(20).fill(1) }],
    ['machine', { machine: 'kv@2' }],
    ['createdAt', { createdAt: 1n }],
    ['nonce', { nonce: new Uint8Array(32) }],
  ])('is what a genesis with another %s makes of it', async (_, change) => {
    const { fault } = await verify(maker, maker.records(), { genesis: { ...maker.identity.genesis, ...change } })
    expect(fault?.check).toBe('genesis')
  })
})

describe('a verifier that is looked at on the way', () => {
  it('says how it stands, and goes on', async () => {
    const maker = new ChainMaker(new Random(34)).grow(3)
    const verifier = new ChainVerifier(trustIn(maker))
    expect(verifier.finish()).toMatchObject({ ok: false, fault: { check: 'order', reason: 'there is no block' } })
    for (const made of maker.blocks) {
      expect(await verifier.take(made.record)).toBe(true)
      expect(verifier.finish()).toMatchObject({ ok: false, fault: { check: 'seals', height: made.header.height } })
      expect(await verifier.take(sealRecord(made))).toBe(true)
      expect(verifier.finish()).toMatchObject({ ok: true, head: { height: made.header.height } })
    }
    expect(verifier.finish()).toEqual(await verify(maker))
  })

  it('takes nothing more after a fault', async () => {
    const maker = new ChainMaker(new Random(35)).grow(3)
    const verifier = new ChainVerifier(trustIn(maker))
    expect(await verifier.take(maker.madeAt(1).record)).toBe(false)
    expect(await verifier.take(maker.madeAt(0).record)).toBe(false)
    expect(verifier.finish()).toMatchObject({ ok: false, blocks: 0n, fault: { check: 'order' } })
  })
})
