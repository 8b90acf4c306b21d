/**
 * The hashes of many pages at once. A page is a binary tree of four levels over its sixteen slots, by the rule of FORMAT §7: nothing
 * is `EMPTY`, one leaf stands for itself however high, all else is an inner node.
 *
 * Pages are taken some at a time, level by level: what is to be hashed is always read where it stands, two messages at once.
 */
import { both, lane, loadWord, permute, put, STATE, storeWord } from '../../hash/kernel/permute'
import { item } from './memory'
import { BEFORE, DIFF, EVERY_SLOT, isDense, leavesOf, nodesOf, SLOTS, slotAt, takenOf } from './page'

/** Pages that are hashed side by side: their scratch fits into the nearest cache of the processor. */
const SOME: u32 = 16
/** Of each page the hashes of its places, 1 to 31, that stand nowhere else. */
const SCRATCH: usize = memory.data(16 * 32 * 32, 16)
/** Of each page, where the hashes of its places stand; */
const PLACES: usize = memory.data(16 * 32 * 4, 16)
/** bit p: place p is not empty, it is a leaf, it is to be hashed; and where the nodes are that stay as they were. */
const FULL: usize = memory.data(16 * 4, 4)
const LEAFY: usize = memory.data(16 * 4, 4)
const STALE: usize = memory.data(16 * 4, 4)
const NODES: usize = memory.data(16 * 4, 4)
const PAGES: usize = memory.data(16 * 4, 4)

/** `JMT::LeafNode`, in two words, and `JMT::IntrnalNode`. */
const LEAF_0: u64 = 0x61654c3a3a544d4a
const LEAF_1: u64 = 0x00000065646f4e66
const INNER_0: u64 = 0x746e493a3a544d4a
const INNER_1: u64 = 0x65646f4e6c616e72
const LAST_BIT: u64 = 0x8000000000000000
/** `SPARSE_MERKLE_PLACEHOLDER_HASH__`. */
export const EMPTY: usize = memory.data<u8>([
  0x53, 0x50, 0x41, 0x52, 0x53, 0x45, 0x5f, 0x4d, 0x45, 0x52, 0x4b, 0x4c, 0x45, 0x5f, 0x50, 0x4c, 0x41, 0x43, 0x45,
  0x48, 0x4f, 0x4c, 0x44, 0x45, 0x52, 0x5f, 0x48, 0x41, 0x53, 0x48, 0x5f, 0x5f,
])

/** One that waits for a second message beside it. */
let waitsA: usize = 0
let waitsB: usize = 0
let waitsTo: usize = 0

/** Hashes these pages of a list. Where both have nodes, what did not change of the page before is hashed already. */
export function hashPages(list: usize, from: u32, to: u32): void {
  for (let first = from; first < to; first += SOME) {
    const count = min(SOME, to - first)
    for (let i: u32 = 0; i < count; i++) {
      const page = item(list, first + i)
      const before: usize = load<u32>(page, BEFORE)
      const isKept = before != 0 && isDense(takenOf(page + SLOTS)) && isDense(takenOf(before + SLOTS))
      place(i, page, isKept ? load<u16>(page, DIFF) : EVERY_SLOT)
    }
    climb(count)
  }
}

/** Hashes all of one page. */
export function hashPage(page: usize): void {
  place(0, page, EVERY_SLOT)
  climb(1)
}

/** Where the hash of a place of the page stands that was hashed last, alone. */
export function placeOfPage(place: u32): usize {
  return ((load<u32>(FULL) >>> place) & 1) != 0 ? <usize>load<u32>(PLACES + place * 4) : EMPTY
}

/** Takes up the slots of a page that are to be hashed, and those beside them. */
function place(i: u32, page: usize, stale: u32): void {
  const slots = page + SLOTS
  const taken = takenOf(slots)
  const leaves = leavesOf(slots)
  let full = taken << 16
  let leafy = leaves << 16
  for (let p: u32 = 15; p >= 1; p--) {
    const below = (full >>> (2 * p)) & 3
    if (below == 0) continue
    full |= 1 << p
    if (below != 3) leafy |= ((leafy >>> (2 * p + (below >> 1))) & 1) << p
  }
  let places = stale << 16
  for (let p: u32 = 15; p >= 1; p--) if (((places >>> (2 * p)) & 3) != 0) places |= 1 << p
  store<u32>(PAGES + i * 4, <u32>page)
  store<u32>(FULL + i * 4, full)
  store<u32>(LEAFY + i * 4, leafy)
  store<u32>(STALE + i * 4, places)
  store<u32>(NODES + i * 4, isDense(taken) ? <u32>nodesOf(page) : 0)
  const beside = stale | ((stale & 0x5555) << 1) | ((stale & 0xaaaa) >> 1)
  const table = PLACES + i * 128
  for (let rest = beside & taken; rest != 0; rest &= rest - 1) {
    const slot = ctz(rest)
    const at = slotAt(slots, slot)
    if (((leaves >>> slot) & 1) == 0) store<u32>(table + (16 + slot) * 4, <u32>at)
    else {
      const own = SCRATCH + i * 1024 + (16 + slot) * 32
      store<u32>(table + (16 + slot) * 4, <u32>own)
      leaf(at, own)
    }
  }
}

