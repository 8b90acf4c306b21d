/**
 * The pages and patches that a version makes, by number and by path. There are thousands in a block, so they are no objects, and they are
 * found by their paths only where another version is prepared on top.
 */
import type { Path } from '../store/path.ts'
import { PathIndex } from './path-index.ts'
import type { Plan } from './plan.ts'

export class MadePages {
  readonly paths: readonly Path[]
  /** Where each stands in the space of its version. */
  readonly at: readonly number[]
  readonly isPatch: readonly boolean[]
  /** The slots that are not as they were. */
  readonly changed: readonly number[]
  private index: PathIndex | undefined

  constructor({ paths, at, isPatch, changed }: Plan) {
    this.paths = paths
    this.at = at
    this.isPatch = isPatch
    this.changed = changed
  }

  get size(): number {
    return this.paths.length
  }

  /** The number of the one at a path, −1 where there is none. */
  numberOf(path: Path): number {
    if (this.index === undefined) {
      this.index = new PathIndex(this.size)
      for (let number = 0; number < this.size; number++) this.index.set(this.paths[number] as Path, number)
    }
    return this.index.get(path)
  }
}
