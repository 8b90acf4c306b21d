/**
 * Exports (FORMAT §11): what a journal has of a range of blocks comes out and verifies; nothing that was changed on its way passes, and
 * nothing that was cut short passes for whole.
 */
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { EXPORT_MAGIC, type ExportEnd, type ExportHead, pieceHead } from '../../src/journal/export-format.ts'
import { readExport } from '../../src/journal/export-read.ts'
import { type ExportRange, exportJournal } from '../../src/journal/export-write.ts'
import { fileName } from '../../src/journal/file-name.ts'
import { arrayHead } from '../../src/journal/frame.ts'
import { JournalCursor } from '../../src/journal/read-only.ts'
import { encodeExportEnd, encodeExportHead, encodeRecord } from '../../src/journal/record-write.ts'
import type { JournalHome } from '../../src/journal/settings.ts'
import { CairnError, type ChainRecord, nobleEngine, verifyChain } from '../../src/verify/index.ts'
import { busy } from '../support/busy-chain.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'
import { closeRecord, sealRecord, trustIn, withBlocks } from '../support/whole-chain.ts'
import { journalOf } from './journal-of.ts'

const { hasher } = nobleEngine
const random = new Random()

async function exported(
  home: JournalHome,
  maker: ChainMaker,
  range: ExportRange = {},
): Promise<{ readonly pieces: readonly Uint8Array[]; readonly end: ExportEnd }> {
  const source = exportJournal(home, maker.identity, range, hasher)
  const pieces: Uint8Array[] = []
  for (;;) {
    const next = await source.next()
    if (next.done === true) return { pieces, end: next.value }
    pieces.push(next.value)
  }
}

interface Read {
  readonly head: ExportHead
  readonly records: readonly unknown[]
  readonly end: ExportEnd
}

async function readAll(bytes: Iterable<Uint8Array>): Promise<Read> {
  const { head, frames } = await readExport(bytes)
  const records: unknown[] = []
  for (;;) {
    const next = await frames.next()
    if (next.done === true) return { head, records, end: next.value }
    records.push(...next.value.records)
  }
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await readAll([bytes])
    return 'read'
  } catch (error) {
    if (error instanceof CairnError) return error.code
    throw error
  }
}

const kinds = (records: readonly unknown[]): string[] =>
  (records as readonly ChainRecord[]).map(
    (record) => `${record.k} ${record.k === 'block' ? record.header.height : record.height}`,
  )

const home = await journalOf(busy)
const { pieces, end } = await exported(home, busy)
const whole = Buffer.concat(pieces)