function climb(count: u32): void {
  endLeaves()
  for (let level: u32 = 8; level >= 1; level >>= 1) {
    const ofLevel = ((1 << level) - 1) << level
    for (let i: u32 = 0; i < count; i++) {
      const stale = load<u32>(STALE + i * 4) & load<u32>(FULL + i * 4) & ofLevel
      for (let rest = stale; rest != 0; rest &= rest - 1) node(i, ctz(rest))
    }
    endInner()
  }
}

function node(i: u32, p: u32): void {
  const table = PLACES + i * 128
  const page: usize = load<u32>(PAGES + i * 4)
  const nodes: usize = load<u32>(NODES + i * 4)
  const own = p == 1 ? page : nodes != 0 ? nodes + p * 32 : SCRATCH + i * 1024 + p * 32
  store<u32>(table + p * 4, <u32>own)
  if (((load<u32>(LEAFY + i * 4) >>> p) & 1) == 0) {
    inner(hashOf(i, 2 * p), hashOf(i, 2 * p + 1), own)
    return
  }
  const alone = hashOf(i, 2 * p + (((load<u32>(FULL + i * 4) >>> (2 * p)) & 1) ^ 1))
  if (p == 1 || nodes != 0) memory.copy(own, alone, 32)
  else store<u32>(table + p * 4, <u32>alone)
}

function hashOf(i: u32, p: u32): usize {
  if (((load<u32>(FULL + i * 4) >>> p) & 1) == 0) return EMPTY
  const isKnown = p >= 16 || ((load<u32>(STALE + i * 4) >>> p) & 1) != 0
  return isKnown ? load<u32>(PLACES + i * 128 + p * 4) : load<u32>(NODES + i * 4) + p * 32
}

function leaf(at: usize, to: usize): void {
  if (waitsTo == 0) {
    waitsA = at
    waitsTo = to
    return
  }
  absorbLeaf<v128>(waitsA, at - waitsA)
  squeeze<v128>(waitsTo, to - waitsTo)
  waitsTo = 0
}

function endLeaves(): void {
  if (waitsTo == 0) return
  absorbLeaf<u64>(waitsA, 0)
  squeeze<u64>(waitsTo, 0)
  waitsTo = 0
}

function inner(a: usize, b: usize, to: usize): void {
  if (waitsTo == 0) {
    waitsA = a
    waitsB = b
    waitsTo = to
    return
  }
  absorbInner<v128>(waitsA, waitsB, a - waitsA, b - waitsB)
  squeeze<v128>(waitsTo, to - waitsTo)
  waitsTo = 0
}

function endInner(): void {
  if (waitsTo == 0) return
  absorbInner<u64>(waitsA, waitsB, 0, 0)
  squeeze<u64>(waitsTo, 0)
  waitsTo = 0
}

/** A message of 77 bytes: 13 of them before K and V, which so stand across the words. */
function absorbLeaf<T>(at: usize, stride: usize): void {
  put<T>(STATE, 0, both<T>(LEAF_0))
  let word = loadWord<T>(at, stride)
  put<T>(STATE, 1, or<T>(both<T>(LEAF_1), left<T>(word, 40)))
  for (let i: usize = 1; i < 8; i++) {
    const next = loadWord<T>(at + 8 * i, stride)
    put<T>(STATE, i + 1, or<T>(right<T>(word, 24), left<T>(next, 40)))
    word = next
  }
  put<T>(STATE, 9, or<T>(right<T>(word, 24), both<T>(0x01 << 40)))
  put<T>(STATE, 10, both<T>(0))
  finish<T>()
}

/** One of 80 bytes. */
function absorbInner<T>(a: usize, b: usize, strideA: usize, strideB: usize): void {
  put<T>(STATE, 0, both<T>(INNER_0))
  put<T>(STATE, 1, both<T>(INNER_1))
  for (let i: usize = 0; i < 4; i++) put<T>(STATE, 2 + i, loadWord<T>(a + 8 * i, strideA))
  for (let i: usize = 0; i < 4; i++) put<T>(STATE, 6 + i, loadWord<T>(b + 8 * i, strideB))
  put<T>(STATE, 10, both<T>(1))
  finish<T>()
}

function finish<T>(): void {
  for (let i: usize = 11; i < 25; i++) put<T>(STATE, i, both<T>(0))
  put<T>(STATE, 16, both<T>(LAST_BIT))
  permute<T>()
}

function squeeze<T>(to: usize, stride: usize): void {
  for (let i: usize = 0; i < 4; i++) storeWord<T>(to + i * 8, stride, lane<T>(STATE, i))
}

function or<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.or(a, b)
  return a | b
}

function left<T>(word: T, bits: i32): T {
  if (isVector<T>()) return i64x2.shl(word, bits)
  return word << bits
}

function right<T>(word: T, bits: i32): T {
  if (isVector<T>()) return i64x2.shr_u(word, bits)
  return word >> bits
}
