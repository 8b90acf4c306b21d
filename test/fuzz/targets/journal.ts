/** A journal from its smallest piece to a whole file, and exports: decoded in every way that there is, which all have to agree. */
import { isDeepStrictEqual } from 'node:util'
import { crc32 } from 'node:zlib'
import { openCommandLists } from '../../../src/audit/command-lists.ts'
import { CommandExaminer, type ExaminedCommands } from '../../../src/audit/examined-commands.ts'
import { loadEngine } from '../../../src/hash/index.ts'
import { EXPORT_MAGIC, PIECE_HEAD_BYTES, pieceHead, readPieceHead } from '../../../src/journal/export-format.ts'
import { readExport } from '../../../src/journal/export-read.ts'
import { exportJournal } from '../../../src/journal/export-write.ts'
import { fileName } from '../../../src/journal/file-name.ts'
import { arrayHead, frameLength, HEAD_BYTES, readFrame, readHead, readRecords } from '../../../src/journal/frame.ts'
import { decodeHeader, encodeHeader, SALT_BYTES } from '../../../src/journal/header.ts'
import { inspectJournalFile } from '../../../src/journal/inspect.ts'
import { inspectExport } from '../../../src/journal/inspect-export.ts'
import { decodeMsgpack } from '../../../src/journal/msgpack-read.ts'
import { JournalCursor } from '../../../src/journal/read-only.ts'
import { readPlainRecords, readPlainWith } from '../../../src/journal/record-read.ts'
import { encodeRecord } from '../../../src/journal/record-write.ts'
import { zeroSectors } from '../../../src/journal/zeros.ts'
import { SECTOR } from '../../../src/limits.ts'
import { equal } from '../../../src/verify/bytes.ts'
import { json, native } from '../../../src/verify/codec.ts'
import { CairnError, nobleEngine } from '../../../src/verify/index.ts'
import { type ChainRecord, chainRecord } from '../../../src/verify/records.ts'
import { journalOf } from '../../journal/journal-of.ts'
import { MemoryDisk } from '../../journal/memory-disk.ts'
import { RandomRecords } from '../../journal/random-records.ts'
import { busy, records } from '../../support/busy-chain.ts'
import { Random } from '../../support/seed.ts'
import { membersIn } from '../mutate/msgpack.ts'
import { of, type Target, target } from '../target.ts'
import { FORM } from './documents.ts'

const random = new RandomRecords(new Random(5))
const shaped: readonly ChainRecord[] = [...records, random.block(5n, 3), random.seal(5n), random.close(6n)]
const home = await journalOf(busy)
const FILE = fileName(0n)
/** The same in every run: what is kept of one has to fit the next. */
const salt = new Random(6).bytes(SALT_BYTES)

const engine = await loadEngine()
const lists = openCommandLists(engine)
const examiner = new CommandExaminer(engine.hasher, true)

/** What frames hold: one record each, and several. */
const payloads: readonly Uint8Array[] = [
  ...shaped.map((record) => payloadOf(record)),
  payloadOf(...shaped.slice(0, 3)),
  payloadOf(...shaped.slice(0, 18)),
  payloadOf(),
]

function payloadOf(...inside: readonly ChainRecord[]): Uint8Array {
  return Buffer.concat([arrayHead(inside.length), ...inside.map(encodeRecord)])
}

/** A frame around any payload, with lengths and checksums as they have to be: made here anew, by FORMAT §10. */
function framed(payload: Uint8Array, offset: number): Uint8Array {
  const frame = new Uint8Array(frameLength(payload.length))
  const view = new DataView(frame.buffer)
  frame.set(payload, HEAD_BYTES)
  view.setUint32(0, payload.length, true)
  view.setUint32(4, zeroSectors(frame, SECTOR), true)
  view.setUint32(8, crc32(payload), true)
  const at = new DataView(new ArrayBuffer(8))
  at.setBigUint64(0, BigInt(offset), true)
  view.setUint32(12, crc32(Buffer.concat([salt, new Uint8Array(at.buffer), frame.subarray(0, 12)])), true)
  return frame
}

