/**
 * The memory of a tree: blocks for pages, in chunks that hold blocks of one size each, and lists that grow.
 *
 * A block is told by its address and the hash at its beginning: one that was given back has zeros there. So an address may be kept although
 * what was there is gone, as long as the hash is compared before it is believed, and nothing is written there before. A chunk may have got blocks
 * of another size meanwhile: then the address is in the middle of one. No hash of a slot or a node can be taken for that of a page there, for
 * blocks begin at multiples of 8 and these hashes (page.ts) 4 bytes after one.
 */
import { BIRTH, DEPTH, FLAGS, HEADER, HELD, isLive, LIVE, NEEDED, USED } from './page'

const CHUNK: usize = 1 << 16
/** At the beginning of a chunk: the size of its blocks, how many are in use, the free ones, the part that was never used, its neighbours. */
const SIZE: usize = 0
const IN_USE: usize = 4
const FREE: usize = 8
const FRESH: usize = 12
const BEFORE: usize = 16
const AFTER: usize = 20
const FIRST: usize = 64
/** Where a free block names the next one: behind its hash, which is zero. */
const NEXT: usize = BIRTH
/** Blocks are multiples of so many bytes. */
const GRAIN: usize = 64
const SIZES: usize = 32

/** The largest span is half of all the memory that there can be. */
const POWER_MAX: u32 = 15
/** Chunks with room, by the size of their blocks. */
const WITH_ROOM: usize = memory.data(32 * 4, 4)
/** By its power each a span that was given back. */
const SPANS: usize = memory.data((POWER_MAX + 1) * 4, 4)
const CHUNKS: usize = memory.data(12, 4)
const SPARE: usize = memory.data(12, 4)

let end: usize = 0
/** Bytes of the blocks in use, how many there may be, and from how many on pages are let go of. */
let used: usize = 0
let limit: usize = 0
let threshold: usize = 0
let hand: u32 = 0
/** The newest applied version, and the one up to which every page is in the store. */
let applied: u64 = 0
let stored: u64 = 0

export function setLimit(bytes: usize): void {
  limit = bytes
  threshold = bytes
}

export function usedBytes(): usize {
  return used
}

/** Both one more than the version: 0 is before the first. */
export function setBounds(appliedNext: f64, storedNext: f64): void {
  applied = <u64>appliedNext
  stored = <u64>storedNext
}

// Spans: 64 KiB and twice, four times … as much. What is given back is used again for a span of the same size.

function takeSpan(power: u32): usize {
  const head = SPANS + power * 4
  const span: usize = load<u32>(head)
  if (span != 0) {
    store<u32>(head, load<u32>(span))
    return span
  }
  if (end == 0) end = (__heap_base + CHUNK - 1) & ~(CHUNK - 1)
  const at = end
  end += CHUNK << power
  const missing = <i32>((end - 1) >> 16) + 1 - memory.size()
  if (missing > 0) {
    // An eighth more than there is, so that it does not grow too often.
    const more = max(missing, min(memory.size() >> 3, 256))
    if (memory.grow(more) < 0 && memory.grow(missing) < 0) unreachable()
  }
  return at
}

function giveSpan(span: usize, power: u32): void {
  store<u32>(span, load<u32>(SPANS + power * 4))
  store<u32>(SPANS + power * 4, <u32>span)
}

// Lists: where it begins, the bytes in use, and the power of its span.

export function length(list: usize): u32 {
  return load<u32>(list, 4)
}

export function begin(list: usize): usize {
  return load<u32>(list)
}

export function cut(list: usize, bytes: u32): void {
  store<u32>(list, bytes, 4)
}

/** So many bytes at the end of a list, which may move as a whole. */
export function extend(list: usize, bytes: u32): usize {
  const from = load<u32>(list, 4)
  const to = from + bytes
  const at = load<u32>(list)
  if (at == 0 || to > (<u32>CHUNK) << load<u32>(list, 8)) growList(list, to)
  store<u32>(list, to, 4)
  return load<u32>(list) + from
}

/** Room for so many bytes at once: a large list does not leave smaller ones behind as it grows. */
export function reserve(list: usize, bytes: u32): void {
  if (load<u32>(list) == 0 || bytes > <u32>CHUNK << load<u32>(list, 8)) growList(list, bytes)
}

export function push(list: usize, value: usize): void {
  store<u32>(extend(list, 4), <u32>value)
}

export function item(list: usize, i: u32): usize {
  return load<u32>(load<u32>(list) + (i << 2))
}

function growList(list: usize, bytes: u32): void {
  let power: u32 = 0
  while ((<u32>CHUNK) << power < bytes) power++
  // A larger one that lies there is better than one more.
  for (let larger = power; larger <= POWER_MAX; larger++) {
    if (load<u32>(SPANS + larger * 4) == 0) continue
    power = larger
    break
  }
  const before: usize = load<u32>(list)
  const span = takeSpan(power)
  if (before != 0) {
    memory.copy(span, before, load<u32>(list, 4))
    giveSpan(before, load<u32>(list, 8))
  }
  store<u32>(list, <u32>span)
  store<u32>(list, power, 8)
}

