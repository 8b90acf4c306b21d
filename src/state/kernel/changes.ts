/** Lays out what a version changed as the store has it (../changes.ts), and the list of the values that it made stale. */
import { begin, cut, extend, item, length } from './memory'
import {
  CHILD_BYTES,
  DEPTH,
  DIFF,
  LEAF_BYTES,
  LEAF_VERSION,
  leavesOf,
  PATH,
  SLOTS,
  slotAt,
  slotsBytes,
  takenOf,
} from './page'
import { GONE, ORDERED, OVERWRITTEN } from './plan'

/** The records one after the other; where each begins: its part, its place, its length. */
export const RECORDS: usize = memory.data(12, 4)
export const PARTS: usize = memory.data(12, 4)
/** The values that nobody needs any more, as a list of keys. */
export const STALE: usize = memory.data(12, 4)

const ROOT_PART: u32 = 16
const VALUE_KEY: usize = 42

export function encodeChanges(): void {
  leaveOutUnchanged()
  const count = length(ORDERED) >> 2
  let from: u32 = 0
  while (from < count) {
    const part = partOf(from)
    let to = from + 1
    while (to < count && partOf(to) == part) to++
    encodePart(part, from, to)
    from = to
  }
}

/** A page that stays as it is left a zero in its place. Once for all: writes that change nothing may pass by a million pages. */
function leaveOutUnchanged(): void {
  const count = length(ORDERED) >> 2
  const all = begin(ORDERED)
  let left: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const each = item(ORDERED, i)
    if (each != 0) store<u32>(all + 4 * left++, <u32>each)
  }
  cut(ORDERED, 4 * left)
}

function partOf(i: u32): u32 {
  const page = item(ORDERED, i) & ~GONE
  return load<u8>(page, DEPTH) == 0 ? ROOT_PART : <u32>load<u8>(page, PATH) >> 4
}

function encodePart(part: u32, from: u32, to: u32): void {
  const pages = to - from
  const start = length(RECORDS)
  extend(RECORDS, 4 * (1 + pages))
  store<u32>(begin(RECORDS) + start, pages)
  let index = start + 4
  for (let i = from; i < to; i++) {
    const each = item(ORDERED, i)
    store<u32>(begin(RECORDS) + index, (length(RECORDS) - start) >> 2)
    index += 4
    encodePage(each & ~GONE, (each & GONE) != 0)
  }
  const parts = extend(PARTS, 12)
  store<u32>(parts, part)
  store<u32>(parts, start, 4)
  store<u32>(parts, length(RECORDS) - start, 8)
}

function encodePage(page: usize, isGone: bool): void {
  const slots = page + SLOTS
  const depth: u32 = load<u8>(page, DEPTH)
  const path: u32 = ((depth + 7) >> 3) << 2
  const changed: u32 = isGone ? 0 : load<u16>(page, DIFF)
  const size: u32 = isGone ? 0 : <u32>slotsBytes(takenOf(slots) & changed, leavesOf(slots) & changed) - 4
  const to = extend(RECORDS, 8 + path + size)
  store<u32>(to, (depth << 16) | changed)
  store<u32>(to, isGone ? 0 : load<u32>(slots), 4)
  memory.copy(to + 8, page + PATH, path)
  if (!isGone) copySlots(slots, changed, to + 8 + path)
}

/** Copies slots that are taken, one after the other, and answers where the copies end. */
export function copySlots(slots: usize, which: u32, target: usize): usize {
  let to = target
  for (let rest = which & takenOf(slots); rest != 0; rest &= rest - 1) {
    const slot = ctz(rest)
    const size = ((leavesOf(slots) >>> slot) & 1) != 0 ? LEAF_BYTES : CHILD_BYTES
    memory.copy(to, slotAt(slots, slot), size)
    to += size
  }
  return to
}

/** A key of the store begins with what it is and the tree; both bytes are given. */
export function encodeOverwritten(start: u32): void {
  const count = length(OVERWRITTEN) >> 2
  let to = extend(STALE, count * (1 + <u32>VALUE_KEY))
  for (let i: u32 = 0; i < count; i++) {
    const leaf = item(OVERWRITTEN, i)
    store<u8>(to, <u8>VALUE_KEY)
    store<u16>(to, <u16>start, 1)
    store<u32>(to, bswap(load<u32>(leaf, LEAF_VERSION)), 3)
    store<u32>(to, bswap(load<u32>(leaf, LEAF_VERSION + 4)), 7)
    memory.copy(to + 11, leaf, 32)
    to += 1 + VALUE_KEY
  }
}
