/**
 * The pieces that an export is made of (FORMAT §11): its head, frames of records, its end. Each says how long it is and is bound to where
 * it stands, so that none can be changed, left out, moved or doubled without being seen.
 */
import { crc32 } from 'node:zlib'
import { FRAME_MAX } from '../limits.ts'
import { RECORD_ITEMS_MAX } from '../verify/bounds.ts'
import { utf8 } from '../verify/bytes.ts'
import { bytes32, type Codec, list, object, oneOf, u64 } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { CairnError } from '../verify/error.ts'
import { type Authority, authority } from '../verify/records.ts'
import type { Genesis } from '../verify/types.ts'

export const EXPORT_MAGIC: Uint8Array = utf8('cairn.export/1\n')
export const PIECE_HEAD_BYTES = 12
/** The longest payload of a piece. */
export const PIECE_MAX: number = FRAME_MAX - PIECE_HEAD_BYTES

/** What an export says of itself before its records. */
export interface ExportHead {
  readonly genesis: Genesis
  /** The heights of its first and its last block. */
  readonly from: bigint
  readonly to: bigint
  /** The `parentHash` of its first block. */
  readonly parentHash: Uint8Array
  /** The delegations and revocations that the chain had seen before its first block. */
  readonly authority: readonly Authority[]
}

/** What an export says after its records: that it is whole. */
export interface ExportEnd {
  readonly blocks: bigint
  /** Of its last block. */
  readonly hash: Uint8Array
}

export const exportHead: Codec<ExportHead & { k: 'export'; v: 1 }> = object<ExportHead & { k: 'export'; v: 1 }>({
  k: oneOf('export'),
  v: oneOf(1),
  genesis: codecs.genesis,
  from: u64,
  to: u64,
  parentHash: bytes32,
  authority: list(authority, RECORD_ITEMS_MAX),
})

export const exportEnd: Codec<ExportEnd & { k: 'end'; v: 1 }> = object<ExportEnd & { k: 'end'; v: 1 }>({
  k: oneOf('end'),
  v: oneOf(1),
  blocks: u64,
  hash: bytes32,
})

export interface PieceHead {
  readonly length: number
  readonly payloadCrc: number
}

/** The head of a piece with this payload, at this offset of the export. */
export function pieceHead(payload: readonly Uint8Array[], offset: number): Uint8Array {
  const head = new Uint8Array(PIECE_HEAD_BYTES)
  const view = new DataView(head.buffer)
  let [length, crc] = [0, 0]
  for (const part of payload) {
    length += part.length
    crc = crc32(part, crc)
  }
  view.setUint32(0, length, true)
  view.setUint32(4, crc, true)
  view.setUint32(8, headCrc(head, offset), true)
  return head
}

/** What the head says, or undefined where it is damaged, or none. */
export function readPieceHead(head: Uint8Array, offset: number): PieceHead | undefined {
  if (head.length < PIECE_HEAD_BYTES) return undefined
  const view = new DataView(head.buffer, head.byteOffset, PIECE_HEAD_BYTES)
  if (view.getUint32(8, true) !== headCrc(head, offset)) return undefined
  return { length: view.getUint32(0, true), payloadCrc: view.getUint32(4, true) }
}

function headCrc(head: Uint8Array, offset: number): number {
  const bound = new Uint8Array(16)
  new DataView(bound.buffer).setBigUint64(0, BigInt(offset), true)
  bound.set(head.subarray(0, 8), 8)
  return crc32(bound)
}

export function exportCorrupt(offset: number, reason: string): CairnError {
  const message = `The export is damaged at byte ${offset}: ${reason}. Make it, or fetch it, again.`
  return new CairnError('export_corrupt', message, { offset, reason })
}

export function exportTruncated(size: number): CairnError {
  const message = `The export is cut short: it ends after ${size} bytes, before its end. What there is of it is right. Make it, or fetch it, again.`
  return new CairnError('export_truncated', message, { size })
}
