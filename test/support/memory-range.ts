/** A range that keeps every node of every complete subtree, so that it can prove anything of any of its sizes. */
import { type Hasher, inclusionPath, type NodeAt, type Path, type SizedRoot } from '../../src/verify/index.ts'
import { foldPeaks, rangeLeaf, rangeNode } from '../../src/verify/range.ts'

export class MemoryRange {
  private readonly levels: Uint8Array[][] = [[]]
  private readonly hasher: Hasher

  constructor(hasher: Hasher) {
    this.hasher = hasher
  }

  get size(): bigint {
    return BigInt(this.levels[0]?.length ?? 0)
  }

  get sizedRoot(): SizedRoot {
    return { size: this.size, root: this.rootAt(this.size) }
  }

  readonly nodeAt: NodeAt = (level, index) => {
    const node = this.levels[level]?.[Number(index)]
    if (node === undefined) throw new Error(`there is no complete subtree ${index} on level ${level}`)
    return node
  }

  append(entry: Uint8Array): void {
    let node = rangeLeaf(entry, this.hasher)
    for (let level = 0; ; level++) {
      this.levels[level] ??= []
      const row = this.levels[level] as Uint8Array[]
      row.push(node)
      if (row.length % 2 === 1) return
      node = rangeNode(row.at(-2) as Uint8Array, node, this.hasher)
    }
  }

  rootAt(size: bigint): Uint8Array {
    const peaks: Uint8Array[] = []
    for (let level = this.levels.length - 1, start = 0n; level >= 0; level--) {
      if (((size >> BigInt(level)) & 1n) === 0n) continue
      peaks.push(this.nodeAt(level, start >> BigInt(level)))
      start += 1n << BigInt(level)
    }
    return foldPeaks(peaks, this.hasher)
  }

  path(index: bigint, size: bigint = this.size): Path {
    return inclusionPath(index, size, this.nodeAt, this.hasher)
  }

  /** The same range as it was at a smaller size. */
  cut(size: bigint): MemoryRange {
    const copy = new MemoryRange(this.hasher)
    this.levels.forEach((row, level) => {
      copy.levels[level] = row.slice(0, Number(size >> BigInt(level)))
    })
    return copy
  }
}
