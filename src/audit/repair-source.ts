/**
 * The copy that a repair takes blocks from. It is verified once, whole, and read again as often as it is needed.
 *
 * Promise: what `blocks` gave is what was verified, record by record, when it has come to its end; before that it may be refused. A source that says one thing
 * to whoever verifies it, and another to whoever copies it, is refused.
 */

import { encodeRecord } from '../journal/record-write.ts'
import { blockHash } from '../verify/block.ts'
import { concat, equal, ZERO32 } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { type BlockRecord, type ChainRecord, chainRecord } from '../verify/records.ts'
import { verifyChain } from './audit.ts'
import { framesIn } from './examine.ts'
import { UNSEALED_MAX } from './join.ts'
import { type AuditSource, overheard, type SourceItem } from './source.ts'

/** Opens the copy, from its beginning. */
export type OpenSource = () => Promise<AuditSource>

export interface SourceBlock {
  readonly record: BlockRecord
  readonly hash: Uint8Array
  /** The seals that stand before it. */
  readonly seals: readonly ChainRecord[]
  /** Of all blocks and seals up to this block, in their order. */
  readonly digest: Uint8Array
}

interface Read {
  /** Of all blocks and seals up to this block, in their order. */
  readonly digest: Uint8Array
  /** The seals that stand behind it, before another block does. */
  readonly seals: ChainRecord[]
}

export class RepairSource {
  /** The newest block that it has with a seal; −1 for none. */
  readonly head: bigint
  /** The seals that stand behind that one. */
  readonly trailing: readonly ChainRecord[]
  private readonly open: OpenSource
  private readonly identity: Identity
  private readonly engine: Engine
  private readonly digest: Uint8Array

  private constructor(open: OpenSource, identity: Identity, engine: Engine, head: bigint, { digest, seals }: Read) {
    this.open = open
    this.identity = identity
    this.engine = engine
    this.head = head
    this.trailing = seals
    this.digest = digest
  }

  static async verified(open: OpenSource, identity: Identity, engine: Engine): Promise<RepairSource> {
    const tally = new Tally(engine)
    const heard = overheard(await open(), (item) => {
      // What is no record is for the verification to say.
      for (const record of recordsIn(item)) if (!(record instanceof CairnError)) tally.add(record)
    })
    const audit = await verifyChain(heard, {
      chainId: identity.chainId,
      // Its seals alone would not show that what a block holds was changed below a header that is right.
      level: 'roots',
      engine,
      cores: 1,
    }).catch((error: unknown) => {
      if (!(error instanceof CairnError && error.code === 'proof_needed')) throw error
      const { from } = error.details
      throw refused(`it begins at block ${String(from)}: one that holds all blocks from the first on is needed`, {
        from,
      })
    })
    if (!audit.ok) {
      const { check, reason = '' } = audit.fault ?? {}
      throw refused(`it does not verify (${String(check)}: ${reason})`, { check, reason })
    }
    const head = audit.head?.height ?? -1n
    const read = tally.at(head)
    if (head >= 0n && read === undefined) throw new Error(`block ${head} was verified, and never read`)
    return new RepairSource(open, identity, engine, head, read ?? { digest: ZERO32, seals: [] })
  }

  /** Up to its head, in order. */
  async *blocks(): AsyncGenerator<SourceBlock> {
    if (this.head < 0n) return
    const source = await this.open()
    const tally = new Tally(this.engine)
    let seals: ChainRecord[] = []
    try {
      for await (const item of source.items()) {
        if (item.kind === 'fault') throw wasChanged()
        for (const record of recordsIn(item)) {
          if (record instanceof CairnError) throw wasChanged()
          tally.add(record)
          if (record.k === 'seal') seals.push(record)
          if (record.k !== 'block') continue
          const { digest } = tally.at(record.header.height) as Read
          yield { record, hash: blockHash(this.identity, record.header, this.engine.hasher), seals, digest }
          seals = []
          if (record.header.height !== this.head) continue
          if (equal(digest, this.digest)) return
          throw wasChanged()
        }
      }
    } finally {
      await source.close?.()
    }
    throw wasChanged()
  }
}

/** A running digest of what a reading gave. */
class Tally {
  private readonly engine: Engine
  private digest: Uint8Array = ZERO32
  private readonly newest = new Map<bigint, Read>()
  private last: Read | undefined

  constructor(engine: Engine) {
    this.engine = engine
  }

  add(record: ChainRecord): void {
    if (record.k === 'close') return
    const { hasher } = this.engine
    this.digest = hasher.hash(concat(this.digest, hasher.hash(encodeRecord(record))))
    if (record.k === 'seal') {
      this.last?.seals.push(record)
      return
    }
    const { height } = record.header
    this.last = { digest: this.digest, seals: [] }
    this.newest.set(height, this.last)
    // As many as may be without a seal: the head is the newest that has one.
    this.newest.delete(height - BigInt(2 * UNSEALED_MAX))
  }

  at(height: bigint): Read | undefined {
    return this.newest.get(height)
  }
}

function* recordsIn(item: SourceItem): Generator<ChainRecord | CairnError> {
  if (item.kind !== 'packed' && item.kind !== 'records') return
  for (const { records } of framesIn(item)) {
    if (typeof records === 'string') yield new CairnError('malformed', records)
    else for (const each of records) yield attempt(() => chainRecord.decode(each, native))
  }
}

export function wasChanged(): CairnError {
  return refused('it was changed while it was read', {})
}

export function refused(why: string, details: Readonly<Record<string, unknown>>): CairnError {
  const message = `The copy to repair from is refused: ${why}. What was not repaired yet is as it was.`
  return new CairnError('repair_refused', message, { why, ...details })
}