describe('an export of a whole chain', () => {
  it('gives what the journal holds, and verifies with all that a verifier can be given', async () => {
    expect(home.disk.files.size).toBeGreaterThan(2)
    const { head, records, end: read } = await readAll([whole])
    expect(head).toMatchObject({ genesis: busy.identity.genesis, from: 0n, to: 4n, authority: [] })
    expect(kinds(records)).toEqual([0, 1, 2, 3, 4].flatMap((i) => [`block ${i}`, `seal ${i}`]))
    expect(read).toEqual(end)
    expect(end).toEqual({ blocks: 5n, hash: busy.head.hash })
    const verification = await verifyChain(records, trustIn(busy))
    expect(verification.verdicts.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    expect(verification.head?.blockHash).toEqual(busy.head.hash)
  })

  it('is the same however it comes', async () => {
    const bytes = Array.from(whole, (byte) => Uint8Array.of(byte))
    const cuts = [0, 7, 16, 40, 41, 700, whole.length]
    const uneven = cuts.slice(1).map((cut, i) => whole.subarray(cuts[i], cut))
    const expected = await readAll(pieces)
    for (const parts of [bytes, uneven, [new Uint8Array(0), whole, new Uint8Array(0)]]) {
      expect(await readAll(parts)).toEqual(expected)
    }
  })

  it('changes nothing on the disk, and takes no lock', async () => {
    const changing = home.disk.calls.length
    await exported(home, busy)
    const calls = home.disk.calls.slice(changing).map((call) => call.split(' ')[0] ?? '')
    expect([...new Set(calls)].toSorted()).toEqual(['list', 'open', 'read', 'size'])
    expect(home.disk.openFiles).toBe(0)
  })

  it(`with any byte changed is damaged (CAIRN_SEED=${seed})`, { timeout: 60_000 }, async () => {
    for (let at = 0; at < whole.length; at++) {
      const changed = Uint8Array.from(whole)
      changed[at] = (whole[at] as number) ^ (1 + random.below(255))
      expect([at, await codeOf(changed)]).toEqual([at, 'export_corrupt'])
    }
  })

  it('cut anywhere is cut short, and says so', { timeout: 60_000 }, async () => {
    for (let size = 0; size < whole.length; size++) {
      expect([size, await codeOf(whole.subarray(0, size))]).toEqual([size, 'export_truncated'])
    }
  })

  it('with anything behind its end is damaged', async () => {
    expect(await codeOf(Buffer.concat([whole, Uint8Array.of(0)]))).toBe('export_corrupt')
    expect(await codeOf(Buffer.concat([whole, whole]))).toBe('export_corrupt')
  })

  it('closes what it reads from, whether it is read to its end or not', async () => {
    for (const steps of [0, 1, 100]) {
      let isClosed = false
      const source = async function* (): AsyncGenerator<Uint8Array> {
        try {
          yield* pieces
        } finally {
          isClosed = true
        }
      }
      const { frames } = await readExport(source())
      for (let i = 0; i < steps && (await frames.next()).done !== true; i++);
      await frames.return({ blocks: 0n, hash: new Uint8Array(0) })
      // A generator that was never begun has nothing to end.
      expect(isClosed).toBe(steps > 0)
    }
    let isClosed = false
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('no export')
        yield Buffer.from('at all')
      } finally {
        isClosed = true
      }
    }
    await expect(readExport(broken())).rejects.toMatchObject({ code: 'export_corrupt' })
    expect(isClosed).toBe(true)
  })
})

describe('pieces', () => {
  const large = new ChainMaker(new Random(3))
  for (let i = 0; i < 4; i++) large.block([{ payload: random.bytes(700_000) }])

  it('can not be left out, doubled or moved', async () => {
    const { pieces: made } = await exported(await journalOf(large, large.records(), 1 << 20), large)
    expect(made.length).toBeGreaterThan(5)
    const others = [
      ...made.map((_, i) => made.filter((__, j) => j !== i)),
      ...made.map((_, i) => made.flatMap((each, j) => (j === i ? [each, each] : [each]))),
      ...made
        .slice(1)
        .map((_, i) =>
          made.map((each, j) => (j === i ? (made[i + 1] as Uint8Array) : j === i + 1 ? (made[i] as Uint8Array) : each)),
        ),
    ]
    for (const [i, other] of others.entries()) {
      const isCut = i === made.length - 1
      expect([i, await codeOf(Buffer.concat(other))]).toEqual([i, isCut ? 'export_truncated' : 'export_corrupt'])
    }
  })

  it('take no more memory than is there: a length that is none is refused, or found to be missing', async () => {
    const prefix = pieces.slice(0, 2)
    const at = Buffer.concat(prefix).length
    const withLength = (length: number): Buffer => {
      const head = Buffer.alloc(12)
      head.writeUInt32LE(length)
      const place = Buffer.alloc(8)
      place.writeBigUInt64LE(BigInt(at))
      head.writeUInt32LE(crc32(Buffer.concat([place, head.subarray(0, 8)])), 8)
      return Buffer.concat([...prefix, head])
    }
    expect(await codeOf(withLength(0))).toBe('export_corrupt')
    expect(await codeOf(withLength(0xffffffff))).toBe('export_corrupt')
    expect(await codeOf(withLength((64 << 20) - 512 - 12))).toBe('export_truncated')
    expect(await codeOf(withLength((64 << 20) - 512 - 11))).toBe('export_corrupt')
  })
})

