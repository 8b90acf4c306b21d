/**
 * What a journal ends with, read past whoever has the chain open: for whoever prepares what the cold key is to sign.
 *
 * Promise: nothing is locked, nothing is written. What is being written at this moment is not there yet. The newest block is one that a key of this chain
 * sealed: whoever else can write into the data must not choose what the cold key signs.
 */
import { firstHeights } from '../journal/open.ts'
import { JournalCursor } from '../journal/read-only.ts'
import type { Disk } from '../ports/disk.ts'
import { blockHash } from '../verify/block.ts'
import { native } from '../verify/codec.ts'
import { header as headerCodec } from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { isValidSeal } from '../verify/seal.ts'
import type { Header, Seal } from '../verify/types.ts'
import { journalIn } from './chain-place.ts'
import { decodeRecord } from './decode-record.ts'

export interface JournalPlace {
  readonly disk: Disk
  /** Of the data. */
  readonly directory: string
  readonly identity: Identity
  readonly engine: Engine
}

export interface JournalEnd {
  /** The newest block with a seal, and the newest of its seals; absent before the first. */
  readonly head?: { readonly header: Header; readonly hash: Uint8Array; readonly seal: Seal }
  /** The oldest of the blocks above it. */
  readonly unsealed?: Header
}

export async function endOfJournal(place: JournalPlace): Promise<JournalEnd> {
  let end: JournalEnd = {}
  const files = firstHeights(await place.disk.list(journalIn(place.directory)))
  // Nearly always the newest file has it.
  for (const file of files.toReversed()) {
    end = await endFrom(file, place)
    if (end.head !== undefined) break
  }
  if (end.head !== undefined) demandSealed(end.head, place)
  return end
}

/**
 * The hash of the block at this height; `unknown_height` where the journal has none that is sealed, or has a sealed one above it: what has no seal may be
 * in memory alone, and the cold key's word would be of a block that a power cut takes away.
 */
export async function hashOfBlock(place: JournalPlace, height: bigint): Promise<Uint8Array> {
  const newest = (await endOfJournal(place)).head?.header.height ?? -1n
  for await (const { records } of height > newest ? [] : framesFrom(height, place)) {
    for (const header of records.map(headerIn)) {
      if (header?.height === height) return blockHash(place.identity, header, place.engine.hasher)
    }
  }
  const message = `The journal has no block ${height} that is sealed: the newest is ${newest}. The seal of a new block comes within a second, or at the next start.`
  throw new CairnError('unknown_height', message, { height, newest })
}

/** From the file on that has this block, or would. */
function framesFrom(height: bigint, { disk, directory, identity }: JournalPlace): ReturnType<JournalCursor['more']> {
  return new JournalCursor({ disk, directory: journalIn(directory), chainId: identity.chainId }, height).more()
}

async function endFrom(file: bigint, place: JournalPlace): Promise<JournalEnd> {
  const { identity, engine } = place
  let head: JournalEnd['head']
  let above: Header[] = []
  for await (const { records } of framesFrom(file, place)) {
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
      head = { header: sealed, hash: blockHash(identity, sealed, engine.hasher), seal }
      above = above.filter((block) => block.height > height)
    }
  }
  const [unsealed] = above
  return { ...(head && { head }), ...(unsealed && { unsealed }) }
}

function demandSealed(
  { header, hash, seal }: NonNullable<JournalEnd['head']>,
  { identity, engine }: JournalPlace,
): void {
  const { height, timestamp } = header
  if (isValidSeal(identity, { blockHash: hash, timestamp }, seal, engine)) return
  const message = `The journal has a seal of block ${height} that no key of this chain made: it was changed, or is another chain’s. See what cairn verify says of it, and ask the cold key for nothing before.`
  throw new CairnError('seal_invalid', message, { height })
}

/** The header of a record that is a block: all else of it is read by nobody here. */
function headerIn(record: unknown): Header | undefined {
  const { k, header } = record as { readonly k?: unknown; readonly header?: unknown }
  if (k !== 'block') return undefined
  const decoded = attempt(() => headerCodec.decode(header, native))
  return decoded instanceof CairnError ? undefined : decoded
}
