/**
 * A range on a store (FORMAT §6, design "Parts and their borders"): what is appended is prepared without touching anything, one on
 * top of the other, and applied one by one with a batch; any two sizes that it ever had can be proved from one another.
 *
 * Promise: an append reads nothing from the store. What a proof reads is hashed and compared with the hash above it, tile by tile
 * up to the right edge, which is in memory and gave the newest root: a path is the right one, or there is none. The roots of
 * smaller sizes are nowhere needed for that: their complete subtrees are subtrees of the newest range too.
 *
 * A flipped bit is found where a proof needs it, or at the opening: the edge has to give the root that was written with it. Whether
 * this is the root that the journal names is for the caller to compare.
 */
import { Batch, type Store } from '../ports/store.ts'
import { demandRange, rangeKey, tileKey } from '../store/keys.ts'
import { equal } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { Frontier } from '../verify/range.ts'
import { consistencyPath, inclusionPath } from '../verify/range-path.ts'
import type { Path, RangeName, SizedRoot } from '../verify/types.ts'
import { damaged } from './damage.ts'
import { Edge } from './edge.ts'
import { TILE_BYTES, TILE_LEVELS, Tile } from './tile.ts'

/** What is written of a range beside its tiles: its size and root. */
const META_BYTES = 40

/** Whole tiles that stay in memory, 16 KiB each: enough for the proofs of a block, whose ways meet near the edge. */
const TILES_KEPT = 64

/** An append that was prepared; it may be dropped without a trace, or added to a batch in its turn. */
export interface PreparedAppend extends SizedRoot {
  /** The size that it was prepared on. */
  readonly from: bigint
  /** The root that it was prepared on. */
  readonly before: Uint8Array
  readonly frontier: Frontier
  /** The nodes that became complete, level by level. */
  readonly gained: readonly Uint8Array[]
}

export class StoredRange {
  private readonly store: Store
  private readonly name: RangeName
  private readonly hasher: Hasher
  private readonly edges: Edge[] = []
  /** Whole tiles that were compared, under their keys; the one that was used last is the last. */
  private readonly tiles = new Map<string, Tile>()
  private newest: PreparedAppend

  private constructor(store: Store, name: RangeName, hasher: Hasher) {
    demandRange(name)
    this.store = store
    this.name = name
    this.hasher = hasher
    this.newest = preparedAt(Frontier.empty, hasher)
  }

  /** The range that the store holds; an empty one where it holds none. */
  static async open(store: Store, name: RangeName, hasher: Hasher): Promise<StoredRange> {
    const range = new StoredRange(store, name, hasher)
    const meta = store.get(rangeKey(name))
    if (meta === undefined) return range
    const size = StoredRange.sizeIn(store, name)
    for (const level of levelsOf(size)) range.edges.push(await Edge.restore(store, name, level, size, hasher))
    range.newest = range.standingAt(size)
    if (!equal(range.newest.root, meta.subarray(8))) {
      throw damaged(name, 'its newest hashes are not what was written', { size })
    }
    return range
  }

  /** The size that a store names, whatever else it holds of the range. */
  static sizeIn(store: Store, name: RangeName): bigint {
    const meta = store.get(rangeKey(name))
    if (meta === undefined) return 0n
    if (meta.length !== META_BYTES) throw damaged(name, 'its size and root are not what was written')
    return new DataView(meta.buffer, meta.byteOffset).getBigUint64(0)
  }

  /**
   * The range as it was when it had this size, whatever of the later ones the store still holds: for a store that lost some of its newest
   * batches, in which what came after them is to be applied again. Whether the root is the right one is the caller's to compare.
   *
   * It is durable: a power cut that took this batch out of the middle would leave pieces of a tile that nobody deletes any more, or two that overlap,
   * and a range that has to be made anew.
   */
  static async rewind(store: Store, name: RangeName, size: bigint, hasher: Hasher): Promise<StoredRange> {
    const range = new StoredRange(store, name, hasher)
    const batch = new Batch()
    for (const level of levelsOf(size)) {
      range.edges.push(await Edge.rewind(store, name, level, size, hasher, batch))
    }
    const above = tileKey(name, TILE_LEVELS * range.edges.length, 0n, 0)
    for await (const [key] of store.entries({ from: above, to: tileKey(name, 0xff, 0n, 0) })) batch.delete(key)
    range.newest = range.standingAt(size)
    batch.put(rangeKey(name), metaOf(range.newest))
    await store.write(batch, true)
    return range
  }

  private standingAt(size: bigint): PreparedAppend {
    return preparedAt(Frontier.from(size, this.peaksAt(size)) as Frontier, this.hasher)
  }

  /** The roots of the largest complete subtrees, which all end in the right edge. */
  private peaksAt(size: bigint): Path {
    const peaks: Uint8Array[] = []
    for (let level = size.toString(2).length - 1; level >= 0; level--) {
      const index = (size >> BigInt(level)) - 1n
      if (index % 2n === 0n) peaks.push(this.nodeAt(level, index))
    }
    return peaks
  }

  get size(): bigint {
    return this.newest.size
  }

  get root(): Uint8Array {
    return this.newest.root.slice()
  }

