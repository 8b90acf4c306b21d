/**
 * A journal is read beside whoever writes it, without the lock: what is whole comes, once and in its order, whatever the writer does
 * meanwhile; a frame that is on its way is waited for; damage is told from both, and nothing on the disk is touched.
 */
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { Journal } from '../../src/journal/journal.ts'
import { JournalCursor } from '../../src/journal/read-only.ts'
import type { LoggedFrame } from '../../src/ports/commit-log.ts'
import { systemRng } from '../../src/ports/rng.ts'
import type { CairnError } from '../../src/verify/index.ts'
import { bytesOf, readVectors } from '../vectors/read.ts'
import {
  appendBlocks,
  chainId,
  closeAt,
  closedDisk,
  damageAt,
  FILE_BYTES,
  fileAt,
  heightsOf,
  namesOn,
  openDisk,
  takenOver,
  upTo,
} from './life.ts'
import { MemoryDisk } from './memory-disk.ts'

const homeOn = (disk: MemoryDisk) => ({ disk, directory: 'journal', chainId })

async function heights(frames: AsyncIterable<LoggedFrame>): Promise<bigint[]> {
  const read: bigint[] = []
  for await (const { records } of frames) read.push(...heightsOf(records))
  return read
}

const framesOn = (disk: MemoryDisk) => new JournalCursor({ disk, directory: 'journal', chainId }).more()
const heightsOn = (disk: MemoryDisk): Promise<bigint[]> => heights(framesOn(disk))

describe('what lies there', () => {
  it('comes as the journal itself gives it, and nothing is changed', async () => {
    const disk = await closedDisk()
    const calls = disk.calls.length
    const frames: LoggedFrame[] = []
    for await (const frame of framesOn(disk)) frames.push(frame)
    expect([...new Set(disk.calls.slice(calls).map((call) => call.split(' ')[0] ?? ''))].toSorted()).toEqual([
      'list',
      'open',
      'read',
      'size',
    ])
    expect(disk.openFiles).toBe(0)
    const expected: LoggedFrame[] = []
    const journal = await Journal.open({ ...homeOn(disk), rng: systemRng(), fileBytes: FILE_BYTES })
    for await (const frame of journal.read(undefined)) expected.push(frame)
    expect(frames).toEqual(expected)
  })

  it('begins with the file that has a height', async () => {
    const disk = await closedDisk()
    expect(await heights(new JournalCursor(homeOn(disk), 5n).more())).toEqual([4n, 5n, 6n, 7n, 8n])
    expect(await heights(new JournalCursor(homeOn(disk), 99n).more())).toEqual([8n])
  })

  it('is nothing where there is nothing', async () => {
    expect(await heightsOn(new MemoryDisk())).toEqual([])
    const disk = new MemoryDisk()
    await (await takenOver(disk)).close()
    expect(await heightsOn(disk)).toEqual([])
  })

  it('closes its file when nobody reads on', async () => {
    const disk = await closedDisk()
    for await (const _ of framesOn(disk)) break
    expect(disk.openFiles).toBe(0)
  })
})