/** An export as anyone could write it: every CRC is right. */
function written(
  head: Partial<ExportHead>,
  frames: readonly (readonly Uint8Array[])[],
  closing: Partial<ExportEnd>,
): Buffer {
  const parts: Uint8Array[] = [EXPORT_MAGIC]
  const add = (payload: readonly Uint8Array[]): void => {
    const offset = Buffer.concat(parts).length
    parts.push(pieceHead(payload, offset), ...payload)
  }
  const usual = { genesis: busy.identity.genesis, from: 0n, to: 4n, parentHash: new Uint8Array(32), authority: [] }
  add([encodeExportHead({ ...usual, ...head })])
  for (const records of frames) add([arrayHead(records.length), ...records])
  add([encodeExportEnd({ ...end, ...closing })])
  return Buffer.concat(parts)
}

describe('an export that its writer made wrong', () => {
  const all = busy.records().map(encodeRecord)
  const seal5 = encodeRecord({ ...sealRecord(busy.madeAt(4)), height: 5n })
  const close = encodeRecord(closeRecord(busy.madeAt(4)))

  it('is told from one that is right', async () => {
    expect(await codeOf(written({}, [all], {}))).toBe('read')
    expect(
      await codeOf(
        written(
          {},
          all.map((each) => [each]),
          {},
        ),
      ),
    ).toBe('read')
  })

  it.each<[string, Parameters<typeof written>]>([
    ['that names more blocks than it has', [{ to: 5n }, [all], {}]],
    ['that names fewer', [{ to: 3n }, [all], {}]],
    ['that ends before it begins', [{ from: 5n, to: 4n }, [], {}]],
    ['with another number at its end', [{}, [all], { blocks: 4n }]],
    ['with another hash at its end', [{}, [all], { hash: busy.madeAt(3).hash }]],
    ['without a block', [{}, [], { blocks: 0n }]],
    ['that lacks a block', [{}, [all.slice(0, 2), all.slice(4)], {}]],
    ['that begins with another', [{}, [all.slice(2)], {}]],
    ['with a block twice', [{}, [all.slice(0, 2), all], {}]],
    ['with another parent in its head', [{ parentHash: busy.head.hash }, [all], {}]],
    ['of another chain', [{ genesis: new ChainMaker(new Random(1)).identity.genesis }, [all], {}]],
    ['whose last block has no seal', [{}, [all.slice(0, -1)], {}]],
    ['with a seal of a block that is not there', [{}, [[...all, seal5]], {}]],
    ['with a seal before its block', [{}, [all.toReversed()], {}]],
    ['with a close record', [{}, [[...all, close]], {}]],
    ['with a frame of nothing', [{}, [all, []], {}]],
    ['with a record of no kind', [{}, [[...all, Uint8Array.of(0x80)]], {}]],
    ['with a number for a record', [{}, [[...all, Uint8Array.of(1)]], {}]],
  ])('%s is refused', async (_, given) => {
    expect(await codeOf(written(...given))).toBe('export_corrupt')
  })

  it('with a block that was changed is found by who verifies it', async () => {
    const records = withBlocks(busy.records(), ({ header }) => (header.height === 2n ? { commands: [] } : undefined))
    const { records: read } = await readAll([written({}, [records.map(encodeRecord)], {})])
    expect((await verifyChain(read, trustIn(busy))).fault).toMatchObject({ height: 2n })
  })
})

