/** Msgpack that a stranger wrote: what FORMAT §10 allows is read, all else is refused, whatever it is. */
import { describe, expect, it } from 'vitest'
import { decodeMsgpack } from '../../src/journal/msgpack-read.ts'
import { encodeBlockRecord } from '../../src/journal/record-write.ts'
import { CairnError } from '../../src/verify/index.ts'
import { Random, seed } from '../support/seed.ts'
import { RandomRecords } from './random-records.ts'

const of = (...parts: readonly (number | string)[]): Uint8Array => {
  const bytes = parts.map((each) => (typeof each === 'string' ? Buffer.from(each) : Uint8Array.of(each)))
  return new Uint8Array(Buffer.concat(bytes))
}
const refusal = (bytes: Uint8Array): unknown => {
  try {
    decodeMsgpack(bytes)
    return 'nothing'
  } catch (error) {
    return error instanceof CairnError ? error.code : error
  }
}

describe('every form of an integer is read', () => {
  it.each([
    [of(0), 0],
    [of(0x7f), 127],
    [of(0xcc, 1), 1],
    [of(0xcc, 255), 255],
    [of(0xcd, 0, 7), 7],
    [of(0xcd, 255, 255), 65_535],
    [of(0xce, 0, 0, 0, 7), 7],
    [of(0xce, 255, 255, 255, 255), 0xffffffff],
    [of(0xcf, 0, 0, 0, 0, 0, 0, 0, 7), 7],
    [of(0xcf, 0, 31, 255, 255, 255, 255, 255, 255), Number.MAX_SAFE_INTEGER],
    [of(0xcf, 0, 32, 0, 0, 0, 0, 0, 0), 1n << 53n],
    [of(0xcf, 255, 255, 255, 255, 255, 255, 255, 255), (1n << 64n) - 1n],
    [of(0xd0, 127), 127],
    [of(0xd1, 127, 255), 32_767],
    [of(0xd2, 127, 255, 255, 255), 0x7fffffff],
    [of(0xd3, 0, 0, 0, 0, 0, 0, 0, 0), 0],
    [of(0xd3, 127, 255, 255, 255, 255, 255, 255, 255), (1n << 63n) - 1n],
  ])('%s', (bytes, value) => expect(decodeMsgpack(bytes)).toBe(value))
})

describe('every form of a length is read', () => {
  it.each([
    [of(0xa2, 'hé'.slice(0, 1), 'i'), 'hi'],
    [of(0xd9, 2, 'hi'), 'hi'],
    [of(0xda, 0, 2, 'hi'), 'hi'],
    [of(0xdb, 0, 0, 0, 2, 'hi'), 'hi'],
    [of(0xc4, 2, 1, 2), of(1, 2)],
    [of(0xc5, 0, 2, 1, 2), of(1, 2)],
    [of(0xc6, 0, 0, 0, 2, 1, 2), of(1, 2)],
    [of(0x92, 1, 2), [1, 2]],
    [of(0xdc, 0, 2, 1, 2), [1, 2]],
    [of(0xdd, 0, 0, 0, 2, 1, 0xc0), [1, null]],
    [of(0x81, 0xa1, 'a', 1), { a: 1 }],
    [of(0xde, 0, 1, 0xd9, 1, 'a', 1), { a: 1 }],
    [of(0xdf, 0, 0, 0, 1, 0xda, 0, 1, 'a', 1), { a: 1 }],
    [of(0x81, 0xdb, 0, 0, 0, 1, 'a', 1), { a: 1 }],
    [of(0x80), {}],
  ])('%s', (bytes, value) => expect(decodeMsgpack(bytes)).toEqual(value))
})