/** Nothing is in it any more, and a large span is not kept for what may be little next time. */
export function clear(list: usize): void {
  store<u32>(list, 0, 4)
  if (load<u32>(list) == 0 || load<u32>(list, 8) < 6) return
  giveSpan(load<u32>(list), load<u32>(list, 8))
  store<u32>(list, 0)
}

// Blocks.

/** A block for a page of so many bytes; its header is zero but for the flags. */
export function allocate(bytes: usize): usize {
  const size = (bytes + GRAIN - 1) & ~(GRAIN - 1)
  if (used + size > threshold) letGo()
  const head = WITH_ROOM + (size / GRAIN) * 4
  let chunk: usize = load<u32>(head)
  if (chunk == 0) chunk = newChunk(size)
  let block: usize = load<u32>(chunk, FREE)
  if (block != 0) store<u32>(chunk, load<u32>(block, NEXT), FREE)
  else {
    block = load<u32>(chunk, FRESH)
    store<u32>(chunk, <u32>(block + size), FRESH)
  }
  store<u32>(chunk, load<u32>(chunk, IN_USE) + 1, IN_USE)
  if (!hasRoom(chunk)) unlink(chunk)
  used += size
  memory.fill(block, 0, HEADER)
  store<u8>(block, LIVE | USED, FLAGS)
  return block
}

export function release(block: usize): void {
  const chunk = block & ~(CHUNK - 1)
  const size: usize = load<u32>(chunk, SIZE)
  const had = hasRoom(chunk)
  memory.fill(block, 0, 32)
  store<u8>(block, 0, FLAGS)
  store<u32>(block, load<u32>(chunk, FREE), NEXT)
  store<u32>(chunk, <u32>block, FREE)
  used -= size
  const left = load<u32>(chunk, IN_USE) - 1
  store<u32>(chunk, left, IN_USE)
  if (!had) link(chunk)
  if (left > 0) return
  unlink(chunk)
  store<u32>(chunk, 0, SIZE)
  push(SPARE, chunk)
}

function hasRoom(chunk: usize): bool {
  return load<u32>(chunk, FREE) != 0 || load<u32>(chunk, FRESH) + load<u32>(chunk, SIZE) <= <u32>(chunk + CHUNK)
}

function newChunk(size: usize): usize {
  let chunk: usize
  const spare = length(SPARE)
  if (spare > 0) {
    chunk = item(SPARE, (spare >> 2) - 1)
    cut(SPARE, spare - 4)
  } else {
    chunk = takeSpan(0)
    push(CHUNKS, chunk)
  }
  store<u32>(chunk, <u32>size, SIZE)
  store<u32>(chunk, 0, IN_USE)
  store<u32>(chunk, 0, FREE)
  store<u32>(chunk, <u32>(chunk + FIRST), FRESH)
  link(chunk)
  return chunk
}

function link(chunk: usize): void {
  const head = WITH_ROOM + (load<u32>(chunk, SIZE) / <u32>GRAIN) * 4
  const next: usize = load<u32>(head)
  store<u32>(chunk, 0, BEFORE)
  store<u32>(chunk, <u32>next, AFTER)
  if (next != 0) store<u32>(next, <u32>chunk, BEFORE)
  store<u32>(head, <u32>chunk)
}

function unlink(chunk: usize): void {
  const before: usize = load<u32>(chunk, BEFORE)
  const after: usize = load<u32>(chunk, AFTER)
  if (before != 0) store<u32>(before, <u32>after, AFTER)
  else store<u32>(WITH_ROOM + (load<u32>(chunk, SIZE) / <u32>GRAIN) * 4, <u32>after)
  if (after != 0) store<u32>(after, <u32>before, BEFORE)
}

/** Walks round the chunks, twice at most, and lets go of pages that nobody used since the walk before: an eighth of all. */
function letGo(): void {
  const enough = limit - (limit >> 3)
  const chunks = length(CHUNKS) >> 2
  for (let walked: u32 = 0; walked < 2 * chunks && used > enough; walked++) {
    if (hand >= chunks) hand = 0
    sweep(item(CHUNKS, hand++))
  }
  // What is left is nowhere else, or needed: more memory than the setting says, and not asked for again with every page.
  threshold = max(limit, used + (limit >> 4))
}

function sweep(chunk: usize): void {
  const size: usize = load<u32>(chunk, SIZE)
  if (size == 0) return
  const end: usize = load<u32>(chunk, FRESH)
  for (let block = chunk + FIRST; block < end; block += size) {
    if (!isLive(block) || load<u8>(block, DEPTH) == 0) continue
    if (load<u64>(block, BIRTH) >= stored || load<u64>(block, NEEDED) > applied) continue
    const flags = load<u8>(block, FLAGS)
    if ((flags & HELD) != 0) continue
    if ((flags & USED) != 0) store<u8>(block, flags & ~USED, FLAGS)
    else {
      release(block)
      if (load<u32>(chunk, SIZE) == 0) return
    }
  }
}