describe('beside a writer', () => {
  it('gives every block once, as it comes, over many files', async () => {
    const disk = new MemoryDisk()
    const journal = await takenOver(disk)
    const cursor = new JournalCursor(homeOn(disk))
    const read: bigint[] = []
    for (let height = 0n; height < 30n; height++) {
      read.push(...(await heights(cursor.more())))
      expect(read).toEqual(upTo(height - 1n))
      await appendBlocks(journal, height, height)
    }
    read.push(...(await heights(cursor.more())), ...(await heights(cursor.more())))
    expect(read).toEqual(upTo(29n))
    expect(disk.files.size).toBeGreaterThan(10)
    await journal.close()
  })

  it('gives every block once where reading and writing go on at a time', async () => {
    const disk = new MemoryDisk()
    const journal = await takenOver(disk)
    const state = { isDone: false }
    const writing = appendBlocks(journal, 0n, 60n).finally(() => {
      state.isDone = true
    })
    const cursor = new JournalCursor(homeOn(disk))
    const read: bigint[] = []
    while (!state.isDone) {
      read.push(...(await heights(cursor.more())))
      await setImmediate()
    }
    await writing
    read.push(...(await heights(cursor.more())))
    expect(read).toEqual(upTo(60n))
    await journal.close()
  })

  it('goes on where a start has put the newest file anew in its place', async () => {
    const disk = await openDisk()
    const cursor = new JournalCursor(homeOn(disk))
    expect(await heights(cursor.more())).toEqual(upTo(8n))
    const journal = await takenOver(disk)
    expect(disk.calls).toContain('rename journal/rewrite.tmp journal/0000000000000008.wal')
    expect(await heights(cursor.more())).toEqual([])
    await appendBlocks(journal, 9n, 12n)
    expect(await heights(cursor.more())).toEqual([9n, 10n, 11n, 12n])
    await closeAt(journal, 12n)
    const again = await takenOver(disk)
    await appendBlocks(again, 13n, 13n)
    expect(await heights(cursor.more())).toEqual([13n])
    await again.close()
  })

  it('goes on in the new file where a start put it in the place of the one that is being read', async () => {
    const disk = await openDisk()
    const frames = new JournalCursor(homeOn(disk)).more()
    for (let i = 0n; i <= 8n; i++) expect(heightsOf((await frames.next()).value?.records ?? [])).toEqual([i])
    // It still has the old file open; the new one goes on, and is not the newest any more.
    const journal = await takenOver(disk)
    await appendBlocks(journal, 9n, 14n)
    expect(await heights(frames)).toEqual([9n, 10n, 11n, 12n, 13n, 14n])
    await journal.close()
    expect(disk.openFiles).toBe(0)
  })

  it('goes on where the close record went that it gave, for a start cut a torn frame behind it', async () => {
    for (const bytes of [600, 1500, 3000]) {
      const disk = new MemoryDisk()
      const first = await takenOver(disk, 16_384)
      await appendBlocks(first, 0n, 1n)
      await closeAt(first, 1n)
      const cursor = new JournalCursor(homeOn(disk))
      expect(await heights(cursor.more())).toEqual([0n, 1n])
      // Killed when a part of its frame was written.
      const second = await takenOver(disk, 16_384)
      const [place] = await appendBlocks(second, 2n, 2n, 4000)
      await second.close()
      disk.bytesOf(fileAt(0)).fill(0, (place?.offset ?? 0) + 1024)
      expect(await heights(cursor.more())).toEqual([])
      const third = await takenOver(disk, 16_384)
      expect(third.found.state).toBe('torn')
      expect(await heights(cursor.more())).toEqual([])
      await appendBlocks(third, 2n, 3n, bytes)
      expect(await heights(cursor.more())).toEqual([2n, 3n])
      await appendBlocks(third, 4n, 4n, bytes)
      expect(await heights(cursor.more())).toEqual([4n])
    }
  })

  it('goes on where a roll gave the next file its name and nothing else yet', async () => {
    const disk = await openDisk()
    const cursor = new JournalCursor(homeOn(disk))
    await heights(cursor.more())
    disk.put(fileAt(9), new Uint8Array(FILE_BYTES))
    expect(await heights(cursor.more())).toEqual([])
    expect(cursor.hasRest).toBe(false)
    disk.files.delete(fileAt(9))
    const journal = await takenOver(disk)
    await appendBlocks(journal, 9n, 14n)
    expect(await heights(cursor.more())).toEqual([9n, 10n, 11n, 12n, 13n, 14n])
    await journal.close()
  })

  it('takes a file that a start took away, after its name was read, for one that is not begun', async () => {
    const disk = await openDisk()
    vi.spyOn(disk, 'list').mockResolvedValue([...namesOn(disk), fileAt(9).slice('journal/'.length)])
    expect(await heightsOn(disk)).toEqual(upTo(8n))
    expect(disk.openFiles).toBe(0)
  })

  it('looks no more than once at a rest that is zero', async () => {
    const disk = await openDisk()
    const cursor = new JournalCursor(homeOn(disk))
    await heights(cursor.more())
    const calls = disk.calls.length
    await heights(cursor.more())
    expect(disk.calls.slice(calls).map((call) => call.replace(/^read .*wal/, 'read'))).toEqual([
      'list journal',
      `open ${fileAt(8)}`,
      `size ${fileAt(8)}`,
      'read 0 512',
      expect.stringMatching(/^read \d+ 512$/),
    ])
  })
})

describe('the newest frame', () => {
  it('is waited for while it is half written, however much of it is there', async () => {
    const disk = await openDisk()
    const cursor = new JournalCursor(homeOn(disk))
    await heights(cursor.more())
    const from = cursor.place?.offset ?? 0
    const journal = await takenOver(disk)
    await appendBlocks(journal, 9n, 9n)
    await journal.close()
    const whole = disk.bytesOf(fileAt(8))
    const end = whole.findLastIndex((byte) => byte !== 0)
    for (let written = from; written <= end; written += 61) {
      disk.put(fileAt(8), whole.slice().fill(0, written))
      expect(await heights(cursor.more())).toEqual([])
      expect(cursor.hasRest).toBe(written > from)
    }
    disk.put(fileAt(8), whole)
    expect(await heights(cursor.more())).toEqual([9n])
    expect(cursor.hasRest).toBe(false)
  })

  it.each([9n, 10n])(
    'that was read half written comes where it is whole when it is looked at again, up to block %d',
    async (newest) => {
      const disk = await openDisk()
      const journal = await takenOver(disk)
      await appendBlocks(journal, 9n, 9n, 100)
      if (newest === 10n) await appendBlocks(journal, 10n, 10n, 100)
      await journal.close()
      const now = disk.bytesOf(fileAt(8))
      const whole = now.slice()
      const end = whole.findLastIndex((byte) => byte !== 0)
      now.fill(0, end - (newest === 10n ? 1400 : 100))
      let looks = 0
      disk.fault = (call) => {
        // After the frames were read: now it is looked at what is behind them.
        if (/^read \S+8\.wal (?!0 |512 )/.test(call) && looks++ === 0) now.set(whole)
      }
      expect(await heightsOn(disk)).toEqual(upTo(newest))
      expect(looks).toBeGreaterThan(0)
    },
  )

  it('is left out where it is damaged', async () => {
    const disk = await openDisk()
    const bytes = disk.bytesOf(fileAt(8))
    bytes[700] = (bytes[700] as number) ^ 1
    const cursor = new JournalCursor(homeOn(disk))
    expect(await heights(cursor.more())).toEqual(upTo(7n))
    expect(cursor.hasRest).toBe(true)
  })
})