describe('refused', () => {
  it.each([
    ['nothing at all', of()],
    ['bytes after the value', of(1, 1)],
    ['a float', of(0xca, 0, 0, 0, 0)],
    ['a double', of(0xcb, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['a truth value', of(0xc3)],
    ['another', of(0xc2)],
    ['the type that is none', of(0xc1)],
    ['a negative fixint', of(0xff)],
    ['another', of(0xe0)],
    ['a negative int8', of(0xd0, 0x80)],
    ['a negative int16', of(0xd1, 255, 255)],
    ['a negative int32', of(0xd2, 128, 0, 0, 0)],
    ['a negative int64', of(0xd3, 128, 0, 0, 0, 0, 0, 0, 0)],
    ['a negative int64 that is not safe', of(0xd3, 255, 255, 255, 255, 255, 255, 255, 255)],
    ['an extension', of(0xc7, 1, 5, 0)],
    ['a fixed extension', of(0xd4, 5, 0)],
    ['a timestamp', of(0xd6, 0xff, 0, 0, 0, 0)],
    ['a name that is bytes', of(0x81, 0xc4, 1, 'a', 1)],
    ['a name that is a number', of(0x81, 1, 1)],
    ['a name that is nil', of(0x81, 0xc0, 1)],
    ['a member twice', of(0x82, 0xa1, 'a', 1, 0xa1, 'a', 2)],
    ['a member twice, its name in another form', of(0x82, 0xa1, 'a', 1, 0xd9, 1, 'a', 2)],
    ['a member twice, nil at first', of(0x82, 0xa1, 'a', 0xc0, 0xa1, 'a', 2)],
    ['a prototype', of(0x81, 0xa9, '__proto__', 0x80)],
    ['text that is cut', of(0xa2, 0xc3)],
    ['text that is not UTF-8', of(0xa1, 0xff)],
    ['text that is overlong', of(0xa2, 0xc0, 0x80)],
    ['text with half a surrogate pair', of(0xa3, 0xed, 0xa0, 0x80)],
    ['long text that is not UTF-8', of(0xd9, 40, 'x'.repeat(39), 0xff)],
    ['bytes that are not there', of(0xc6, 255, 255, 255, 255, 0)],
    ['text that is not there', of(0xdb, 255, 255, 255, 255, 0)],
    ['items that are not there', of(0xdd, 255, 255, 255, 255, 0)],
    ['members that are not there', of(0xdf, 255, 255, 255, 255, 0)],
    ['members without their values', of(0x82, 0xa1, 'a', 1)],
    ['a length that is cut', of(0xc5, 1)],
    ['an integer that is cut', of(0xcf, 1, 2, 3)],
    ['arrays without end', new Uint8Array(1 << 20).fill(0x91)],
    ['maps without end', Uint8Array.from({ length: 3 << 10 }, (_, i) => [0x81, 0xa1, 97][i % 3] as number)],
  ])('%s', (_, bytes) => expect(refusal(bytes)).toBe('malformed'))
})

it('names that every object knows are names like others', () => {
  const decoded = decodeMsgpack(of(0x82, 0xab, 'constructor', 1, 0xa8, 'toString', 2))
  expect(Object.entries(decoded as object)).toEqual([
    ['constructor', 1],
    ['toString', 2],
  ])
  expect(refusal(of(0x82, 0xa8, 'toString', 1, 0xa8, 'toString', 2))).toBe('malformed')
})

it('text is what its bytes say, whatever was read before', () => {
  const texts = [
    'a',
    'é',
    'Ã©',
    '\u0000',
    '',
    '\ufeff',
    '\ufeffa',
    'aa',
    'x'.repeat(24),
    'x'.repeat(25),
    '😀'.repeat(6),
  ]
  for (let round = 0; round < 3; round++) {
    for (const text of texts) {
      const bytes = Buffer.from(text)
      expect(decodeMsgpack(of(0xd9, bytes.length, ...bytes))).toBe(text)
    }
  }
})

it('bytes are those of their place, in a view too', () => {
  const around = of(9, 9, 0x92, 0xc4, 2, 1, 2, 0xc4, 0, 9)
  expect(decodeMsgpack(around.subarray(2, 9))).toEqual([of(1, 2), of()])
})

it(`bytes of a record that were changed give values or a refusal, never anything else (CAIRN_SEED=${seed})`, () => {
  const random = new Random()
  const record = encodeBlockRecord(new RandomRecords(random).block(3n, 2))
  for (let round = 0; round < 5000; round++) {
    const changed = record.slice(0, random.below(4) === 0 ? random.below(record.length) : record.length)
    for (let i = random.below(4); i >= 0; i--) changed[random.below(changed.length)] = random.below(256)
    expect(['malformed', 'nothing']).toContain(refusal(changed))
  }
  for (let end = 0; end < record.length; end++) expect(refusal(record.subarray(0, end))).toBe('malformed')
})
