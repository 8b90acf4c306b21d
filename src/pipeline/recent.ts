/**
 * The newest acknowledged blocks, in memory for those who follow the chain: else each of them would be read again out of the log, moments after it
 * was written. Bounded, and empty where nobody follows; who falls behind it reads the log.
 */
import { RECENT_BLOCKS_MAX, RECENT_BYTES_MAX } from '../limits.ts'
import type { BlockRecord } from '../verify/records.ts'
import type { Header, Roots, Seal } from '../verify/types.ts'
import type { SealedBlock } from './block.ts'

export interface RecentBlock {
  readonly header: Header
  readonly hash: Uint8Array
  readonly roots: Roots
  readonly seal: Seal
  /** Absent where those who follow do not read what blocks hold. */
  readonly record: BlockRecord | undefined
  readonly bytes: number
}

export class Recent {
  /** One after the other, without gaps. */
  private blocks: RecentBlock[] = []
  private bytes = 0
  private followers = 0
  private readers = 0

  /** Keeps blocks from now on, until the answer is called; with what they hold, where that is read. */
  follow(readsRecords: boolean): () => void {
    this.followers++
    if (readsRecords) this.readers++
    return () => {
      this.followers--
      if (readsRecords) this.readers--
      if (this.followers === 0) this.forget()
    }
  }

  /** The next block; it was acknowledged. */
  add({ header, hash, roots, seal, record, size }: SealedBlock): void {
    if (this.followers === 0) return
    const before = this.blocks.at(-1)
    if (before !== undefined && before.header.height + 1n !== header.height) this.forget()
    const isRead = this.readers > 0
    this.blocks.push({ header, hash, roots, seal, record: isRead ? record : undefined, bytes: isRead ? size : 0 })
    this.bytes += isRead ? size : 0
    while (this.blocks.length > RECENT_BLOCKS_MAX || this.bytes > RECENT_BYTES_MAX)
      this.bytes -= this.blocks.shift()?.bytes ?? 0
  }

  find(height: bigint): RecentBlock | undefined {
    const [first] = this.blocks
    return first && this.blocks[Number(height - first.header.height)]
  }

  /** What is here is no longer what the log says: a block was sealed again. */
  forget(): void {
    this.blocks = []
    this.bytes = 0
  }
}
