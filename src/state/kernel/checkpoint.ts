/**
 * What becomes of pages when a version is applied, and what a checkpoint writes of them: each page that only the changes hold, whole or as the
 * slots in which it differs from a whole one in the store (../stored-page.ts).
 */
import { copySlots } from './changes'
import { extend, item, length, release } from './memory'
import {
  BEFORE,
  BIRTH,
  childOf,
  DEPTH,
  DIFF,
  EVERY_SLOT,
  leavesOf,
  PATH,
  SLOTS,
  STORED,
  sizeOfPage,
  slotAt,
  slotsBytes,
  takenOf,
  WHOLE,
  writeVersion,
} from './page'

/** Keys of pages that nobody needs once the next checkpoint counts: each with its length before it. */
export const DYING: usize = memory.data(12, 4)
/** What a checkpoint writes: lengths of key and value in words, the key, the value, each padded to whole words. */
export const SAVED: usize = memory.data(12, 4)

/** Bytes of the pages that only the changes hold. */
export let changedBytes: usize = 0
/** One more than the version of the checkpoint that was begun last: what was born before is in the store, or will be with it. */
let begun: u64 = 0
/** How keys of pages begin. */
let start: u32 = 0

export function setBegun(next: f64, keyStart: u32): void {
  begun = <u64>next
  start = keyStart
}

function isSaved(page: usize): bool {
  return load<u64>(page, BIRTH) < begun
}

/** One more than the birth of the page that the store holds in the place of this one, or will. */
function storedNext(page: usize): u64 {
  return isSaved(page) ? load<u64>(page, BIRTH) + 1 : load<u64>(page, STORED)
}

/** A page takes the place of the one that it was made from. */
export function settle(page: usize): void {
  const before: usize = load<u32>(page, BEFORE)
  store<u32>(page, 0, BEFORE)
  changedBytes += sizeOfPage(page)
  if (before == 0) {
    store<u64>(page, 0, STORED)
    store<u64>(page, 0, WHOLE)
    store<u16>(page, <u16>EVERY_SLOT, DIFF)
    return
  }
  store<u64>(page, storedNext(before), STORED)
  store<u64>(page, load<u64>(before, WHOLE), WHOLE)
  // A page in another form has no slot where the whole one of the store has it.
  const isSameForm = load<u32>(before, SLOTS) == load<u32>(page, SLOTS)
  store<u16>(page, isSameForm ? load<u16>(before, DIFF) | load<u16>(page, DIFF) : <u16>EVERY_SLOT, DIFF)
  forget(before)
}

/** A page was taken away. */
export function remove(page: usize): void {
  const stored = storedNext(page)
  const whole = load<u64>(page, WHOLE)
  if (stored != 0) addDying(page, stored)
  if (whole != 0 && whole != stored) addDying(page, whole)
  forget(page)
}

function forget(page: usize): void {
  if (!isSaved(page)) changedBytes -= sizeOfPage(page)
  release(page)
}

/** A page that only the changes hold, as the store is opened again. */
export function restored(page: usize): void {
  changedBytes += sizeOfPage(page)
}

function addDying(page: usize, birthNext: u64): void {
  const size = keyLength(page)
  const to = extend(DYING, 1 + size)
  store<u8>(to, <u8>size)
  writeKey(to + 1, page, birthNext - 1)
}

function keyLength(page: usize): u32 {
  return 11 + ((<u32>load<u8>(page, DEPTH) + 1) >> 1)
}

function writeKey(to: usize, page: usize, birth: u64): void {
  store<u16>(to, <u16>start)
  store<u64>(to, bswap(birth), 2)
  store<u8>(to, load<u8>(page, DEPTH), 10)
  memory.copy(to + 11, page + PATH, keyLength(page) - 11)
}

/** Takes up all pages below this one that only the changes hold. The ways to them lead through such pages alone. */
export function save(page: usize): void {
  if (isSaved(page)) return
  saveOne(page)
  const slots = page + SLOTS
  for (let rest = takenOf(slots) & ~leavesOf(slots); rest != 0; rest &= rest - 1) {
    const slot = ctz(rest)
    const child = childOf(page, slot, slotAt(slots, slot))
    if (child != 0) save(child)
  }
}

export function saved(next: u64): void {
  begun = next
  changedBytes = 0
}

function saveOne(page: usize): void {
  const slots = page + SLOTS
  const stored = load<u64>(page, STORED)
  const whole = load<u64>(page, WHOLE)
  const diff: u32 = load<u16>(page, DIFF)
  const all = slotsBytes(takenOf(slots), leavesOf(slots))
  const patch: usize = 12 + slotsBytes(takenOf(slots) & diff, leavesOf(slots) & diff)
  const asPatch = whole != 0 && diff != EVERY_SLOT && patch + patch <= all
  // A whole page stays under the patches that are written of it.
  if (stored != 0 && !(asPatch && stored == whole)) addDying(page, stored)
  if (!asPatch && whole != 0 && whole != stored) addDying(page, whole)
  const key = keyLength(page)
  const keyRoom = (key + 3) & ~3
  const size = asPatch ? patch : all
  const to = extend(SAVED, 8 + keyRoom + <u32>size)
  store<u32>(to, key)
  store<u32>(to, <u32>size, 4)
  writeKey(to + 8, page, load<u64>(page, BIRTH))
  const value = to + 8 + keyRoom
  if (asPatch) {
    store<u32>(value, 0)
    store<u32>(value, diff, 4)
    writeVersion(value + 8, whole - 1)
    copySlots(slots, diff, value + 16)
  } else {
    memory.copy(value, slots, all)
    store<u64>(page, load<u64>(page, BIRTH) + 1, WHOLE)
    store<u16>(page, 0, DIFF)
  }
}
