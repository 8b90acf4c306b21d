/**
 * Which block of the cache holds the page of a path. Paths that are numbers stand in a table of their own, open-addressed, so that
 * hundreds of thousands of pages are neither objects nor garbage; the few others in a map.
 */
import type { Path } from './path.ts'

const FIRST_ROOM = 1 << 10
/** No path that is a number: its depth would be 15. */
const NONE = -1

export class PathIndex {
  private paths = new Float64Array(FIRST_ROOM).fill(NONE)
  private blocks = new Uint32Array(FIRST_ROOM)
  private numbered = 0
  private readonly long = new Map<string, number>()

  get size(): number {
    return this.numbered + this.long.size
  }

  /** Where the block begins, −1 where there is none. */
  get(path: Path): number {
    if (typeof path === 'string') return this.long.get(path) ?? -1
    const place = this.placeOf(path)
    return this.paths[place] === NONE ? -1 : (this.blocks[place] as number)
  }

  set(path: Path, block: number): void {
    if (typeof path === 'string') {
      this.long.set(path, block)
      return
    }
    let place = this.placeOf(path)
    if (this.paths[place] === NONE) {
      if (2 * (this.numbered + 1) > this.paths.length) {
        this.grow()
        place = this.placeOf(path)
      }
      this.numbered++
      this.paths[place] = path
    }
    this.blocks[place] = block
  }

  delete(path: Path): void {
    if (typeof path === 'string') {
      this.long.delete(path)
      return
    }
    let hole = this.placeOf(path)
    if (this.paths[hole] === NONE) return
    this.numbered--
    // Whoever stands behind the hole and could stand in it moves up: a search ends at the first place that is free.
    const last = this.paths.length - 1
    for (let place = (hole + 1) & last; this.paths[place] !== NONE; place = (place + 1) & last) {
      const wanted = this.hash(this.paths[place] as number)
      if (((place - wanted) & last) < ((place - hole) & last)) continue
      this.paths[hole] = this.paths[place] as number
      this.blocks[hole] = this.blocks[place] as number
      hole = place
    }
    this.paths[hole] = NONE
  }

  /** How many places there are to go round. */
  get places(): number {
    return this.paths.length + this.long.size
  }

  /** The path at a place, undefined where there is none. Who deletes while going round may miss some until the next time. */
  pathAt(place: number): Path | undefined {
    const path = this.paths[place]
    if (path !== undefined) return path === NONE ? undefined : path
    let left = place - this.paths.length
    for (const long of this.long.keys()) if (left-- === 0) return long
    return undefined
  }

  /** The place of a path, or the free one where it would stand. */
  private placeOf(path: number): number {
    const last = this.paths.length - 1
    let place = this.hash(path)
    while (this.paths[place] !== path && this.paths[place] !== NONE) place = (place + 1) & last
    return place
  }

  private hash(path: number): number {
    const high = (path / 0x1_0000_0000) | 0
    let mixed = Math.imul((path | 0) ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35)
    return (mixed ^ (mixed >>> 16)) & (this.paths.length - 1)
  }

  private grow(): void {
    const { paths, blocks } = this
    this.paths = new Float64Array(2 * paths.length).fill(NONE)
    this.blocks = new Uint32Array(2 * paths.length)
    for (const [i, path] of paths.entries()) {
      if (path === NONE) continue
      const place = this.placeOf(path)
      this.paths[place] = path
      this.blocks[place] = blocks[i] as number
    }
  }
}
