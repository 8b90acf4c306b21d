/**
 * A state tree in memory: for verifying a chain that fits there, and as the plain statement of what FORMAT §7 says. The port
 * is what a chain's verification needs of any other (one on a store, say).
 */
import { equal } from './bytes.ts'
import type { Hasher } from './engine.ts'
import { bitAt, EMPTY, type StateProof, stateInner, stateLeaf } from './state-proof.ts'

/** A raw key, and its raw value or `null` to take it away. */
export type Write = readonly [key: Uint8Array, value: Uint8Array | null]

export interface StateTree {
  /** Applies the writes in order (the last one to a key counts) and answers the root. */
  update(writes: readonly Write[]): Uint8Array | Promise<Uint8Array>
}

interface Leaf {
  readonly key: Uint8Array
  readonly valueHash: Uint8Array
  readonly value: Uint8Array
  readonly hash: Uint8Array
}

interface Inner {
  readonly left: Node
  readonly right: Node
  /** Made when it is asked for: of the nodes that the writes of an update pass through, most are replaced by the next write. */
  hash?: Uint8Array
}

/** Nodes never become others, so that what a write does not touch is shared. `undefined` is a subtree of no key. */
type Node = Leaf | Inner | undefined

export class MemoryStateTree implements StateTree {
  private readonly hasher: Hasher
  private top: Node

  constructor(hasher: Hasher) {
    this.hasher = hasher
  }

  /** A tree that starts as this one is and goes its own way; what they have in common is shared. */
  copy(): MemoryStateTree {
    const copy = new MemoryStateTree(this.hasher)
    copy.top = this.top
    return copy
  }

  get root(): Uint8Array {
    return this.hashOf(this.top).slice()
  }

  update(writes: readonly Write[]): Uint8Array {
    for (const [rawKey, value] of writes) {
      const key = this.hasher.hash(rawKey)
      this.top = value === null ? this.without(this.top, key, 0) : this.with(this.top, this.leaf(key, value), 0)
    }
    return this.root
  }

  get(rawKey: Uint8Array): Uint8Array | undefined {
    const key = this.hasher.hash(rawKey)
    const leaf = this.leafTowards(key)
    return leaf !== undefined && equal(leaf.key, key) ? leaf.value : undefined
  }

  /** The proof that the key has its value, or that it is not there. */
  prove(rawKey: Uint8Array): StateProof {
    const key = this.hasher.hash(rawKey)
    const siblings: Uint8Array[] = []
    const leaf = this.leafTowards(key, (sibling) => siblings.push(this.hashOf(sibling)))
    siblings.reverse()
    if (leaf === undefined) return { value: null, siblings }
    if (equal(leaf.key, key)) return { value: leaf.value, siblings }
    return { value: null, siblings, other: { key: leaf.key, value: leaf.valueHash } }
  }

  /** Where the way of a key ends; on it, from the top down, the nodes beside it. */
  private leafTowards(key: Uint8Array, beside?: (sibling: Node) => void): Leaf | undefined {
    let node = this.top
    for (let depth = 0; node !== undefined && 'left' in node; depth++) {
      const goesRight = bitAt(key, depth) === 1
      beside?.(goesRight ? node.left : node.right)
      node = goesRight ? node.right : node.left
    }
    return node
  }

  private leaf(key: Uint8Array, value: Uint8Array): Leaf {
    const valueHash = this.hasher.hash(value)
    return { key, valueHash, value: value.slice(), hash: stateLeaf(key, valueHash, this.hasher) }
  }

  private with(node: Node, leaf: Leaf, depth: number): Node {
    if (node === undefined) return leaf
    if ('left' in node) {
      if (bitAt(leaf.key, depth) === 0) return this.inner(this.with(node.left, leaf, depth + 1), node.right)
      return this.inner(node.left, this.with(node.right, leaf, depth + 1))
    }
    if (equal(node.key, leaf.key)) return leaf
    // Two leaves: they part at the first bit in which their keys differ.
    const [bit, other] = [bitAt(leaf.key, depth), bitAt(node.key, depth)]
    if (bit !== other) return bit === 0 ? this.inner(leaf, node) : this.inner(node, leaf)
    const below = this.with(node, leaf, depth + 1)
    return bit === 0 ? this.inner(below, undefined) : this.inner(undefined, below)
  }

  private without(node: Node, key: Uint8Array, depth: number): Node {
    if (node === undefined) return undefined
    if (!('left' in node)) return equal(node.key, key) ? undefined : node
    const goesRight = bitAt(key, depth) === 1
    const left = goesRight ? node.left : this.without(node.left, key, depth + 1)
    const right = goesRight ? this.without(node.right, key, depth + 1) : node.right
    return left === node.left && right === node.right ? node : this.inner(left, right)
  }

  /** An inner node; where only one key is left below it, that key's leaf, which moves up. */
  private inner(left: Node, right: Node): Node {
    if (left === undefined && (right === undefined || !('left' in right))) return right
    if (right === undefined && left !== undefined && !('left' in left)) return left
    return { left, right }
  }

  private hashOf(node: Node): Uint8Array {
    if (node === undefined) return EMPTY
    if ('left' in node) node.hash ??= stateInner(this.hashOf(node.left), this.hashOf(node.right), this.hasher)
    return node.hash as Uint8Array
  }
}