/** Another frame stands behind it: the file is closed. */
const damageFirstOfNewest = (disk: MemoryDisk) => damageAt(disk, fileAt(8), 700)

describe('damage', () => {
  it.each([
    ['a frame with one behind it', (disk: MemoryDisk) => damageAt(disk, fileAt(4), 700), 4n, 512],
    [
      'a frame that is gone, with one behind it',
      (disk: MemoryDisk) => disk.bytesOf(fileAt(4)).fill(0, 512, 2048),
      4n,
      512,
    ],
    ['the first frame of the newest file, with one behind it', damageFirstOfNewest, 8n, 512],
    ['the last frame of an older file', (disk: MemoryDisk) => damageAt(disk, fileAt(4), 2100), 4n, 2048],
    ['a header', (disk: MemoryDisk) => damageAt(disk, fileAt(8), 60), 8n, 0],
    ['a header that is gone', (disk: MemoryDisk) => disk.bytesOf(fileAt(8)).fill(0, 0, 512), 8n, 0],
  ])('of %s is refused with its place', async (_, damage, file, offset) => {
    const disk = await closedDisk()
    damage(disk)
    const name = fileAt(Number(file)).slice('journal/'.length)
    await expect(heightsOn(disk)).rejects.toMatchObject({ code: 'journal_corrupt', details: { file: name, offset } })
    expect(disk.openFiles).toBe(0)
  })

  it.each([
    ['a file is gone', (disk: MemoryDisk) => disk.files.delete(fileAt(4))],
    ['the last frame of an older file is gone', (disk: MemoryDisk) => disk.bytesOf(fileAt(2)).fill(0, 2048)],
    ['a name is none', (disk: MemoryDisk) => disk.put('journal/3.wal', new Uint8Array(0))],
  ])('%s: refused', async (_, damage) => {
    const disk = await closedDisk()
    damage(disk)
    await expect(heightsOn(disk)).rejects.toMatchObject({ code: 'journal_gap' })
  })
})

describe('the worked examples', () => {
  interface Examples {
    readonly chainId: string
    readonly cases: readonly {
      readonly name: string
      readonly state: string
      readonly offset: number
      readonly frames: number
      readonly bytes: string
    }[]
  }
  const examples = readVectors<Examples>('journal')

  /** What came of reading: how many frames, and whether behind them was nothing, something that is no frame, or damage. */
  async function outcomeOf(bytes: string): Promise<{ frames: number; end: string; offset: unknown }> {
    const disk = new MemoryDisk([[fileAt(0), gunzipSync(Buffer.from(bytes, 'base64'))]])
    const cursor = new JournalCursor({ disk, directory: 'journal', chainId: bytesOf(examples.chainId) })
    let frames = 0
    try {
      for await (const _ of cursor.more()) frames++
    } catch (error) {
      const { code, details } = error as CairnError
      return { frames, end: code, offset: details.offset ?? 0 }
    }
    return { frames, end: cursor.hasRest ? 'rest' : 'nothing', offset: cursor.place?.offset }
  }

  function endsOf({ name, state }: { readonly name: string; readonly state: string }): readonly string[] {
    if (state === 'clean') return ['nothing']
    if (name === 'header of another chain') return ['journal_gap']
    if (name.startsWith('header') || name.includes('older')) return ['journal_corrupt']
    // Without a whole frame behind it nobody can tell it from one that is being written.
    return state === 'torn' ? ['rest'] : ['rest', 'journal_corrupt']
  }

  it.each(examples.cases)('$name', async (example) => {
    const { frames, end, offset } = await outcomeOf(example.bytes)
    expect({ frames, offset }).toEqual({ frames: example.frames, offset: example.offset })
    expect(endsOf(example)).toContain(end)
  })
})
