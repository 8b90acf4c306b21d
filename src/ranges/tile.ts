/**
 * A tile: up to 256 hashes that stand side by side on one level of a range, and in memory every node above them up to the one of
 * all 256.
 *
 * Tiles are kept of every 8th level only, where the 256 hashes of one are a hash of the level above: the seven levels between
 * would double what is stored, and are hashed again in one go a level, 0.1 ms a tile. So a proof needs a tile for every 8 levels of
 * the range, and the hash above a whole tile says whether it is what was written.
 */
import type { Hasher } from '../verify/engine.ts'
import { parents } from '../verify/range.ts'

/** How many levels a tile spans. */
export const TILE_LEVELS = 8
/** How many hashes a tile holds. */
export const TILE_WIDTH: number = 1 << TILE_LEVELS
export const TILE_BYTES: number = TILE_WIDTH * 32

export class Tile {
  /** The rows one after the other, from the 256 hashes to the one above them all. */
  private readonly nodes: Uint8Array = new Uint8Array((2 * TILE_WIDTH - 1) * 32)

  /** The tile of these hashes, with every node that is complete. */
  static of(hashes: Uint8Array, hasher: Hasher): Tile {
    const tile = new Tile()
    let row = hashes
    for (let height = 0; row.length > 0; height++) {
      tile.set(height, 0, row)
      row = parents(row, hasher)
    }
    return tile
  }

  /** The node at `index` of the row that is `height` above the hashes. Whoever asks knows that it is complete. */
  node(height: number, index: number): Uint8Array {
    const at = 32 * (startOf(height) + index)
    return this.nodes.slice(at, at + 32)
  }

  /** The first hashes, as many as these. */
  hashes(count: number): Uint8Array {
    return this.nodes.slice(0, 32 * count)
  }

  /** Nodes of a row from `index` on. */
  set(height: number, index: number, nodes: Uint8Array): void {
    this.nodes.set(nodes, 32 * (startOf(height) + index))
  }
}

/** Where a row begins: below it are 256, 128, … nodes. */
function startOf(height: number): number {
  return 2 * TILE_WIDTH - ((2 * TILE_WIDTH) >> height)
}
