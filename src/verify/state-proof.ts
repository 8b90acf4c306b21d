/**
 * Proofs of the state trees (FORMAT §7): that a key has this value, or that it is not there. The tree is a compact sparse Merkle
 * tree over 256-bit keys: a subtree of no key is `EMPTY`, of one key its leaf, of more an inner node.
 */
import { demandHash, equal, isHash, utf8 } from './bytes.ts'
import type { Hasher } from './engine.ts'
import type { OtherLeaf, Path } from './types.ts'

/** What stands where a subtree has no key. */
export const EMPTY: Uint8Array = utf8('SPARSE_MERKLE_PLACEHOLDER_HASH__')
// One message for all leaves and one for all inner nodes: a hasher keeps nothing of what it was given.
const leafMessage: Message = messageOf('JMT::LeafNode')
const innerMessage: Message = messageOf('JMT::IntrnalNode')

interface Message {
  readonly bytes: Uint8Array
  /** Where the two hashes begin. */
  readonly at: number
}

function messageOf(prefix: string): Message {
  const at = prefix.length
  const bytes = new Uint8Array(at + 64)
  bytes.set(utf8(prefix))
  return { bytes, at }
}

/** `key` and `value` are the hashes K and V. */
export function stateLeaf(key: Uint8Array, value: Uint8Array, hasher: Hasher): Uint8Array {
  return node(leafMessage, key, value, hasher)
}

/** Of the two nodes below it. */
export function stateInner(left: Uint8Array, right: Uint8Array, hasher: Hasher): Uint8Array {
  return node(innerMessage, left, right, hasher)
}

function node({ bytes, at }: Message, left: Uint8Array, right: Uint8Array, hasher: Hasher): Uint8Array {
  demandHash(left)
  demandHash(right)
  bytes.set(left, at)
  bytes.set(right, at + 32)
  return hasher.hash(bytes)
}

/** Bit `at` of a key, from the most significant. */
export function bitAt(key: Uint8Array, at: number): 0 | 1 {
  return (((key[at >> 3] as number) >> (7 - (at & 7))) & 1) as 0 | 1
}

/** What a proof says stands at its depth: the key's own leaf, nothing, or another key's leaf. */
export interface StateProof {
  /** The raw value; `null` claims absence. */
  readonly value: Uint8Array | null
  /** From the bottom up, as many as the depth. */
  readonly siblings: Path
  readonly other?: OtherLeaf
}

/** Whether the tree of this root holds the raw key with this value, or (value `null`) does not hold it. */
export function verifyState(root: Uint8Array, rawKey: Uint8Array, proof: StateProof, hasher: Hasher): boolean {
  const { siblings } = proof
  const depth = siblings.length
  const key = hasher.hash(rawKey)
  // Where a node's bottom-most sibling is empty the node's only leaf would stand higher up: no tree has such a place.
  if (depth > 256 || !siblings.every(isHash) || (siblings[0] !== undefined && equal(siblings[0], EMPTY))) return false
  const bottom = standsAtDepth(key, proof, hasher)
  if (bottom === undefined) return false
  const reached = siblings.reduce(
    (below, sibling, step) =>
      bitAt(key, depth - 1 - step) === 1 ? stateInner(sibling, below, hasher) : stateInner(below, sibling, hasher),
    bottom,
  )
  return equal(reached, root)
}

/** The node at the proof's depth, or nothing where what it claims contradicts itself. */
function standsAtDepth(
  key: Uint8Array,
  { value, siblings, other }: StateProof,
  hasher: Hasher,
): Uint8Array | undefined {
  if (value !== null) return other === undefined ? stateLeaf(key, hasher.hash(value), hasher) : undefined
  if (other === undefined) return EMPTY
  if (!isHash(other.key) || !isHash(other.value)) return undefined
  if (equal(other.key, key) || commonPrefix(other.key, key) < siblings.length) return undefined
  return stateLeaf(other.key, other.value, hasher)
}

/** How many leading bits two keys share. */
function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < 256; at++) if (bitAt(a, at) !== bitAt(b, at)) return at
  return 256
}