function fileOf(parts: readonly Uint8Array[]): Uint8Array {
  const file = [encodeHeader({ chainId: busy.chainId, first: 0n, salt })]
  let offset = SECTOR
  for (const payload of parts) {
    const frame = framed(payload, offset)
    file.push(frame)
    offset += frame.length
  }
  return Buffer.concat([...file, new Uint8Array(SECTOR)])
}

function exportOf(parts: readonly Uint8Array[]): Uint8Array {
  const pieces = [EXPORT_MAGIC]
  let offset = EXPORT_MAGIC.length
  for (const payload of parts) {
    pieces.push(pieceHead([payload], offset), payload)
    offset += PIECE_HEAD_BYTES + payload.length
  }
  return Buffer.concat(pieces)
}

async function payloadsOfExport(): Promise<readonly Uint8Array[]> {
  const source = exportJournal(home, busy.identity, {}, nobleEngine.hasher)
  const pieces: Uint8Array[] = []
  for (let next = await source.next(); next.done !== true; next = await source.next()) pieces.push(next.value)
  const whole = Buffer.concat(pieces)
  const found: Uint8Array[] = []
  for (let offset = EXPORT_MAGIC.length; offset < whole.length; ) {
    const head = readPieceHead(whole.subarray(offset), offset)
    if (head === undefined) throw new Error('an export is made of pieces')
    offset += PIECE_HEAD_BYTES
    found.push(whole.subarray(offset, offset + head.length))
    offset += head.length
  }
  return found
}

function asText(each: readonly ChainRecord[]): string {
  return JSON.stringify(each.map((record) => chainRecord.encode(record, json)))
}

/** By the codec, as whatever lies in no usual order is read. */
function decodedRecords(payload: Uint8Array): readonly ChainRecord[] {
  const values = readRecords(payload)
  if (typeof values === 'string') throw new CairnError('malformed', values)
  return values.map((value) => chainRecord.decode(value, native))
}

/** All of a stream, and nothing of it kept. */
async function drained(stream: AsyncGenerator<unknown, unknown>): Promise<number> {
  let count = 0
  for (let next = await stream.next(); next.done !== true; next = await stream.next()) count++
  return count
}

function onDisk(name: string, bytes: Uint8Array): MemoryDisk {
  return new MemoryDisk([[`journal/${name}`, bytes]])
}