describe('a range', () => {
  const later = busy.delegate({ index: 1n })
  const [first, ...rest] = busy.records()
  const delegation = { k: 'delegation', ...later.delegation } as const
  const again = { ...sealRecord(busy.madeAt(2)), seal: busy.seal(busy.madeAt(2).hash, later) }
  /** The delegation of a second key is in block 0; block 2 is sealed again with it, after block 4. */
  const records = [{ ...first, authority: [delegation] } as ChainRecord, ...rest, again, closeRecord(busy.madeAt(4))]

  it('in the middle has its blocks, the parent and the authority before them, and seals that come later', async () => {
    const { pieces: made, end: last } = await exported(await journalOf(busy, records), busy, { from: 2n, to: 3n })
    const { head, records: read } = await readAll(made)
    expect(head).toMatchObject({ from: 2n, to: 3n, parentHash: busy.madeAt(1).hash, authority: [delegation] })
    expect(kinds(read)).toEqual(['block 2', 'seal 2', 'block 3', 'seal 3', 'seal 2'])
    expect(last).toEqual({ blocks: 2n, hash: busy.madeAt(3).hash })
  })

  it('of one block is that block', async () => {
    const { pieces: made } = await exported(home, busy, { from: 4n })
    expect(kinds((await readAll(made)).records)).toEqual(['block 4', 'seal 4'])
  })

  it('ends at the newest block whose seal is recorded', async () => {
    const unsealed = await journalOf(busy, busy.records().slice(0, -1))
    const { records: read } = await readAll((await exported(unsealed, busy)).pieces)
    expect(kinds(read).at(-1)).toBe('seal 3')
    await expect(exported(unsealed, busy, { to: 4n })).rejects.toMatchObject({
      code: 'unknown_height',
      details: { height: 4n, newest: 3n },
    })
  })

  it.each([
    [{ from: 3n, to: 2n }, { height: 3n }],
    [{ from: 5n }, { height: 5n }],
    [{ to: 5n }, { height: 5n }],
  ])('that there is not is refused: %o', async (range, details) => {
    await expect(exported(home, busy, range)).rejects.toMatchObject({ code: 'unknown_height', details })
  })

  it('of a chain without a seal is refused', async () => {
    const nothing = { code: 'nothing_to_export' }
    await expect(exported(await journalOf(busy, []), busy)).rejects.toMatchObject(nothing)
    await expect(exported(await journalOf(busy, busy.records().slice(0, 1)), busy)).rejects.toMatchObject(nothing)
  })

  it('of a journal that does not begin at block 0 is refused', async () => {
    const cut = await journalOf(busy)
    cut.disk.files.delete('journal/0000000000000000.wal')
    await expect(exported(cut, busy)).rejects.toMatchObject({ code: 'snapshot_needed' })
  })

  it('ends before what is no whole frame, and says where that is', async () => {
    // The newest frame has block 4 and the seal of block 3.
    const torn = await journalOf(busy, busy.records().slice(0, -1))
    let newest = { file: 0n, offset: 0 }
    for await (const { place } of new JournalCursor(torn).more()) newest = place
    const bytes = torn.disk.bytesOf(`journal/${fileName(newest.file)}`)
    bytes[newest.offset + 100] = (bytes[newest.offset + 100] as number) ^ 1
    const rests: unknown[] = []
    const source = exportJournal(torn, busy.identity, {}, hasher, { rest: (place) => rests.push(place) })
    const made: Uint8Array[] = []
    for await (const piece of source) made.push(piece)
    const { head } = await readAll(made)
    expect(head.to).toBe(2n)
    expect(rests).toEqual([newest])
  })

  it('of a damaged journal is refused', async () => {
    const damaged = await journalOf(busy)
    const bytes = damaged.disk.bytesOf('journal/0000000000000000.wal')
    bytes[700] = (bytes[700] as number) ^ 1
    await expect(exported(damaged, busy)).rejects.toMatchObject({ code: 'journal_corrupt' })
    const other = { ...home, chainId: new Uint8Array(32) }
    await expect(exported(other, busy)).rejects.toMatchObject({ code: 'journal_gap' })
  })
})
