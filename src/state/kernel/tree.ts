/**
 * The pages of a state tree in WebAssembly, in AssemblyScript: in memory, planned, hashed, laid out for the store. `npm run kernel` compiles it
 * into ../tree-kernel.ts; ../core.ts is what calls it, and says what each call is for.
 */
import { encodeChanges, encodeOverwritten, PARTS, RECORDS, STALE } from './changes'
import { changedBytes, DYING, remove, restored, SAVED, save, saved, setBegun, settle } from './checkpoint'
import { hashPage, hashPages, placeOfPage } from './hash'
import { allocate, begin, clear, cut, extend, item, length, push, release, reserve } from './memory'
import {
  BIRTH,
  childAt,
  childOf,
  DEPTH,
  DIFF,
  equalHash,
  HASH_TO,
  hold,
  leavesOf,
  letGoOf,
  NEEDED,
  nibble,
  pageBytes,
  SLOTS,
  STORED,
  slotAt,
  slotsBytes,
  takenOf,
  use,
  WHOLE,
  writePath,
} from './page'
import { EFFECTIVE, ENTRIES, entry, MADE, ORDERED, OVERWRITTEN, plan, REMOVED, result } from './plan'

export { changedBytes, setBegun } from './checkpoint'
export { clear, setBounds, setLimit, usedBytes } from './memory'
export { DYING, EFFECTIVE, ENTRIES, MADE, PARTS, RECORDS, REMOVED, SAVED, STALE }

/** The key that is looked for, or below which a page stands; and the hash that a root page has to have. */
export const KEY: usize = memory.data(32, 8)
export const EXPECTED: usize = memory.data(32, 8)
/** A page outside of the tree, to be hashed: its slots are put there. */
const OUTSIDE: usize = memory.data(2048, 16)
export const STAGE: usize = OUTSIDE + SLOTS
/** The hashes of its places. */
export const HASHES: usize = memory.data(32 * 32, 16)
/** Pages that are in the store alone: the page above, the slot, a write on the way to it, the depth of each. */
export const MISSING: usize = memory.data(12, 4)
/** Pages that are given to `apply` and `drop`. */
export const GIVEN: usize = memory.data(12, 4)
const WAYS: usize = memory.data(12, 4)
const HELD_PAGES: usize = memory.data(12, 4)
const BY_DEPTH: usize = memory.data(12, 4)
const COUNTS: usize = memory.data(66 * 4, 4)

/** Answers of `find`: that the key is not there; that a page on the way is not in memory. */
const ABSENT: usize = 0
const NOT_HERE: usize = 1

export function room(list: usize, bytes: u32): usize {
  clear(list)
  return extend(list, bytes)
}

/** The leaf of KEY below this root page. The pages on the way stay until the next call, or until a version is applied or dropped. */
export function find(root: usize): usize {
  letGoOfHeld()
  let page = root
  for (let depth: u32 = 0; page != 0; depth++) {
    hold(page)
    push(HELD_PAGES, page)
    const slots = page + SLOTS
    const slot = nibble(KEY, depth)
    const bit: u32 = 1 << slot
    if ((takenOf(slots) & bit) == 0) return ABSENT
    const at = slotAt(slots, slot)
    if ((leavesOf(slots) & bit) != 0) return equalHash(at, KEY) ? at : ABSENT
    const child = childOf(page, slot, at)
    if (child == 0) {
      cut(MISSING, 0)
      missing(page, slot, 0, depth + 1)
      return NOT_HERE
    }
    page = child
  }
  return ABSENT
}

/** Before any of them may be released: where it stood may be the middle of another page afterwards. */
function letGoOfHeld(): void {
  for (let i: u32 = 0; i < length(HELD_PAGES) >> 2; i++) letGoOf(item(HELD_PAGES, i))
  cut(HELD_PAGES, 0)
}

function missing(parent: usize, slot: u32, write: u32, depth: u32): void {
  const at = extend(MISSING, 16)
  store<u32>(at, <u32>parent)
  store<u32>(at, slot, 4)
  store<u32>(at, write, 8)
  store<u32>(at, depth, 12)
}

/** The page that a slot points to, 0 where it is not in memory. */
export function child(page: usize, slot: u32): usize {
  return childOf(page, slot, slotAt(page + SLOTS, slot))
}

/**
 * Goes all ways of the entries at once, so that what comes from memory comes side by side. The pages on them stay until this version is
 * applied. Answers how many were missing.
 */
export function resolve(root: usize, count: u32, version: f64): u32 {
  cut(MISSING, 0)
  if (root == 0 || count == 0) return 0
  const neededNext = <u64>version + 1
  cut(WAYS, 0)
  extend(WAYS, 4 * count)
  const ways = begin(WAYS)
  for (let i: u32 = 0; i < count; i++) store<u32>(ways + 4 * i, <u32>root)
  need(root, neededNext)
  let lastParent: usize = 0
  let lastSlot: u32 = 0
  for (let depth: u32 = 0, going = count; going > 0; depth++) {
    going = 0
    for (let i: u32 = 0; i < count; i++) {
      const page: usize = load<u32>(ways + 4 * i)
      if (page == 0) continue
      const slots = page + SLOTS
      const slot = nibble(entry(i), depth)
      let next: usize = 0
      if ((((takenOf(slots) & ~leavesOf(slots)) >>> slot) & 1) != 0) {
        next = childOf(page, slot, slotAt(slots, slot))
        if (next != 0) {
          need(next, neededNext)
          going++
        } else if (page != lastParent || slot != lastSlot) {
          missing(page, slot, i, depth + 1)
          lastParent = page
          lastSlot = slot
        }
      }
      store<u32>(ways + 4 * i, <u32>next)
    }
  }
  return length(MISSING) >> 4
}