export const journals: readonly Target[] = [
  target({
    name: 'msgpack',
    codes: FORM,
    examples: payloads.map((payload) => [of('msgpack', payload)]),
    decode: decodeMsgpack,
    check(decoded, input) {
      // A member that became the prototype of its object, or that another one took the place of, is gone.
      const [given, kept] = [membersIn(input), membersOf(decoded)]
      if (given !== undefined && given !== kept) throw new Error(`it has ${given} members, and ${kept} were read`)
    },
  }),
  target({
    name: 'file-header',
    codes: ['malformed'],
    examples: [[of('bytes', encodeHeader({ chainId: busy.chainId, first: 7n, salt }))]],
    assemble(parts) {
      // Its checksum made to fit what it says.
      const sector = new Uint8Array(SECTOR)
      sector.set(Buffer.concat(parts).subarray(0, SECTOR))
      new DataView(sector.buffer).setUint32(72, crc32(sector.subarray(0, 72)), true)
      return sector
    },
    decode: (input) => decodeHeader(input) ?? refused('it is no header'),
    check(header, input) {
      if (!equal(encodeHeader(header), input)) throw new Error('it is written in another way')
    },
  }),
  target<readonly unknown[]>({
    name: 'frame',
    codes: ['malformed'],
    examples: payloads.map((payload) => [of('msgpack', payload)]),
    assemble: (parts) => framed(Buffer.concat(parts), SECTOR),
    decode(input) {
      const head = readHead(input, salt, SECTOR)
      if (head === undefined) refused('it has no head')
      const read = readFrame(input, head)
      return typeof read === 'string' ? refused(read) : read
    },
    check(_, input) {
      const { length } = readHead(input, salt, SECTOR) as { readonly length: number }
      const again = framed(input.subarray(HEAD_BYTES, HEAD_BYTES + length), SECTOR)
      if (!equal(again, input)) throw new Error('another frame holds the same')
    },
  }),
  target<readonly ChainRecord[]>({
    name: 'records',
    codes: FORM,
    examples: payloads.map((payload) => [of('msgpack', payload)]),
    decode: decodedRecords,
    check(decoded, input) {
      const plain = readPlainRecords(input)
      if (plain !== undefined && asText(plain) !== asText(decoded)) throw new Error('two readers read two things')
      const written = payloadOf(...decoded)
      if (asText(decodedRecords(written)) !== asText(decoded)) throw new Error('it is written as something else')
      const again = readPlainRecords(written)
      if (again === undefined || asText(again) !== asText(decoded)) throw new Error('what is written is not plain')
    },
  }),
  target({
    name: 'plain-records',
    codes: ['malformed'],
    examples: payloads.map((payload) => [of('msgpack', payload)]),
    decode: (input) => readPlainRecords(input) ?? refused('it lies otherwise'),
    check(plain, input) {
      if (asText(plain) !== asText(decodedRecords(input))) throw new Error('the codec reads something else, or nothing')
    },
  }),
  target<readonly ExaminedCommands[]>({
    name: 'commands-in-place',
    codes: ['malformed'],
    examples: payloads.map((payload) => [of('msgpack', payload)]),
    decode(input) {
      const commandsAt = lists?.of(input, true)
      const plain = commandsAt && readPlainWith(input, commandsAt)
      if (plain === undefined) refused('it lies otherwise')
      return plain.flatMap((record) => (record.k === 'block' ? [record.commands] : []))
    },
    check(found, input) {
      const blocks = decodedRecords(input).flatMap((record) => (record.k === 'block' ? [record] : []))
      const examined = blocks.map(({ commands, header, roots }) => examiner.examine(commands, header, roots))
      if (!isDeepStrictEqual(found, examined)) throw new Error('one by one the commands are found to be others')
    },
  }),
  target({
    name: 'journal-file',
    codes: ['journal_corrupt', 'journal_gap', ...FORM],
    examples: [payloads.slice(0, 4).map((payload) => of('msgpack', payload))],
    assemble: fileOf,
    async decode(input) {
      const disk = onDisk(FILE, input)
      for (const isNewest of [true, false]) {
        const file = await disk.open(`journal/${FILE}`, 'read')
        await drained(inspectJournalFile(file, isNewest))
        await file.close()
      }
      return drained(new JournalCursor({ disk, directory: 'journal', chainId: busy.chainId }).more())
    },
  }),
  target({
    name: 'export',
    codes: ['export_corrupt', 'export_truncated'],
    examples: [(await payloadsOfExport()).map((payload) => of('msgpack', payload))],
    assemble: exportOf,
    async decode(input) {
      const file = await onDisk('it', input).open('journal/it', 'read')
      await drained(inspectExport(file))
      await file.close()
      // As it comes over a network: in pieces that end anywhere.
      const { frames } = await readExport(chunks(input))
      return drained(frames)
    },
  }),
]

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce((sum: number, each) => sum + membersOf(each), own)
}

function* chunks(input: Uint8Array): Generator<Uint8Array> {
  const size = 1 + (crc32(input) % 1000)
  for (let at = 0; at < input.length; at += size) yield input.subarray(at, at + size)
}

/** Of a decoder that answers nothing, or a text, where it reads nothing. */
function refused(why: string): never {
  throw new CairnError('malformed', why)
}
