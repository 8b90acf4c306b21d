/**
 * A file of the simulated disk: what reads see, and what a power cut leaves. Of a sector that was not synced a cut leaves what it was
 * or any of what was written to it since, each sector for itself or a page at a time; where the file was grown, what it was is zeros.
 */
import type { Random } from '../support/seed.ts'
import type { Counts } from './life.ts'

const SECTOR = 512
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

export class SimFile {
  /** What reads see; zeros beyond the size. */
  private bytes = new Uint8Array(SECTOR)
  /** What certainly is on the disk, but for the sectors in `unsynced`. */
  private disk = new Uint8Array(SECTOR)
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
    return this.bytes.slice(at, Math.min(at + length, this.size))
  }

  write(at: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const end = at + bytes.length
    if (end > this.size) this.resize(end)
    this.bytes.set(bytes, at)
    this.touch(at, end)
  }

  truncate(size: number): void {
    const before = this.size
    this.resize(size)
    if (size >= before) return
    this.bytes.fill(0, size)
    this.touch(size, before)
    for (const sector of this.allocated) if (sector * SECTOR >= size) this.allocated.delete(sector)
  }

  datasync(): void {
    for (const [sector, { versions, isDirty }] of this.unsynced) {
      if (!isDirty) continue
      this.disk = holding(this.disk, (sector + 1) * SECTOR)
      this.disk.set((versions.at(-1) as Version).bytes, sector * SECTOR)
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
      if (at < image.length) image.set(bytes.subarray(0, image.length - at), at)
    }
  }

  copy(): SimFile {
    const copy = new SimFile()
    copy.bytes = this.bytes.slice()
    copy.disk = this.disk.slice()
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
      this.disk = holding(this.disk, (sector + 1) * SECTOR)
      this.disk.set(left, sector * SECTOR)
    }
    for (const change of lost) if (change > 0 && kept.has(change)) counts.tornWrites++
    this.disk = holding(this.disk, size)
    this.disk.fill(0, size)
    this.bytes = this.disk.slice()
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
    this.bytes = holding(this.bytes, size)
    this.sizes.push(size)
    this.isSizeDirty = true
  }

  /** Notes what the sectors from here to there hold by now. */
  private touch(from: number, to: number): void {
    this.changes++
    for (let sector = Math.floor(from / SECTOR); sector * SECTOR < to; sector++) {
      const known = this.unsynced.get(sector) ?? { versions: [{ bytes: sectorOf(this.disk, sector), change: 0 }] }
      known.versions.push({ bytes: sectorOf(this.bytes, sector), change: this.changes })
      this.unsynced.set(sector, { versions: known.versions, isDirty: true })
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

function sectorOf(bytes: Uint8Array, sector: number): Uint8Array {
  const copy = new Uint8Array(SECTOR)
  copy.set(bytes.subarray(sector * SECTOR, (sector + 1) * SECTOR))
  return copy
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** The same bytes, with room for so many. */
function holding(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  if (size <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(Math.ceil(size / SECTOR) * SECTOR, bytes.length * 2))
  larger.set(bytes)
  return larger
}
