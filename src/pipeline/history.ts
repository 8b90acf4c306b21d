/** What lies behind the head: blocks, commands and seals, read out of the log where the store says that they are. */
import { blockHash } from '../verify/block.ts'
import { SEAL_LAG_MAX } from '../verify/bounds.ts'
import { equal } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import type { BlockRecord, RecordedCommand } from '../verify/records.ts'
import type { Seal } from '../verify/types.ts'
import type { ChainStore } from './chain-store.ts'
import { recordsOf } from './decode-record.ts'
import type { LogReader } from './log-reader.ts'
import { frameOf, framesFrom, misplaced } from './marked-frames.ts'

export interface PastBlock {
  readonly record: BlockRecord
  readonly hash: Uint8Array
}

/** A command, and the block that holds it. */
export interface PastCommand extends PastBlock {
  readonly command: RecordedCommand
}

export class History {
  private readonly log: LogReader
  private readonly store: ChainStore
  private readonly identity: Identity
  private readonly hasher: Hasher
  /** The block that was applied last, where it is in memory. */
  private readonly newest: () => PastBlock | undefined
  /** What is read, or was read last: who asks for one command of a block mostly asks for its neighbours too, at once. */
  private reading: { readonly height: bigint; readonly past: Promise<PastBlock> } | undefined
  private last: PastBlock | undefined
  /** The hashes of blocks whose records were read, the newest of them. */
  private readonly confirmed = new Map<bigint, Uint8Array>()

  constructor(
    log: LogReader,
    store: ChainStore,
    identity: Identity,
    hasher: Hasher,
    newest: () => PastBlock | undefined = () => undefined,
  ) {
    this.log = log
    this.newest = newest
    this.store = store
    this.identity = identity
    this.hasher = hasher
  }

  /** The record of a block that is applied: nobody's own. */
  async block(height: bigint): Promise<BlockRecord> {
    return (await this.past(height)).record
  }

  private past(height: bigint): Promise<PastBlock> {
    const newest = this.newest()
    if (newest?.record.header.height === height) return Promise.resolve(newest)
    if (this.reading?.height === height) return this.reading.past
    const reading = { height, past: this.checked(height) }
    this.reading = reading
    reading.past.catch(() => {
      if (this.reading === reading) this.reading = undefined
    })
    return reading.past
  }

  private async checked(height: bigint): Promise<PastBlock> {
    const record = await this.recordAt(height)
    const hash = blockHash(this.identity, record.header, this.hasher)
    // Marks are not hashed, and what is told of a block must not rest on one that rotted.
    if (!equal(hash, this.hashOf(height))) throw misplaced(height)
    this.last = { record, hash }
    this.confirm(height, hash)
    return this.last
  }

  private confirm(height: bigint, hash: Uint8Array): void {
    const [oldest] = this.confirmed.keys()
    if (oldest !== undefined && this.confirmed.size >= CONFIRMED_MAX) this.confirmed.delete(oldest)
    this.confirmed.set(height, hash)
  }

  /** Comes back when the mark of an applied block says what is known of that block, or what the log has of it. */
  async demandConfirmed(height: bigint): Promise<void> {
    const hash = this.confirmed.get(height) ?? (await this.past(height)).hash
    if (!equal(hash, this.hashOf(height))) throw misplaced(height)
  }

  /** The record of this height where its mark leads, whatever hash the mark names: a start compares them. */
  async recordAt(height: bigint): Promise<BlockRecord> {
    const frame = await frameOf(this.log, this.store, height)
    const found = [...recordsOf(frame, height)].find((each) => each.k === 'block' && each.header.height === height)
    if (found?.k === 'block') return found
    throw misplaced(height)
  }

  /** The hash of a block whose record was read. */
  hashOf(height: bigint): Uint8Array {
    return this.store.mark(height).hash
  }

  /** A command of a block that is applied. */
  async command(seq: bigint): Promise<PastCommand> {
    const near = [this.newest(), this.last].find((past) => past !== undefined && isWithin(past, seq))
    const height = near?.record.header.height ?? this.store.heightOfSeq(seq)
    const past = near ?? (await this.past(height))
    const command = past.record.commands[Number(seq - past.record.header.firstSeq)]
    if (command !== undefined) return { ...past, command }
    const message = `The store is damaged: command ${seq} is not in block ${height}, where its marks say. Rebuild it.`
    throw new CairnError('store_damaged', message, { seq, height })
  }

  /** The seals of an applied block that the log has: they ride in the next frames. */
  async sealsOf(height: bigint): Promise<readonly Seal[]> {
    const seals: Seal[] = []
    let frames = 0
    let isThere = false
    for await (const frame of framesFrom(this.log, this.store, height)) {
      for (const record of recordsOf(frame, height)) {
        if (record.k === 'seal' && record.height === height) seals.push(record.seal)
        if (record.k === 'block' && record.header.height === height) isThere = true
      }
      // Else a mark that rotted would say that nobody sealed it.
      if (!isThere) break
      if (frames++ > SEAL_LAG_MAX) break
    }
    if (!isThere) throw misplaced(height)
    return seals
  }
}

/** Of so many blocks it is known what their marks have to say. */
const CONFIRMED_MAX = 1024

function isWithin({ record: { header } }: PastBlock, seq: bigint): boolean {
  return header.firstSeq <= seq && seq < header.firstSeq + header.commandCount
}
