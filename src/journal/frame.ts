/**
 * A frame (FORMAT §10): what one append writes. Its head is bound to the file's salt and to where it lies, so that no payload passes for
 * a frame, and no frame for one at another place.
 */
import { crc32 } from 'node:zlib'
import { FRAME_MAX, SECTOR } from '../limits.ts'
import type { FrameRecords } from '../ports/commit-log.ts'
import { CairnError } from '../verify/error.ts'
import { SALT_BYTES } from './header.ts'
import { decodeMsgpack } from './msgpack-read.ts'
import { readPlainRecords } from './record-read.ts'
import { isZero, zeroSectors } from './zeros.ts'

export const HEAD_BYTES = 16
const RESERVED_BYTES = 1 << 20
/** What of the head its CRC covers, beside salt and offset. */
const HEAD_CRC_AT = 12

export interface FrameHead {
  /** Of the payload, as the head says: not checked against anything. */
  readonly length: number
  readonly zeroSectors: number
  readonly payloadCrc: number
}

/** The bytes that a frame with such a payload takes in its file. */
export function frameLength(payloadLength: number): number {
  return Math.ceil((HEAD_BYTES + payloadLength) / SECTOR) * SECTOR
}

/**
 * The longest frame in files of this size. A file may begin with seals and close records, and is named after a block that is still to
 * come: that one must find its room behind them, for no other file can have the name.
 */
export function frameLimit(fileBytes: number): number {
  return Math.min(fileBytes - SECTOR, FRAME_MAX - RESERVED_BYTES)
}

/** The bytes of records that such a frame takes, however many they are. */
export function capacityOf(fileBytes: number): number {
  return frameLimit(fileBytes) - HEAD_BYTES - arrayHeadLength(Number.MAX_SAFE_INTEGER)
}

/** The payload of a frame with these records: they, and the head of their array. */
export function payloadLength(records: readonly Uint8Array[]): number {
  let length = arrayHeadLength(records.length)
  for (const record of records) length += record.length
  return length
}

/** The head at these bytes, or undefined where its CRC is not right. */
export function readHead(bytes: Uint8Array, salt: Uint8Array, offset: number): FrameHead | undefined {
  if (bytes.length < HEAD_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES)
  if (view.getUint32(HEAD_CRC_AT, true) !== headCrc(bytes, salt, offset)) return undefined
  return {
    length: view.getUint32(0, true),
    zeroSectors: view.getUint32(4, true),
    payloadCrc: view.getUint32(8, true),
  }
}

/** The records of a frame, given all of it; or what keeps it from being whole. */
export function readFrame(frame: Uint8Array, head: FrameHead): readonly unknown[] | string {
  const payload = readPayload(frame, head)
  return typeof payload === 'string' ? payload : readRecords(payload)
}

/** The records that a payload decodes to; or what keeps it from being such. */
export function readRecords(payload: Uint8Array): readonly unknown[] | string {
  try {
    const records = decodeMsgpack(payload)
    return Array.isArray(records) && records.every(isMap) ? records : 'the payload is no array of records'
  } catch (error) {
    if (error instanceof CairnError) return error.message
    throw error
  }
}

/** The same, and in their shapes where they lie as they are written: all of them, or what `readPlain` reads them to. */
export function readShaped(
  payload: Uint8Array,
  readPlain: (payload: Uint8Array) => readonly unknown[] | undefined = readPlainRecords,
): FrameRecords | string {
  const plain = readPlain(payload)
  if (plain !== undefined) return { records: plain, isPlain: true }
  const records = readRecords(payload)
  return typeof records === 'string' ? records : { records, isPlain: false }
}

/** The payload of a frame as it was written, whatever it decodes to; or what keeps it from being that. */
export function readPayload(frame: Uint8Array, head: FrameHead): Uint8Array | string {
  const end = HEAD_BYTES + head.length
  if (head.length < 1) return 'the frame has no payload'
  if (frame.length !== frameLength(head.length)) return 'the file ends inside the frame'
  const payload = frame.subarray(HEAD_BYTES, end)
  if (crc32(payload) !== head.payloadCrc) return 'the CRC of the payload is another'
  if (zeroSectors(frame) !== head.zeroSectors) return 'the number of zero sectors is another'
  return isZero(frame, end) ? payload : 'the padding is not zero'
}

/** Makes frames in one buffer that is used again: what `make` answers is good until it is called again. */
export class FrameMaker {
  private buffer = new Uint8Array(FIRST_BYTES)

  make(records: readonly Uint8Array[], salt: Uint8Array, offset: number): Uint8Array {
    const length = payloadLength(records)
    const end = HEAD_BYTES + length
    const frame = this.room(frameLength(length))
    let at = HEAD_BYTES + writeArrayHead(frame, HEAD_BYTES, records.length)
    for (const record of records) {
      frame.set(record, at)
      at += record.length
    }
    frame.fill(0, end)
    const view = new DataView(frame.buffer)
    view.setUint32(0, length, true)
    view.setUint32(8, crc32(frame.subarray(HEAD_BYTES, end)), true)
    // The first sector holds the head, and no head is zero: it has a length.
    view.setUint32(4, zeroSectors(frame, SECTOR), true)
    view.setUint32(HEAD_CRC_AT, headCrc(frame, salt, offset), true)
    return frame
  }

  private room(length: number): Uint8Array {
    const isWasteful = this.buffer.length > KEPT_BYTES && length <= KEPT_BYTES
    if (isWasteful) this.buffer = new Uint8Array(FIRST_BYTES)
    if (length > this.buffer.length) {
      this.buffer = new Uint8Array(Math.max(length, Math.min(FRAME_MAX, 2 * this.buffer.length)))
    }
    return this.buffer.subarray(0, length)
  }
}

const FIRST_BYTES = 64 << 10
/** A buffer that a large frame made is not kept for small ones. */
const KEPT_BYTES = 16 << 20

const bound = new Uint8Array(SALT_BYTES + 8 + HEAD_CRC_AT)
const boundView = new DataView(bound.buffer)

function headCrc(head: Uint8Array, salt: Uint8Array, offset: number): number {
  bound.set(salt)
  boundView.setBigUint64(SALT_BYTES, BigInt(offset), true)
  for (let i = 0; i < HEAD_CRC_AT; i++) bound[SALT_BYTES + 8 + i] = head[i] as number
  return crc32(bound)
}

function arrayHeadLength(items: number): number {
  if (items < 0x10) return 1
  return items < 0x10000 ? 3 : 5
}

/** The head of an array of so many records. */
export function arrayHead(items: number): Uint8Array {
  const head = new Uint8Array(arrayHeadLength(items))
  writeArrayHead(head, 0, items)
  return head
}

function writeArrayHead(target: Uint8Array, at: number, items: number): number {
  const length = arrayHeadLength(items)
  if (length === 1) target[at] = 0x90 | items
  else {
    const view = new DataView(target.buffer, target.byteOffset)
    target[at] = length === 3 ? 0xdc : 0xdd
    if (length === 3) view.setUint16(at + 1, items)
    else view.setUint32(at + 1, items)
  }
  return length
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
