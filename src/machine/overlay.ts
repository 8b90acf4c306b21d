/**
 * What the trees hold in the middle of a batch: the writes of the commands so far, over the state before it. Writes of a command
 * come in only once it was accepted, so that a rejected one leaves nothing to undo.
 */
import type { RecordedWrite } from '../verify/records.ts'
import type { TreeName } from '../verify/types.ts'
import type { Reads } from './contract.ts'

/** A name for a key of a tree: a byte a unit, so that different keys never share one. */
export function placeOf(tree: TreeName, rawKey: Uint8Array): string {
  return `${tree}/${String.fromCharCode(...rawKey)}`
}

export class Overlay {
  private readonly below: Reads
  private readonly written = new Map<string, Uint8Array | null>()

  constructor(below: Reads) {
    this.below = below
  }

  get(tree: TreeName, rawKey: Uint8Array): Uint8Array | undefined {
    const written = this.written.get(placeOf(tree, rawKey))
    return written === undefined ? this.below(tree, rawKey) : (written ?? undefined)
  }

  apply(writes: readonly RecordedWrite[]): void {
    for (const [tree, rawKey, value] of writes) this.written.set(placeOf(tree, rawKey), value)
  }
}
