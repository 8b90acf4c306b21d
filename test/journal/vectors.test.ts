/** The worked examples of FORMAT §10, made by an independent implementation. */
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeHeader } from '../../src/journal/header.ts'
import { Journal } from '../../src/journal/journal.ts'
import { frameIn, judgeTail } from '../../src/journal/judge.ts'
import { encodeRecord } from '../../src/journal/record-write.ts'
import { Window } from '../../src/journal/window.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { json, native } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { toHex } from '../../src/verify/index.ts'
import { type BlockRecord, type ChainRecord, chainRecord } from '../../src/verify/records.ts'
import { bytesOf, readVectors } from '../vectors/read.ts'
import { MemoryDisk } from './memory-disk.ts'

interface Example {
  readonly chainId: string
  readonly frames: readonly { readonly offset: number; readonly records: readonly { k: string; height: string }[] }[]
  readonly cases: readonly {
    readonly name: string
    readonly state: 'clean' | 'torn' | 'corrupt'
    readonly offset: number
    readonly frames: number
    readonly bytes: string
  }[]
}
interface Chain {
  readonly blocks: readonly {
    readonly header: unknown
    readonly roots: unknown
    readonly blockHash: string
    readonly seal: unknown
    readonly commands: readonly Record<string, unknown>[]
  }[]
}

const { chainId, frames, cases } = readVectors<Example>('journal')
const { blocks } = readVectors<Chain>('chain')
const PATH = 'journal/0000000000000000.wal'

function diskWith(bytes: string): MemoryDisk {
  return new MemoryDisk([[PATH, gunzipSync(Buffer.from(bytes, 'base64'))]])
}

function open(disk: MemoryDisk): Promise<Journal> {
  const settings = { disk, directory: 'journal', rng: systemRng(), fileBytes: 1 << 16 }
  return Journal.open({ ...settings, chainId: bytesOf(chainId) })
}

/** How a file ends, frame by frame, without the rest of a journal. */
async function judge(disk: MemoryDisk): Promise<{ state: string; offset: number; frames: number }> {
  const file = await disk.open(PATH, 'read')
  const header = decodeHeader(await file.read(0, 512))
  if (header === undefined || !Buffer.from(header.chainId).equals(bytesOf(chainId))) {
    return { state: 'corrupt', offset: 0, frames: 0 }
  }
  const window = new Window(file, await file.size())
  let offset = 512
  let count = 0
  for (;;) {
    const frame = await frameIn(window, header.salt, offset)
    if (typeof frame === 'string') break
    offset += frame.length
    count++
  }
  const { state } = await judgeTail(window, header.salt, offset)
  return { state: state === 'ended' ? 'clean' : state, offset, frames: count }
}

async function recordsIn(disk: MemoryDisk): Promise<{ offset: number; records: ChainRecord[] }[]> {
  const found: { offset: number; records: ChainRecord[] }[] = []
  for await (const { place, records } of (await open(disk)).read(undefined)) {
    found.push({ offset: place.offset, records: records.map((record) => chainRecord.decode(record, native)) })
  }
  return found
}

const cleanDisk = (): MemoryDisk => diskWith(cases[0]?.bytes ?? '')
const heightOf = (record: ChainRecord): bigint => (record.k === 'block' ? record.header.height : record.height)

describe.each(cases)('$name', ({ state, offset, frames, bytes }) => {
  it('is judged as it should be', async () => {
    expect(await judge(diskWith(bytes))).toEqual({ state, offset, frames })
  })
})

describe.each(cases.filter((each) => each.state === 'corrupt'))('$name', ({ bytes }) => {
  it('is refused', async () => {
    const code = expect.stringMatching(/^journal_(corrupt|gap)$/)
    await expect(open(diskWith(bytes))).rejects.toMatchObject({ code })
  })
})

describe.each(cases.filter((each) => each.state !== 'corrupt'))('$name', ({ state, offset, frames, bytes }) => {
  it('is opened and taken over', async () => {
    const disk = diskWith(bytes)
    const journal = await open(disk)
    expect(journal.found.end).toEqual({ file: 0n, offset })
    expect(journal.found.state === 'torn').toBe(state === 'torn')
    expect(journal.found.state === 'empty').toBe(frames === 0)
    expect(await recordsIn(disk)).toHaveLength(frames)
    await journal.takeover()
    await journal.close()
    expect(await recordsIn(disk)).toHaveLength(frames)
  })
})

it('gives the records of the examples', async () => {
  const found = await recordsIn(cleanDisk())
  const seen = found.map(({ offset, records }) => {
    return { offset, records: records.map((record) => ({ k: record.k, height: `${heightOf(record)}` })) }
  })
  expect(seen).toEqual(frames)
  const records = found.flatMap((frame) => frame.records)
  for (const record of records) expectRight(record, blocks[Number(heightOf(record))] as Chain['blocks'][number])
})

function expectRight(record: ChainRecord, block: Chain['blocks'][number]): void {
  if (record.k === 'block') {
    expectBlock(record, block)
    return
  }
  const [given, right] =
    record.k === 'seal' ? [codecs.seal.encode(record.seal, json), block.seal] : [toHex(record.hash), block.blockHash]
  expect(given).toEqual(right)
}

function expectBlock(record: BlockRecord, block: Chain['blocks'][number]): void {
  expect(codecs.header.encode(record.header, json)).toEqual(block.header)
  expect(codecs.roots.encode(record.roots, json)).toEqual(block.roots)
  const sizes = { obligationSize: 0n, intentSize: 0n }
  // A codec writes the members that it knows.
  const commands = record.commands.map((command) => codecs.command.encode(Object.assign({}, command, sizes), json))
  // The sizes are no part of a record.
  expect(commands).toEqual(
    block.commands.map((each) => Object.assign({}, each, { obligationSize: '0', intentSize: '0' })),
  )
}

it('writes their records to the same bytes', async () => {
  const file = cleanDisk().bytesOf(PATH)
  for (const { offset, records } of await recordsIn(cleanDisk())) {
    const length = new DataView(file.buffer, file.byteOffset).getUint32(offset, true)
    const encoded = records.map(encodeRecord)
    expect(Buffer.concat([Uint8Array.of(0x90 | records.length), ...encoded])).toEqual(
      Buffer.from(file.subarray(offset + 16, offset + 16 + length)),
    )
  }
})

it('says what is wrong with a file that is not its own', async () => {
  const codes = new Map<string, unknown>()
  for (const { name, bytes } of cases.filter((each) => each.name.startsWith('header'))) {
    codes.set(name, await open(diskWith(bytes)).catch((error: unknown) => (error as { code?: unknown }).code))
  }
  expect(Object.fromEntries(codes)).toEqual({
    'header of another chain': 'journal_gap',
    'header damaged': 'journal_corrupt',
  })
})
