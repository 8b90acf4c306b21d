/** What is wrong with the commands of a chain, and with what came of them, is found where it stands. */
import { describe, expect, it } from 'vitest'
import type { ChainCheck, ChainTrust, RecordedCommand } from '../../src/verify/index.ts'
import { busy, busyOrder, bytes, withBlock2, withCommand } from '../support/busy-chain.ts'
import { ChainMaker, type Order } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { faultOf, inBlock, verify } from '../support/whole-chain.ts'

const OTHER32 = new Uint8Array(32).fill(7)

describe('commands', () => {
  it.each<[string, bigint, (commands: readonly RecordedCommand[]) => unknown[]]>([
    ['one that is missing at the end', 5n, (commands) => commands.slice(0, -1)],
    ['one that is missing in the middle', 4n, ([first, , last]) => [first, last]],
    ['all of them missing', 3n, () => []],
    ['one that stands twice', 4n, ([first, ...rest]) => [first, first, ...rest]],
    ['one too many', 6n, (commands) => [...commands, { ...commands[2], seq: 6n }]],
    ['two in the wrong order', 3n, ([first, second, third]) => [second, first, third]],
  ])('%s', async (_, seq, change) => {
    const given = withBlock2(({ commands }) => ({ commands: change(commands) as RecordedCommand[] }))
    expect(await faultOf(busy, given)).toEqual(inBlock(2n, 'order', seq))
  })

  it.each<[string, ChainCheck, Partial<RecordedCommand>]>([
    ['client', 'hashes', { client: 'c' }],
    ['client, anonymous', 'hashes', { client: '', request: 0n }],
    ['request', 'hashes', { request: 4n }],
    ['type', 'hashes', { type: 'cairn/machine' }],
    ['payload', 'hashes', { payload: bytes(1) }],
    ['salt', 'hashes', { salt: OTHER32 }],
    ['time of receipt', 'hashes', { receivedAt: 1n }],
    ['status', 'ranges', { status: 1 }],
    ['reply', 'ranges', { reply: bytes(1, 2, 3) }],
    ['events: one less', 'ranges', { obligations: busyOrder.obligations.slice(1) }],
    ['events: one more', 'ranges', { obligations: [...busyOrder.obligations, { topic: 'z', data: bytes() }] }],
    ['order of events', 'ranges', { obligations: busyOrder.obligations.toReversed() }],
    ['topic', 'ranges', { obligations: [{ topic: 'z', data: bytes(1) }, ...busyOrder.obligations.slice(1)] }],
    ['event data', 'ranges', { obligations: [{ topic: 'x', data: bytes(9) }, ...busyOrder.obligations.slice(1)] }],
    ['intents: none', 'ranges', { intents: [] }],
    ['order of intents', 'ranges', { intents: busyOrder.intents.toReversed() }],
    ['kind of intent', 'ranges', { intents: [{ kind: 'spy', data: bytes(3) }, ...busyOrder.intents.slice(1)] }],
    ['intent data', 'ranges', { intents: [{ kind: 'pay', data: bytes(9) }, ...busyOrder.intents.slice(1)] }],
    ['writes: one less', 'state', { writes: busyOrder.writes.slice(1) }],
    ['writes: one more', 'state', { writes: [...busyOrder.writes, ['risk', bytes(7), bytes()]] }],
    [
      'tree that is written to',
      'state',
      {
        writes: [
          ['risk', bytes(1), bytes(5)],
          ['risk', bytes(2), bytes(6)],
        ],
      },
    ],
    [
      'key',
      'state',
      {
        writes: [
          ['state', bytes(3), bytes(5)],
          ['risk', bytes(2), bytes(6)],
        ],
      },
    ],
    [
      'value',
      'state',
      {
        writes: [
          ['state', bytes(1), bytes(5)],
          ['risk', bytes(2), bytes()],
        ],
      },
    ],
    [
      'value, none',
      'state',
      {
        writes: [
          ['state', bytes(1), null],
          ['risk', bytes(2), bytes(6)],
        ],
      },
    ],
  ])('another %s', async (_, check, change) => {
    expect(await faultOf(busy, withCommand(1, change))).toEqual(inBlock(2n, check))
  })

  it('that give their events to another one', async () => {
    const given = withBlock2(({ commands: [first, second, third] }) => {
      return {
        commands: [first, { ...second, obligations: [] }, { ...third, obligations: busyOrder.obligations }] as never,
      }
    })
    expect(await faultOf(busy, given)).toEqual(inBlock(2n, 'ranges'))
  })
})

