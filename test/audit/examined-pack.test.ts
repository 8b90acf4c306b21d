/** What a thread tells of a stretch is what it found out of it: blocks and seals of every kind, with and without faults, and frames that hold no records. */
import { deserialize, serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { Examiner } from '../../src/audit/examine.ts'
import { type PackedExamined, packExamined, unpackExamined } from '../../src/audit/examined-pack.ts'
import type { Frames } from '../../src/audit/source.ts'
import { FrameMaker } from '../../src/journal/frame.ts'
import { encodeRecord } from '../../src/journal/record-write.ts'
import { concat } from '../../src/verify/bytes.ts'
import type { ChainRecord } from '../../src/verify/index.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { closeRecord, sealRecord, withBlocks } from '../support/whole-chain.ts'
import { engine } from './audited.ts'

const maker = new ChainMaker(new Random(21), engine)
maker.grow(4)
maker.block(
  [
    { client: 'a', request: 1n },
    { client: 'ü', request: 2n ** 64n - 1n },
    { client: 'a', request: 3n },
  ],
  { authority: [{ k: 'revocation', ...maker.revoke(3n, maker.madeAt(2)) }] },
)
maker.block([{ client: 'b', request: 7n }])
const whole = maker.records()

const stretches: Readonly<Record<string, readonly (readonly ChainRecord[])[]>> = {
  nothing: [],
  'one record a frame': whole.map((record) => [record]),
  'all in one frame': [whole],
  'frames without records': [[], ...whole.map((record) => [record]), [], []],
  'seals without their blocks': whole.filter(({ k }) => k === 'seal').map((record) => [record]),
  'a seal of another hash': [
    whole.map((each) =>
      each.k === 'seal' && each.height === 1n ? sealRecord({ ...maker.madeAt(1), seal: maker.madeAt(2).seal }) : each,
    ),
  ],
  'a close record': [[...whole, closeRecord(maker.madeAt(5))]],
  'blocks with faults': [
    withBlocks(whole, ({ header, commands }) => {
      if (header.height === 1n) return { commands: commands.map((each) => ({ ...each, seq: each.seq + 1n })) }
      return header.height === 5n ? { commands: [...commands, ...commands] } : undefined
    }),
  ],
}

describe.each([false, true])('for the levels above seals: %s', (isDeep) => {
  it.each(Object.keys(stretches))('%s', (name) => {
    const frames = framesOf(stretches[name] as readonly (readonly ChainRecord[])[])
    expectTold(frames, isDeep)
  })

  it('a frame that holds no array of records', () => {
    const { bytes } = framesOf([whole])
    const broken = framesOf([[]], (payload) => payload.fill(0xc1))
    expectTold({ ...broken, bytes: concat(bytes, broken.bytes) }, isDeep)
  })
})

function expectTold(frames: Frames, isDeep: boolean): void {
  const examined = new Examiner(maker.identity, engine, isDeep).examine(frames)
  const told = deserialize(serialize(packExamined(examined))) as PackedExamined
  expect(unpackExamined(told)).toEqual(examined)
}

function framesOf(
  records: readonly (readonly ChainRecord[])[],
  change: (payload: Uint8Array) => void = () => undefined,
): Frames & { readonly kind: 'packed' } {
  const frames = new FrameMaker()
  const bytes = records.map((each) => {
    const frame = frames.make(each.map(encodeRecord), new Uint8Array(16), 0).slice()
    if (each.length === 0) change(frame.subarray(16, 17))
    return frame
  })
  return { kind: 'packed', file: 'made', offset: 512, bytes: concat(...bytes) }
}
