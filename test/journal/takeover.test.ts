/** How a journal is put in order after any kind of end, before anything in it is believed. */
import { describe, expect, it } from 'vitest'
import { encodeHeader } from '../../src/journal/header.ts'
import {
  appendBlocks,
  chainId,
  closeAt,
  closedDisk,
  FILE_BYTES,
  fileAt,
  heightsIn,
  heightsOf,
  namesOn,
  openDisk,
  openJournal,
  takenOver,
  upTo,
} from './life.ts'
import { MemoryDisk } from './memory-disk.ts'

describe('a stop that was not clean', () => {
  it.each([
    ['has no close record', openDisk],
    [
      'has a close record of another height',
      async () => {
        const disk = new MemoryDisk()
        const journal = await takenOver(disk)
        await appendBlocks(journal, 0n, 8n)
        await closeAt(journal, 7n)
        return disk
      },
    ],
  ])('%s', async (_, make) => {
    const journal = await openJournal(await make())
    expect(journal.found).toMatchObject({ state: 'unclean', height: 8n })
  })

  it('is written again before anything is believed', async () => {
    const disk = await openDisk()
    const journal = await openJournal(disk)
    const before = disk.bytesOf(fileAt(8)).slice()
    disk.calls.length = 0
    await journal.takeover()
    const changes = disk.calls.filter((call) => !/^(open|read|list|size)/.test(call))
    expect(changes.slice(0, 4)).toEqual([
      'makeDirectory journal',
      'unlink journal/ahead.tmp',
      'create journal/rewrite.tmp',
      expect.stringMatching(/^write journal\/rewrite\.tmp 0 /),
    ])
    const rename = changes.indexOf(`rename journal/rewrite.tmp ${fileAt(8)}`)
    expect(changes.slice(rename - 1, rename + 7)).toEqual([
      'datasync journal/rewrite.tmp',
      `rename journal/rewrite.tmp ${fileAt(8)}`,
      'syncDirectory journal',
      // The file that comes next: a start before this one may have taken it away, and not for good.
      'create journal/0000000000000009.wal',
      'datasync journal/0000000000000009.wal',
      'unlink journal/0000000000000009.wal',
      'syncDirectory journal',
      'create journal/filling.tmp',
    ])
    expect(disk.bytesOf(fileAt(8))).toEqual(before)
    await appendBlocks(journal, 9n, 12n)
    expect(await heightsIn(journal)).toEqual(upTo(12n))
    expect(heightsOf((await journal.frameAt({ file: 8n, offset: 512 })).records)).toEqual([8n])
  })

  it('of a clean one only the close record is', async () => {
    const disk = await closedDisk()
    const journal = await openJournal(disk)
    disk.calls.length = 0
    const before = disk.bytesOf(fileAt(8)).slice()
    await journal.takeover()
    expect(disk.calls.filter((call) => call.startsWith('rename'))).toEqual([])
    const close = disk.calls.findIndex((call) => call === `write ${fileAt(8)} ${journal.found.end.offset - 512} 512`)
    expect(disk.calls[close + 1]).toBe(`datasync ${fileAt(8)}`)
    expect(disk.bytesOf(fileAt(8))).toEqual(before)
    await appendBlocks(journal, 9n, 9n)
    await journal.close()
    expect((await openJournal(disk)).found).toMatchObject({ state: 'unclean', height: 9n })
  })

  it.each([
    ['without a header', new Uint8Array(FILE_BYTES)],
    ['without a byte', new Uint8Array(0)],
    ['with a header', encodeHeader({ chainId, first: 9n, salt: new Uint8Array(16) })],
  ])('and a newest file %s is removed', async (_, bytes) => {
    for (const make of [openDisk, closedDisk]) {
      const disk = await make()
      const { found } = await openJournal(disk)
      disk.put(fileAt(9), bytes.slice())
      const journal = await openJournal(disk)
      expect(journal.found).toEqual({ ...found, empty: [9n] })
      expect(await heightsIn(journal)).toEqual(upTo(8n))
      await journal.takeover()
      expect(namesOn(disk)).not.toContain(fileAt(9).slice(8))
      await appendBlocks(journal, 9n, 11n)
      expect(await heightsIn(journal)).toEqual(upTo(11n))
      await journal.close()
    }
  })

  it('and files that nobody finished are removed', async () => {
    const disk = await openDisk()
    disk.put('journal/rewrite.tmp', new Uint8Array(3))
    disk.put('journal/other.tmp', new Uint8Array(3))
    const journal = await takenOver(disk)
    await journal.close()
    expect(namesOn(disk).filter((name) => name.endsWith('.tmp'))).toEqual(['ahead.tmp'])
  })
})

