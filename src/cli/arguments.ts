/** What the commands on a chain take, checked: wrong usage is told before anything is opened. */
import { type Command, InvalidArgumentError } from 'commander'
import { KEY_MAX } from '../verify/bounds.ts'
import { utf8 } from '../verify/bytes.ts'
import { fromHex } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'

const U64_END = 1n << 64n

export function u64From(text: string): bigint {
  if (/^(?:0|[1-9][0-9]{0,19})$/.test(text) && BigInt(text) < U64_END) return BigInt(text)
  throw new InvalidArgumentError('It is a whole number from 0 on, in decimal digits.')
}

/** For an option that may be given many times. */
export function u64sFrom(text: string, before: readonly bigint[] = []): readonly bigint[] {
  return [...before, u64From(text)]
}

export function wordsFrom(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

/** Nothing lies between blocks in the wrong order, and whoever follows would wait for it for ever. */
export function demandOrder(command: Command, { from, to }: { readonly from?: bigint; readonly to?: bigint }): void {
  if (from !== undefined && to !== undefined && from > to) command.error('error: --from is above --to')
}

/** The name that stands for standard output. */
export const STANDARD_OUTPUT = '-'

export function fileFrom(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.')
  return text
}

export const HEX_OPTION = ['--hex', 'keys are given as 0x and hex digits, not as text'] as const

/** A raw key: the UTF-8 of the text, or with `--hex` the bytes that the text spells out. */
export function keyFrom(text: string, isHex: boolean, command: Command): Uint8Array {
  const key = isHex ? fromHex(text) : utf8(text)
  if (key === undefined) command.error(`error: the key ${quoted(text)} is not 0x and pairs of lower-case hex digits`)
  if (key.length > 0 && key.length <= KEY_MAX) return key
  return command.error(`error: a key has 1 to ${KEY_MAX} bytes, not ${key.length}`)
}
