/** What is damaged or missing is refused with its place, when it is met; and what is refused is left as it is. */
import { describe, expect, it } from 'vitest'
import { encodeHeader } from '../../src/journal/header.ts'
import { closedDisk, damageAt, fileAt, heightsIn, openJournal } from './life.ts'
import type { MemoryDisk } from './memory-disk.ts'

describe('a place where no frame is', () => {
  it.each([
    [{ file: 0n, offset: 1024 }, 'journal_corrupt'],
    [{ file: 0n, offset: 513 }, 'journal_corrupt'],
    [{ file: 0n, offset: 0 }, 'journal_corrupt'],
    [{ file: 1n, offset: 512 }, 'journal_gap'],
  ])('%o is refused', async (place, code) => {
    const journal = await openJournal(await closedDisk())
    await expect(journal.frameAt(place)).rejects.toMatchObject({ code })
    await expect(heightsIn(journal, place)).rejects.toMatchObject({ code })
  })
})

describe('damage', () => {
  it('in an older file is met by whoever reads it, and by nobody else', async () => {
    const disk = await closedDisk()
    const bytes = disk.bytesOf(fileAt(2))
    bytes[700] = (bytes[700] as number) ^ 4
    const journal = await openJournal(disk)
    expect(journal.found.height).toBe(8n)
    const details = { file: '0000000000000002.wal', offset: 512, height: 2n }
    await expect(heightsIn(journal)).rejects.toMatchObject({ code: 'journal_corrupt', details })
    await expect(journal.frameAt({ file: 2n, offset: 512 })).rejects.toMatchObject({ code: 'journal_corrupt' })
    expect(await heightsIn(journal, { file: 4n, offset: 512 })).toEqual([4n, 5n, 6n, 7n, 8n])
  })

  it('that would be a cut in the newest file is none in an older one', async () => {
    const disk = await closedDisk()
    disk.bytesOf(fileAt(2)).fill(0, 2560)
    await expect(heightsIn(await openJournal(disk))).rejects.toMatchObject({
      code: 'journal_corrupt',
      details: { offset: 2048 },
    })
  })

  it.each([
    ['a frame is gone', (disk: MemoryDisk) => disk.bytesOf(fileAt(2)).fill(0, 2048), 'journal_gap'],
    ['all frames are gone', (disk: MemoryDisk) => disk.bytesOf(fileAt(2)).fill(0, 512), 'journal_gap'],
    ['a file is gone', (disk: MemoryDisk) => disk.files.delete(fileAt(4)), 'journal_gap'],
  ])('%s', async (_, damage, code) => {
    const disk = await closedDisk()
    damage(disk)
    await expect(heightsIn(await openJournal(disk))).rejects.toMatchObject({ code })
  })

  it.each([
    [
      'a header that is zero, with frames behind it',
      (disk: MemoryDisk) => disk.bytesOf(fileAt(8)).fill(0, 0, 512),
      'journal_corrupt',
    ],
    [
      'a header that is zero in an older file',
      (disk: MemoryDisk) => disk.bytesOf(fileAt(2)).fill(0),
      'journal_corrupt',
    ],
    ['a header that was changed', (disk: MemoryDisk) => damageAt(disk, fileAt(4), 60), 'journal_corrupt'],
    ['a header with something behind it', (disk: MemoryDisk) => damageAt(disk, fileAt(4), 510), 'journal_corrupt'],
    [
      'a file under the name of another',
      (disk: MemoryDisk) => disk.put(fileAt(5), disk.bytesOf(fileAt(4))),
      'journal_gap',
    ],
    ['a name that is none', (disk: MemoryDisk) => disk.put('journal/3.wal', new Uint8Array(0)), 'journal_gap'],
    [
      'a file that is too large',
      (disk: MemoryDisk) => disk.put(fileAt(9), new Uint8Array((64 << 20) + 512)),
      'journal_corrupt',
    ],
    [
      'an empty file that does not follow',
      (disk: MemoryDisk) => disk.put(fileAt(10), new Uint8Array(512)),
      'journal_gap',
    ],
    [
      'a file of another chain',
      (disk: MemoryDisk) => {
        const header = encodeHeader({ chainId: new Uint8Array(32), first: 9n, salt: new Uint8Array(16) })
        disk.put(fileAt(9), header)
      },
      'journal_gap',
    ],
  ])('%s is refused at once', async (_, damage, code) => {
    const disk = await closedDisk()
    damage(disk)
    const before = disk.copy()
    await expect(openJournal(disk)).rejects.toMatchObject({ code })
    expect(disk.openFiles).toBe(0)
    expect([...disk.files.keys()]).toEqual([...before.files.keys()])
  })
})
