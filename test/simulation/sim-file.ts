/**
 * A file of the simulated disk: what reads see, and what a power cut leaves. Of a sector that was not synced a cut leaves what it was
 * or any of what was written to it since, each sector for itself or a page at a time; where the file was grown, what it was is zeros.
 */
import type { Random } from '../support/seed.ts'
import type { Counts } from './life.ts'

export const SECTOR = 512
const PAGE_SECTORS = 8

/** What a sector may hold after a cut: the first is what it certainly held once, the last what reads see. */
interface Unsynced {
  readonly versions: Version[]
  /** Whether the next sync writes it. After a failed one it does not, and nobody knows what is there. */
  isDirty: boolean
}

interface Version {
  readonly bytes: Uint8Array
  readonly change: number
}

/** Bytes of a whole file. Copies share them until one of them is written to. */
class Image {
  seen: Uint8Array<ArrayBuffer> = new Uint8Array(SECTOR)
  private isShared = false

  copy(): Image {
    const copy = new Image()
    copy.seen = this.seen
    copy.isShared = true
    this.isShared = true
    return copy
  }

  /** To be written to, with room for so many bytes. */
  holding(size: number): Uint8Array<ArrayBuffer> {
    const { seen } = this
    if (size > seen.length) {
      this.seen = new Uint8Array(Math.max(Math.ceil(size / SECTOR) * SECTOR, seen.length * 2))
      this.seen.set(seen)
    } else if (this.isShared) this.seen = seen.slice()
    this.isShared = false
    return this.seen
  }
}

export class SimFile {
  /** What reads see; zeros beyond the size. */
  private bytes = new Image()
  /** What certainly is on the disk, but for the sectors in `unsynced`. */
  private disk = new Image()
  private readonly unsynced = new Map<number, Unsynced>()
  /** As `versions`. */
  private sizes: number[] = [0]
  private isSizeDirty = false
  private changes = 0
  private readonly allocated = new Set<number>()

  get size(): number {
    return this.sizes.at(-1) as number
  }

  read(at: number, length: number): Uint8Array {
    return this.bytes.seen.slice(at, Math.min(at + length, this.size))
  }

  write(at: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const end = at + bytes.length
    if (end > this.size) this.resize(end)
    this.bytes.holding(end).set(bytes, at)
    this.touch(at, end)
  }

  truncate(size: number): void {
    const before = this.size
    this.resize(size)
    if (size >= before) return
    this.bytes.holding(before).fill(0, size)
    this.touch(size, before)
    for (const sector of this.allocated) if (sector * SECTOR >= size) this.allocated.delete(sector)
  }

  datasync(): void {
    for (const [sector, { versions, isDirty }] of this.unsynced) {
      if (!isDirty) continue
      this.disk.holding((sector + 1) * SECTOR).set((versions.at(-1) as Version).bytes, sector * SECTOR)
      this.unsynced.delete(sector)
    }
    if (this.isSizeDirty) this.sizes = [this.size]
    this.isSizeDirty = false
  }

  /** Writes anything or nothing, and takes it all for written. */
  failDatasync(): void {
    for (const sector of this.unsynced.values()) sector.isDirty = false
    this.isSizeDirty = false
  }

  /** Changes what is on the disk past all writes, as rot does and a write that went astray. */
  spoil(at: number, bytes: Uint8Array): void {
    for (const image of [this.bytes, this.disk]) {
      const { length } = image.seen
      if (at < length) image.holding(length).set(bytes.subarray(0, length - at), at)
    }
  }

  copy(): SimFile {
    const copy = new SimFile()
    copy.bytes = this.bytes.copy()
    copy.disk = this.disk.copy()
    copy.sizes = [...this.sizes]
    copy.isSizeDirty = this.isSizeDirty
    copy.changes = this.changes
    for (const [sector, { versions, isDirty }] of this.unsynced) {
      copy.unsynced.set(sector, { versions: [...versions], isDirty })
    }
    for (const sector of this.allocated) copy.allocated.add(sector)
    return copy
  }

  /** Takes room for so many bytes as there is: how many these are, and what they cost. */
  allocate(at: number, length: number, free: number): { readonly fitting: number; readonly cost: number } {
    let cost = 0
    for (let sector = Math.floor(at / SECTOR); sector * SECTOR < at + length; sector++) {
      if (this.allocated.has(sector)) continue
      if (cost + SECTOR > free) return { fitting: Math.max(0, sector * SECTOR - at), cost }
      this.allocated.add(sector)
      cost += SECTOR
    }
    return { fitting: length, cost }
  }

