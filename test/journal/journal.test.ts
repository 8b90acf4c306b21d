/** A journal from end to end: append, roll, read, stop, open again. */
import { expect, it } from 'vitest'
import { frameLength } from '../../src/journal/frame.ts'
import { Journal } from '../../src/journal/journal.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { seed } from '../support/seed.ts'
import {
  appendBlocks,
  blockOf,
  closeAt,
  closedDisk,
  FILE_BYTES,
  fileAt,
  heightsIn,
  heightsOf,
  namesOn,
  openJournal,
  records,
  takenOver,
  upTo,
} from './life.ts'
import { MemoryDisk } from './memory-disk.ts'

/** Comes back when the next file was made in the background. */
async function madeAhead(journal: Journal): Promise<void> {
  await (journal as unknown as { writer: { makeAhead(): Promise<void> } }).writer.makeAhead()
}

it('a journal that is not there is empty, and to open it changes nothing', async () => {
  const disk = new MemoryDisk()
  const journal = await openJournal(disk)
  const end = { file: 0n, offset: 512 }
  expect(journal.found).toEqual({ state: 'empty', height: -1n, first: 0n, end, files: [], empty: [] })
  expect(await heightsIn(journal)).toEqual([])
  expect(disk.calls).toEqual(['list journal'])
})

it(`what was appended is read, in the same life and in the next (CAIRN_SEED=${seed})`, async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  const places = await appendBlocks(journal, 0n, 40n, 900)
  expect(await heightsIn(journal)).toEqual(upTo(40n))
  await closeAt(journal, 40n)
  const next = await openJournal(disk)
  expect(next.found).toMatchObject({ state: 'clean', height: 40n, first: 0n })
  expect(next.found.files.length).toBeGreaterThan(5)
  expect(await heightsIn(next)).toEqual(upTo(40n))
  for (const [i, place] of places.entries()) {
    expect(heightsOf((await next.frameAt(place)).records)).toEqual([BigInt(i)])
    expect(await heightsIn(next, place)).toEqual(upTo(40n).slice(i))
  }
  await next.close()
  expect(disk.openFiles).toBe(0)
})

it('a frame is one write and one sync', async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk, 1 << 16)
  await appendBlocks(journal, 0n, 0n)
  await journal.barrier()
  await madeAhead(journal)
  disk.calls.length = 0
  await appendBlocks(journal, 1n, 3n, 800)
  expect(disk.calls).toHaveLength(6)
  expect(disk.calls.slice(0, 2)).toEqual([
    expect.stringMatching(/^write journal\/0{16}\.wal \d+ 1536$/),
    `datasync ${fileAt(0)}`,
  ])
})

it('a roll syncs the header and the name before the frame is written', async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  await appendBlocks(journal, 0n, 1n)
  await madeAhead(journal)
  disk.calls.length = 0
  await appendBlocks(journal, 2n, 2n)
  const ofRoll = disk.calls.filter((call) => !call.includes('filling.tmp'))
  expect(ofRoll).toEqual([
    `rename journal/ahead.tmp ${fileAt(2)}`,
    `write ${fileAt(2)} 0 512`,
    `datasync ${fileAt(2)}`,
    'syncDirectory journal',
    `write ${fileAt(2)} 512 1536`,
    `datasync ${fileAt(2)}`,
  ])
})

it('files are named after the first block in them, made ahead and full of zeros', async () => {
  const disk = await closedDisk()
  expect(namesOn(disk)).toEqual([0, 2, 4, 6, 8].map((first) => fileAt(first).slice(8)).concat('ahead.tmp'))
  for (const name of namesOn(disk)) expect(disk.bytesOf(`journal/${name}`)).toHaveLength(FILE_BYTES)
  expect(disk.bytesOf('journal/ahead.tmp').every((byte) => byte === 0)).toBe(true)
})

it('a frame without a block leaves the next height as it is, and its file is named after that', async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk, 2048)
  await appendBlocks(journal, 0n, 0n, 900)
  await closeAt(journal, 0n)
  const next = await takenOver(disk, 2048)
  expect(next.found).toMatchObject({ state: 'clean', height: 0n })
  await appendBlocks(next, 1n, 1n, 900)
  await next.close()
  expect((await openJournal(disk)).found.files).toEqual([0n, 1n])
})

