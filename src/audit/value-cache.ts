/**
 * Values of a state that were written or read of late, in bounded memory: a machine reads what commands wrote before, and out of a store each of these
 * reads costs as much as executing the command.
 */
import { placeOf } from '../machine/overlay.ts'
import type { TreeName } from '../verify/types.ts'

/** What an entry takes beside its bytes, about. */
const ENTRY = 128

export class ValueCache {
  private readonly max: number
  private readonly values = new Map<string, Uint8Array | null>()
  private bytes = 0

  constructor(max: number) {
    this.max = max
  }

  /** The value of a key, as it is known here or as `read` has it. */
  get(tree: TreeName, key: Uint8Array, read: () => Uint8Array | undefined): Uint8Array | undefined {
    const place = placeOf(tree, key)
    const known = this.values.get(place)
    if (known !== undefined) return known ?? undefined
    const value = read() ?? null
    this.keep(place, value)
    return value ?? undefined
  }

  /** A key has another value, or none. */
  set(tree: TreeName, key: Uint8Array, value: Uint8Array | null): void {
    // A copy: the bytes lie among those of a whole piece of a journal.
    this.keep(placeOf(tree, key), value === null ? null : value.slice())
  }

  private keep(place: string, value: Uint8Array | null): void {
    const before = this.values.get(place)
    if (before !== undefined) this.bytes -= costOf(place, before)
    this.values.set(place, value)
    this.bytes += costOf(place, value)
    if (this.bytes > this.max) this.makeRoom()
  }

  /** The first of the map are those that came first. A quarter at a time: to look for one alone costs as much. */
  private makeRoom(): void {
    for (const [place, value] of this.values) {
      this.values.delete(place)
      this.bytes -= costOf(place, value)
      if (this.bytes <= 0.75 * this.max) return
    }
  }
}

function costOf(place: string, value: Uint8Array | null): number {
  return ENTRY + place.length + (value?.length ?? 0)
}
