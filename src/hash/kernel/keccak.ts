/**
 * keccak-256 for WebAssembly, in AssemblyScript. `npm run kernel` compiles it into ../keccak-kernel.ts.
 *
 * It is written once, for a type `T` of lanes: with `u64` it hashes one message, with `v128` two of the same size at
 * once, side by side. The caller puts messages at INPUT and takes hashes from OUTPUT. Memory is one page whatever the
 * size of a message, and nothing is allocated. The lanes are all zero between two messages.
 */

import { add, and, both, lane, loadWord, permute, put, STATE, storeWord } from './permute'

/** How many bytes of a message go into one permutation. */
const RATE: usize = 136

/** Room for 240 blocks of one message, or for many small ones. What is in the 8 bytes after it never matters. */
export const INPUT_SIZE: usize = 240 * 136
export const INPUT: usize = memory.data(240 * 136 + 8, 16)

/** Room for 512 hashes. */
export const OUTPUT_SIZE: usize = 512 * 32
export const OUTPUT: usize = memory.data(512 * 32, 16)

/** Takes in `length` bytes at INPUT, a multiple of RATE, of a message of which more will come. */
export function absorb(length: usize): void {
  absorbBlocks<u64>(INPUT, 0, length)
}

/** Takes in the last `length` bytes of a message at INPUT, and writes its hash to OUTPUT. */
export function finish(length: usize): void {
  hash<u64>(INPUT, 0, length, OUTPUT)
}

/** Writes to OUTPUT the hashes of the `count` messages of `size` bytes each at INPUT. */
export function hashMany(count: usize, size: usize): void {
  let message = INPUT
  let to = OUTPUT
  for (let pairs = count >> 1; pairs > 0; pairs--) {
    hash<v128>(message, size, size, to)
    message += 2 * size
    to += 2 * 32
  }
  if (count & 1) hash<u64>(message, 0, size, to)
}

/** Hashes what was absorbed and `length` bytes at `message`; with two halves, also those `stride` bytes further on. */
function hash<T>(message: usize, stride: usize, length: usize, to: usize): void {
  const rest = length % RATE
  absorbBlocks<T>(message, stride, length - rest)
  absorbEnd<T>(message + length - rest, stride, rest)
  permute<T>()
  for (let i: usize = 0; i < 4; i++) storeWord<T>(to + i * 8, 32, lane<T>(STATE, i))
  for (let i: usize = 0; i < 25; i++) put<T>(STATE, i, both<T>(0))
}

function absorbBlocks<T>(message: usize, stride: usize, length: usize): void {
  for (const end = message + length; message < end; message += RATE) {
    absorbWords<T>(message, stride, RATE / 8)
    permute<T>()
  }
}

function absorbWords<T>(message: usize, stride: usize, words: usize): void {
  for (let i: usize = 0; i < words; i++) add<T>(i, loadWord<T>(message + i * 8, stride))
}

/** The last bytes, fewer than RATE, with the padding: one bit right after them, and one at the end of the block. */
function absorbEnd<T>(message: usize, stride: usize, length: usize): void {
  const words = length / 8
  absorbWords<T>(message, stride, words)
  const firstBit: u64 = (<u64>1) << ((length % 8) * 8)
  add<T>(words, and<T>(loadWord<T>(message + words * 8, stride), both<T>(firstBit - 1)))
  add<T>(words, both<T>(firstBit))
  add<T>(RATE / 8 - 1, both<T>(0x8000000000000000))
}
