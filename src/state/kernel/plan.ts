/**
 * What a set of writes makes of the pages of a tree. Pages that change are made anew; a page that is left with one leaf gives it to its
 * parent, a slot that gets a second key becomes a page. No page that was there changes.
 */
import { allocate, begin, cut, extend, item, length, push } from './memory'
import {
  BEFORE,
  BIRTH,
  CHILD_BIRTH,
  CHILD_BYTES,
  childAt,
  childOf,
  childrenOf,
  compareKeys,
  DELETED,
  DEPTH,
  DIFF,
  equalHash,
  HASH_TO,
  isDense,
  LEAF_BYTES,
  LEAF_VERSION,
  leavesOf,
  nibble,
  nodesOf,
  pageBytes,
  SLOTS,
  slotAt,
  slotsBytes,
  takenOf,
  V,
  writePath,
  writeVersion,
} from './page'

/** The writes: leaves to distinct keys in the order of K. */
export const ENTRIES: usize = memory.data(12, 4)
/** Pages that are made, each after those below it; pages that are no more; */
export const MADE: usize = memory.data(12, 4)
export const REMOVED: usize = memory.data(12, 4)
/** both in the order of their paths, the shorter first, those that are no more with a bit set that no address has, and zeros; */
export const ORDERED: usize = memory.data(12, 4)
/** the places of the writes that change something; the leaves whose value is overwritten or deleted. */
export const EFFECTIVE: usize = memory.data(12, 4)
export const OVERWRITTEN: usize = memory.data(12, 4)
/** Leaves of which pages are about to be made: those of the innermost call at the end. */
const LEAVES: usize = memory.data(12, 4)
/** By depth and slot: the leaf or the page that a slot becomes, 0 where it becomes nothing. */
const BECOMES: usize = memory.data(65 * 64, 4)

export const GONE: usize = 1

/** What becomes of a slot or a page; where it is a leaf or a page that is made, `result` says which. */
export const UNCHANGED: u32 = 0
export const NOTHING: u32 = 1
export const LEAF: u32 = 2
export const PAGE: u32 = 3
export let result: usize = 0

let version: u64 = 0

export function entry(i: u32): usize {
  return begin(ENTRIES) + <usize>i * LEAF_BYTES
}

function isValue(i: u32): bool {
  return load<u32>(entry(i), LEAF_VERSION) != DELETED
}

/** The writes to the tree below this root page, 0 for none. */
export function plan(root: usize, count: u32, ofVersion: u64): u32 {
  version = ofVersion
  cut(LEAVES, 0)
  if (root != 0) return changePage(root, 0, 0, count)
  for (let i: u32 = 0; i < count; i++) addValue(i)
  const leaves = length(LEAVES) >> 2
  return leaves == 0 ? UNCHANGED : newPage(0, 0, leaves)
}

function addValue(i: u32): void {
  if (!isValue(i)) return
  push(EFFECTIVE, i)
  push(LEAVES, entry(i))
}

function changePage(page: usize, depth: u32, from: u32, to: u32): u32 {
  const place = length(ORDERED)
  push(ORDERED, 0)
  const slots = page + SLOTS
  let taken = takenOf(slots)
  let leaves = leavesOf(slots)
  let changed: u32 = 0
  for (let first = from; first < to; ) {
    const slot = nibble(entry(first), depth)
    let end = first + 1
    while (end < to && nibble(entry(end), depth) == slot) end++
    const becomes = changeSlot(page, depth, slot, first, end)
    first = end
    if (becomes == UNCHANGED) continue
    const bit: u32 = 1 << slot
    changed |= bit
    taken = becomes == NOTHING ? taken & ~bit : taken | bit
    leaves = becomes == LEAF ? leaves | bit : leaves & ~bit
    store<u32>(BECOMES + depth * 64 + slot * 4, <u32>result)
  }
  if (changed == 0) return UNCHANGED
  const isOneLeaf = depth > 0 && popcnt(taken) == 1 && leaves == taken
  if (taken != 0 && !isOneLeaf) return make(entry(from), depth, place, page, taken, leaves, changed)

  push(REMOVED, page)
  store<u32>(begin(ORDERED) + place, <u32>(page | GONE))
  if (taken == 0) return NOTHING
  const slot = ctz(taken)
  const isAnother = ((changed >>> slot) & 1) != 0
  result = isAnother ? <usize>load<u32>(BECOMES + depth * 64 + slot * 4) : slotAt(slots, slot)
  return LEAF
}

function changeSlot(page: usize, depth: u32, slot: u32, from: u32, to: u32): u32 {
  const slots = page + SLOTS
  const bit: u32 = 1 << slot
  if ((takenOf(slots) & bit) == 0) return fillSlot(depth + 1, 0, from, to)
  const at = slotAt(slots, slot)
  if ((leavesOf(slots) & bit) != 0) return fillSlot(depth + 1, at, from, to)
  const child = childOf(page, slot, at)
  // Every page on the way was brought into memory before.
  if (child == 0) unreachable()
  return changePage(child, depth + 1, from, to)
}