function need(page: usize, neededNext: u64): void {
  use(page)
  if (load<u64>(page, NEEDED) < neededNext) store<u64>(page, neededNext, NEEDED)
}

/**
 * Hangs the page in STAGE under a slot of another one (0: it is the root), on the way to KEY, if it has the hash that is said there; else
 * nothing happens, and the answer is 0. Births are one more than they are.
 */
export function admit(
  parent: usize,
  slot: u32,
  depth: u32,
  birth: f64,
  storedNext: f64,
  wholeNext: f64,
  diff: u32,
  isOnlyHere: bool,
): usize {
  const taken = takenOf(STAGE)
  const leaves = leavesOf(STAGE)
  const page = allocate(pageBytes(taken, leaves))
  memory.copy(page + SLOTS, STAGE, slotsBytes(taken, leaves))
  // Where its children are is not known.
  const end = page + pageBytes(taken, leaves)
  const children = popcnt(taken & ~leaves)
  memory.fill(end - 4 * children, 0, 4 * children)
  store<u64>(page, <u64>birth, BIRTH)
  store<u64>(page, <u64>storedNext, STORED)
  store<u64>(page, <u64>wholeNext, WHOLE)
  store<u16>(page, <u16>diff, DIFF)
  writePath(page, KEY, depth)
  hashPage(page)
  if (!equalHash(page, parent == 0 ? EXPECTED : slotAt(parent + SLOTS, slot))) {
    release(page)
    return 0
  }
  if (parent != 0) store<u32>(childAt(parent, slot), <u32>page)
  if (isOnlyHere) restored(page)
  return page
}

/** Hashes the page in STAGE: the hashes of its places are in HASHES then. */
export function expand(): void {
  hashPage(OUTSIDE)
  for (let place: u32 = 1; place < 32; place++) memory.copy(HASHES + 32 * place, placeOfPage(place), 32)
}

/** What becomes of the tree below this root page by the entries, all ways of which were resolved: see `plan`. Keys of values begin so. */
export function prepare(root: usize, count: u32, version: f64, valueStart: u32): u32 {
  clear(MADE)
  clear(REMOVED)
  clear(ORDERED)
  clear(EFFECTIVE)
  clear(OVERWRITTEN)
  clear(RECORDS)
  clear(PARTS)
  clear(STALE)
  const becomes = plan(root, count, <u64>version)
  hashMade()
  encodeChanges()
  encodeOverwritten(valueStart)
  return becomes
}

/** The root page that the last plan made. */
export function newRoot(): usize {
  return result
}

/** The deepest pages first: their hashes are among what is hashed above them. */
function hashMade(): void {
  const count = length(MADE) >> 2
  memory.fill(COUNTS, 0, 66 * 4)
  for (let i: u32 = 0; i < count; i++) {
    const at = COUNTS + 4 * (<usize>load<u8>(item(MADE, i), DEPTH) + 1)
    store<u32>(at, load<u32>(at) + 1)
  }
  for (let at = COUNTS + 4; at < COUNTS + 66 * 4; at += 4) store<u32>(at, load<u32>(at) + load<u32>(at - 4))
  cut(BY_DEPTH, 0)
  extend(BY_DEPTH, 4 * count)
  for (let i: u32 = 0; i < count; i++) {
    const page = item(MADE, i)
    const at = COUNTS + 4 * <usize>load<u8>(page, DEPTH)
    const place = load<u32>(at)
    store<u32>(begin(BY_DEPTH) + 4 * place, <u32>page)
    store<u32>(at, place + 1)
  }
  // Now each says where the next depth begins.
  for (let depth: i32 = 64; depth >= 0; depth--) {
    const from: u32 = depth == 0 ? 0 : load<u32>(COUNTS + 4 * (depth - 1))
    const to = load<u32>(COUNTS + 4 * depth)
    hashPages(BY_DEPTH, from, to)
    for (let i = from; i < to; i++) {
      const page = item(BY_DEPTH, i)
      const hashTo: usize = load<u32>(page, HASH_TO)
      if (hashTo != 0) memory.copy(hashTo, page, 32)
    }
  }
}

/** A version is applied: of the given pages so many were taken away, the others were made, each after those below it. */
export function apply(removedCount: u32): void {
  letGoOfHeld()
  for (let i: u32 = 0; i < removedCount; i++) remove(item(GIVEN, i))
  const count = length(GIVEN) >> 2
  for (let i = removedCount; i < count; i++) settle(item(GIVEN, i))
}

/** A version will never be applied: the given pages are of no worth. */
export function drop(): void {
  letGoOfHeld()
  const count = length(GIVEN) >> 2
  for (let i: u32 = 0; i < count; i++) release(item(GIVEN, i))
}

/** Begins a checkpoint of the tree below this root page, as it is at a version. What it writes is in SAVED then. */
export function beginCheckpoint(root: usize, version: f64): void {
  clear(SAVED)
  // What is written of a page is shorter than the page with its header.
  reserve(SAVED, <u32>changedBytes)
  if (root != 0) save(root)
  saved(<u64>version + 1)
}
