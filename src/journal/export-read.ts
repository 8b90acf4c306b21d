/**
 * Reads an export from its first byte to its last, as it streams by.
 *
 * Promise: memory for a piece. What it gives was written so, and in this order: any byte that changed is `export_corrupt`; an export that
 * was cut short, wherever, is `export_truncated`, and is told from both by its end. Whether the blocks are right is for whoever verifies
 * them: anyone can write an export.
 */
import { crc32 } from 'node:zlib'
import { blockHash } from '../verify/block.ts'
import { equal } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import { header as headerCodec } from '../verify/codecs.ts'
import { type Hasher, nobleEngine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import { invalidOption } from '../verify/option.ts'
import type { Header } from '../verify/types.ts'
import {
  EXPORT_MAGIC,
  type ExportEnd,
  type ExportHead,
  exportCorrupt,
  exportEnd,
  exportHead,
  exportTruncated,
  PIECE_HEAD_BYTES,
  PIECE_MAX,
  readPieceHead,
} from './export-format.ts'
import { readShaped } from './frame.ts'
import { sealedAt } from './line.ts'
import { decodeMsgpack } from './msgpack-read.ts'

export interface ExportFrame {
  /** Where it begins in the export. */
  readonly offset: number
  /** Where the next piece begins. */
  readonly end: number
  /** Blocks and seals. Their shapes are those of the format where they are `isPlain`; else they are for whoever reads them to check. */
  readonly records: readonly unknown[]
  /** Whether they lie as a journal writes them, so that they were read straight into their shapes. */
  readonly isPlain: boolean
}

export interface ReadExport {
  readonly head: ExportHead
  /** To be read to its end: only that tells whether the export is whole. */
  readonly frames: AsyncGenerator<ExportFrame, ExportEnd>
}

/** Reads the head; the frames come as they are asked for. */
export async function readExport(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hasher: Hasher = nobleEngine.hasher,
): Promise<ReadExport> {
  if (typeof bytes !== 'object' || bytes === null)
    throw invalidOption('bytes', 'they are those of an export, piece by piece: of a file its stream')
  const source = new Source(bytes)
  try {
    const magic = await source.upTo(EXPORT_MAGIC.length)
    if (!equal(magic, EXPORT_MAGIC.subarray(0, magic.length))) {
      throw exportCorrupt(0, 'it does not begin as an export of a chain does')
    }
    if (magic.length < EXPORT_MAGIC.length) throw exportTruncated(source.offset)
    const { offset, payload } = await pieceOf(source)
    const head = shapedAs(offset, () => exportHead.decode(decodeMsgpack(payload), native))
    if (head.from > head.to) throw exportCorrupt(offset, 'its first block is above its last')
    return { head, frames: framesOf(source, head, hasher) }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function* framesOf(source: Source, head: ExportHead, hasher: Hasher): AsyncGenerator<ExportFrame, ExportEnd> {
  const order = new Order(head)
  try {
    for (;;) {
      const { offset, payload } = await pieceOf(source)
      if (isMap(payload)) {
        const end = shapedAs(offset, () => exportEnd.decode(decodeMsgpack(payload), native))
        order.demandEnd(offset, end, hasher)
        if ((await source.upTo(1)).length > 0) throw exportCorrupt(source.offset - 1, 'something follows its end')
        return { blocks: end.blocks, hash: end.hash }
      }
      const read = readShaped(payload)
      if (typeof read === 'string') throw exportCorrupt(offset, read)
      order.follow(offset, read.records)
      yield { offset, end: source.offset, ...read }
    }
  } finally {
    await source.close()
  }
}

/** The first byte of a msgpack map, in whichever of its forms: the end of an export. Frames are arrays. */
function isMap(payload: Uint8Array): boolean {
  const type = payload[0] ?? 0
  return (type & 0xf0) === 0x80 || type === 0xde || type === 0xdf
}

async function pieceOf(source: Source): Promise<{ readonly offset: number; readonly payload: Uint8Array }> {
  const { offset } = source
  const bytes = await source.upTo(PIECE_HEAD_BYTES)
  if (bytes.length < PIECE_HEAD_BYTES) throw exportTruncated(source.offset)
  const head = readPieceHead(bytes, offset)
  if (head === undefined) throw exportCorrupt(offset, 'the CRC of its head is another')
  if (head.length < 1 || head.length > PIECE_MAX) throw exportCorrupt(offset, `no piece has ${head.length} bytes`)
  const payload = await source.upTo(head.length)
  if (payload.length < head.length) throw exportTruncated(source.offset)
  if (crc32(payload) !== head.payloadCrc) throw exportCorrupt(offset, 'its CRC is another')
  return { offset, payload }
}

function shapedAs<T>(offset: number, decode: () => T): T {
  const decoded = attempt(decode)
  if (decoded instanceof CairnError) throw exportCorrupt(offset, decoded.message)
  return decoded
}

/** That the blocks are those that the head and the end name, one after the other, and seals are of blocks before them. */
class Order {
  private readonly head: ExportHead
  private next: bigint
  private last: Header | undefined
  private isSealed = false

  constructor(head: ExportHead) {
    this.head = head
    this.next = head.from
  }

  follow(offset: number, records: readonly unknown[]): void {
    if (records.length === 0) throw exportCorrupt(offset, 'a frame of it is empty')
    for (const record of records) {
      const sealed = sealedAt(record)
      if (sealed === undefined) this.followBlock(offset, record as { k?: unknown; header?: unknown })
      else if (sealed < this.head.from || sealed >= this.next) {
        throw exportCorrupt(offset, `the seal of height ${sealed} is of no block before it`)
      } else if (sealed === this.head.to) this.isSealed = true
    }
  }

  private followBlock(offset: number, { k, header: given }: { k?: unknown; header?: unknown }): void {
    if (k !== 'block') throw exportCorrupt(offset, 'it has a record that is no block and no seal')
    const header = shapedAs(offset, () => headerCodec.decode(given, native))
    if (header.height !== this.next || header.height > this.head.to) {
      throw exportCorrupt(offset, `block ${header.height} does not come next in it`)
    }
    if (header.height === this.head.from && !equal(header.parentHash, this.head.parentHash)) {
      throw exportCorrupt(offset, 'its first block has another parent than its head says')
    }
    this.last = header
    this.next = header.height + 1n
  }

  demandEnd(offset: number, { blocks, hash }: ExportEnd, hasher: Hasher): void {
    const { head, last, next } = this
    if (last === undefined || next !== head.to + 1n || blocks !== next - head.from) {
      throw exportCorrupt(offset, 'it has not the blocks that it names')
    }
    if (!this.isSealed) throw exportCorrupt(offset, 'its last block has no seal')
    const identity = identify(head.genesis, hasher)
    if (!equal(blockHash(identity, last, hasher), hash)) throw exportCorrupt(offset, 'its last block has another hash')
  }
}

/** Bytes as they are asked for, from pieces as they come. */
class Source {
  private readonly chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  private rest: Uint8Array = new Uint8Array(0)
  /** How many were taken. */
  offset = 0

  constructor(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.chunks = Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]()
  }

  /** So many, or fewer where they end. No memory is taken for what is not there. */
  async upTo(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      if (this.rest.length === 0) {
        const next: IteratorResult<Uint8Array, unknown> = await this.chunks.next()
        if (next.done === true) break
        this.rest = next.value
      }
      const part = this.rest.subarray(0, missing)
      parts.push(part)
      missing -= part.length
      this.rest = this.rest.subarray(part.length)
    }
    this.offset += length - missing
    const [only] = parts
    if (parts.length === 1 && only !== undefined) return only
    const whole = new Uint8Array(length - missing)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }

  /** Nothing more is asked for: a file behind it may be closed. */
  async close(): Promise<void> {
    await this.chunks.return?.()
  }
}
