/**
 * What the trees hold in the middle of a batch: the writes of the commands so far, over the state before it. Writes of a command
 * come in only once it was accepted, so that a rejected one leaves nothing to undo.
 */
import { keyName } from '../store/key-name.ts'
import { KEY_MAX } from '../verify/bounds.ts'
import type { TreeName } from '../verify/types.ts'
import type { Reads } from './contract.ts'
import { Copies } from './copies.ts'
import type { Writes } from './writes.ts'

const LETTERS: Readonly<Record<TreeName, number>> = { state: 0x73, risk: 0x72 }
const named = new Uint8Array(1 + KEY_MAX)

/** A name for a key of a tree, which no other one has. */
export function placeOf(tree: TreeName, rawKey: Uint8Array): string {
  // In one piece: a text that is put together is put together again when a map looks for it.
  named[0] = LETTERS[tree]
  named.set(rawKey, 1)
  return keyName(named.subarray(0, 1 + rawKey.length))
}

/** What was written, by the places of the keys; null is one that was deleted. */
export type Written = ReadonlyMap<string, Uint8Array | null>

export class Overlay {
  /** Where the copies of the batch lie. */
  readonly copies: Copies = new Copies()
  private readonly below: Reads
  private readonly writes = new Map<string, Uint8Array | null>()

  constructor(below: Reads) {
    this.below = below
  }

  get written(): Written {
    return this.writes
  }

  /** The value of a key, whose place the caller knows. */
  get(place: string, tree: TreeName, rawKey: Uint8Array): Uint8Array | undefined {
    const written = this.writes.get(place)
    return written === undefined ? this.below(tree, rawKey, place) : (written ?? undefined)
  }

  /** Whether a key has a value. */
  has(place: string, tree: TreeName, rawKey: Uint8Array): boolean {
    const written = this.writes.get(place)
    if (written !== undefined) return written !== null
    return this.below.has?.(tree, rawKey) ?? this.below(tree, rawKey, place) !== undefined
  }

  /** The writes of an accepted command. */
  apply({ list, places }: Writes): void {
    list.forEach(([, , value], i) => {
      this.writes.set(places[i] as string, value)
    })
  }
}
