/**
 * A journal file is shown as it is, whatever is wrong with it: nothing is refused, every byte is accounted for, and the end is judged as a
 * start judges it.
 */
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { FrameMaker } from '../../src/journal/frame.ts'
import { encodeHeader } from '../../src/journal/header.ts'
import { type Inspected, type InspectedEnd, inspectJournalFile, recordsAt } from '../../src/journal/inspect.ts'
import { Journal } from '../../src/journal/journal.ts'
import { systemRng } from '../../src/ports/rng.ts'
import type { CairnError } from '../../src/verify/index.ts'
import { Random, seed } from '../support/seed.ts'
import { bytesOf, readVectors } from '../vectors/read.ts'
import { blockOf, chainId, fileAt } from './life.ts'
import { MemoryDisk } from './memory-disk.ts'

interface Examples {
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

const { chainId: exampleId, cases, frames } = readVectors<Examples>('journal')
const unpacked = (bytes: string): Uint8Array => new Uint8Array(gunzipSync(Buffer.from(bytes, 'base64')))
const clean = unpacked(cases.find(({ name }) => name === 'clean')?.bytes ?? '')

async function inspect(
  bytes: Uint8Array,
  isNewest = true,
): Promise<{ parts: readonly Inspected[]; end: InspectedEnd }> {
  const disk = new MemoryDisk([[fileAt(0), bytes]])
  const file = await disk.open(fileAt(0), 'read')
  const parts: Inspected[] = []
  for await (const part of inspectJournalFile(file, isNewest)) parts.push(part)
  await file.close()
  const end = parts.pop()
  if (end?.kind !== 'end') throw new Error('it did not come to its end')
  // Every byte is part of something, in order.
  let at = 512
  for (const part of parts.slice(1)) {
    expect(part.offset).toBe(at)
    at += (part as { readonly length: number }).length
  }
  expect(at).toBeGreaterThanOrEqual(bytes.length)
  return { parts, end }
}

describe('the worked examples', () => {
  it.each(cases.filter(({ name }) => name !== 'header of another chain'))(
    '$name',
    async ({ state, offset, frames: count, bytes }) => {
      const { parts, end } = await inspect(unpacked(bytes))
      expect(state === 'clean' ? ['clean', 'open', 'empty'] : [state]).toContain(end.state)
      expect(end.offset).toBe(offset)
      const whole = parts.filter((part) => part.kind === 'frame' && part.problem === undefined && part.offset < offset)
      expect(whole).toHaveLength(count)
    },
  )

  it('are told apart by how they end', async () => {
    const stateOf = async (name: string): Promise<string> =>
      (await inspect(unpacked(cases.find((each) => each.name === name)?.bytes ?? ''))).end.state
    expect(await stateOf('clean')).toBe('clean')
    expect(await stateOf('only the header')).toBe('empty')
    expect(await stateOf('newest frame never came')).toBe('open')
  })

  it('have their header and records as they are', async () => {
    const { parts } = await inspect(clean)
    expect(parts[0]).toMatchObject({ kind: 'header', chainId: bytesOf(exampleId), first: 0n })
    const shown = parts.flatMap((part) => (part.kind === 'frame' ? [part] : []))
    expect(
      shown.map(({ offset, records }) => ({
        offset,
        records: records.map(({ k, height }) => ({ k, height: String(height) })),
      })),
    ).toEqual(frames)
    for (const { headCrc, payloadCrc, zeroSectors, records, bytes } of shown) {
      expect({ headCrc, payloadCrc, zeroSectors }).toMatchObject({
        headCrc: true,
        payloadCrc: true,
        zeroSectors: { said: zeroSectors.found },
      })
      expect(records.reduce((sum, each) => sum + (each.bytes ?? 0), 1)).toBeLessThanOrEqual(bytes)
    }
  })
})

describe('a broken file', () => {
  it('whose header is gone shows its frames, and that they are bound to another salt', async () => {
    const bytes = clean.slice().fill(0, 0, 512)
    const { parts, end } = await inspect(bytes)
    const first = parts.find((part) => part.kind === 'frame')
    expect(first).toMatchObject({
      offset: 512,
      headCrc: false,
      payloadCrc: true,
      records: [{ k: 'block', height: 0n }],
    })
    expect(end).toMatchObject({ state: 'corrupt', offset: 0 })
  })

  it('shows the frames behind what is damaged', async () => {
    const bytes = clean.slice()
    bytes[1536] = (bytes[1536] as number) ^ 1
    const { parts, end } = await inspect(bytes)
    expect(parts.filter((part) => part.kind === 'unknown')).toMatchObject([{ offset: 1536, length: 1536 }])
    expect(parts.filter((part) => part.kind === 'frame')).toHaveLength(frames.length - 1)
    expect(end).toMatchObject({ state: 'corrupt', offset: 1536 })
  })

  it('follows one head that is damaged to its payload, and after that good heads alone', async () => {
    const bytes = clean.slice()
    for (const offset of [1536, 3072]) bytes[offset + 4] = (bytes[offset + 4] as number) ^ 1
    const { parts } = await inspect(bytes)
    const wrong = parts.filter((part) => 'problem' in part).slice(0, 2)
    expect(wrong).toMatchObject([
      { kind: 'frame', offset: 1536, headCrc: false, payloadCrc: true, records: [{ k: 'seal' }, { k: 'block' }] },
      { kind: 'unknown', offset: 3072, length: 4096 },
    ])
  })

  it('is corrupt where a newer one would be torn', async () => {
    const torn = unpacked(cases.find(({ name }) => name === 'newest frame lost its last sector')?.bytes ?? '')
    expect((await inspect(torn)).end).toMatchObject({ state: 'torn' })
    expect((await inspect(torn, false)).end).toMatchObject({ state: 'corrupt' })
  })

  it('whose blocks do not follow each other is corrupt there', async () => {
    const salt = new Uint8Array(16).fill(3)
    const bytes = new Uint8Array(8192)
    bytes.set(encodeHeader({ chainId, first: 0n, salt }))
    let at = 512
    const offsets: number[] = []
    for (const height of [0n, 2n, 3n]) {
      const frame = new FrameMaker().make([blockOf(height)], salt, at)
      bytes.set(frame, at)
      offsets.push(at)
      at += frame.length
    }
    const { parts, end } = await inspect(bytes)
    expect(end).toMatchObject({ state: 'corrupt', offset: offsets[1], next: 4n })
    const problems = parts.map((part) => ('problem' in part ? part.problem : undefined))
    expect(problems.filter(Boolean)).toEqual(['block 2 stands where 1 comes next'])
  })

  it.each([
    ['of nothing', new Uint8Array(0)],
    ['of one byte', Uint8Array.of(7)],
    ['of less than a header', new Uint8Array(100)],
    ['of text', Buffer.from('this is no journal at all\n'.repeat(100))],
    ['of ones', new Uint8Array(5000).fill(255)],
    ['that ends inside a sector', clean.slice(0, 3100)],
  ])('%s is shown', async (_, bytes) => {
    const { end } = await inspect(bytes)
    expect(end.why).not.toBe('')
  })

  it(`changed anywhere is shown, and judged as a start judges it (CAIRN_SEED=${seed})`, {
    timeout: 60_000,
  }, async () => {
    const random = new Random()
    for (let round = 0; round < 400; round++) {
      const bytes = clean.slice()
      for (let changes = 1 + random.below(3); changes > 0; changes--) {
        const at = 512 + random.below(10_240 - 512)
        const how = random.below(3)
        if (how === 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
        else if (how === 1) bytes.fill(0, at - (at % 512), at - (at % 512) + 512)
        else bytes.fill(random.below(256), at, at + random.below(2000))
      }
      const { end } = await inspect(bytes)
      const disk = new MemoryDisk([[fileAt(0), bytes]])
      const settings = { disk, directory: 'journal', chainId: bytesOf(exampleId), rng: systemRng(), fileBytes: 1 << 16 }
      const judged = await Journal.open(settings).then(
        ({ found }) => ({ state: found.state === 'unclean' ? 'open' : found.state, offset: found.end.offset }),
        (error: unknown) => {
          const { code } = error as CairnError
          return { state: /^journal_(?:corrupt|gap)$/.test(code) ? 'corrupt' : code, offset: undefined }
        },
      )
      const { state, offset } = end
      expect({ state, offset: judged.offset && offset }).toEqual(judged)
    }
  })
})

describe('the records of a frame', () => {
  it('are given in full, and of one that is none what there is', async () => {
    const disk = new MemoryDisk([[fileAt(0), clean]])
    const file = await disk.open(fileAt(0), 'read')
    expect(await recordsAt(file, 9728)).toMatchObject({ records: [{ k: 'close', height: 3 }] })
    expect(await recordsAt(file, 0)).toHaveProperty('problem')
    expect(await recordsAt(file, 1 << 30)).toMatchObject({
      problem: expect.any(String) as string,
      payload: new Uint8Array(0),
    })
  })

  it('are not looked for in all that follows: of what is none a few KiB are given, whatever its length says', async () => {
    const disk = new MemoryDisk([[fileAt(0), new Uint8Array(1 << 20).fill(0x7f)]])
    const shown = await recordsAt(await disk.open(fileAt(0), 'read'), 512)
    expect(shown).toMatchObject({ problem: expect.stringContaining('the first 4096 are shown') as string })
    expect((shown as { payload: Uint8Array }).payload).toHaveLength(4096)
  })
})