/** What becomes of a slot that holds one leaf or (0) none. */
function fillSlot(depth: u32, leaf: usize, from: u32, to: u32): u32 {
  const first = length(LEAVES) >> 2
  /** Whether the leaf that was there has found its place, or has none any more. */
  let isPlaced = leaf == 0
  let isUntouched = leaf != 0
  for (let i = from; i < to; i++) {
    const order = isPlaced ? 1 : compareKeys(leaf, entry(i))
    if (order > 0) {
      addValue(i)
      continue
    }
    isPlaced = true
    if (order < 0) {
      push(LEAVES, leaf)
      addValue(i)
    } else if (isValue(i) && equalHash(leaf + V, entry(i) + V)) push(LEAVES, leaf)
    else {
      isUntouched = false
      push(OVERWRITTEN, leaf)
      if (isValue(i)) addValue(i)
      else push(EFFECTIVE, i)
    }
  }
  if (!isPlaced) push(LEAVES, leaf)
  const end = length(LEAVES) >> 2
  const count = end - first
  result = count > 0 ? item(LEAVES, first) : 0
  let becomes = NOTHING
  if (count == 0 ? leaf == 0 : count == 1 && isUntouched) becomes = UNCHANGED
  else if (count == 1) becomes = LEAF
  else if (count > 1) becomes = newPage(depth, first, end)
  cut(LEAVES, first << 2)
  return becomes
}

/** A page for these leaves, two or more of them (or any number at the root), in the order of K. */
function newPage(depth: u32, from: u32, to: u32): u32 {
  const place = length(ORDERED)
  push(ORDERED, 0)
  let taken: u32 = 0
  let single: u32 = 0
  for (let first = from; first < to; ) {
    const slot = nibble(item(LEAVES, first), depth)
    let end = first + 1
    while (end < to && nibble(item(LEAVES, end), depth) == slot) end++
    taken |= 1 << slot
    if (end == first + 1) {
      single |= 1 << slot
      result = item(LEAVES, first)
    } else newPage(depth + 1, first, end)
    store<u32>(BECOMES + depth * 64 + slot * 4, <u32>result)
    first = end
  }
  return make(item(LEAVES, from), depth, place, 0, taken, single, taken)
}

/** Makes a page: its slots are those of the page before, but for what changed. */
function make(key: usize, depth: u32, place: u32, before: usize, taken: u32, leaves: u32, changed: u32): u32 {
  const page = allocate(pageBytes(taken, leaves))
  store<u64>(page, version, BIRTH)
  store<u32>(page, <u32>before, BEFORE)
  store<u16>(page, <u16>changed, DIFF)
  writePath(page, key, depth)
  const slots = page + SLOTS
  if (before != 0 && load<u32>(before, SLOTS) == ((leaves << 16) | taken)) {
    // It keeps its form: copied as it is, and then what changed.
    memory.copy(slots, before + SLOTS, pageBytes(taken, leaves) - SLOTS)
    for (let rest = changed & taken; rest != 0; rest &= rest - 1) {
      const slot = ctz(rest)
      becomeAt(page, depth, slot, slotAt(slots, slot), ((leaves >>> slot) & 1) != 0)
    }
  } else layOut(page, depth, before, taken, leaves, changed)
  push(MADE, page)
  store<u32>(begin(ORDERED) + place, <u32>page)
  result = page
  return PAGE
}

function layOut(page: usize, depth: u32, before: usize, taken: u32, leaves: u32, changed: u32): void {
  const slots = page + SLOTS
  store<u32>(slots, (leaves << 16) | taken)
  let to = slots + 4
  for (let rest = taken; rest != 0; rest &= rest - 1) {
    const slot = ctz(rest)
    const isLeaf = ((leaves >>> slot) & 1) != 0
    const size = isLeaf ? LEAF_BYTES : CHILD_BYTES
    if (((changed >>> slot) & 1) != 0) becomeAt(page, depth, slot, to, isLeaf)
    else {
      memory.copy(to, slotAt(before + SLOTS, slot), size)
      if (!isLeaf) store<u32>(childAt(page, slot), load<u32>(childAt(before, slot)))
    }
    to += size
  }
  if (before != 0 && isDense(taken) && isDense(takenOf(before + SLOTS))) {
    memory.copy(nodesOf(page) + 64, nodesOf(before) + 64, 14 * 32)
  }
}

/** What a slot becomes that changed. */
function becomeAt(page: usize, depth: u32, slot: u32, at: usize, isLeaf: bool): void {
  const becomes: usize = load<u32>(BECOMES + depth * 64 + slot * 4)
  if (isLeaf) {
    memory.copy(at, becomes, LEAF_BYTES)
    return
  }
  // Its hash comes when it is known.
  store<u32>(becomes, <u32>at, HASH_TO)
  writeVersion(at + CHILD_BIRTH, version)
  store<u32>(childAt(page, slot), <u32>becomes)
}
