/** What lies behind the head: blocks, commands and seals, read out of the log where the store says that they are. */
import type { CommitLog } from '../ports/commit-log.ts'
import { blockHash } from '../verify/block.ts'
import { SEAL_LAG_MAX } from '../verify/bounds.ts'
import { equal } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import type { Hasher } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { type BlockRecord, type ChainRecord, chainRecord, type RecordedCommand } from '../verify/records.ts'
import type { Seal } from '../verify/types.ts'
import type { ChainStore } from './chain-store.ts'

/** A command with the sizes that its leaf names, and the block that holds it. */
export interface PastCommand {
  readonly command: RecordedCommand
  readonly record: BlockRecord
  readonly hash: Uint8Array
}

export class History {
  private readonly log: CommitLog
  private readonly store: ChainStore
  private readonly identity: Identity
  private readonly hasher: Hasher
  /** The record that was read last, or is being read: who asks for one command of a block mostly asks for its neighbours too, at once. */
  private last: { readonly height: bigint; readonly record: Promise<BlockRecord> } | undefined

  constructor(log: CommitLog, store: ChainStore, identity: Identity, hasher: Hasher) {
    this.log = log
    this.store = store
    this.identity = identity
    this.hasher = hasher
  }

  /** The record of a block that is applied. */
  block(height: bigint): Promise<BlockRecord> {
    if (this.last?.height === height) return this.last.record
    const reading = { height, record: this.checked(height) }
    this.last = reading
    reading.record.catch(() => {
      if (this.last === reading) this.last = undefined
    })
    return reading.record
  }

  private async checked(height: bigint): Promise<BlockRecord> {
    const record = await this.recordAt(height)
    // Marks are not hashed, and what is told of a block must not rest on one that rotted.
    if (!equal(blockHash(this.identity, record.header, this.hasher), this.hashOf(height))) throw misplaced(height)
    return record
  }

  /** The record of this height where its mark leads, whatever hash the mark names: a start compares them. */
  async recordAt(height: bigint): Promise<BlockRecord> {
    const records = (await this.log.frameAt(this.store.mark(height).place)).map((record) =>
      decodeRecord(record, height),
    )
    const found = records.find((record) => record.k === 'block' && record.header.height === height)
    if (found?.k === 'block') return found
    throw misplaced(height)
  }

  /** The hash of a block whose record was read. */
  hashOf(height: bigint): Uint8Array {
    return this.store.mark(height).hash
  }

  /** A command of a block that is applied. */
  async command(seq: bigint): Promise<PastCommand> {
    const height = this.store.heightOfSeq(seq)
    const record = await this.block(height)
    const command = record.commands[Number(seq - record.header.firstSeq)]
    if (command !== undefined) return { command, record, hash: this.hashOf(height) }
    const message = `The store is damaged: command ${seq} is not in block ${height}, where its marks say. Rebuild it.`
    throw new CairnError('store_damaged', message, { seq, height })
  }

  /** The seals of an applied block that the log has: they ride in the next frames. */
  async sealsOf(height: bigint): Promise<readonly Seal[]> {
    const seals: Seal[] = []
    let frames = 0
    for await (const { records } of this.log.read(this.store.mark(height).place)) {
      for (const each of records) {
        const record = decodeRecord(each, height)
        if (record.k === 'seal' && record.height === height) seals.push(record.seal)
      }
      if (frames++ > SEAL_LAG_MAX) break
    }
    return seals
  }
}

function misplaced(height: bigint): CairnError {
  const message = `The store is damaged: block ${height} is not where its mark says. Rebuild it.`
  return new CairnError('store_damaged', message, { height })
}

/** A record of the log in its shape; `height` says about where it stands. */
export function decodeRecord(record: unknown, height: bigint): ChainRecord {
  const decoded = attempt(() => chainRecord.decode(record, native))
  if (!(decoded instanceof CairnError)) return decoded
  throw recordInvalid(decoded, height)
}

export function recordInvalid(fault: CairnError, height: bigint): CairnError {
  const message = `The journal holds a record at height ${height} that is none: ${fault.message}`
  return new CairnError('journal_corrupt', message, { height, reason: fault.message })
}
