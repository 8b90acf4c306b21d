/**
 * Writes an export of a range of blocks out of a journal, beside whoever writes that: every block of the range in its order, and the seals
 * that the journal has of them.
 *
 * Promise: memory for a frame and a piece, whatever the range is. What was given is right whenever it ends; only what has its end is whole.
 */
import type { Place } from '../ports/commit-log.ts'
import { blockHash } from '../verify/block.ts'
import { SEAL_LAG_MAX } from '../verify/bounds.ts'
import { native } from '../verify/codec.ts'
import type { Hasher } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { type Authority, type ChainRecord, chainRecord } from '../verify/records.ts'
import type { Header } from '../verify/types.ts'
import { EXPORT_MAGIC, type ExportEnd, pieceHead } from './export-format.ts'
import { journalCorrupt } from './faults.ts'
import { arrayHead } from './frame.ts'
import { sealedAt } from './line.ts'
import { firstHeights } from './open.ts'
import { JournalCursor } from './read-only.ts'
import { encodeBlockRecord, encodeExportEnd, encodeExportHead, encodeSealRecord } from './record-write.ts'
import type { JournalHome } from './settings.ts'

/** The heights to export, both included: from block 0, to the newest one whose seal is recorded, where they are left out. */
export interface ExportRange {
  readonly from?: bigint
  readonly to?: bigint
}

/** What whoever exports is told meanwhile. */
export interface ExportWatcher {
  /** The height that was read last, of those that have to be. */
  readonly progress?: (height: bigint, to: bigint) => void
  /** Here the journal has bytes that are no whole frame: on their way to the disk, or torn, or damaged. */
  readonly rest?: (place: Place) => void
}

/** Records are gathered to so many bytes before they are written. */
const PIECE_BYTES = 1 << 20

export async function* exportJournal(
  home: JournalHome,
  identity: Identity,
  { from = 0n, to }: ExportRange,
  hasher: Hasher,
  watcher: ExportWatcher = {},
): AsyncGenerator<Uint8Array, ExportEnd> {
  const newest = await newestSealed(home, watcher)
  const last = to ?? newest
  demandRange(from, last, newest)
  const pieces = new Pieces()
  const authority: Authority[] = []
  let header: Header | undefined
  for await (const record of recordsOf(home)) {
    if (record.k === 'block') {
      const { height, parentHash } = record.header
      // Whoever verifies reads no seal that comes later than that.
      if (height > last + BigInt(SEAL_LAG_MAX)) break
      if (height <= last) watcher.progress?.(height, last)
      if (height < from) authority.push(...record.authority)
      if (height === from) yield* pieces.begin({ genesis: identity.genesis, from, to: last, parentHash, authority })
      if (height < from || height > last) continue
      header = record.header
      yield* pieces.add(encodeBlockRecord(record))
    } else if (record.k === 'seal' && record.height >= from && record.height <= last) {
      yield* pieces.add(encodeSealRecord(record))
    }
  }
  if (header?.height !== last) throw new Error(`the journal has no block ${last} though it has its seal`)
  const end = { blocks: last - from + 1n, hash: blockHash(identity, header, hasher) }
  yield* pieces.end(end)
  return end
}

function demandRange(from: bigint, to: bigint, newest: bigint): void {
  if (to > newest) {
    const message = `There is no block ${to} that could be exported: the newest whose seal is recorded is ${newest}.`
    throw new CairnError('unknown_height', message, { height: to, newest })
  }
  if (from <= to) return
  const message = `There are no blocks from ${from} to ${to}: the newest whose seal is recorded is ${newest}.`
  throw new CairnError('unknown_height', message, { height: from, newest })
}

/** The newest block whose seal is in the journal. */
async function newestSealed(home: JournalHome, { rest }: ExportWatcher): Promise<bigint> {
  const files = firstHeights(await home.disk.list(home.directory))
  const [oldest = 0n] = files
  if (oldest > 0n) {
    const message = `The journal begins at block ${oldest}: which keys were delegated before it is not known. Export it where block 0 still is.`
    throw new CairnError('snapshot_needed', message, { oldest })
  }
  for (const first of files.toReversed()) {
    let newest: bigint | undefined
    const cursor = new JournalCursor(home, first)
    for await (const { records } of cursor.more()) {
      for (const record of records) {
        const height = sealedAt(record)
        if (height !== undefined && (newest === undefined || height > newest)) newest = height
      }
    }
    if (newest === undefined) continue
    if (cursor.hasRest && cursor.place !== undefined) rest?.(cursor.place)
    return newest
  }
  const message =
    'There is nothing to export: the journal has no seal of a block yet. That of a new block comes within a second, or with the next block.'
  throw new CairnError('nothing_to_export', message)
}

async function* recordsOf(home: JournalHome): AsyncGenerator<ChainRecord> {
  for await (const { place, records } of new JournalCursor(home).more()) {
    for (const each of records) {
      const record = attempt(() => chainRecord.decode(each, native))
      if (record instanceof CairnError) throw journalCorrupt(place, undefined, record.message)
      yield record
    }
  }
}

/** What is written, piece by piece, each bound to where it stands. */
class Pieces {
  private offset = 0
  private records: Uint8Array[] = []
  private size = 0

  private passed(bytes: Uint8Array): Uint8Array {
    this.offset += bytes.length
    return bytes
  }

  *begin(head: Parameters<typeof encodeExportHead>[0]): Generator<Uint8Array> {
    yield this.passed(EXPORT_MAGIC)
    yield* this.piece([encodeExportHead(head)])
  }

  *add(record: Uint8Array): Generator<Uint8Array> {
    if (this.size > 0 && this.size + record.length > PIECE_BYTES) yield* this.flush()
    this.records.push(record)
    this.size += record.length
  }

  *end(end: ExportEnd): Generator<Uint8Array> {
    yield* this.flush()
    yield* this.piece([encodeExportEnd(end)])
  }

  private *flush(): Generator<Uint8Array> {
    yield* this.piece([arrayHead(this.records.length), ...this.records])
    this.records = []
    this.size = 0
  }

  /** In one: many small writes would cost more than the copy. */
  private *piece(payload: readonly Uint8Array[]): Generator<Uint8Array> {
    yield this.passed(Buffer.concat([pieceHead(payload, this.offset), ...payload]))
  }
}
