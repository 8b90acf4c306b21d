/**
 * Power cuts and rot, frame by frame (FORMAT §10). An ordinary cut leaves any of the newest frame's sectors unwritten: it is always known
 * for what it is, and nothing before it is lost. A bit that changed in a frame is never taken for a cut that may be dropped, where a later
 * frame shows that it was acknowledged; and never goes unseen.
 */
import { describe, expect, it } from 'vitest'
import { FrameMaker, frameLength, HEAD_BYTES, payloadLength } from '../../src/journal/frame.ts'
import { encodeHeader } from '../../src/journal/header.ts'
import { Journal } from '../../src/journal/journal.ts'
import type { Found } from '../../src/journal/open.ts'
import { encodeBlockRecord, encodeSealRecord } from '../../src/journal/record-write.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { CairnError } from '../../src/verify/index.ts'
import { Random, seed } from '../support/seed.ts'
import { MemoryDisk } from './memory-disk.ts'
import { RandomRecords } from './random-records.ts'

const random = new Random()
const made = new RandomRecords(random)
const chainId = random.bytes(32)
const salt = random.bytes(16)
const PATH = 'journal/0000000000000000.wal'
const FILE_BYTES = 48 << 10

/** A file with these frames, and where each begins. */
function fileOf(frames: readonly (readonly Uint8Array[])[]): { bytes: Uint8Array; offsets: number[] } {
  const bytes = new Uint8Array(FILE_BYTES)
  bytes.set(encodeHeader({ chainId, first: 0n, salt }))
  const offsets: number[] = []
  let at = 512
  for (const records of frames) {
    offsets.push(at)
    bytes.set(new FrameMaker().make(records, salt, at), at)
    at += frameLength(payloadLength(records))
  }
  offsets.push(at)
  return { bytes, offsets }
}

async function open(bytes: Uint8Array): Promise<Found | CairnError> {
  const disk = new MemoryDisk([[PATH, bytes]])
  try {
    return (await Journal.open({ disk, directory: 'journal', chainId, rng: systemRng(), fileBytes: FILE_BYTES })).found
  } catch (error) {
    if (error instanceof CairnError) return error
    throw error
  }
}

/** A block whose only note holds these bytes. */
function blockWith(height: bigint, note: Uint8Array): Uint8Array {
  return encodeBlockRecord({ ...made.block(height, 0), notes: [note], authority: [] })
}

const plain = (height: bigint): Uint8Array => encodeBlockRecord(made.block(height, 1))
/** Bytes with a frame in them, at each of many offsets from a sector: one that would be whole in another file, and here at another place. */
function framesInside(length: number): Uint8Array {
  const note = random.bytes(length)
  const frame = new FrameMaker().make([encodeSealRecord(made.seal(1n))], random.bytes(16), 1536)
  const own = new FrameMaker().make([encodeSealRecord(made.seal(1n))], salt, 512)
  for (let at = 0; at + 512 <= length; at += 509) note.set((at % 2 === 0 ? frame : own).subarray(0, 512), at)
  return note
}

/** A block whose frame has just so many bytes before its padding, which is none. */
function blockFilling(length: number): Uint8Array {
  const base = { ...made.block(3n, 0), authority: [] }
  const empty = encodeBlockRecord({ ...base, notes: [random.bytes(300)] }).length
  const record = encodeBlockRecord({ ...base, notes: [random.bytes(300 + length - HEAD_BYTES - 1 - empty)] })
  expect(HEAD_BYTES + payloadLength([record])).toBe(length)
  return record
}

const SHAPES: readonly (readonly [string, () => readonly Uint8Array[]])[] = [
  ['of one sector', () => [encodeSealRecord(made.seal(2n))]],
  ['of a few sectors', () => [encodeSealRecord(made.seal(2n)), blockWith(3n, random.bytes(1000))]],
  ['that fills its last sector', () => [blockFilling(3 * 512)]],
  ['of 8 sectors', () => [blockWith(3n, random.bytes(7 * 512 - 400))]],
  ['with zero sectors', () => [blockWith(3n, new Uint8Array(2500))]],
  ['with zero sectors between others', () => [blockWith(3n, new Uint8Array(3000).fill(1, 1400, 1500))]],
  ['with frames inside', () => [blockWith(3n, framesInside(2600))]],
  ['with frames and zeros inside', () => [blockWith(3n, framesInside(2000)), blockWith(4n, new Uint8Array(1100))]],
  ['of many sectors', () => [blockWith(3n, random.bytes(9000))]],
  ['of many sectors, most of them zero', () => [blockWith(3n, new Uint8Array(9000).fill(1, 4000, 4001))]],
]

/** All sets of sectors that may be missing where there are few; else one of each, all but one of each, and many others. */
function cutsOf(sectors: number): boolean[][] {
  if (sectors <= 8) {
    return Array.from({ length: 2 ** sectors }, (_, mask) =>
      Array.from({ length: sectors }, (_, i) => (mask >> i) % 2 === 1),
    )
  }
  const one = Array.from({ length: sectors }, (_, lost) => Array.from({ length: sectors }, (_, i) => i === lost))
  const some = Array.from({ length: 300 }, () => {
    const share = random.below(100)
    return Array.from({ length: sectors }, () => random.below(100) < share)
  })
  return [...one, ...one.map((cut) => cut.map((isLost) => !isLost)), ...some]
}

