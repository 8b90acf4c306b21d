/** Disks that are full and disks that fail: what was answered stays, and what failed is never asked again. */
import { describe, expect, it } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { appendBlocks, blockOf, heightsIn, namesOn, openJournal, takenOver, upTo } from './life.ts'
import { MemoryDisk, systemError } from './memory-disk.ts'

const isChange = (call: string): boolean =>
  /^(create|write|datasync|rename|unlink|syncDirectory|makeDirectory)/.test(call)

/** Fails from the next call on that is of this kind, with this code. */
function failAt(disk: MemoryDisk, pattern: RegExp, code: string): void {
  disk.fault = (call) => {
    if (pattern.test(call)) throw systemError(code)
  }
}

/** Lets what goes on in the background come to its end. */
async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve()
}

describe.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('a disk that is full, or a file that may not be so large (%s)', (code) => {
  it.each([/^create .*filling/, /^write .*filling/, /^datasync .*filling/])(
    'at %s of the file ahead is told one file early',
    async (where) => {
      const disk = new MemoryDisk()
      const journal = await takenOver(disk)
      failAt(disk, where, code)
      // The file made at the takeover is used for block 0, the one after it cannot be made: what fits goes on.
      const all = await appendBlocks(journal, 0n, 1n).catch((error: unknown) => error)
      expect(all).toHaveLength(2)
      await settle()
      expect(namesOn(disk)).toEqual(['0000000000000000.wal'])
      disk.calls.length = 0
      for (let again = 0; again < 3; again++) {
        await expect(journal.append(2n, [blockOf(2n, 1200)])).rejects.toMatchObject({ code: 'disk_full' })
      }
      expect(disk.calls.filter((call) => isChange(call) && !call.includes('filling.tmp'))).toEqual([])
      await journal.barrier()
      expect(await heightsIn(journal)).toEqual(upTo(1n))
      // A small frame still finds room in the file that is there.
      disk.fault = () => undefined
      await appendBlocks(journal, 2n, 5n)
      expect(await heightsIn(journal)).toEqual(upTo(5n))
      await journal.close()
      expect(disk.openFiles).toBe(0)
    },
  )

  it('at a takeover leaves all as it was, and it may be called again', async () => {
    const base = new MemoryDisk()
    const before = await takenOver(base)
    await appendBlocks(before, 0n, 1n, 1100)
    await before.close()
    base.bytesOf('journal/0000000000000000.wal').fill(0, 2048, 2560)
    for (const where of [
      /^write .*torn/,
      /^create .*rewrite/,
      /^write .*rewrite/,
      /^datasync .*rewrite/,
      /^write .*filling/,
    ]) {
      const disk = base.copy()
      const journal = await openJournal(disk)
      failAt(disk, where, code)
      for (let again = 0; again < 2; again++) {
        await expect(journal.takeover()).rejects.toMatchObject({ code: 'disk_full' })
      }
      expect(namesOn(disk).filter((name) => name.endsWith('.tmp'))).toEqual([])
      expect(await heightsIn(journal)).toEqual([0n])
      disk.fault = () => undefined
      await journal.takeover()
      await appendBlocks(journal, 1n, 4n)
      expect(await heightsIn(journal)).toEqual(upTo(4n))
      expect(namesOn(disk).filter((name) => name.startsWith('torn'))).toEqual(['torn-1-2048.bin'])
      await journal.close()
      expect(disk.openFiles).toBe(0)
    }
  })
})

async function expectStopped(disk: MemoryDisk, journal: Journal, error: unknown, code: string): Promise<void> {
  expect(error).toMatchObject({ code: 'journal_failed', details: { cause: { code } } })
  await settle()
  disk.calls.length = 0
  await expect(journal.append(9n, [blockOf(9n)])).rejects.toBe(error)
  await expect(journal.barrier()).rejects.toBe(error)
  await expect(journal.takeover()).rejects.toBe(error)
  await expect(journal.frameAt({ file: 0n, offset: 512 })).rejects.toBe(error)
  expect(() => journal.read(undefined)).toThrow('journal failed')
  await settle()
  expect(disk.calls).toEqual([])
}

describe('a disk that fails', () => {
  /** Each change of the disk that these appends make, rolls among them, fails once: with a full disk too, where it is not the file ahead. */
  it.each(['EIO', 'ENOSPC'])('at any call of an append stops the journal for good (%s)', async (code) => {
    for (let failing = 0; ; failing++) {
      const disk = new MemoryDisk()
      const journal = await takenOver(disk)
      await appendBlocks(journal, 0n, 1n)
      await settle()
      let seen = 0
      let failed = ''
      disk.fault = (call) => {
        if (!isChange(call)) return
        if (seen++ === failing) {
          failed = call
          throw systemError(code)
        }
      }
      let acknowledged = 1n
      let error: unknown
      for (let height = 2n; height <= 5n && error === undefined; height++) {
        try {
          await appendBlocks(journal, height, height)
          acknowledged = height
        } catch (thrown) {
          error = thrown
        }
      }
      if (failed === '') break
      // None where it was the file ahead of the last append, or that one's room: then all is well so far.
      if (error !== undefined) await expectStopped(disk, journal, error, code)
      await journal.close()
      expect(disk.openFiles).toBe(0)
      disk.fault = () => undefined
      const next = await takenOver(disk)
      expect(next.found.height).toBeGreaterThanOrEqual(acknowledged)
      expect(await heightsIn(next)).toEqual(upTo(next.found.height))
    }
  })

  it('at any call of a takeover stops it, and the next one finds the same', async () => {
    const base = new MemoryDisk()
    const before = await takenOver(base)
    await appendBlocks(before, 0n, 3n)
    await before.close()
    base.bytesOf('journal/0000000000000002.wal').fill(0, 2048, 2560)
    for (let failing = 0; ; failing++) {
      const disk = base.copy()
      const journal = await openJournal(disk)
      let seen = 0
      disk.fault = (call) => {
        if (isChange(call) && seen++ === failing) throw systemError('EIO')
      }
      const outcome = await journal.takeover().catch((error: unknown) => error)
      if (outcome === undefined) break
      expect(outcome).toMatchObject({ code: 'journal_failed' })
      await expect(journal.takeover()).rejects.toBe(outcome)
      await journal.close()
      expect(disk.openFiles).toBe(0)
      disk.fault = () => undefined
      const next = await takenOver(disk)
      expect(next.found.height).toBe(2n)
      await appendBlocks(next, 3n, 5n)
      expect(await heightsIn(next)).toEqual(upTo(5n))
    }
  })

  it('while a barrier waits tells it too', async () => {
    const disk = new MemoryDisk()
    const journal = await takenOver(disk)
    failAt(disk, /^datasync .*0\.wal|^datasync .*filling/, 'EIO')
    const appended = journal.append(0n, [blockOf(0n)])
    const barrier = journal.barrier()
    await expect(appended).rejects.toMatchObject({ code: 'journal_failed' })
    await expect(barrier).rejects.toMatchObject({ code: 'journal_failed' })
  })
})
