/** Whatever is wrong with the order, headers or roots of a chain is found where it stands, by the name of the check it fails. */
import { describe, expect, it } from 'vitest'
import type { BlockRecord, ChainCheck, RecordedCommand } from '../../src/verify/index.ts'
import { busy, records, withBlock2 } from '../support/busy-chain.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { closeRecord, faultOf, inBlock, restated, verify } from '../support/whole-chain.ts'

const OTHER32 = new Uint8Array(32).fill(7)

describe('blocks', () => {
  const [b0, s0, b1, s1, b2, s2, ...rest] = records
  const foreign = new ChainMaker(new Random(41)).grow(3)

  it.each<[string, unknown[], unknown]>([
    ['none at all', [], inBlock(0n, 'order')],
    ['one that is missing', [b0, s0, b2, s2, ...rest], inBlock(1n, 'order')],
    ['the first one missing', [b1, s1, b2, s2], inBlock(0n, 'order')],
    ['one that stands twice', [b0, s0, b1, b1, s1], inBlock(2n, 'order')],
    ['two in the wrong order', [b0, s0, b2, s2, b1, s1], inBlock(1n, 'order')],
    ['one of another chain', [b0, s0, foreign.madeAt(1).record], inBlock(1n, 'order')],
    // The hash of a block is bound to its chain: that of another chain is one like any other here, until its seal.
    ['the first one of another chain', foreign.records(), { check: 'seals', blocks: 1n, height: 0n }],
    ['a whole other branch', [b0, s0, ...busy.fork(0).grow(2).records().slice(4)], inBlock(1n, 'order')],
    ['one whose seal is there and it is not', [b0, s0, s1, b2], { check: 'seals', blocks: 1n, height: 1n }],
    ['a close record for another hash', [b0, s0, { ...closeRecord(busy.madeAt(0)), hash: OTHER32 }], closed(1n, 0n)],
    ['a close record for an older block', [b0, s0, b1, s1, closeRecord(busy.madeAt(0))], closed(2n, 1n)],
    ['a close record for a later block', [b0, s0, closeRecord(busy.madeAt(1)), b1], closed(1n, 0n)],
    ['a close record before any block', [closeRecord(busy.madeAt(0))], closed(0n, 0n)],
  ])('%s', async (_, given, fault) => {
    expect(await faultOf(busy, given)).toEqual(fault)
  })

  function closed(blocks: bigint, height: bigint): unknown {
    return { check: 'order', blocks, height }
  }
})

describe('a header, hashed and sealed as it stands, with another', () => {
  const { header } = busy.madeAt(2)

  it.each<[string, ChainCheck, Partial<BlockRecord['header']>, bigint?]>([
    ['height, too high', 'order', { height: 3n }],
    ['height, too low', 'order', { height: 1n }],
    ['epoch, two more', 'order', { epoch: 3n }],
    ['epoch, one less', 'order', { epoch: 0n }],
    ['epoch, far more', 'order', { epoch: (1n << 64n) - 1n }],
    ['parent', 'order', { parentHash: OTHER32 }],
    ['parent, its grandparent', 'order', { parentHash: busy.madeAt(0).hash }],
    ['commands hash', 'hashes', { commandsHash: OTHER32 }],
    ['batch root', 'hashes', { batchRoot: OTHER32 }],
    ['command count, too high', 'order', { commandCount: 4n }, 6n],
    ['command count, too low', 'order', { commandCount: 2n }, 5n],
    ['first seq, a gap', 'order', { firstSeq: header.firstSeq + 1n }],
    ['first seq, an overlap', 'order', { firstSeq: header.firstSeq - 1n }],
    ['timestamp, before its parent', 'order', { timestamp: busy.madeAt(1).header.timestamp - 1n }],
  ])('%s', async (_, check, change, seq) => {
    expect(await faultOf(busy, restated(busy, 2, { header: change }))).toEqual(inBlock(2n, check, seq))
  })

  it('epoch, one more, is a takeover and no fault', async () => {
    expect((await verify(busy, restated(busy, 2, { header: { epoch: 2n } }))).ok).toBe(true)
  })

  it('number of commands, none, where it opens no epoch', async () => {
    const idle = new ChainMaker(new Random(42)).grow(2)
    idle.block([])
    expect(await faultOf(idle)).toEqual(inBlock(2n, 'order'))
  })
})

describe('roots, hashed and sealed as they stand, with another', () => {
  const { roots } = busy.madeAt(2)

  it.each<[string, ChainCheck, Partial<BlockRecord['roots']>]>([
    ['state', 'state', { state: OTHER32 }],
    ['risk', 'state', { risk: OTHER32 }],
    ['command size', 'hashes', { commands: { ...roots.commands, size: 7n } }],
    ['command root', 'ranges', { commands: { ...roots.commands, root: OTHER32 } }],
    ['obligation size', 'ranges', { obligations: { ...roots.obligations, size: 3n } }],
    ['obligation root', 'ranges', { obligations: { ...roots.obligations, root: OTHER32 } }],
    ['intent size', 'ranges', { intents: { ...roots.intents, size: 1n } }],
    ['intent root', 'ranges', { intents: { ...roots.intents, root: OTHER32 } }],
    ['history', 'ranges', { history: OTHER32 }],
    ['history, one block behind', 'ranges', { history: busy.madeAt(1).roots.history }],
  ])('%s', async (_, check, change) => {
    expect(await faultOf(busy, restated(busy, 2, { roots: change }))).toEqual(inBlock(2n, check))
    // Not so well forged, the roots are not even those of the block.
    expect(
      await faultOf(
        busy,
        withBlock2((record) => ({ roots: { ...record.roots, ...change } })),
      ),
    ).toEqual(inBlock(2n, 'hashes'))
  })
})

describe('the first block', () => {
  const { header, record } = busy.madeAt(0)
  const { createdAt } = busy.identity.genesis

  it.each<[string, ChainCheck, Parameters<typeof restated>[2], bigint?]>([
    ['is of epoch 1', 'hashes', { header: { epoch: 2n } }],
    ['has no parent', 'hashes', { header: { parentHash: OTHER32 } }],
    ['begins at seq 0', 'order', { header: { firstSeq: 1n } }, 1n],
    ['begins at seq 0, its commands too', 'hashes', { header: { firstSeq: 1n }, commands: shifted(record) }],
    ['is not older than the genesis', 'hashes', { header: { timestamp: createdAt - 1n } }],
    ['has no history', 'hashes', { roots: { history: OTHER32 } }],
    [
      'is not empty',
      'hashes',
      { header: { commandCount: 0n }, commands: [], roots: { commands: { ...none(), size: 0n } } },
    ],
  ])('%s', async (_, check, change, seq) => {
    const early = busy.delegate({ index: 4n, validFrom: 0n })
    expect(await faultOf(busy, restated(busy, 0, change, early))).toEqual(inBlock(0n, check, seq))
  })

  function shifted({ commands }: BlockRecord): RecordedCommand[] {
    return commands.map((command) => ({ ...command, seq: command.seq + 1n }))
  }

  function none(): BlockRecord['roots']['commands'] {
    return { size: header.commandCount, root: OTHER32 }
  }
})
