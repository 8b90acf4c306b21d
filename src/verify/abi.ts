/** `abi(…)` and `TAG(…)` of FORMAT §1: values in one 32-byte big-endian word each. */
import { utf8 } from './bytes.ts'
import { nobleEngine } from './engine.ts'

/** What fits into one word: a u64 or up to 32 bytes. Both are left-padded. */
export type Word = bigint | Uint8Array

export function abi(...words: readonly Word[]): Uint8Array {
  const encoded = new Uint8Array(words.length * 32)
  for (let i = 0; i < words.length; i++) writeWord(encoded, i * 32, words[i] as Word)
  return encoded
}

/** Writes one word at `at` into space that is zero. */
export function writeWord(target: Uint8Array, at: number, word: Word): void {
  if (typeof word === 'bigint') writeU64(target, at + 24, word)
  else target.set(word, at + 32 - word.length)
}

function writeU64(target: Uint8Array, at: number, value: bigint): void {
  // Nearly all are safe integers, and those need no arithmetic of bigints; a larger one never rounds to below 2^53.
  const number = Number(value)
  const isSafe = number <= Number.MAX_SAFE_INTEGER
  const high = isSafe ? Math.floor(number / 0x1_0000_0000) : Number(value >> 32n)
  const low = isSafe ? number % 0x1_0000_0000 : Number(value & 0xffff_ffffn)
  for (let i = 0; i < 4; i++) {
    target[at + i] = high >>> (24 - 8 * i)
    target[at + 4 + i] = low >>> (24 - 8 * i)
  }
}

/** A constant of the format: made once, by the default engine. */
export function constantHash(text: string): Uint8Array {
  return nobleEngine.hasher.hash(utf8(text))
}

export function tag(name: string): Uint8Array {
  return constantHash(`cairn/v1/${name}`)
}
