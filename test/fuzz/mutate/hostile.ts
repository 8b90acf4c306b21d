/** Values that somebody puts where another was meant: each has broken some reader of something once. */
import type { Random } from '../../support/seed.ts'

/** Names that an object may have from elsewhere, or that mean something to a program that takes it for one of its own. */
export const NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'toJSON',
  'then',
  'length',
  '',
  '\u0000',
  '0',
  'k'.repeat(70),
]

/** Numbers as text, around each border that a number here has. */
const NUMBERS: readonly string[] = [
  '0',
  '1',
  '-1',
  '00',
  '01',
  '+1',
  '1.0',
  '1e3',
  '0x10',
  ' 1',
  '1 ',
  '',
  '127',
  '128',
  '255',
  '256',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999',
  '1e400',
  'Infinity',
  'NaN',
]

export function number(random: Random): string {
  const chosen = random.below(NUMBERS.length + 3)
  return NUMBERS[chosen] ?? '9'.repeat(random.pick([21, 100, 400, 5000, 30_000]))
}

/** JSON that no document here has in this place, as text. */
const JSON_VALUES: readonly string[] = [
  'null',
  'true',
  'false',
  '0',
  '1',
  '2',
  '-0',
  '-1',
  '1.5',
  '1e400',
  '1e-400',
  '-1e999',
  '9007199254740993',
  '18446744073709551616',
  '123456789012345678901234567890',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ufeff"',
  '"\\x41"',
  '"\\u12"',
  '"0x"',
  '"0x0"',
  '"0xZZ"',
  '"0X00"',
  '"0xAB"',
  '{}',
  '[]',
  '[null]',
  '{"__proto__":{"polluted":"yes"}}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  '{"__proto__":null}',
  '{"toString":null,"valueOf":null}',
  '{"toString":"x","valueOf":1}',
  '{"then":"x"}',
  '{"length":4294967295}',
  '{"hex":"0x00"}',
  '{"hex":null}',
  '{"a":1,"a":2}',
  'undefined',
  'NaN',
  "'x'",
]

/** What is repeated by the thousand: an expression that goes back and forth, or a reader that begins again at each, takes for ever. */
const REPEATED: readonly string[] = [
  '"',
  '\\"',
  '\\\\',
  '\\',
  '\\u0041',
  '[',
  '{"',
  '0',
  '1e',
  '-',
  '9,',
  ' ',
  '\n',
  '""',
  '":',
  'é',
  '\u0000',
  'true',
]

export function run(random: Random, isLarge: boolean): string {
  const piece = random.pick(REPEATED)
  const length = isLarge ? 1 << 20 : random.pick([100, 3000, 30_000, 65_000])
  const text = piece.repeat(Math.floor(length / Buffer.byteLength(piece)))
  return random.below(2) === 0 ? `"${text}` : text
}

const DEPTHS: readonly number[] = [2, 11, 12, 13, 14, 63, 64, 65, 300, 5000]

export function jsonValue(random: Random, isLarge: boolean): string {
  const depth = isLarge ? 100_000 : random.pick(DEPTHS)
  switch (random.below(10)) {
    case 9:
      return run(random, isLarge)
    case 0:
      return JSON.stringify(number(random))
    case 1:
      return number(random)
    case 2:
      return `${'['.repeat(depth)}${random.below(4) === 0 ? '' : ']'.repeat(depth)}`
    case 3:
      return `${'{"a":'.repeat(depth)}0${random.below(4) === 0 ? '' : '}'.repeat(depth)}`
    case 4:
      return `"${'x'.repeat(random.pick([63, 64, 65, 1023, 1025, isLarge ? 1 << 20 : 5000]))}"`
    case 5:
      return `"0x${'ab'.repeat(random.pick([19, 20, 21, 31, 32, 33, 64, 65, 66, isLarge ? 1 << 19 : 1025]))}"`
    case 6:
      return JSON.stringify({ [random.pick(NAMES)]: { polluted: 'yes' } })
    default:
      return random.pick(JSON_VALUES)
  }
}

/** Bytes that are no UTF-8, or a form of it that nobody may write. */
export const NOT_UTF8: readonly (readonly number[])[] = [
  [0xff],
  [0xfe, 0xff],
  [0x80],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xed, 0xb0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
  [0x00],
]
