/**
 * The values of the newest state, for a replay: a machine reads what commands wrote before, and out of a versioned tree each of these reads costs as much as
 * executing the command. They are what the records wrote, whose roots were compared: nothing here has to prove itself again,
 * but for a checksum of what comes back from a disk.
 *
 * Promise: memory is bounded. What has no room goes into a store in a directory of its own, which is for whoever made it to take away: a state that has room
 * writes nothing.
 */
import { crc32 } from 'node:zlib'
import { placeOf, type Written } from '../machine/overlay.ts'
import { openLevelStore } from '../ports/level-store.ts'
import { Batch, type Store } from '../ports/store.ts'
import { concat } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { TreeName } from '../verify/types.ts'

/** Of values in memory, about. */
const BYTES_MAX: number = 48 << 20
/** What an entry takes beside its bytes, about. */
const ENTRY = 128
/** So much of them goes when there is no room: to look for one alone costs as much. */
const KEPT = 0.75
/** The store is small beside the one of the trees. */
const STORE = { cacheSize: 4 << 20, writeBufferSize: 8 << 20 } as const

export class ScratchValues {
  private readonly directory: string
  private readonly max: number
  /** By their places; null is one that is not there. The first are those that came first. */
  private readonly values = new Map<string, Uint8Array | null>()
  /** Those that the store has as they are here. */
  private readonly stored = new Set<string>()
  private bytes = 0
  private overflow: Store | undefined

  /** In memory, and in a new directory of this name where there is no room. */
  constructor(directory: string, max: number = BYTES_MAX) {
    this.directory = directory
    this.max = max
  }

  /** The bytes are those of the key until it has another value. */
  get(tree: TreeName, key: Uint8Array, place: string = placeOf(tree, key)): Uint8Array | undefined {
    const known = this.values.get(place)
    if (known !== undefined) return known ?? undefined
    if (this.overflow === undefined) return undefined
    const stored = this.overflow.get(bytesOf(place))
    const value = stored && valueIn(stored)
    this.stored.add(place)
    this.keep(place, value ?? null, undefined)
    return value
  }

  /** A key has another value, or none. */
  set(tree: TreeName, key: Uint8Array, value: Uint8Array | null): void {
    this.setAt(placeOf(tree, key), value)
  }

  setAll(written: Written): void {
    for (const [place, value] of written) this.setAt(place, value)
  }

  /** Makes room, after a block: so much as one reads and writes may be too much meanwhile. */
  async makeRoom(): Promise<void> {
    if (this.bytes <= this.max) return
    this.overflow ??= await openLevelStore(this.directory, STORE)
    const batch = new Batch()
    for (const [place, value] of this.values) {
      if (!this.stored.delete(place)) {
        if (value === null) batch.delete(bytesOf(place))
        else batch.put(bytesOf(place), withSum(value))
      }
      this.values.delete(place)
      this.bytes -= costOf(place, value)
      if (this.bytes <= KEPT * this.max) break
    }
    await this.overflow.write(batch)
  }

  async close(): Promise<void> {
    await this.overflow?.close()
  }

  private setAt(place: string, value: Uint8Array | null): void {
    if (this.stored.size > 0) this.stored.delete(place)
    const before = this.values.get(place)
    // Written over: values of a key are nearly always of one size, and an array for each is most of what a command would cost here.
    if (before && before.length === value?.length) before.set(value)
    // A copy: the bytes lie among those of a whole piece of a journal, or of a batch.
    else this.keep(place, value === null ? null : value.slice(), before)
  }

  private keep(place: string, value: Uint8Array | null, before: Uint8Array | null | undefined): void {
    if (before !== undefined) this.bytes -= costOf(place, before)
    this.values.set(place, value)
    this.bytes += costOf(place, value)
  }
}

const SUM = 4

function withSum(value: Uint8Array): Uint8Array {
  const sum = new Uint8Array(SUM)
  new DataView(sum.buffer).setUint32(0, crc32(value))
  return concat(sum, value)
}

function valueIn(stored: Uint8Array): Uint8Array {
  const value = stored.slice(SUM)
  const isWhole = stored.length >= SUM && new DataView(stored.buffer, stored.byteOffset).getUint32(0) === crc32(value)
  if (isWhole) return value
  throw new CairnError(
    'store_damaged',
    'A value in the scratch directory is not what was written there: verify again, with another one (--scratch).',
    {},
  )
}

/** A place is text of one character a byte, in Node the one with its number. */
function bytesOf(place: string): Uint8Array {
  return Buffer.from(place, 'latin1')
}

function costOf(place: string, value: Uint8Array | null): number {
  return ENTRY + place.length + (value?.length ?? 0)
}
