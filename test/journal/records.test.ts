/** Records in bytes: what is written is msgpack of the members of FORMAT §10, in their order, and comes back as it was. */
import { expect, it } from 'vitest'
import { decodeMsgpack } from '../../src/journal/msgpack-read.ts'
import { MsgpackWriter } from '../../src/journal/msgpack-write.ts'
import { encodeBlockRecord, encodeCloseRecord, encodeSealRecord } from '../../src/journal/record-write.ts'
import { native } from '../../src/verify/codec.ts'
import { type BlockRecord, type ChainRecord, chainRecord } from '../../src/verify/records.ts'
import { Random, seed } from '../support/seed.ts'
import { plainOf, readPlain } from './plain-msgpack.ts'
import { RandomRecords } from './random-records.ts'

const made = new RandomRecords()
const decode = (bytes: Uint8Array): ChainRecord => chainRecord.decode(decodeMsgpack(bytes), native)
/** The members of a record in the order of FORMAT, the undefined ones left out. */
const inOrder = (record: ChainRecord): unknown => chainRecord.encode(record, native)

function expectRight(record: ChainRecord, encoded: Uint8Array): void {
  expect(readPlain(encoded)).toEqual(plainOf(inOrder(record)))
  expect(decode(encoded)).toEqual(inOrder(record))
}

it(`blocks, seals and close records of every shape (CAIRN_SEED=${seed})`, () => {
  for (let round = 0; round < 60; round++) {
    const block = made.block(made.u64())
    expectRight(block, encodeBlockRecord(block))
    const seal = made.seal(made.u64())
    expectRight(seal, encodeSealRecord(seal))
    const close = made.close(made.u64())
    expectRight(close, encodeCloseRecord(close))
  }
})

it('lists of every length form', () => {
  for (const length of [0, 1, 15, 16, 17, 65_535, 65_536]) {
    const block = { ...made.block(1n, 0), notes: Array.from({ length }, () => new Uint8Array(1)) }
    const encoded = encodeBlockRecord(block)
    expect((decode(encoded) as BlockRecord).notes).toHaveLength(length)
    if (length < 100) expectRight(block, encoded)
  }
})

it('bytes of every length form', () => {
  for (const length of [255, 256, 65_535, 65_536, 3 << 20, 20 << 20]) {
    const block = { ...made.block(1n, 0), notes: [new Random(length).bytes(1024), new Uint8Array(length).fill(7)] }
    const { notes } = decode(encodeBlockRecord(block)) as BlockRecord
    expect(notes.map((note, i) => Buffer.compare(note, block.notes[i] as Uint8Array))).toEqual([0, 0])
  }
})

it('the answer is a copy', () => {
  const first = encodeCloseRecord(made.close(1n))
  const before = first.slice()
  encodeCloseRecord(made.close(2n))
  expect(first).toEqual(before)
  expect(first.buffer.byteLength).toBe(first.length)
})

it('a record that is refused leaves nothing behind', () => {
  const close = made.close(5n)
  const right = encodeCloseRecord(close)
  for (const height of [-1n, 1n << 64n, -(1n << 70n)]) {
    expect(() => encodeCloseRecord({ ...close, height })).toThrow('below 2^64')
  }
  expect(encodeCloseRecord(close)).toEqual(right)
})

it('numbers that are none are refused', () => {
  const out = new MsgpackWriter()
  for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 64, -(2 ** 40)]) {
    expect(() => out.integer(value)).toThrow('below 2^64')
  }
})

it('half a surrogate pair is refused', () => {
  const out = new MsgpackWriter()
  for (const text of ['\ud83d', 'a\ude00', `${'x'.repeat(40)}\ud800`]) expect(() => out.text(text)).toThrow('surrogate')
})

it('a record that no file can hold is refused before memory is taken for it', () => {
  const notes = Array.from({ length: 4 }, () => new Uint8Array(20 << 20))
  expect(() => encodeBlockRecord({ ...made.block(1n, 0), notes })).toThrow(
    expect.objectContaining({ code: 'over_limit' }),
  )
  const small = made.close(1n)
  expectRight(small, encodeCloseRecord(small))
})
