/** What whoever uses the commit log port relies on while nothing breaks, and after an append that failed, as tests for any log. */
import { afterEach, describe, expect, it } from 'vitest'
import type { CommitLog, LoggedFrame, Place } from '../../src/ports/commit-log.ts'

/** How an append may fail: so that nobody knows what it left, which is all or nothing; or for want of room. */
export type Failure = 'all is there' | 'nothing is there' | 'disk_full'

/** A log to test, and how to come back to it. */
export interface LogToTest {
  readonly log: CommitLog
  /** Another writer on the same log, after the first one was closed. */
  readonly again: () => Promise<CommitLog>
  /** Makes the next append fail. */
  readonly failNext?: (how: Failure) => void
}

/** `failures` are those that `failNext` can do. */
export function commitLogConformance(
  name: string,
  make: () => Promise<LogToTest>,
  failures: readonly Failure[] = [],
): void {
  const opened: CommitLog[] = []
  const begin = async () => {
    const made = await make()
    opened.push(made.log)
    const untaken = async (): Promise<CommitLog> => {
      const log = await made.again()
      opened.push(log)
      return log
    }
    const again = async (): Promise<CommitLog> => {
      const log = await untaken()
      await log.takeover()
      return log
    }
    await made.log.takeover()
    return { ...made, again, untaken }
  }

  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close()
  })

  describe(`${name}: a commit log`, () => {
    it('is empty at first', async () => {
      const { log } = await begin()
      expect(await framesOf(log)).toEqual([])
      await log.barrier()
    })

    it('gives back the frames in their order, each with its records', async () => {
      const { log } = await begin()
      await append(log, 0, [1, 2, 3])
      await append(log, 1, [4])
      await append(log, 2, [5, 6])
      expect(await contentsOf(log)).toEqual([[1, 2, 3], [4], [5, 6]])
    })

    it('gives back the frames from a place on, with that one, and the frame at it', async () => {
      const { log } = await begin()
      const places: Place[] = []
      for (let i = 0; i < 5; i++) places.push(await append(log, i, [i]))
      expect((await framesOf(log)).map(({ place }) => place)).toEqual(places)
      for (const [i, place] of places.entries()) {
        expect(await contentsOf(log, place)).toEqual([[0], [1], [2], [3], [4]].slice(i))
        expect(carriedBy((await log.frameAt(place)).records)).toEqual([i])
      }
    })

    it('may be read while it is appended to, up to where it was, and left early', async () => {
      const { log } = await begin()
      for (let i = 0; i < 3; i++) await append(log, i, [i])
      const seen: unknown[] = []
      for await (const { records } of log.read(undefined)) {
        if (seen.length === 0) await append(log, 3, [3])
        seen.push(...carriedBy(records))
      }
      expect(seen).toEqual([0, 1, 2])
      for await (const { records } of log.read(undefined)) {
        seen.push(...carriedBy(records))
        break
      }
      await append(log, 4, [4])
      expect(seen).toEqual([0, 1, 2, 0])
      expect(await contentsOf(log)).toEqual([[0], [1], [2], [3], [4]])
    })

    it('holds what was appended, whatever becomes of the bytes', async () => {
      const { log } = await begin()
      const records = recordsOf(0, [1, 2])
      const place = await log.append(0n, records)
      for (const record of records) record.fill(0)
      expect(await contentsOf(log)).toEqual([[1, 2]])
      for (const record of (await log.frameAt(place)).records) (record as { x: Uint8Array }).x.fill(9)
      expect(await contentsOf(log)).toEqual([[1, 2]])
    })

    it('takes large records', async () => {
      const { log } = await begin()
      const large = new Uint8Array(Math.floor(log.capacity / 2)).fill(7)
      const place = await log.append(0n, [blockRecord(0, large)])
      const [record] = (await log.frameAt(place)).records as { x: Uint8Array }[]
      expect(Buffer.compare((record as { x: Uint8Array }).x, large)).toBe(0)
    })

    it('is the same for the next writer', async () => {
      const { log, again } = await begin()
      await append(log, 0, [1])
      await log.barrier()
      await log.close()
      const next = await again()
      await append(next, 1, [2])
      expect(await contentsOf(next)).toEqual([[1], [2]])
    })

    it('is read before it is taken over, and takes nothing until then', async () => {
      const { log, untaken } = await begin()
      await append(log, 0, [1])
      await log.close()
      const next = await untaken()
      expect(await contentsOf(next)).toEqual([[1]])
      await expect(append(next, 1, [2])).rejects.toThrow()
    })

    it('may be closed twice, and is of no use then', async () => {
      const { log } = await begin()
      await log.close()
      await expect(log.close()).resolves.toBeUndefined()
      await expect(append(log, 0, [1])).rejects.toThrow()
    })
  })

  describe(`${name}: an append that failed`, () => {
    it.each(failures.filter((how) => how !== 'disk_full'))('is followed by none, until a takeover; %s', async (how) => {
      const { log, again, failNext } = await begin()
      await append(log, 0, [1])
      failNext?.(how)
      await expect(append(log, 1, [2])).rejects.toThrow()
      await expect(append(log, 1, [2])).rejects.toThrow()
      await expect(log.barrier()).rejects.toThrow()
      await log.close()
      const next = await again()
      const expected = how === 'all is there' ? [[1], [2]] : [[1]]
      expect(await contentsOf(next)).toEqual(expected)
      await append(next, expected.length, [3])
      expect(await contentsOf(next)).toEqual([...expected, [3]])
    })

    it.each(failures.filter((how) => how === 'disk_full'))(
      'with %s left nothing, and may be tried again',
      async (how) => {
        const { log, failNext } = await begin()
        failNext?.(how)
        await expect(append(log, 0, [1])).rejects.toMatchObject({ code: 'disk_full' })
        await log.barrier()
        expect(await framesOf(log)).toEqual([])
        await append(log, 0, [2])
        expect(await contentsOf(log)).toEqual([[2]])
      },
    )

    it('as too large left nothing, and the next one is as if it had not been', async () => {
      const { log } = await begin()
      await append(log, 0, [1])
      const half = blockRecord(1, new Uint8Array(Math.ceil(log.capacity / 2) + 1))
      await expect(log.append(1n, [half, half])).rejects.toMatchObject({ code: 'over_limit' })
      await log.barrier()
      await append(log, 1, [2])
      expect(await contentsOf(log)).toEqual([[1], [2]])
    })
  })
}

