/** Reading a tree at one version: finding a key, proving it or its absence, walking all of it. Where pages come from is the view's. */

import { childPath, type Path, ROOT } from '../store/path.ts'
import type { Hasher } from '../verify/engine.ts'
import { EMPTY, type StateProof } from '../verify/state-proof.ts'
import { blockWordsOf, NODE_WORDS, nodesAt, type PageAt, SLOTS } from './page.ts'
import type { PageHasher } from './page-hash.ts'
import type { LeafAt } from './plan.ts'
import { HASH_WORDS, hashAt, leavesAt, nibbleAt, slotAt, takenAt, wordsOf } from './slots.ts'

/** A slot of a page that points to another page. */
export interface ChildSlot {
  readonly page: PageAt
  /** Where its words begin. */
  readonly at: number
}

/** The pages of one version. What it answers is good until somebody waits. */
export interface View {
  readonly root: Uint8Array
  /** The root page (`parent` undefined) or the one that a slot points to; undefined where the tree is empty. */
  page(path: Path, parent: ChildSlot | undefined): PageAt | undefined
}

/** The leaf at which the way to a key ends: its own, another one's, or none. */
export function findLeaf(view: View, keyHash: LeafAt): LeafAt | undefined {
  let path = ROOT
  let page = view.page(path, undefined)
  for (let depth = 0; page !== undefined; depth++) {
    const { words } = page
    const start = page.at + SLOTS
    const slot = nibbleAt(keyHash.words, keyHash.at, depth)
    if (((takenAt(words, start) >>> slot) & 1) === 0) return undefined
    const at = slotAt(words, start, slot)
    if (((leavesAt(words, start) >>> slot) & 1) === 1) return { words, at }
    path = childPath(path, slot)
    page = view.page(path, { page, at })
  }
  return undefined
}

/** The proof that a key is there (with the value that `readValue` has for its leaf) or that it is not. */
export function proveKey(
  view: View,
  keyHash: LeafAt,
  pageHasher: PageHasher,
  readValue: (leaf: LeafAt) => Uint8Array,
): StateProof {
  const siblings: Uint8Array[] = []
  let path = ROOT
  let page = view.page(path, undefined)
  for (let depth = 0; page !== undefined; depth++) {
    const tree = nodesOf(page, pageHasher)
    const slot = nibbleAt(keyHash.words, keyHash.at, depth)
    let place = 1
    for (let bit = 3; bit >= 0 && tree.isInner(place); bit--) {
      const next = 2 * place + ((slot >>> bit) & 1)
      siblings.push(tree.hash(next ^ 1))
      place = next
    }
    if (place < 16 || !tree.isInner(place)) {
      siblings.reverse()
      return { siblings, ...ending(page, place, tree, keyHash, readValue) }
    }
    path = childPath(path, slot)
    page = view.page(path, { page, at: slotAt(page.words, page.at + SLOTS, slot) })
  }
  return { value: null, siblings: siblings.reverse() }
}

/** What stands at the place where the way to a key ended. */
function ending(
  page: PageAt,
  place: number,
  tree: Nodes,
  keyHash: LeafAt,
  readValue: (leaf: LeafAt) => Uint8Array,
): Omit<StateProof, 'siblings'> {
  const slot = tree.leafSlot(place)
  if (slot < 0) return { value: null }
  const leaf = { words: page.words, at: slotAt(page.words, page.at + SLOTS, slot) }
  if (isOfKey(leaf, keyHash)) return { value: readValue(leaf) }
  return { value: null, other: { key: hashAt(leaf.words, leaf.at), value: hashAt(leaf.words, leaf.at + HASH_WORDS) } }
}

export function isOfKey(leaf: LeafAt, keyHash: LeafAt): boolean {
  for (let i = 0; i < HASH_WORDS; i++) if (leaf.words[leaf.at + i] !== keyHash.words[keyHash.at + i]) return false
  return true
}

export function keyHashOf(rawKey: Uint8Array, hasher: Hasher): LeafAt {
  return { words: wordsOf(hasher.hash(rawKey)), at: 0 }
}

/** The binary tree of a page. */
interface Nodes {
  isInner(place: number): boolean
  hash(place: number): Uint8Array
  /** The slot of the one leaf at or below a place, −1 where it is empty. */
  leafSlot(place: number): number
}

function nodesOf(page: PageAt, pageHasher: PageHasher): Nodes {
  const start = page.at + SLOTS
  const taken = takenAt(page.words, start)
  const leaves = leavesAt(page.words, start)
  let { words } = page
  let at = nodesAt(page)
  if (at < 0) {
    // They were not worth keeping: a copy, for there is no room for them where the page is.
    const size = blockWordsOf(page)
    words = new Uint32Array(size + NODE_WORDS)
    words.set(page.words.subarray(page.at, page.at + size))
    pageHasher.hashWhole({ words, at: 0 })
    at = size
  }
  /** The slots below a place, as bits. */
  const below = (place: number): number => {
    const height = Math.clz32(place) - 27
    const width = 1 << height
    const first = (place << height) - 16
    return ((1 << width) - 1) << first
  }
  const isLeafOrNothing = (place: number): boolean => {
    const there = taken & below(place)
    return (there & (there - 1)) === 0 && (there & ~leaves) === 0
  }
  return {
    isInner: (place) => !isLeafOrNothing(place),
    hash: (place) => {
      if ((taken & below(place)) === 0) return EMPTY.slice()
      return place < 16 ? hashAt(words, at + place * HASH_WORDS) : pageHasher.hashOfSlot(page, place - 16)
    },
    leafSlot: (place) => 31 - Math.clz32(taken & below(place)),
  }
}