describe('request numbers of a client', () => {
  it.each<[string, Order[][], bigint, bigint]>([
    ['that come again in a block', [[{ client: 'a', request: 1n }, {}, { client: 'a', request: 1n }]], 0n, 2n],
    [
      'that fall in a block',
      [
        [
          { client: 'a', request: 2n },
          { client: 'a', request: 1n },
        ],
      ],
      0n,
      1n,
    ],
    [
      'that come again in a later block',
      [[{ client: 'a', request: 7n }], [{}], [{ client: 'a', request: 7n }]],
      2n,
      2n,
    ],
    ['that fall along the chain', [[{ client: 'a', request: 7n }], [{}, { client: 'a', request: 6n }]], 1n, 2n],
    [
      'that come again after a rejection',
      [[{ client: 'a', request: 1n, status: 1 }], [{ client: 'a', request: 1n }]],
      1n,
      1n,
    ],
  ])('%s', async (_, blocks, height, seq) => {
    const repeating = new ChainMaker(new Random(43))
    for (const orders of blocks) repeating.block(orders)
    expect(await faultOf(repeating)).toEqual(inBlock(height, 'requests', seq))
  })
})

describe('keys of the chain itself', () => {
  it.each([
    ['written in the state tree', 'state', bytes(0, 1), bytes()],
    ['written in the risk tree', 'risk', bytes(0, 1), bytes()],
    ['of one byte', 'state', bytes(0), bytes()],
    ['taken away', 'state', bytes(0, ...new TextEncoder().encode('chain')), null],
  ] as const)('%s by a command', async (_, tree, key, value) => {
    const writing = new ChainMaker(new Random(44)).grow(1, 1)
    const fine = [tree, bytes(1), bytes()] as const
    writing.block([{}, { writes: [fine, [tree, key, value]] }])
    expect(await faultOf(writing)).toEqual(inBlock(1n, 'state', 2n))
    const unknowing = { trees: undefined } as unknown as Partial<ChainTrust>
    expect(await faultOf(writing, writing.records(), unknowing)).toEqual(inBlock(1n, 'state', 2n))
  })

  it.each(['kv', 'KV@1', 'kv@01', '', '\ud800', 'kv@1\n'])(
    'set by a command that puts no machine in force: %j',
    async (text) => {
      const upgrading = new ChainMaker(new Random(45)).grow(1, 1)
      const payload = new TextEncoder().encode(text)
      upgrading.block([{}, { type: 'cairn/machine', payload, salt: OTHER32 }, {}])
      expect(await faultOf(upgrading)).toEqual(inBlock(1n, 'state', 2n))
    },
  )

  it('set by bytes that are no text', async () => {
    const upgrading = new ChainMaker(new Random(46))
    upgrading.block([{ type: 'cairn/machine', payload: bytes(0xff), salt: OTHER32 }])
    expect(await faultOf(upgrading)).toEqual(inBlock(0n, 'state', 0n))
  })

  it('but a rejected command may ask for what it likes', async () => {
    const upgrading = new ChainMaker(new Random(47))
    upgrading.block([{ type: 'cairn/machine', payload: bytes(0xff), salt: OTHER32, status: 1 }])
    expect((await verify(upgrading)).ok).toBe(true)
  })
})
