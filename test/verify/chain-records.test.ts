/** Records that are no records, and what rides in them of the cold key's: never a throw, always a fault with a name and a place. */
import { describe, expect, it } from 'vitest'
import type { BlockRecord, RecordedCommand } from '../../src/verify/index.ts'
import { busy, bytes, records, withBlock2 } from '../support/busy-chain.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { closeRecord, faultOf, inBlock, sealRecord, verify } from '../support/whole-chain.ts'

const OTHER32 = new Uint8Array(32).fill(7)

describe('authority', () => {
  const foreign = new ChainMaker(new Random(48)).grow(1)
  const { delegation } = busy.delegate({ index: 1n })
  const revocation = busy.revoke(1n, busy.madeAt(1))

  it.each<[string, BlockRecord['authority'][number]]>([
    ['a delegation by a foreign key', { k: 'delegation', ...foreign.hot.delegation }],
    ['a delegation for more time than was signed', { k: 'delegation', ...delegation, validUntil: (1n << 64n) - 1n }],
    ['a delegation with another number', { k: 'delegation', ...delegation, index: 2n }],
    ['a delegation to another', { k: 'delegation', ...delegation, delegate: foreign.hot.delegation.delegate }],
    ['a revocation by a foreign key', { k: 'revocation', ...foreign.revoke(0n, foreign.head) }],
    ['a revocation from another height', { k: 'revocation', ...revocation, fromHeight: 1n }],
    ['a revocation of another number', { k: 'revocation', ...revocation, index: 0n }],
    ['a revocation with another last block', { k: 'revocation', ...revocation, parentHash: OTHER32 }],
    ['a signature of nobody', { k: 'revocation', ...revocation, signature: new Uint8Array(65) }],
  ])('%s', async (_, each) => {
    const good = { k: 'delegation', ...delegation } as const
    expect(
      await faultOf(
        busy,
        withBlock2(() => ({ authority: [good, each] })),
      ),
    ).toEqual(inBlock(2n, 'authority'))
  })

  it('that is right is no fault, and notes are nobody’s business', async () => {
    const authority = [
      { k: 'delegation', ...delegation },
      { k: 'revocation', ...revocation },
    ] as const
    const given = withBlock2(() => ({ authority, notes: [bytes(), bytes(1, 2, 3)] }))
    expect((await verify(busy, given)).ok).toBe(true)
  })

  it('from elsewhere that the cold key did not sign is refused before anything is read', async () => {
    const { fault, ok, blocks } = await verify(busy, records, { revocations: [foreign.revoke(0n, foreign.head)] })
    expect({ ok, blocks, check: fault?.check }).toEqual({ ok: false, blocks: 0n, check: 'revocation' })
  })
})

describe('records that are not well formed', () => {
  const block = busy.madeAt(2).record
  const seal = sealRecord(busy.madeAt(1))
  const close = closeRecord(busy.madeAt(1))
  const [command, ...others] = block.commands
  const without = (record: object, name: string) =>
    Object.fromEntries(Object.entries(record).filter(([each]) => each !== name))

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a text', 'block'],
    ['a function', () => block],
    ['a list', [block]],
    ['a list with holes', Object.assign(Array.of(), block, { length: 3 })],
    ['a map', new Map(Object.entries(block))],
    ['no members', {}],
    ['an unknown kind', { ...block, k: 'blocks' }],
    ['a kind from a prototype', Object.create(block)],
    ['another version', { ...block, v: 2 }],
    ['a member too many', { ...block, more: 1 }],
    ['a member called __proto__', { ...block, ['__proto__']: 1 }],
    ...Object.keys(block).map((name): [string, unknown] => [`no ${name}`, without(block, name)]),
    ...Object.keys(block.header).map((name): [string, unknown] => [
      `no ${name}`,
      { ...block, header: without(block.header, name) },
    ]),
    ['a height that is text', { ...block, header: { ...block.header, height: '2' } }],
    ['a height below zero', { ...block, header: { ...block.header, height: -1n } }],
    ['a height of 2^64', { ...block, header: { ...block.header, height: 1n << 64n } }],
    ['a height that is no whole number', { ...block, header: { ...block.header, height: 2.5 } }],
    ['a hash of 31 bytes', { ...block, header: { ...block.header, parentHash: new Uint8Array(31) } }],
    ['a hash as text', { ...block, header: { ...block.header, parentHash: '0x' } }],
    ['no sizes', { ...block, roots: { ...block.roots, commands: block.roots.commands.root } }],
    ['commands that are no list', { ...block, commands: Object.fromEntries(block.commands.entries()) }],
    ['commands with holes', { ...block, commands: Object.assign(Array.of<RecordedCommand>(), { length: 3 }) }],
    ['a client without a number', { ...block, commands: [{ ...command, request: 0n }, ...others] }],
    ['a number without a client', { ...block, commands: [{ ...command, client: '', request: 1n }, ...others] }],
    ['half a surrogate pair', { ...block, commands: [{ ...command, client: '\ud800' }, ...others] }],
    ['an empty type', { ...block, commands: [{ ...command, type: '' }, ...others] }],
    ['a payload beside its hash', { ...block, commands: [{ ...command, payloadHash: OTHER32 }, ...others] }],
    ['a payload without salt', { ...block, commands: [{ ...command, salt: undefined }, ...others] }],
    [
      'a payload over its bound',
      { ...block, commands: [{ ...command, payload: new Uint8Array((1 << 20) + 1) }, ...others] },
    ],
    ['a status of 2', { ...block, commands: [{ ...command, status: 2 }, ...others] }],
    ['sizes that follow from elsewhere', { ...block, commands: [{ ...command, obligationSize: 0n }, ...others] }],
    ['a write to a third tree', { ...block, commands: [{ ...command, writes: [['log', bytes(1), null]] }, ...others] }],
    [
      'a write to an empty key',
      { ...block, commands: [{ ...command, writes: [['state', bytes(), null]] }, ...others] },
    ],
    ['a write of nothing', { ...block, commands: [{ ...command, writes: [['state', bytes(1)]] }, ...others] }],
    ['notes that are text', { ...block, notes: ['a note'] }],
    ['an unknown authority', { ...block, authority: [{ ...busy.hot.delegation, k: 'succession' }] }],
    [
      'the zero address as delegate',
      { ...block, authority: [{ k: 'delegation', ...busy.hot.delegation, delegate: new Uint8Array(20) }] },
    ],
  ])('%s', async (_, record) => {
    const [b0, s0, b1, s1] = records
    expect(await faultOf(busy, [b0, s0, b1, s1, record, ...records.slice(4)])).toEqual(inBlock(2n, 'format'))
  })

  it.each<[string, unknown]>([
    ['a seal of nothing', { ...seal, seal: null }],
    ['a seal without a height', without(seal, 'height')],
    ['a seal with a short signature', { ...seal, seal: { ...seal.seal, signature: new Uint8Array(64) } }],
    ['a seal with a member too many', { ...seal, seal: { ...seal.seal, v: 27 } }],
    ['a close record without a hash', without(close, 'hash')],
    ['a close record with the hash of nothing', { ...close, hash: bytes() }],
  ])('%s, after the block that it may be of', async (_, record) => {
    const [b0, s0, b1, s1] = records
    expect(await faultOf(busy, [b0, s0, b1, s1, record])).toEqual({ check: 'format', blocks: 2n, height: 1n })
  })

  it('the reason says where in the record', async () => {
    const { fault } = await verify(busy, [{ ...busy.madeAt(0).record, header: { ...block.header, epoch: null } }])
    expect(fault?.reason).toMatch(/^\$\.header\.epoch: /)
  })
})
