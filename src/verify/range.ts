/**
 * Ranges (FORMAT §6): append-only Merkle lists, the tree of RFC 9162 with keccak-256. A frontier holds what an appender needs
 * (one peak for each bit of the size) and gives the root; the two proofs are checked against roots alone.
 */
import { constantHash } from './abi.ts'
import { demandHash, equal, isHash } from './bytes.ts'
import type { Hasher } from './engine.ts'
import type { Path } from './types.ts'

/** The root of no entries: `H("")`. */
export const EMPTY_ROOT: Uint8Array = constantHash('')
const LEAF_SIZE = 33
const NODE_SIZE = 65

export function rangeLeaf(entry: Uint8Array, hasher: Hasher): Uint8Array {
  demandHash(entry)
  const message = new Uint8Array(LEAF_SIZE)
  message.set(entry, 1)
  return hasher.hash(message)
}

// One message for all nodes that are hashed one by one: a hasher keeps nothing of what it was given.
const nodeMessage: Uint8Array = new Uint8Array(NODE_SIZE).fill(1, 0, 1)

export function rangeNode(left: Uint8Array, right: Uint8Array, hasher: Hasher): Uint8Array {
  demandHash(left)
  demandHash(right)
  nodeMessage.set(left, 1)
  nodeMessage.set(right, 33)
  return hasher.hash(nodeMessage)
}

/** A range as its appender sees it. It never changes: `append` answers another. */
export class Frontier {
  readonly size: bigint
  /** The root of the complete subtree of 2^level entries, for every level whose bit is set in the size. */
  private readonly peaks: readonly (Uint8Array | undefined)[]

  private constructor(size: bigint, peaks: readonly (Uint8Array | undefined)[]) {
    this.size = size
    this.peaks = peaks
  }

  static readonly empty: Frontier = new Frontier(0n, [])

  /** From peaks that were kept, largest subtree first; nothing where their number does not fit the size. */
  static from(size: bigint, peaks: Path): Frontier | undefined {
    const levels = bitsOf(size)
    if (peaks.length !== levels.length || !peaks.every(isHash)) return undefined
    const byLevel: (Uint8Array | undefined)[] = []
    levels.forEach((level, i) => {
      byLevel[level] = peaks[peaks.length - 1 - i]
    })
    return new Frontier(size, byLevel)
  }

  /** The peaks, largest subtree first. */
  get kept(): Path {
    return this.peaks.filter((peak) => peak !== undefined).reverse()
  }

  /**
   * Level by level: all leaves in one batch, then all their parents, and so on. Whoever keeps nodes is told of those that each
   * level gained, laid out one after the other.
   */
  append(
    entries: readonly Uint8Array[],
    hasher: Hasher,
    gained?: (level: number, nodes: Uint8Array) => void,
  ): Frontier {
    if (entries.length === 0) return this
    const peaks = [...this.peaks]
    let nodes = leaves(entries, hasher)
    for (let level = 0; nodes.length > 0; level++) {
      gained?.(level, nodes)
      const peak = peaks[level]
      const isOdd = (nodes.length / 32) % 2 === (peak === undefined ? 1 : 0)
      peaks[level] = isOdd ? nodes.slice(-32) : undefined
      nodes = parents(nodes, hasher, peak)
    }
    return new Frontier(this.size + BigInt(entries.length), peaks)
  }

  root(hasher: Hasher): Uint8Array {
    return foldPeaks(this.kept, hasher).slice()
  }
}

/** From the right: the last peak, then each one to the left of what was folded so far. */
export function foldPeaks(peaks: Path, hasher: Hasher): Uint8Array {
  return peaks.length === 0 ? EMPTY_ROOT : peaks.reduceRight((folded, peak) => rangeNode(peak, folded, hasher))
}

function leaves(entries: readonly Uint8Array[], hasher: Hasher): Uint8Array {
  const messages = new Uint8Array(entries.length * LEAF_SIZE)
  entries.forEach((entry, i) => {
    demandHash(entry)
    messages.set(entry, i * LEAF_SIZE + 1)
  })
  return hasher.hashMany(messages, LEAF_SIZE)
}

