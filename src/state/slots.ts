/**
 * How a page holds its sixteen slots, in 32-bit words: one word that says which slots are taken and which of them are leaves, then
 * the slots one after the other. A leaf is K, V and the version that wrote the value; a child is its page's hash and birth.
 *
 * Words, because hashes are copied by the million: eight assignments instead of thirty-two, and no view made for it.
 */

/** Slots where they are: the words that they are among, and where they begin. */
export interface PageAt {
  readonly words: Uint32Array
  readonly at: number
}

/** A leaf where it stands: in a page or among writes. */
export interface LeafAt {
  readonly words: Uint32Array
  readonly at: number
}

export const LEAF_WORDS = 18
export const CHILD_WORDS = 10
export const HASH_WORDS = 8
/** Where the version stands in a leaf, and the birth in a child. */
export const LEAF_VERSION = 16
export const CHILD_BIRTH = 8

if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) {
  throw new Error(
    'The store keeps 32-bit words as they are in memory, and this machine orders their bytes the other way.',
  )
}

function popCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x5555)
  count = (count & 0x3333) + ((count >>> 2) & 0x3333)
  count = (count + (count >>> 4)) & 0x0f0f
  return (count + (count >>> 8)) & 0x1f
}

/** The place of the lowest bit that is set: bits are gone through by `rest &= rest - 1`. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

/** Which slots of the page at `at` are taken: bit i for slot i. */
export function takenAt(words: Uint32Array, at: number): number {
  return (words[at] as number) & 0xffff
}

/** Which of them are leaves. */
export function leavesAt(words: Uint32Array, at: number): number {
  return (words[at] as number) >>> 16
}

/** How many words a page with these slots has. */
export function wordsFor(taken: number, leaves: number): number {
  const leafCount = popCount(leaves)
  return 1 + LEAF_WORDS * leafCount + CHILD_WORDS * (popCount(taken) - leafCount)
}

export function pageWords(words: Uint32Array, at: number): number {
  return wordsFor(takenAt(words, at), leavesAt(words, at))
}

/** The words of a slot that is taken, of the slots that begin at `start`. */
export function slotWords(words: Uint32Array, start: number, slot: number): number {
  return ((leavesAt(words, start) >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
}

/** Where a slot that is taken begins, of the page at `at`. */
export function slotAt(words: Uint32Array, at: number, slot: number): number {
  const below = (1 << slot) - 1
  return at + wordsFor(takenAt(words, at) & below, leavesAt(words, at) & below)
}

/** Spelled out: hashes are what is copied most. */
export function copyHash(source: Uint32Array, from: number, target: Uint32Array, to: number): void {
  target[to] = source[from] as number
  target[to + 1] = source[from + 1] as number
  target[to + 2] = source[from + 2] as number
  target[to + 3] = source[from + 3] as number
  target[to + 4] = source[from + 4] as number
  target[to + 5] = source[from + 5] as number
  target[to + 6] = source[from + 6] as number
  target[to + 7] = source[from + 7] as number
}

export function copyWords(source: Uint32Array, from: number, target: Uint32Array, to: number, count: number): void {
  for (let i = 0; i < count; i++) target[to + i] = source[from + i] as number
}

export function equalWords(a: Uint32Array, from: number, b: Uint32Array, other: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (a[from + i] !== b[other + i]) return false
  return true
}

/** The version that wrote the value of a leaf. */
export function versionOf({ words, at }: LeafAt): number {
  return readVersion(words, at + LEAF_VERSION)
}

export function readVersion(words: Uint32Array, at: number): number {
  return (words[at] as number) * 0x1_0000_0000 + (words[at + 1] as number)
}

export function writeVersion(words: Uint32Array, at: number, version: number): void {
  words[at] = Math.floor(version / 0x1_0000_0000)
  words[at + 1] = version >>> 0
}

/** The bytes of these words, shared with them. */
export function bytesOf(words: Uint32Array, from = 0, count: number = words.length - from): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + 4 * from, 4 * count)
}

/** The 32 bytes of a hash, of their own. */
export function hashAt(words: Uint32Array, at: number): Uint8Array {
  return bytesOf(words, at, HASH_WORDS).slice()
}

/** Words of their own, holding these bytes. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(bytes.length >> 2)
  bytesOf(words).set(bytes.subarray(0, words.length << 2))
  return words
}

/**
 * Whether every leaf of a page of this depth stands in the slot that its key says. The hash of a page does not fix that: a leaf that is alone
 * below a node stands for it, wherever below.
 */
export function leavesStandRight(words: Uint32Array, at: number, depth: number): boolean {
  const taken = takenAt(words, at)
  const leaves = leavesAt(words, at)
  for (let slot = 0, from = at + 1; slot < 16; slot++) {
    if (((taken >>> slot) & 1) === 0) continue
    const isLeaf = ((leaves >>> slot) & 1) === 1
    if (isLeaf && nibbleAt(words, from, depth) !== slot) return false
    from += isLeaf ? LEAF_WORDS : CHILD_WORDS
  }
  return true
}

/** Whether the number of these words is that of their slots: they are no page otherwise. */
export function isWholePage(words: Uint32Array): boolean {
  return (leavesAt(words, 0) & ~takenAt(words, 0)) === 0 && pageWords(words, 0) === words.length
}

/** The `depth`th half-byte of the hash that begins at `at`: the slot that it takes in a page of that depth. */
export function nibbleAt(words: Uint32Array, at: number, depth: number): number {
  const byte = ((words[at + (depth >> 3)] as number) >>> (8 * ((depth >> 1) & 3))) & 0xff
  return depth % 2 === 0 ? byte >> 4 : byte & 15
}