/** The record of a block, as far as any log looks at it, which carries these bytes. */
function blockRecord(height: number, carried: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(carried.length)
  const text = (value: string): Uint8Array => Uint8Array.of(0xa0 | value.length, ...Buffer.from(value))
  const header = [Uint8Array.of(0x81), text('height'), Uint8Array.of(height)]
  const members = [text('k'), text('block'), text('header'), ...header, text('x'), Uint8Array.of(0xc6), size, carried]
  return new Uint8Array(Buffer.concat([Uint8Array.of(0x83), ...members]))
}

/** Of one block, which carries the first byte, and of records beside it that carry each of the others. */
function recordsOf(height: number, [first = 0, ...others]: readonly number[]): Uint8Array[] {
  const beside = others.map((each) => Uint8Array.of(0x81, 0xa1, 0x78, 0xc4, 1, each))
  return [blockRecord(height, Uint8Array.of(first)), ...beside]
}

function append(log: CommitLog, height: number, carried: readonly number[]): Promise<Place> {
  return log.append(BigInt(height), recordsOf(height, carried))
}

async function framesOf(log: CommitLog, from?: Place): Promise<LoggedFrame[]> {
  const frames: LoggedFrame[] = []
  for await (const frame of log.read(from)) frames.push(frame)
  return frames
}

/** The byte that each record carries, by frame. */
async function contentsOf(log: CommitLog, from?: Place): Promise<unknown[][]> {
  return (await framesOf(log, from)).map(({ records }) => carriedBy(records))
}

function carriedBy(records: readonly unknown[]): unknown[] {
  return records.map((record) => (record as { x: Uint8Array }).x[0])
}