  /** Appends to what is applied, or to what `parent` makes of it. Nothing is mutated, and nothing read. */
  prepare(entries: readonly Uint8Array[], parent: PreparedAppend = this.newest): PreparedAppend {
    const gained: Uint8Array[] = []
    const frontier = parent.frontier.append(entries, this.hasher, (level, nodes) => {
      gained[level] = nodes
    })
    const root = entries.length === 0 ? parent.root : frontier.root(this.hasher)
    return { from: parent.size, before: parent.root.slice(), size: frontier.size, root: root.slice(), frontier, gained }
  }

  /** Adds to a batch what the store has to hold of this append, the next after the applied one. */
  addTo(batch: Batch, prepared: PreparedAppend): void {
    const { gained } = prepared
    if (this.isApplied(prepared)) return
    for (let level = 0; level < gained.length; level += TILE_LEVELS) {
      this.edgeAt(level).addTo(batch, gained[level] as Uint8Array)
    }
    batch.put(rangeKey(this.name), metaOf(prepared))
  }

  /** The batch with this append was written: it is the newest applied one now. */
  markApplied(prepared: PreparedAppend): void {
    if (this.isApplied(prepared)) return
    const { gained } = prepared
    for (let level = 0; level < gained.length; level += TILE_LEVELS) {
      const edge = this.edgeAt(level)
      this.edges[level / TILE_LEVELS] = edge
      edge.grow(gained.slice(level, level + TILE_LEVELS))
    }
    // Of the nodes nothing is needed any more.
    this.newest = { ...prepared, root: prepared.root.slice(), gained: [] }
  }

  private isApplied({ from, size, before }: PreparedAppend): boolean {
    if (size <= this.size) return true
    if (from === this.size && equal(before, this.newest.root)) return false
    throw new RangeError(`what was prepared on ${from} entries cannot be applied to ${this.size}`)
  }

  /** Of a level that the range has not reached yet an empty one, which is kept when it grew. */
  private edgeAt(level: number): Edge {
    return this.edges[level / TILE_LEVELS] ?? new Edge(this.name, level)
  }

  /** The audit path of the entry at `index` in the range as it was at this size. */
  inclusionPath(index: bigint, size: bigint): Path {
    this.demandSize(size)
    if (index < 0n || index >= size) {
      throw new CairnError('unknown_entry', `There is no entry ${index} in a range of ${size} (${this.name}).`, {
        range: this.name,
        index,
        size,
      })
    }
    return inclusionPath(index, size, this.nodeAt, this.hasher)
  }

  /** The path that proves of two sizes that the newer range extends the older one. */
  consistencyPath(older: bigint, newer: bigint): Path {
    this.demandSize(newer)
    this.demandSize(older, newer)
    return consistencyPath(older, newer, this.nodeAt, this.hasher)
  }

  private demandSize(size: bigint, newest: bigint = this.size): void {
    if (size >= 0n && size <= newest) return
    throw new CairnError('unknown_size', `The range of ${this.name} never had ${size} entries: it has ${newest}.`, {
      range: this.name,
      size,
      newest,
    })
  }

  /** The root of a complete subtree that the applied range has. */
  private readonly nodeAt = (level: number, index: bigint): Uint8Array => {
    const height = level % TILE_LEVELS
    const inTile = BigInt(TILE_LEVELS - height)
    return this.nodeIn(level - height, index >> inTile, height, Number(BigInt.asUintN(Number(inTile), index)))
  }

  private nodeIn(level: number, number: bigint, height: number, index: number): Uint8Array {
    const edge = this.edges[level / TILE_LEVELS]
    if (edge?.tile === number) return edge.node(height, index)
    return this.wholeTile(level, number).node(height, index)
  }

  /** A tile that is whole: as it was compared before, or out of the store. */
  private wholeTile(level: number, number: bigint): Tile {
    const name = `${level}/${number}`
    const tile = this.tiles.get(name) ?? this.readTile(level, number)
    // Deleted and set again: the first of the map is the one that was not used for longest.
    this.tiles.delete(name)
    this.tiles.set(name, tile)
    if (this.tiles.size > TILES_KEPT) this.tiles.delete(this.tiles.keys().next().value as string)
    return tile
  }

  private readTile(level: number, number: bigint): Tile {
    const hashes = this.store.get(tileKey(this.name, level, number, 0))
    const details = { level, tile: number }
    if (hashes === undefined) throw damaged(this.name, `tile ${number} of level ${level} is not there`, details)
    // A whole tile is one hash of the level above. That is a smaller number each time, and at last one of the edge.
    const expected = this.nodeAt(level + TILE_LEVELS, number)
    const tile = hashes.length === TILE_BYTES ? Tile.of(hashes, this.hasher) : undefined
    if (tile === undefined || !equal(tile.node(TILE_LEVELS, 0), expected)) {
      throw damaged(this.name, `tile ${number} of level ${level} is not what was written`, details)
    }
    return tile
  }
}

/** The levels that are kept of a range of this size. */
function levelsOf(size: bigint): readonly number[] {
  const levels: number[] = []
  for (let level = 0; size >> BigInt(level) > 0n; level += TILE_LEVELS) levels.push(level)
  return levels
}

function metaOf({ size, root }: SizedRoot): Uint8Array {
  const meta = new Uint8Array(META_BYTES)
  new DataView(meta.buffer).setBigUint64(0, size)
  meta.set(root, 8)
  return meta
}

function preparedAt(frontier: Frontier, hasher: Hasher): PreparedAppend {
  const root = frontier.root(hasher)
  return { from: frontier.size, before: root, size: frontier.size, root, frontier, gained: [] }
}
