/**
 * The right edge of a range on one of the levels that are kept: the tile that is not whole yet. It stays in memory, so that an
 * append reads nothing, and lies in the store in pieces.
 *
 * A piece is what one append brought, under the place of its first hash; when the tile is whole it is written once more in one
 * piece, and the others are deleted. So a hash is written twice, whatever the size of a block. To write the tile anew with every
 * append would cost 4 KiB a block and range, though the history gains one hash a block.
 */
import type { Batch, Store } from '../ports/store.ts'
import { tileKey } from '../store/keys.ts'
import { concat } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import type { RangeName } from '../verify/types.ts'
import { damaged } from './damage.ts'
import { TILE_LEVELS, TILE_WIDTH, Tile } from './tile.ts'

const FIRST_AT = 11

export class Edge {
  private readonly range: RangeName
  /** The level of its hashes. */
  private readonly level: number
  private size = 0n
  private held: Tile = new Tile()
  /** Where the pieces of the tile begin. */
  private pieces: number[] = []

  constructor(range: RangeName, level: number) {
    this.range = range
    this.level = level
  }

  /** The edge as it was written, of a range of this size. */
  static async restore(store: Store, range: RangeName, level: number, size: bigint, hasher: Hasher): Promise<Edge> {
    const edge = new Edge(range, level)
    edge.size = size >> BigInt(level)
    const { pieces, isWhole } = await edge.readPieces(store)
    const hashes = concat(...pieces)
    if (!isWhole || hashes.length !== 32 * edge.count) throw edge.incomplete(size)
    edge.held = Tile.of(hashes, hasher)
    return edge
  }

  /**
   * The edge as it was when the range had this size, and in the batch what brings the store back to it: the tile in one piece, and nothing
   * of what came later on this level.
   */
  static async rewind(
    store: Store,
    range: RangeName,
    level: number,
    size: bigint,
    hasher: Hasher,
    batch: Batch,
  ): Promise<Edge> {
    const edge = new Edge(range, level)
    edge.size = size >> BigInt(level)
    const hashes = concat(...(await edge.readPieces(store)).pieces).slice(0, 32 * edge.count)
    if (hashes.length !== 32 * edge.count) throw edge.incomplete(size)
    const [from, to] = [tileKey(range, level, edge.tile, 0), tileKey(range, level + 1, 0n, 0)]
    for await (const [key] of store.entries({ from, to })) batch.delete(key)
    edge.pieces = edge.count > 0 ? [0] : []
    if (edge.count > 0) batch.put(edge.keyOf(edge.tile, 0), hashes)
    edge.held = Tile.of(hashes, hasher)
    return edge
  }

  /** The pieces of the tile, as far as each begins where the one before it ended; and whether these are all that there are. */
  private async readPieces(
    store: Store,
  ): Promise<{ readonly pieces: readonly Uint8Array[]; readonly isWhole: boolean }> {
    const pieces: Uint8Array[] = []
    let count = 0
    const [from, to] = [
      tileKey(this.range, this.level, this.tile, 0),
      tileKey(this.range, this.level, this.tile + 1n, 0),
    ]
    for await (const [key, hashes] of store.entries({ from, to })) {
      if (key[FIRST_AT] !== count) return { pieces, isWhole: false }
      this.pieces.push(count)
      pieces.push(hashes)
      count += hashes.length / 32
    }
    return { pieces, isWhole: true }
  }

  private incomplete(size: bigint): Error {
    const what = `not all of the newest hashes on level ${this.level} are there, or too many`
    return damaged(this.range, what, { level: this.level, size })
  }

  /** Which tile it is. */
  get tile(): bigint {
    return this.size >> BigInt(TILE_LEVELS)
  }

  private get count(): number {
    return Number(BigInt.asUintN(TILE_LEVELS, this.size))
  }

  /** A node of the tile. Whoever asks knows that it is complete. */
  node(height: number, index: number): Uint8Array {
    return this.held.node(height, index)
  }

  /** Adds what the store has to hold of these hashes, the next ones on this level. */
  addTo(batch: Batch, hashes: Uint8Array): void {
    let { tile, count: first } = this
    for (let at = 0; at < hashes.length; tile++, first = 0) {
      const end = Math.min(hashes.length, at + 32 * (TILE_WIDTH - first))
      const piece = hashes.slice(at, end)
      if (first + piece.length / 32 < TILE_WIDTH) batch.put(this.keyOf(tile, first), piece)
      else if (first === 0) batch.put(this.keyOf(tile, 0), piece)
      else {
        batch.put(this.keyOf(tile, 0), concat(this.held.hashes(first), piece))
        for (const each of this.pieces) if (each > 0) batch.delete(this.keyOf(tile, each))
      }
      at = end
    }
  }

  /**
   * Takes these hashes in, and on the rows above them the nodes that became complete by them; `above` has them height by height,
   * and ends where there are none.
   */
  grow(above: readonly Uint8Array[]): void {
    const [hashes = new Uint8Array()] = above
    const { tile, count } = this
    this.size += BigInt(hashes.length / 32)
    const isSame = tile === this.tile
    if (!isSame) {
      this.held = new Tile()
      this.pieces = []
    }
    above.forEach((nodes, height) => {
      // Of a tile that has just begun come the last of them; what is before them went into others.
      if (isSame) this.held.set(height, count >> height, nodes)
      else this.held.set(height, 0, nodes.subarray(nodes.length - 32 * (this.count >> height)))
    })
    const first = isSame ? count : 0
    if (this.count > first) this.pieces.push(first)
  }

  private keyOf(tile: bigint, first: number): Uint8Array {
    return tileKey(this.range, this.level, tile, first)
  }
}
