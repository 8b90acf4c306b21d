/** An export as it is, piece by piece (FORMAT §11): whatever is in it, something is said about it, and nothing is refused. */
import { crc32 } from 'node:zlib'
import type { DiskFile } from '../ports/disk.ts'
import { equal } from '../verify/bytes.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { EXPORT_MAGIC, PIECE_HEAD_BYTES, PIECE_MAX, readPieceHead } from './export-format.ts'
import { readExport } from './export-read.ts'
import { readRecords } from './frame.ts'
import { describeRecords, type InspectedRecord } from './inspect-records.ts'
import { decodeMsgpack } from './msgpack-read.ts'
import { PIECE_BYTES } from './window.ts'

export interface InspectedPiece {
  readonly kind: 'piece'
  readonly offset: number
  /** With its head. */
  readonly length: number
  readonly bytes: number
  readonly payloadCrc: boolean
  readonly records: readonly InspectedRecord[]
  /** What the head and the end of an export say. */
  readonly says?: unknown
  readonly problem?: string
}

export interface InspectedExportEnd {
  readonly kind: 'end'
  readonly offset: number
  readonly state: 'whole' | 'cut short' | 'corrupt'
  readonly why: string
}

export async function isExport(file: DiskFile): Promise<boolean> {
  return equal(await file.read(0, EXPORT_MAGIC.length), EXPORT_MAGIC)
}

export async function* inspectExport(file: DiskFile): AsyncGenerator<InspectedPiece | InspectedExportEnd> {
  const size = await file.size()
  for (let offset = EXPORT_MAGIC.length; offset < size; ) {
    const head = readPieceHead(await file.read(offset, PIECE_HEAD_BYTES), offset)
    // Nobody knows where the next one begins.
    if (head === undefined) break
    const payload = await file.read(offset + PIECE_HEAD_BYTES, Math.min(head.length, PIECE_MAX))
    const payloadCrc = payload.length === head.length && crc32(payload) === head.payloadCrc
    const length = PIECE_HEAD_BYTES + head.length
    yield { kind: 'piece', offset, length, bytes: head.length, payloadCrc, ...contentOf(payload, payloadCrc) }
    offset += length
  }
  yield await judge(file, size)
}

function contentOf(payload: Uint8Array, payloadCrc: boolean): Pick<InspectedPiece, 'records' | 'says' | 'problem'> {
  const records = readRecords(payload)
  if (typeof records !== 'string') {
    return { records: describeRecords(records), ...(!payloadCrc && { problem: 'its CRC is another' }) }
  }
  const says = attempt(() => decodeMsgpack(payload))
  if (!payloadCrc) return { records: [], problem: 'its CRC is another, or the file ends inside it' }
  return says instanceof CairnError ? { records: [], problem: records } : { records: [], says }
}

/** As whoever reads it finds it. */
async function judge(file: DiskFile, size: number): Promise<InspectedExportEnd> {
  let blocks = 0n
  try {
    const { frames } = await readExport(piecesOf(file, size))
    let read = await frames.next()
    while (read.done !== true) read = await frames.next()
    blocks = read.value.blocks
  } catch (error) {
    if (!(error instanceof CairnError)) throw error
    const isCut = error.code === 'export_truncated'
    const offset = typeof error.details.offset === 'number' ? error.details.offset : size
    return { kind: 'end', offset, state: isCut ? 'cut short' : 'corrupt', why: error.message }
  }
  return { kind: 'end', offset: size, state: 'whole', why: `it has its end, and ${blocks} blocks` }
}

async function* piecesOf(file: DiskFile, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += PIECE_BYTES) yield await file.read(at, Math.min(PIECE_BYTES, size - at))
}
