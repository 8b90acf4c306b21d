/**
 * What of a journal is whole, file by file, for whoever repairs it: the frames that are as they were written and stand in the line of blocks, and
 * which blocks are missing between them. Nothing is changed, and nothing of what is damaged is believed.
 */
import { SECTOR } from '../limits.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { equal } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { type ChainRecord, chainRecord } from '../verify/records.ts'
import { fileName } from './file-name.ts'
import { HEAD_BYTES, readHead } from './frame.ts'
import { decodeHeader } from './header.ts'
import { frameIn } from './judge.ts'
import { type JournalHome, pathIn } from './settings.ts'
import { Window } from './window.ts'
import { isZero } from './zeros.ts'

/** A whole frame where it lies. */
export interface Piece {
  readonly offset: number
  readonly length: number
  /** Its blocks; none where it holds seals or a close record alone. */
  readonly heights: readonly bigint[]
  /** The newest block that it has, or says something of: it stands behind that one, whichever blocks are missing. */
  readonly newest: bigint
}

export interface Surveyed {
  /** The height that its name says. */
  readonly first: bigint
  readonly size: number
  /** Absent where its header is not whole, or says something else than its name: then nothing in it is believed. */
  readonly salt: Uint8Array | undefined
  readonly pieces: readonly Piece[]
  /** Where something is, or has to be, that is no whole frame in its place: the last one up to the last sector that is not zero. */
  readonly damage: readonly Stretch[]
}

export interface Stretch {
  readonly from: number
  readonly to: number
}

/** `onBlock` is told of each block that is whole, in order. */
export async function surveyFile(
  home: JournalHome,
  first: bigint,
  onBlock: (record: ChainRecord & { readonly k: 'block' }) => void,
): Promise<Surveyed> {
  const file = await home.disk.open(pathIn(home, fileName(first)), 'read')
  try {
    const length = await file.size()
    // What is longer than a journal file can be is refused by every start; nothing of a journal stands behind that.
    const size = Math.min(length, JOURNAL_FILE_MAX)
    const window = new Window(file, size)
    const header = decodeHeader(await window.bytes(0, SECTOR))
    const isOurs = header !== undefined && equal(header.chainId, home.chainId) && header.first === first
    if (!isOurs) {
      const damage = [{ from: 0, to: await filledEnd(window, SECTOR) }]
      return { first, size, salt: undefined, pieces: [], damage }
    }
    const { salt } = header
    const pieces: Piece[] = []
    const damage: Stretch[] = length > size ? [{ from: size, to: size }] : []
    let next = first
    for (let offset = SECTOR; offset < size; ) {
      const frame = await frameIn(window, salt, offset)
      const records = typeof frame === 'string' ? undefined : recordsOf(frame.records)
      const heights = records?.flatMap((each) => (each.k === 'block' ? [each.header.height] : [])) ?? []
      const follows = heights.every((height, i) => height === (heights[0] as bigint) + BigInt(i) && height >= next)
      if (typeof frame === 'string' || records === undefined || !follows) {
        const found = await nextWhole(window, salt, offset + SECTOR)
        // Zeros up to the end of the file are its end.
        if (found === undefined && (await filledEnd(window, offset)) === offset) break
        damage.push({ from: offset, to: found ?? (await filledEnd(window, offset)) })
        if (found === undefined) break
        offset = found
        continue
      }
      for (const record of records) if (record.k === 'block') onBlock(record)
      next = (heights.at(-1) ?? next - 1n) + 1n
      pieces.push({ offset, length: frame.length, heights, newest: newestOf(records) })
      offset += frame.length
    }
    return { first, size, salt, pieces, damage }
  } finally {
    await file.close()
  }
}

function recordsOf(records: readonly unknown[]): readonly ChainRecord[] | undefined {
  const decoded = records.map((record) => attempt(() => chainRecord.decode(record, native)))
  return decoded.some((each) => each instanceof CairnError) ? undefined : (decoded as readonly ChainRecord[])
}

function newestOf(records: readonly ChainRecord[]): bigint {
  let newest = -1n
  for (const each of records) {
    const height = each.k === 'block' ? each.header.height : each.height
    if (height > newest) newest = height
  }
  return newest
}

async function nextWhole(window: Window, salt: Uint8Array, from: number): Promise<number | undefined> {
  for (let at = from; at < window.size; at += SECTOR) {
    const bytes = await window.bytes(at, HEAD_BYTES)
    if (readHead(bytes, salt, at) === undefined || isZero(bytes)) continue
    if (typeof (await frameIn(window, salt, at)) !== 'string') return at
  }
  return undefined
}

/** The end of the last sector that is not zero, from here on. */
async function filledEnd(window: Window, from: number): Promise<number> {
  let end = from
  for (let at = from; at < window.size; at += SECTOR) if (!isZero(await window.bytes(at, SECTOR))) end = at + SECTOR
  return end
}
