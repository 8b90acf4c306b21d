/** Blocks as they stand in a journal, each held until its seal was read: that comes after it, nearly always with the next one. */
import type { BlockRecord, ChainRecord } from '../verify/records.ts'
import type { Seal } from '../verify/types.ts'

export interface SealedBlock {
  readonly record: BlockRecord
  /** Absent where no seal of its own is recorded: a sealed block above it covers it, or it is the newest. */
  readonly seal?: Seal
}

/** A block that waits behind so many others has no seal of its own: such have one that comes with the next block. */
const WAITING_MAX = 16

export class SealsAwaited {
  private waiting: BlockRecord[] = []
  /** The height that comes next, as far as is known. */
  next = 0n

  /** Takes the next record; gives the blocks that wait no longer. */
  take(record: ChainRecord): readonly SealedBlock[] {
    if (record.k === 'close') return []
    if (record.k === 'seal') return this.sealed(record.height, record.seal)
    this.next = record.header.height + 1n
    this.waiting.push(record)
    const oldest = this.waiting.length > WAITING_MAX ? this.waiting.shift() : undefined
    return oldest === undefined ? [] : [{ record: oldest }]
  }

  /** Those whose seal did not come. */
  left(): readonly SealedBlock[] {
    return this.waiting.map((record) => ({ record }))
  }

  private sealed(height: bigint, seal: Seal): readonly SealedBlock[] {
    const ready = this.waiting.filter(({ header }) => header.height <= height)
    this.waiting = this.waiting.filter(({ header }) => header.height > height)
    return ready.map((record) => (record.header.height === height ? { record, seal } : { record }))
  }
}
