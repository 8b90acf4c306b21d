/**
 * A journal file as it is, frame by frame, for somebody who looks at a broken one: whatever is in it, something is said about it, and
 * nothing is refused. It needs the file alone, and changes nothing.
 *
 * The judgement of the end is the one of a start (judge.ts), as far as a single file can tell.
 */
import { crc32 } from 'node:zlib'
import { FRAME_MAX, SECTOR } from '../limits.ts'
import type { DiskFile } from '../ports/disk.ts'
import { frameLength, HEAD_BYTES, readFrame, readHead, readRecords } from './frame.ts'
import { decodeHeader, MAGIC, rawHeader } from './header.ts'
import { describeRecords, type InspectedRecord } from './inspect-records.ts'
import { judgeTail } from './judge.ts'
import { PIECE_BYTES, Window } from './window.ts'
import { isZero, zeroSectors } from './zeros.ts'

export interface InspectedHeader {
  readonly kind: 'header'
  readonly offset: 0
  readonly chainId: Uint8Array
  readonly first: bigint
  readonly salt: Uint8Array
  readonly problem?: string
}

export interface InspectedFrame {
  readonly kind: 'frame'
  readonly offset: number
  /** In the file, padding and all. */
  readonly length: number
  /** Of the payload. */
  readonly bytes: number
  readonly zeroSectors: { readonly said: number; readonly found: number }
  /** Of the head: it is bound to the file's salt and to this offset. */
  readonly headCrc: boolean
  readonly payloadCrc: boolean
  readonly records: readonly InspectedRecord[]
  readonly problem?: string
}

/** Bytes that are no frame: zeros, or what nobody can tell. */
export interface InspectedRest {
  readonly kind: 'zeros' | 'unknown'
  readonly offset: number
  readonly length: number
  readonly problem?: string
}

export interface InspectedEnd {
  readonly kind: 'end'
  /** Where the log ends, or the first thing is that is not whole. */
  readonly offset: number
  readonly state: 'empty' | 'clean' | 'open' | 'torn' | 'corrupt'
  readonly why: string
  /** The block that comes next, if there is any in it. */
  readonly next?: bigint
}

export type Inspected = InspectedHeader | InspectedFrame | InspectedRest | InspectedEnd

/** `isNewest`: no later file holds anything; then a power cut may have torn its newest frame. */
export async function* inspectJournalFile(file: DiskFile, isNewest: boolean): AsyncGenerator<Inspected> {
  const window = new Window(file, await file.size())
  const header = headerOf(await window.bytes(0, SECTOR))
  yield header
  const seen = new Seen(header)
  let at = SECTOR
  while (at < window.size) {
    const found = await placeAt(window, header.salt, at, seen.isSound)
    if (found.kind === 'frame') {
      yield { ...found, ...optional(seen.follow(found)) }
    } else {
      if (found.kind === 'unknown' || at + found.length < window.size) seen.unsound(at, 'no frame begins there')
      yield found
    }
    at += found.length
  }
  yield await endOf(window, header, seen, isNewest)
}

/** Of what is no frame so much is shown: its length is whatever stands there, and may be that of all that follows. */
const SHOWN_BYTES_MAX = 4096

/** The records at this offset, and of what cannot be decoded its first bytes. */
export async function recordsAt(
  file: DiskFile,
  offset: number,
  headBytes: number = HEAD_BYTES,
): Promise<{ readonly records: readonly unknown[] } | { readonly problem: string; readonly payload: Uint8Array }> {
  const head = await file.read(offset, headBytes)
  const length = head.length < headBytes ? 0 : viewOf(head).getUint32(0, true)
  const payload = await file.read(offset + headBytes, Math.min(length, FRAME_MAX))
  const records = readRecords(payload)
  if (typeof records !== 'string') return { records }
  const more = payload.length - SHOWN_BYTES_MAX
  const problem = more > 0 ? `${records}; of its bytes the first ${SHOWN_BYTES_MAX} are shown` : records
  return { problem, payload: payload.subarray(0, SHOWN_BYTES_MAX) }
}

function headerOf(sector: Uint8Array): InspectedHeader {
  return { kind: 'header', offset: 0, ...rawHeader(sector), ...optional(wrongWithHeader(sector)) }
}

const ALL_ZERO = 'it is all zero'

function wrongWithHeader(sector: Uint8Array): string | undefined {
  if (decodeHeader(sector) !== undefined) return undefined
  if (sector.length < SECTOR) return 'the file ends inside its header'
  if (isZero(sector)) return ALL_ZERO
  const isMagic = MAGIC.every((byte, i) => sector[i] === byte)
  return isMagic
    ? 'its CRC is another, or something stands behind it in its sector'
    : 'it is not that of a journal file'
}

/** What begins at this offset. Behind something that nobody can tell, frames are looked for by their heads alone. */
async function placeAt(
  window: Window,
  salt: Uint8Array,
  offset: number,
  isSound: boolean,
): Promise<InspectedFrame | InspectedRest> {
  const zeros = await zerosAt(window, offset)
  if (zeros > 0) {
    const isEnd = offset + zeros >= window.size
    return { kind: 'zeros', offset, length: zeros, ...(!isEnd && { problem: 'zeros where a frame would begin' }) }
  }
  const frame = await frameAt(window, salt, offset, isSound)
  if (frame !== undefined) return frame
  const length = (await nextHead(window, salt, offset + SECTOR)) - offset
  return { kind: 'unknown', offset, length, problem: 'no frame begins there' }
}

