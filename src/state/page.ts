/**
 * A page of a state tree in memory: a block of words in the cache or in a version that is prepared. It begins with what the store
 * does not hold (when it was made, which page the store has in its place, who used it), then its slots as the store has them, then,
 * where there are many, the hashes of its binary tree. A version that is prepared leaves it as it is, but for that beginning: it makes
 * another page, or a patch, which comes over this one when the version is applied.
 */
import { leavesAt, pageWords, popCount, readVersion, takenAt, wordsFor, writeVersion } from './slots.ts'

/** A block: the words that it is among, and where it begins. */
export interface PageAt {
  readonly words: Uint32Array
  readonly at: number
}

const BIRTH = 0
const STORED = 2
const ROUND = 4
const NEEDED = 5
const WHOLE = 7
const DIFF = 9
/** Where the slots begin. */
export const SLOTS = 10

/** That a page may differ from the whole one of the store in any slot. */
export const EVERY_SLOT = 0xffff

/** 16 places of 8 words, as in a heap: the root at place 1, the nodes right above the slots at 8 to 15. */
export const NODE_WORDS = 128

/** Slots from which on it pays to keep the hashes of the binary tree. */
const DENSE = 7

function isDense(taken: number): boolean {
  return popCount(taken) >= DENSE
}

/** The words that a page with these slots takes while it is hashed: all of its nodes stand behind its slots. */
export function roomWords(taken: number, leaves: number): number {
  return SLOTS + wordsFor(taken, leaves) + NODE_WORDS
}

/** Where the nodes of a page with room for them begin. */
export function roomForNodes(words: Uint32Array, at: number): number {
  return at + SLOTS + pageWords(words, at + SLOTS)
}

/** The words that it takes in the cache: its nodes are kept where there are many. */
function blockWords(taken: number, leaves: number): number {
  return SLOTS + wordsFor(taken, leaves) + (isDense(taken) ? NODE_WORDS : 0)
}

export function blockWordsOf({ words, at }: PageAt): number {
  return blockWords(takenAt(words, at + SLOTS), leavesAt(words, at + SLOTS))
}

/** Where the hashes of the binary tree begin, −1 where they are not kept. */
export function nodesAt({ words, at }: PageAt): number {
  return isDense(takenAt(words, at + SLOTS)) ? roomForNodes(words, at) : -1
}

/** The version that made it. */
export function birthOf({ words, at }: PageAt): number {
  return readVersion(words, at + BIRTH)
}

/** The birth of the page that the store held at its path when it was last written or read, −1 for none. */
export function storedOf(page: PageAt): number {
  return readVersion(page.words, page.at + STORED) - 1
}

/** The birth of the whole page of which the store has a patch at its path, or that it has itself; −1 for none. */
export function wholeOf({ words, at }: PageAt): number {
  return readVersion(words, at + WHOLE) - 1
}

/** The slots in which it may differ from that, as bits. */
export function diffOf({ words, at }: PageAt): number {
  return words[at + DIFF] as number
}

/** The round of the cache in which it was last used. */
export function roundOf({ words, at }: PageAt): number {
  return words[at + ROUND] as number
}

/** Whether a version that is not applied yet was made out of it. */
export function isNeeded({ words, at }: PageAt, applied: number): boolean {
  return readVersion(words, at + NEEDED) - 1 > applied
}

/** Begins a page that a version makes: what the store holds of it is not known yet. */
export function startPage(words: Uint32Array, at: number, birth: number, taken: number, leaves: number): void {
  words.fill(0, at, at + SLOTS)
  writeVersion(words, at + BIRTH, birth)
  words[at + SLOTS] = (leaves << 16) | taken
}

export function setBirth({ words, at }: PageAt, birth: number): void {
  writeVersion(words, at + BIRTH, birth)
}

export function setStored({ words, at }: PageAt, stored: number): void {
  writeVersion(words, at + STORED, stored + 1)
}

export function setWhole({ words, at }: PageAt, whole: number, diff: number): void {
  writeVersion(words, at + WHOLE, whole + 1)
  words[at + DIFF] = diff
}

export function setRound({ words, at }: PageAt, round: number): void {
  words[at + ROUND] = round
}

/** A later version that was made out of it needs it longer: a smaller number than the one that is there changes nothing. */
export function setNeeded({ words, at }: PageAt, version: number): void {
  if (version + 1 > readVersion(words, at + NEEDED)) writeVersion(words, at + NEEDED, version + 1)
}
