/**
 * Hashes of messages that are made one after the other. Two that fill the same number of blocks are hashed side by side, whatever their sizes: so a
 * short message waits for the next of its kind, and all that still wait are hashed at the end.
 */
import { add, both, lane, loadWord, permute, put, STATE, storeWord } from '../../hash/kernel/permute'

/** How many bytes of a message go into one permutation. */
const RATE: usize = 136
/** A payload with its salt, and its padding. */
const LONGEST: usize = (1 << 20) + 32 + 136

/** Messages of more blocks are hashed by themselves. */
const WAITING_MAX: usize = 8
/** For each number of blocks up to this room for two messages, and where the hash of the one that waits goes; 0 where none does. */
const PAIRS: usize = memory.data(136 * 8 * 9, 16)
const WAITING: usize = memory.data(4 * 9, 4)
const LONG: usize = memory.data((1 << 20) + 32 + 2 * 136, 16)

/** The message that is made. */
let message: usize = 0
let blocks: usize = 0
let target: usize = 0

/** Where the bytes of the next message go, whose hash goes to `to`. */
export function beginMessage(length: usize, to: usize): usize {
  if (length > LONGEST) unreachable()
  blocks = length / RATE + 1
  target = to
  if (blocks > WAITING_MAX) message = LONG
  else message = pairOf(blocks) + (load<u32>(WAITING + 4 * blocks) == 0 ? 0 : blocks * RATE)
  pad(message, length, blocks)
  return message
}

/** Its bytes are there. */
export function endMessage(): void {
  if (blocks > WAITING_MAX) {
    hash<u64>(message, 0, blocks, target, target)
    return
  }
  const waiting: usize = load<u32>(WAITING + 4 * blocks)
  if (waiting != 0) hash<v128>(pairOf(blocks), blocks * RATE, blocks, waiting, target)
  store<u32>(WAITING + 4 * blocks, waiting == 0 ? <u32>target : 0)
}

/** Hashes those that wait. */
export function endMessages(): void {
  for (let each: usize = 1; each <= WAITING_MAX; each++) {
    const waiting: usize = load<u32>(WAITING + 4 * each)
    if (waiting != 0) hash<u64>(pairOf(each), 0, each, waiting, waiting)
  }
  forgetMessages()
}

export function forgetMessages(): void {
  memory.fill(WAITING, 0, 4 * (WAITING_MAX + 1))
}

/** The hash of bytes that lie where there is room for the padding behind them. */
export function hashInPlace(from: usize, length: usize, to: usize): void {
  const count = length / RATE + 1
  pad(from, length, count)
  hash<u64>(from, 0, count, to, to)
}

function pairOf(count: usize): usize {
  return PAIRS + RATE * count * (count - 1)
}

/** One bit right after the message, and one at the end of its last block. */
function pad(from: usize, length: usize, count: usize): void {
  const end = from + count * RATE
  memory.fill(from + length, 0, end - from - length)
  store<u8>(from + length, 1)
  store<u8>(end - 1, load<u8>(end - 1) | 0x80)
}

/** Of `count` padded blocks; with two halves also of those `stride` bytes further on, whose hash goes to `second`. */
function hash<T>(from: usize, stride: usize, count: usize, first: usize, second: usize): void {
  for (const end = from + count * RATE; from < end; from += RATE) {
    for (let i: usize = 0; i < RATE / 8; i++) add<T>(i, loadWord<T>(from + i * 8, stride))
    permute<T>()
  }
  for (let i: usize = 0; i < 4; i++) storeWord<T>(first + i * 8, second - first, lane<T>(STATE, i))
  for (let i: usize = 0; i < 25; i++) put<T>(STATE, i, both<T>(0))
}
