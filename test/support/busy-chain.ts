/** A small chain in which something of everything happens, and its records with one thing in them changed. */
import type { BlockRecord, ChainRecord, RecordedCommand } from '../../src/verify/index.ts'
import { ChainMaker, type Order } from './maker.ts'
import { Random } from './seed.ts'
import { withBlocks } from './whole-chain.ts'

export const bytes = (...each: number[]): Uint8Array => Uint8Array.from(each)

/** What the second command of block 2 does: all that a command can do. */
export const busyOrder = {
  client: 'b',
  request: 5n,
  obligations: [
    { topic: 'x', data: bytes(1) },
    { topic: 'y', data: bytes(2) },
  ],
  intents: [
    { kind: 'pay', data: bytes(3) },
    { kind: 'pay', data: bytes(4) },
  ],
  writes: [
    ['state', bytes(1), bytes(5)],
    ['risk', bytes(2), bytes(6)],
  ],
} as const satisfies Order

/** Five blocks; block 2 has three commands, seq 3 to 5. */
export const busy = new ChainMaker(new Random(40))
busy.block([{ client: 'a', request: 1n }, {}])
busy.block([{ client: 'a', request: 2n }])
busy.block([{ client: 'a', request: 3n, writes: [['state', bytes(9), bytes(9)]] }, busyOrder, { intents: [] }])
busy.block([{}])
busy.block([{ client: 'b', request: 6n }])

export const records: readonly ChainRecord[] = busy.records()

/** The records with another block 2 in the place of that one, nothing else adapted. */
export function withBlock2(change: (record: BlockRecord) => Partial<BlockRecord>): ChainRecord[] {
  return withBlocks(records, (record) => (record.header.height === 2n ? change(record) : undefined))
}

export function withCommand(i: number, change: Partial<RecordedCommand>): ChainRecord[] {
  return withBlock2(({ commands }) => ({
    commands: commands.map((each, j) => (i === j ? Object.assign({}, each, change) : each)),
  }))
}