async function frameAt(
  window: Window,
  salt: Uint8Array,
  offset: number,
  isSound: boolean,
): Promise<InspectedFrame | undefined> {
  const bytes = await window.bytes(offset, HEAD_BYTES)
  if (bytes.length < HEAD_BYTES) return undefined
  const view = viewOf(bytes)
  const said = {
    length: view.getUint32(0, true),
    zeroSectors: view.getUint32(4, true),
    payloadCrc: view.getUint32(8, true),
  }
  const length = frameLength(said.length)
  const head = readHead(bytes, salt, offset)
  // Without a good head its length is a guess: it is followed once, never again and again through a whole file.
  if (length > FRAME_MAX || said.length < 1 || (head === undefined && !isSound)) return undefined
  const frame = await window.bytes(offset, length)
  const payload = frame.subarray(HEAD_BYTES, HEAD_BYTES + said.length)
  const payloadCrc = crc32(payload) === said.payloadCrc
  if (head === undefined && !payloadCrc) return undefined
  const records = head === undefined ? readRecords(payload) : readFrame(frame, head)
  const problem = head === undefined ? HEAD_PROBLEM : typeof records === 'string' ? records : undefined
  return {
    kind: 'frame',
    offset,
    length,
    bytes: said.length,
    zeroSectors: { said: said.zeroSectors, found: zeroSectors(frame) },
    headCrc: head !== undefined,
    payloadCrc,
    records: typeof records === 'string' ? [] : describeRecords(records),
    ...optional(problem),
  }
}

const HEAD_PROBLEM = 'the CRC of the head is another: it is damaged, or was written for another file or offset'

/** What was seen so far: which block comes next, how the newest frame was, and where the first thing is that is not whole. */
class Seen {
  next: bigint | undefined
  closed: bigint | undefined
  frames = 0
  /** Behind the last frame of those that are whole from the beginning on. */
  end: number = SECTOR
  /** The first frame that is not whole. */
  bad: { readonly offset: number; readonly why: string } | undefined
  private readonly first: bigint | undefined

  constructor({ first, problem }: InspectedHeader) {
    this.first = problem === undefined ? first : undefined
  }

  get isSound(): boolean {
    return this.bad === undefined
  }

  unsound(offset: number, why: string): void {
    this.bad ??= { offset, why }
  }

  /** What is wrong with this frame, for itself or at its place. */
  follow({ offset, records, length, problem }: InspectedFrame): string | undefined {
    this.frames++
    const [only] = records
    this.closed = records.length === 1 && only?.k === 'close' ? only.height : undefined
    let wrong = problem
    for (const { k, height } of records) {
      if (k !== 'block' || height === undefined) continue
      const expected = this.next ?? this.first
      if (expected !== undefined && expected !== height) wrong ??= `block ${height} stands where ${expected} comes next`
      this.next = height + 1n
    }
    if (wrong !== undefined) this.unsound(offset, wrong)
    if (this.isSound) this.end = offset + length
    return wrong
  }
}

async function endOf(window: Window, header: InspectedHeader, seen: Seen, isNewest: boolean): Promise<InspectedEnd> {
  const { next } = seen
  const end = { kind: 'end', ...(next !== undefined && { next }) } as const
  if (header.problem !== undefined) {
    const isEmpty = header.problem === ALL_ZERO && seen.frames === 0 && seen.isSound
    const why = isEmpty ? 'nothing was written to it' : `its header is not whole: ${header.problem}`
    return { ...end, offset: 0, state: isEmpty ? 'empty' : 'corrupt', why }
  }
  if (seen.bad !== undefined) return { ...end, ...(await judgeBad(window, header.salt, seen.bad, isNewest)) }
  const offset = seen.end
  if (seen.frames === 0) return { ...end, offset, state: 'empty', why: 'it has no frame' }
  if (seen.closed !== undefined && seen.closed + 1n === (next ?? header.first)) {
    return { ...end, offset, state: 'clean', why: `it was closed at block ${seen.closed}` }
  }
  const why = isNewest ? 'no close record: it is in use, or its process ended without one' : 'a later file goes on'
  return { ...end, offset, state: 'open', why }
}

async function judgeBad(
  window: Window,
  salt: Uint8Array,
  { offset, why }: { readonly offset: number; readonly why: string },
  isNewest: boolean,
): Promise<Pick<InspectedEnd, 'offset' | 'state' | 'why'>> {
  if (!isNewest) return { offset, state: 'corrupt', why: `${why}, and a later file goes on` }
  if ((await judgeTail(window, salt, offset)).state === 'torn') {
    return {
      offset,
      state: 'torn',
      why: 'sectors of its newest frame were never written: a power cut, or it is being written now',
    }
  }
  return { offset, state: 'corrupt', why: `${why}, and no power cut leaves it so` }
}

/** The bytes from here on that are zero sectors. */
async function zerosAt(window: Window, offset: number): Promise<number> {
  let at = offset
  while (at < window.size) {
    const piece = await window.bytes(at, PIECE_BYTES)
    if (isZero(piece)) {
      at += piece.length
      continue
    }
    let i = 0
    while (isZero(piece, i, Math.min(i + SECTOR, piece.length))) i += SECTOR
    return at + i - offset
  }
  return at - offset
}

/** Where the next good head is, or where only zeros follow, or the file ends. */
async function nextHead(window: Window, salt: Uint8Array, from: number): Promise<number> {
  let lastFilled = from
  for (let at = from; at < window.size; at += SECTOR) {
    const sector = await window.bytes(at, SECTOR)
    if (isZero(sector)) continue
    if (readHead(sector, salt, at) !== undefined) return at
    lastFilled = at + SECTOR
  }
  return Math.min(lastFilled, window.size)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function optional(problem: string | undefined): { readonly problem?: string } {
  return problem === undefined ? {} : { problem }
}
