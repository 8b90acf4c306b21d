/** Reading a tree at one version: finding a key, proving it or its absence. Where pages come from is the view's. */

import { childPath, type Path, ROOT } from '../store/path.ts'
import type { StateProof } from '../verify/state-proof.ts'
import type { PageHasher } from './page-hash.ts'
import { HASH_WORDS, hashAt, type LeafAt, leavesAt, nibbleAt, type PageAt, slotAt, takenAt } from './slots.ts'

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

/** The leaf of a key, where there is one. */
export function findLeaf(view: View, keyHash: LeafAt): LeafAt | undefined {
  let path = ROOT
  let page = view.page(path, undefined)
  for (let depth = 0; page !== undefined; depth++) {
    const { words } = page
    const slot = nibbleAt(keyHash.words, keyHash.at, depth)
    if (((takenAt(words, page.at) >>> slot) & 1) === 0) return undefined
    const at = slotAt(words, page.at, slot)
    const leaf = { words, at }
    if (((leavesAt(words, page.at) >>> slot) & 1) === 1) return isOfKey(leaf, keyHash) ? leaf : undefined
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
    page = view.page(path, { page, at: slotAt(page.words, page.at, slot) })
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
  const leaf = { words: page.words, at: slotAt(page.words, page.at, slot) }
  if (isOfKey(leaf, keyHash)) return { value: readValue(leaf) }
  return { value: null, other: { key: hashAt(leaf.words, leaf.at), value: hashAt(leaf.words, leaf.at + HASH_WORDS) } }
}

function isOfKey(leaf: LeafAt, keyHash: LeafAt): boolean {
  for (let i = 0; i < HASH_WORDS; i++) if (leaf.words[leaf.at + i] !== keyHash.words[keyHash.at + i]) return false
  return true
}

/** The binary tree of a page. */
interface Nodes {
  isInner(place: number): boolean
  hash(place: number): Uint8Array
  /** The slot of the one leaf at or below a place, −1 where it is empty. */
  leafSlot(place: number): number
}

function nodesOf(page: PageAt, pageHasher: PageHasher): Nodes {
  const taken = takenAt(page.words, page.at)
  const leaves = leavesAt(page.words, page.at)
  const hashes = pageHasher.places(page)
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
    hash: (place) => hashes.slice(32 * place, 32 * place + 32),
    leafSlot: (place) => 31 - Math.clz32(taken & below(place)),
  }
}
