/**
 * Which block of the cache holds the page of a path, or which of the pages that a version makes. Paths that are numbers stand in a table of their own, open-addressed, so that
 * hundreds of thousands of pages are neither objects nor garbage; the few others in a map.
 */
import type { Path } from '../store/path.ts'

const FIRST_PATHS = 1 << 9
/** No path that is a number: its depth would be 15. */
const NONE = -1

export class PathIndex {
  /** A path and its block in each place, side by side: whoever looks for one needs both. */
  private table: Float64Array
  private room: number
  private numbered = 0
  private readonly long = new Map<string, number>()

  /** With room for so many paths, and more as they come. */
  constructor(paths: number = FIRST_PATHS) {
    this.room = 2 << (32 - Math.clz32(paths))
    this.table = emptyTable(this.room)
  }

  /** Where the block begins, −1 where there is none. */
  get(path: Path): number {
    if (typeof path === 'string') return this.long.get(path) ?? -1
    const place = this.placeOf(path)
    return this.table[2 * place] === NONE ? -1 : (this.table[2 * place + 1] as number)
  }

  set(path: Path, block: number): void {
    if (typeof path === 'string') {
      this.long.set(path, block)
      return
    }
    let place = this.placeOf(path)
    if (this.table[2 * place] === NONE) {
      if (2 * (this.numbered + 1) > this.room) {
        this.grow()
        place = this.placeOf(path)
      }
      this.numbered++
      this.table[2 * place] = path
    }
    this.table[2 * place + 1] = block
  }

  delete(path: Path): void {
    if (typeof path === 'string') {
      this.long.delete(path)
      return
    }
    const { table } = this
    let hole = this.placeOf(path)
    if (table[2 * hole] === NONE) return
    this.numbered--
    // Whoever stands behind the hole and could stand in it moves up: a search ends at the first place that is free.
    const last = this.room - 1
    for (let place = (hole + 1) & last; table[2 * place] !== NONE; place = (place + 1) & last) {
      const wanted = this.hash(table[2 * place] as number)
      if (((place - wanted) & last) < ((place - hole) & last)) continue
      table[2 * hole] = table[2 * place] as number
      table[2 * hole + 1] = table[2 * place + 1] as number
      hole = place
    }
    table[2 * hole] = NONE
  }

  /** How many places there are to go round. */
  get places(): number {
    return this.room + this.long.size
  }

  /** The path at a place, undefined where there is none. Who deletes while going round may miss some until the next time. */
  pathAt(place: number): Path | undefined {
    if (place < this.room) {
      const path = this.table[2 * place] as number
      return path === NONE ? undefined : path
    }
    let left = place - this.room
    for (const long of this.long.keys()) if (left-- === 0) return long
    return undefined
  }

  /** The block of the page at a place where there is one. */
  blockAt(place: number): number {
    return place < this.room ? (this.table[2 * place + 1] as number) : this.get(this.pathAt(place) as Path)
  }

  setBlockAt(place: number, block: number): void {
    if (place < this.room) this.table[2 * place + 1] = block
    else this.set(this.pathAt(place) as Path, block)
  }

  /** The place of a path, or the free one where it would stand. */
  private placeOf(path: number): number {
    const { table } = this
    const last = this.room - 1
    let place = this.hash(path)
    while (table[2 * place] !== path && table[2 * place] !== NONE) place = (place + 1) & last
    return place
  }

  private hash(path: number): number {
    const high = path < 0x1_0000_0000 ? 0 : (path / 0x1_0000_0000) | 0
    let mixed = Math.imul((path | 0) ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35)
    return (mixed ^ (mixed >>> 16)) & (this.room - 1)
  }

  private grow(): void {
    const { table } = this
    this.room *= 2
    this.table = emptyTable(this.room)
    for (let i = 0; i < table.length; i += 2) {
      const path = table[i] as number
      if (path === NONE) continue
      const place = this.placeOf(path)
      this.table[2 * place] = path
      this.table[2 * place + 1] = table[i + 1] as number
    }
  }
}

function emptyTable(room: number): Float64Array {
  return new Float64Array(2 * room).fill(NONE)
}
