/**
 * A page in memory: a header, its sixteen slots as the store has them (../slots.ts), where there are many the hashes of its binary tree, and
 * where the pages are that its slots point to, if they are in memory.
 *
 * Pages that were hashed do not change any more, but for what their headers say of the store, and for these addresses.
 */

/** Of the page; zero where there is none. */
export const BIRTH: usize = 32
/** One more than the birth of the page that the store has at its path, and than that of the whole page under a patch of it; 0 for none. */
export const STORED: usize = 40
export const WHOLE: usize = 48
/** One more than the newest version that may be made out of it. */
export const NEEDED: usize = 56
/** The slots in which it may differ from the whole one of the store; until it is applied, from the page that it was made from. */
export const DIFF: usize = 64
export const DEPTH: usize = 66
export const FLAGS: usize = 67
/** The page that it was made from, 0 for none. */
export const BEFORE: usize = 68
/** The half-bytes of the keys below it, then zeros. */
export const PATH: usize = 72
/** A multiple of 8, so that no hash behind it begins at one: memory.ts says why. */
export const HEADER: usize = 104
export const SLOTS: usize = HEADER
/** While a version is made: where in its parent its hash goes. */
export const HASH_TO: usize = STORED

export const LIVE: u8 = 1
/** Since the last walk for pages to let go of. */
export const USED: u8 = 2
/** It stays until another key is looked for. */
export const HELD: u8 = 4

export const LEAF_BYTES: usize = 72
export const CHILD_BYTES: usize = 40
export const V: usize = 32
export const LEAF_VERSION: usize = 64
export const CHILD_BIRTH: usize = 32
/** In the place of its version: that a write deletes. */
export const DELETED: u32 = 0xffff_ffff
export const EVERY_SLOT: u32 = 0xffff
/** Slots from which on it pays to keep the hashes of the binary tree. */
const DENSE: i32 = 7
/** Places 2 to 15, as in a heap: the root's hash is the page's, those of slots are made anew. */
const NODES_BYTES: usize = 14 * 32

export function isLive(block: usize): bool {
  return (load<u8>(block, FLAGS) & LIVE) != 0
}

export function takenOf(slots: usize): u32 {
  return load<u16>(slots)
}

export function leavesOf(slots: usize): u32 {
  return load<u16>(slots, 2)
}

export function slotsBytes(taken: u32, leaves: u32): usize {
  return 4 + CHILD_BYTES * popcnt(taken) + (LEAF_BYTES - CHILD_BYTES) * popcnt(leaves)
}

export function slotAt(slots: usize, slot: u32): usize {
  const below = (1 << slot) - 1
  return slots + slotsBytes(takenOf(slots) & below, leavesOf(slots) & below)
}

export function isDense(taken: u32): bool {
  return <i32>popcnt(taken) >= DENSE
}

export function pageBytes(taken: u32, leaves: u32): usize {
  return SLOTS + slotsBytes(taken, leaves) + (isDense(taken) ? NODES_BYTES : 0) + 4 * popcnt(taken & ~leaves)
}

export function sizeOfPage(page: usize): usize {
  return pageBytes(takenOf(page + SLOTS), leavesOf(page + SLOTS))
}

/** The node of a place of a dense page stands 32 bytes times the place behind this. */
export function nodesOf(page: usize): usize {
  const slots = page + SLOTS
  return slots + slotsBytes(takenOf(slots), leavesOf(slots)) - 2 * 32
}

/** Where a page has the addresses of its children, one after the other. */
export function childrenOf(page: usize): usize {
  const taken = takenOf(page + SLOTS)
  return page + SLOTS + slotsBytes(taken, leavesOf(page + SLOTS)) + (isDense(taken) ? NODES_BYTES : 0)
}

export function childAt(page: usize, slot: u32): usize {
  const children = takenOf(page + SLOTS) & ~leavesOf(page + SLOTS)
  return childrenOf(page) + 4 * popcnt(children & ((1 << slot) - 1))
}

/** The page that a slot points to, 0 where it is not in memory. */
export function childOf(page: usize, slot: u32, slotPlace: usize): usize {
  const child: usize = load<u32>(childAt(page, slot))
  return child != 0 && equalHash(child, slotPlace) ? child : 0
}

export function use(page: usize): void {
  store<u8>(page, load<u8>(page, FLAGS) | USED, FLAGS)
}

export function hold(page: usize): void {
  store<u8>(page, load<u8>(page, FLAGS) | USED | HELD, FLAGS)
}

export function letGoOf(page: usize): void {
  store<u8>(page, load<u8>(page, FLAGS) & ~HELD, FLAGS)
}

export function nibble(key: usize, depth: u32): u32 {
  const byte: u32 = load<u8>(key + (depth >> 1))
  return (depth & 1) != 0 ? byte & 15 : byte >> 4
}

export function equalHash(a: usize, b: usize): bool {
  return (
    load<u64>(a) == load<u64>(b) &&
    load<u64>(a, 8) == load<u64>(b, 8) &&
    load<u64>(a, 16) == load<u64>(b, 16) &&
    load<u64>(a, 24) == load<u64>(b, 24)
  )
}

/** Below 0 where the key of the first comes before that of the other. */
export function compareKeys(a: usize, b: usize): i32 {
  return memory.compare(a, b, 32)
}

export function readVersion(at: usize): u64 {
  return ((<u64>load<u32>(at)) << 32) | load<u32>(at, 4)
}

export function writeVersion(at: usize, version: u64): void {
  store<u32>(at, <u32>(version >> 32))
  store<u32>(at, <u32>version, 4)
}

/** The half-bytes of a key that lead to a page of this depth. */
export function writePath(page: usize, key: usize, depth: u32): void {
  const whole = depth >> 1
  memory.copy(page + PATH, key, whole)
  memory.fill(page + PATH + whole, 0, 32 - whole)
  if ((depth & 1) != 0) store<u8>(page + PATH + whole, load<u8>(key + whole) & 0xf0)
  store<u8>(page, <u8>depth, DEPTH)
}