it('a file that begins without a block keeps its name until one comes, however much stands before that', async () => {
  const disk = new MemoryDisk()
  let journal = await takenOver(disk, 2048)
  await appendBlocks(journal, 0n, 0n, 1400)
  for (let again = 0; again < 6; again++) {
    await closeAt(journal, 0n)
    journal = await takenOver(disk, 2048)
    expect(journal.found).toMatchObject({ state: 'clean', height: 0n, files: [0n, 1n] })
  }
  await appendBlocks(journal, 1n, 3n, 900)
  await journal.close()
  journal = await takenOver(disk, 2048)
  expect(journal.found.files).toEqual([0n, 1n, 2n, 3n])
  expect(await heightsIn(journal)).toEqual(upTo(3n))
})

it('a journal may begin at any height, and blocks follow each other', async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  await appendBlocks(journal, 1000n, 1003n)
  await expect(journal.append(1005n, [blockOf(1005n)])).rejects.toThrow('block 1004 comes next')
  await appendBlocks(journal, 1004n, 1004n)
  await closeAt(journal, 1004n)
  expect((await openJournal(disk)).found).toMatchObject({ first: 1000n, height: 1004n, state: 'clean' })
})

it('what fits into no file is refused, and nothing is written', async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  disk.calls.length = 0
  await expect(journal.append(0n, [new Uint8Array(FILE_BYTES)])).rejects.toMatchObject({ code: 'over_limit' })
  expect(disk.calls).toEqual([])
  const largest = journal.capacity
  expect(frameLength(largest + 5)).toBe(FILE_BYTES - 512)
  const block = blockOf(0n, largest - 10)
  expect(block.length).toBeLessThanOrEqual(largest)
  await journal.append(0n, [block])
  expect(await heightsIn(journal)).toEqual([0n])
})

it('nothing is appended before a takeover, nor two frames at once, nor after the end', async () => {
  const disk = new MemoryDisk()
  const journal = await openJournal(disk)
  await expect(journal.append(0n, [blockOf(0n)])).rejects.toThrow('taken over before')
  await journal.takeover()
  await journal.takeover()
  const first = journal.append(0n, [blockOf(0n)])
  await expect(journal.append(1n, [blockOf(1n)])).rejects.toThrow('one frame at a time')
  await first
  await journal.close()
  await journal.close()
  await expect(journal.append(1n, [blockOf(1n)])).rejects.toMatchObject({ code: 'journal_closed' })
  expect(() => journal.read(undefined)).toThrow('closed')
  expect(disk.openFiles).toBe(0)
})

it('what is read ends where the journal ended when it was asked, also while it grows', async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  await appendBlocks(journal, 0n, 4n)
  const frames = journal.read(undefined)
  await appendBlocks(journal, 5n, 9n)
  const heights: bigint[] = []
  for await (const { records } of frames) {
    heights.push(...heightsOf(records))
    if (heights.length === 2) await appendBlocks(journal, 10n, 12n)
  }
  expect(heights).toEqual(upTo(4n))
  expect(await heightsIn(journal)).toEqual(upTo(12n))
})

it('a few files are kept open, however many are read', async () => {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  const places = await appendBlocks(journal, 0n, 40n)
  await journal.barrier()
  const before = disk.openFiles
  await Promise.all(
    places.map(async (place, i) => expect(heightsOf((await journal.frameAt(place)).records)).toEqual([BigInt(i)])),
  )
  for (const place of places.toReversed()) await journal.frameAt(place)
  expect(disk.openFiles - before).toBeLessThanOrEqual(8)
  await journal.close()
  expect(disk.openFiles).toBe(0)
})

it.each([0, 100, 512, 1000, (64 << 20) + 512])('files of %i bytes are refused', async (fileBytes) => {
  await expect(openJournal(new MemoryDisk(), fileBytes)).rejects.toMatchObject({ code: 'invalid_setting' })
})

it('a chain id that is none is refused', async () => {
  const settings = { disk: new MemoryDisk(), directory: 'journal', rng: systemRng(), fileBytes: FILE_BYTES }
  const opening = Journal.open({ ...settings, chainId: records.random.bytes(31) })
  await expect(opening).rejects.toMatchObject({ code: 'invalid_setting' })
})
