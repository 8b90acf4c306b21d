/**
 * What a journal ends with, read past whoever has the chain open: for whoever prepares what the cold key is to sign.
 *
 * Promise: nothing is locked, nothing is written. What is being written at this moment is not there yet.
 */
import { Journal } from '../journal/journal.ts'
import { JOURNAL_FILE_BYTES, SECTOR } from '../limits.ts'
import type { Disk } from '../ports/disk.ts'
import type { Rng } from '../ports/rng.ts'
import { blockHash } from '../verify/block.ts'
import { native } from '../verify/codec.ts'
import { header as headerCodec } from '../verify/codecs.ts'
import type { Hasher } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import type { Header, Seal } from '../verify/types.ts'
import { attemptAsync } from './attempt-async.ts'
import { decodeRecord } from './history.ts'

export interface JournalPlace {
  readonly disk: Disk
  readonly rng: Rng
  /** Of the data. */
  readonly directory: string
  readonly identity: Identity
  readonly hasher: Hasher
}

export interface JournalEnd {
  /** The newest block with a seal, and the newest of its seals; absent before the first. */
  readonly head?: { readonly header: Header; readonly hash: Uint8Array; readonly seal: Seal }
  /** The oldest of the blocks above it. */
  readonly unsealed?: Header
}

export async function endOfJournal(place: JournalPlace): Promise<JournalEnd> {
  const journal = await opened(place)
  try {
    let end: JournalEnd = {}
    // Nearly always the newest file has it.
    for (const file of journal.found.files.toReversed()) {
      end = await endFrom(journal, file, place)
      if (end.head !== undefined) break
    }
    return end
  } finally {
    await journal.close()
  }
}

/** The hash of the block at this height; `unknown_height` where the journal has none. */
export async function hashOfBlock(place: JournalPlace, height: bigint): Promise<Uint8Array> {
  const journal = await opened(place)
  try {
    const file = journal.found.files.findLast((first) => first <= height)
    if (file !== undefined && height <= journal.found.height) {
      for await (const { records } of journal.read({ file, offset: SECTOR })) {
        const header = records.map(headerIn).find((each) => each?.height === height)
        if (header !== undefined) return blockHash(place.identity, header, place.hasher)
      }
    }
  } finally {
    await journal.close()
  }
  const message = `The journal has no block ${height}: its newest is ${journal.found.height}.`
  throw new CairnError('unknown_height', message, { height, newest: journal.found.height })
}

/** A frame that was written while its end was looked for looks damaged, once: what is damaged still is when it is looked at again. */
async function opened({ disk, rng, directory, identity }: JournalPlace): Promise<Journal> {
  const { chainId } = identity
  const settings = { disk, rng, directory: `${directory}/journal`, chainId, fileBytes: JOURNAL_FILE_BYTES }
  for (let looks = 1; ; looks++) {
    const journal = await attemptAsync(() => Journal.open(settings))
    if (!(journal instanceof Error)) return journal
    const mayBeInFlight = journal instanceof CairnError && journal.code === 'journal_corrupt'
    if (!mayBeInFlight || looks === LOOKS) throw journal
  }
}

const LOOKS = 8

async function endFrom(journal: Journal, file: bigint, { identity, hasher }: JournalPlace): Promise<JournalEnd> {
  let head: JournalEnd['head']
  let above: Header[] = []
  for await (const { records } of journal.read({ file, offset: SECTOR })) {
    for (const each of records) {
      const header = headerIn(each)
      if (header !== undefined) {
        above.push(header)
        continue
      }
      const record = decodeRecord(each, head?.header.height ?? file)
      if (record.k !== 'seal') continue
      const { height, seal } = record
      const sealed = height === head?.header.height ? head.header : above.find((block) => block.height === height)
      if (sealed === undefined) continue
      head = { header: sealed, hash: blockHash(identity, sealed, hasher), seal }
      above = above.filter((block) => block.height > height)
    }
  }
  const [unsealed] = above
  return { ...(head && { head }), ...(unsealed && { unsealed }) }
}

/** The header of a record that is a block: all else of it is read by nobody here. */
function headerIn(record: unknown): Header | undefined {
  const { k, header } = record as { readonly k?: unknown; readonly header?: unknown }
  if (k !== 'block') return undefined
  const decoded = attempt(() => headerCodec.decode(header, native))
  return decoded instanceof CairnError ? undefined : decoded
}