  get allocatedBytes(): number {
    return this.allocated.size * SECTOR
  }

  cut(random: Random, counts: Counts): void {
    const luck = luckOf(random)
    const size = this.sizeAfterCut(random, luck)
    const [kept, lost] = [new Set<number>(), new Set<number>()]
    const pages = new Map<number, number | undefined>()
    for (const [sector, { versions, isDirty }] of this.unsynced) {
      const page = Math.floor(sector / PAGE_SECTORS)
      if (!pages.has(page)) pages.set(page, random.below(2) === 0 ? luck(random) : undefined)
      const age = pages.get(page) ?? luck(random)
      const chosen = Math.round((versions.length - 1) * (1 - age))
      for (const [i, { change }] of versions.entries()) (i <= chosen ? kept : lost).add(change)
      const left = (versions[chosen] as Version).bytes
      if (!isDirty && chosen < versions.length - 1) counts.lostOfFailedSyncs++
      else if (!isDirty) counts.keptOfFailedSyncs++
      if (chosen < versions.length - 1) counts.droppedSectors++
      if (chosen < versions.length - 1 && isZero(left)) counts.zeroedSectors++
      this.disk.holding((sector + 1) * SECTOR).set(left, sector * SECTOR)
    }
    for (const change of lost) if (change > 0 && kept.has(change)) counts.tornWrites++
    const { seen } = this.disk
    if (size > seen.length || !isZero(seen.subarray(size))) this.disk.holding(size).fill(0, size)
    this.bytes = this.disk.copy()
    this.sizes = [size]
    this.isSizeDirty = false
    this.unsynced.clear()
  }

  private sizeAfterCut(random: Random, luck: Luck): number {
    const chosen = Math.round((this.sizes.length - 1) * (1 - luck(random)))
    const size = this.sizes[chosen] as number
    const next = this.sizes[chosen + 1] ?? size
    if (next <= size || random.below(2) === 0) return size
    // A long write grows a file step by step.
    return size + Math.floor(random.below(next - size) / SECTOR) * SECTOR
  }

  private resize(size: number): void {
    this.bytes.holding(size)
    this.sizes.push(size)
    this.isSizeDirty = true
  }

  /** Notes what the sectors from here to there hold by now. */
  private touch(from: number, to: number): void {
    this.changes++
    const first = Math.floor(from / SECTOR)
    const end = Math.ceil(to / SECTOR)
    // One copy of each image, of which each version is a part.
    const [before, now] = [sectorsOf(this.disk.seen, first, end), sectorsOf(this.bytes.seen, first, end)]
    for (let sector = first; sector < end; sector++) {
      const at = (sector - first) * SECTOR
      const version = { bytes: now.subarray(at, at + SECTOR), change: this.changes }
      const known = this.unsynced.get(sector)
      if (known === undefined) {
        const versions = [{ bytes: before.subarray(at, at + SECTOR), change: 0 }, version]
        this.unsynced.set(sector, { versions, isDirty: true })
      } else {
        known.versions.push(version)
        known.isDirty = true
      }
    }
  }
}

/** How old what is left of something is: 0 is its newest version, 1 its oldest. */
type Luck = (random: Random) => number

/** Of one file everything may be left, or nothing, nearly everything, nearly nothing, or anything. */
function luckOf(random: Random): Luck {
  const any: Luck = (random) => random.below(1001) / 1000
  const rarely = (age: number): Luck => {
    const odds = random.pick([3, 10, 40])
    return (random) => (random.below(odds) === 0 ? any(random) : age)
  }
  return random.pick<Luck>([() => 0, () => 1, rarely(0), rarely(1), any, any])
}

/** From this one up to and without that one; zeros where the image does not reach. */
function sectorsOf(bytes: Uint8Array, first: number, end: number): Uint8Array {
  if (end * SECTOR <= bytes.length) return bytes.slice(first * SECTOR, end * SECTOR)
  const copy = new Uint8Array((end - first) * SECTOR)
  copy.set(bytes.subarray(first * SECTOR))
  return copy
}

const ZEROS = new Uint8Array(64 * SECTOR)

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length)
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) !== 0) return false
  }
  return true
}