describe.each(SHAPES)(`a newest frame %s (CAIRN_SEED=${seed})`, (_, newest) => {
  const { bytes, offsets } = fileOf([[plain(0n)], [plain(1n)], [plain(2n)], newest()])
  const [start = 0, end = 0] = offsets.slice(-2)
  const sectors = (end - start) / 512

  it('is there or not after a cut, whichever of its sectors are missing', async () => {
    for (const cut of cutsOf(sectors)) {
      const after = bytes.slice()
      for (const [i, isLost] of cut.entries()) if (isLost) after.fill(0, start + 512 * i, start + 512 * (i + 1))
      const found = await open(after)
      if (found instanceof CairnError) throw new Error(`${found.message} (${cut.join()})`)
      const isWhole = Buffer.compare(after, bytes) === 0
      const isGone = after.subarray(start, end).every((byte) => byte === 0)
      expect(found.state).toBe(isWhole || isGone ? 'unclean' : 'torn')
      expect(found.end.offset).toBe(isWhole ? end : start)
      expect(isWhole || found.height === 2n).toBe(true)
    }
  })

  it('is torn where the file ends inside it, and whatever is missing too', async () => {
    for (let size = start + 512; size < end; size += 512) {
      for (const cut of cutsOf(Math.min(4, (size - start) / 512))) {
        const after = bytes.slice(0, size)
        for (const [i, isLost] of cut.entries()) if (isLost) after.fill(0, start + 512 * i, start + 512 * (i + 1))
        const isGone = after.subarray(start).every((byte) => byte === 0)
        expect(await open(after)).toMatchObject({
          state: isGone ? 'unclean' : 'torn',
          height: 2n,
          end: { offset: start },
        })
      }
    }
  })

  it('is refused, or torn, but never taken with another content', async () => {
    for (let round = 0; round < 400; round++) {
      const after = bytes.slice()
      const at = start + random.below(end - start)
      after[at] = (after[at] as number) ^ (1 << random.below(8))
      expectSeen(await open(after), start)
    }
  })

  it('before another one is never dropped: a changed bit or a lost sector in it is damage', async () => {
    const later = fileOf([[plain(0n)], [plain(1n)], [plain(2n)], newest(), [encodeSealRecord(made.seal(3n))]])
    const [from = 0, to = 0] = later.offsets.slice(3)
    const damaged: Uint8Array[] = []
    for (let round = 0; round < 200; round++) {
      const after = later.bytes.slice()
      const at = 512 + random.below(to - 512)
      after[at] = (after[at] as number) ^ (1 << random.below(8))
      damaged.push(after)
    }
    for (let at = from; at < to; at += 512) {
      const after = later.bytes.slice().fill(0, at, at + 512)
      if (Buffer.compare(after, later.bytes) !== 0) damaged.push(after)
    }
    damaged.push(later.bytes.slice().fill(0, from, to))
    for (const after of damaged) {
      const found = await open(after)
      expect(found).toBeInstanceOf(CairnError)
      const { details } = found as CairnError
      expect(found).toMatchObject({ code: 'journal_corrupt', details: { file: '0000000000000000.wal' } })
      expect(later.offsets.slice(0, 4)).toContain(details.offset)
      expect(details.height).toBe(BigInt(later.offsets.indexOf(details.offset as number)))
    }
  })
})

/** Refused, or torn: a bit that was the only one of its sector leaves it as if it had never been written. */
function expectSeen(found: Found | CairnError, offset: number): void {
  const refused = { code: 'journal_corrupt', details: { offset } }
  expect(found).toMatchObject(found instanceof CairnError ? refused : { state: 'torn', height: 2n, end: { offset } })
}

it('a frame at another place, or of another file, is none', async () => {
  const { bytes, offsets } = fileOf([[plain(0n)], [plain(1n)]])
  const [, second = 0, end = 0] = offsets
  for (const frame of [
    bytes.slice(second, end),
    new FrameMaker().make([plain(2n)], random.bytes(16), end),
    new FrameMaker().make([plain(2n)], salt, end + 512),
  ]) {
    const after = bytes.slice()
    after.set(frame, end)
    expect(await open(after)).toMatchObject({ code: 'journal_corrupt', details: { offset: end, height: 2n } })
  }
})

describe('a frame that its writer made wrong is damage', () => {
  const payloads: readonly (readonly [string, Uint8Array])[] = [
    ['no payload', new Uint8Array(0)],
    ['no array', Uint8Array.of(0x80)],
    ['an array of numbers', Uint8Array.of(0x91, 1)],
    ['an array of nils', Uint8Array.of(0x91, 0xc0)],
    ['an array of bytes', Uint8Array.of(0x91, 0xc4, 1, 1)],
    ['something after the array', Uint8Array.of(0x90, 0x90)],
  ]
  it.each(payloads)('%s', async (_, payload) => {
    const { bytes, offsets } = fileOf([[plain(0n)]])
    const at = offsets.at(-1) as number
    bytes.set(frameWith(payload, at), at)
    expect(await open(bytes)).toMatchObject({ code: 'journal_corrupt', details: { offset: at, height: 1n } })
  })
})

/** As FORMAT says it, and with what nobody else writes. */
function frameWith(payload: Uint8Array, offset: number): Uint8Array {
  const frame = new Uint8Array(frameLength(payload.length))
  const view = new DataView(frame.buffer)
  view.setUint32(0, payload.length, true)
  view.setUint32(8, crcOf(payload), true)
  frame.set(payload, HEAD_BYTES)
  const place = new Uint8Array(8)
  new DataView(place.buffer).setBigUint64(0, BigInt(offset), true)
  view.setUint32(12, crcOf(Uint8Array.of(...salt, ...place, ...frame.subarray(0, 12))), true)
  return frame
}

/** CRC-32 (ISO-HDLC) bit by bit, as it is defined. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}