/**
 * The nodes above these, of which `before`, where there is one, stands on the left, in one batch. A last one without a sibling is
 * left out.
 */
export function parents(nodes: Uint8Array, hasher: Hasher, before?: Uint8Array): Uint8Array {
  const count = Math.floor((nodes.length / 32 + (before === undefined ? 0 : 1)) / 2)
  const messages = new Uint8Array(count * NODE_SIZE)
  let from = 0
  let to = 0
  if (before !== undefined) {
    messages[0] = 1
    messages.set(before, 1)
    messages.set(nodes.subarray(0, 32), 33)
    from = 32
    to = NODE_SIZE
  }
  for (; to < messages.length; from += 64, to += NODE_SIZE) {
    messages[to] = 1
    // A loop: a view of so few bytes costs more than copying them.
    for (let i = 0; i < 64; i++) messages[to + 1 + i] = nodes[from + i] as number
  }
  return hasher.hashMany(messages, NODE_SIZE)
}

/** The levels whose bit is set, lowest first. */
function bitsOf(size: bigint): number[] {
  const levels: number[] = []
  for (let level = 0, rest = size; rest > 0n; level++, rest >>= 1n) if ((rest & 1n) === 1n) levels.push(level)
  return levels
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

/** Whether `entry` stands at `index` in the range of this size and root: the audit path of RFC 9162, of exactly its length. */
export function verifyInclusion(
  index: bigint,
  entry: Uint8Array,
  { size, root }: { readonly size: bigint; readonly root: Uint8Array },
  path: Path,
  hasher: Hasher,
): boolean {
  if (index < 0n || index >= size || !isHash(entry) || !isHash(root) || !path.every(isHash)) return false
  return climbs(index, size, rangeLeaf(entry, hasher), path, root, hasher)
}

/**
 * Whether the audit path leads from a node at `index`, one of `width` on its level, to the root. Below the level at which the
 * node's way meets that of the last node every step has a sibling, to the right or left as the index says; above it the way
 * runs along the right edge, where only the ones of the index have a sibling, and always to the left.
 */
function climbs(index: bigint, width: bigint, node: Uint8Array, path: Path, root: Uint8Array, hasher: Hasher): boolean {
  const bits = index.toString(2)
  const inner = bitLength(index ^ (width - 1n))
  let border = 0
  for (let i = 0; i < bits.length - inner; i++) if (bits[i] === '1') border++
  if (path.length !== inner + border) return false
  const reached = path.reduce((below, sibling, step) => {
    const onLeft = step >= inner || bits[bits.length - 1 - step] === '1'
    return onLeft ? rangeNode(sibling, below, hasher) : rangeNode(below, sibling, hasher)
  }, node)
  return equal(reached, root)
}

/** Whether the range of the newer size and root extends the one of the older: the consistency proof of RFC 9162 §2.1.4. */
export function verifyConsistency(
  older: { readonly size: bigint; readonly root: Uint8Array },
  newer: { readonly size: bigint; readonly root: Uint8Array },
  path: Path,
  hasher: Hasher,
): boolean {
  if (older.size < 0n || older.size > newer.size || !isHash(older.root) || !isHash(newer.root) || !path.every(isHash))
    return false
  if (older.size === 0n) return path.length === 0 && equal(older.root, EMPTY_ROOT)
  if (older.size === newer.size) return path.length === 0 && equal(older.root, newer.root)

  // The older range's last peak is a node of both; a path begins with it, but for the case that it is the older root itself.
  const level = bitsOf(older.size)[0] as number
  const index = (older.size - 1n) >> BigInt(level)
  const width = ((newer.size - 1n) >> BigInt(level)) + 1n
  const [peak, steps] = index === 0n ? [older.root, path] : [path[0], path.slice(1)]
  if (peak === undefined || !climbs(index, width, peak, steps, newer.root, hasher)) return false

  // Of the same way only what lies to the left was there already when the range was smaller.
  const inner = bitLength(index ^ (width - 1n))
  const lefts = steps.filter((_, step) => step >= inner || ((index >> BigInt(step)) & 1n) === 1n)
  return equal(
    lefts.reduce((below, sibling) => rangeNode(sibling, below, hasher), peak),
    older.root,
  )
}