describe('a torn frame', () => {
  async function tornDisk(): Promise<MemoryDisk> {
    const disk = new MemoryDisk()
    const journal = await takenOver(disk)
    await appendBlocks(journal, 0n, 1n, 1100)
    await journal.close()
    disk.bytesOf(fileAt(0)).fill(0, 2048, 2560)
    return disk
  }

  it('is kept aside and cut', async () => {
    const disk = await tornDisk()
    const torn = disk.bytesOf(fileAt(0)).slice(2048, 3584)
    const journal = await openJournal(disk)
    expect(journal.found).toMatchObject({ state: 'torn', height: 0n, end: { file: 0n, offset: 2048 } })
    expect(await heightsIn(journal)).toEqual([0n])
    await journal.takeover()
    expect(disk.bytesOf('journal/torn-1-2048.bin')).toEqual(torn)
    const sync = disk.calls.indexOf('datasync journal/torn-1-2048.bin')
    expect(disk.calls.slice(sync + 1)[0]).toBe('syncDirectory journal')
    expect(disk.calls.indexOf(`rename journal/rewrite.tmp ${fileAt(0)}`)).toBeGreaterThan(sync + 1)
    expect(
      disk
        .bytesOf(fileAt(0))
        .subarray(2048)
        .every((byte) => byte === 0),
    ).toBe(true)
    await appendBlocks(journal, 1n, 3n)
    await closeAt(journal, 3n)
    const next = await openJournal(disk)
    expect(next.found).toMatchObject({ state: 'clean', height: 3n })
    expect(await heightsIn(next)).toEqual(upTo(3n))
  })

  it('never goes over another that was kept', async () => {
    const disk = await tornDisk()
    const kept = Uint8Array.of(1, 2, 3)
    disk.put('journal/torn-1-2048.bin', kept)
    disk.put('journal/torn-1-2048-1.bin', kept)
    await takenOver(disk)
    expect(disk.bytesOf('journal/torn-1-2048.bin')).toBe(kept)
    expect(disk.bytesOf('journal/torn-1-2048-1.bin')).toBe(kept)
    expect(disk.bytesOf('journal/torn-1-2048-2.bin')).toHaveLength(1536)
  })

  it('may be the only one', async () => {
    const disk = new MemoryDisk()
    const journal = await takenOver(disk)
    await appendBlocks(journal, 0n, 0n)
    await journal.close()
    disk.bytesOf(fileAt(0)).fill(0, 512, 1024)
    const next = await takenOver(disk)
    expect(next.found).toMatchObject({
      state: 'torn',
      height: -1n,
      first: 0n,
      files: [0n],
      end: { file: 0n, offset: 512 },
    })
    await appendBlocks(next, 0n, 2n)
    expect(await heightsIn(next)).toEqual(upTo(2n))
  })

  it('before a file of a later block is refused', async () => {
    const disk = await tornDisk()
    disk.put(fileAt(2), encodeHeader({ chainId, first: 2n, salt: new Uint8Array(16) }))
    await expect(openJournal(disk)).rejects.toMatchObject({ code: 'journal_gap', details: { expected: 1n } })
  })
})
