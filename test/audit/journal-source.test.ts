/** A journal as an auditor finds it: while its producer writes, after a power cut, with files that are missing, misplaced or not begun yet. */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type ChainAudit, verifyChain } from '../../src/audit/audit.ts'
import type { Chain } from '../../src/chain.ts'
import { SECTOR } from '../../src/limits.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import type { ChainRecord } from '../../src/verify/index.ts'
import { MemoryDisk } from '../journal/memory-disk.ts'
import { World } from '../simulation/world.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { createIn, framesOf, put, walFiles } from '../support/sim-chain.ts'
import { audit, closedChain, engine, type Files, filesIn, flipped, keys, verdictsOf } from './audited.ts'
import { madeSource } from './made-source.ts'

const FIRST = 'data/journal/0000000000000000.wal'

/** Blocks that fill several files of 64 KiB. */
async function longBlocks(chain: Chain): Promise<void> {
  for (let i = 0; i < 9; i++) await chain.submit(put(`k${i}`, 'x'.repeat(20_000)))
}

let long: Files
/** The names of its files, in their order. */
let names: readonly string[]
beforeAll(async () => {
  long = await closedChain(longBlocks)
  names = [...long.keys()].filter((path) => path.endsWith('.wal')).toSorted()
})

const without = (...paths: string[]): Files => new Map([...long].filter(([path]) => !paths.includes(path)))
const nameIn = (path: string): string => path.slice('data/'.length)

describe('files', () => {
  it('are read in their order, whatever the pieces', async () => {
    expect(names.length).toBeGreaterThan(3)
    const whole = await audit(long)
    expect(whole).toMatchObject({ ok: true, blocks: 9n, head: { height: 8n } })
    for (const pieceBytes of [512, 4096, 50_000]) expect(await audit(long, { cores: 3 }, pieceBytes)).toEqual(whole)
  })

  it('that are missing are told at the one that comes after them', async () => {
    const [first = '', second = '', third = ''] = names
    expect((await audit(without(first))).fault).toMatchObject({
      check: 'order',
      height: 0n,
      file: nameIn(second),
      offset: 0,
    })
    const { fault } = await audit(without(second))
    expect(fault).toMatchObject({ check: 'order', file: nameIn(third), offset: 0 })
    expect(fault?.reason).toMatch(/^the file begins at block \d+, and block \d+ comes next$/)
    expect((await audit(without(...names))).fault).toMatchObject({ check: 'order', reason: 'there is no block' })
  })

  it('of another chain, under another name or without a header are told', async () => {
    const [, second = '', third = ''] = names
    const misplaced = new Map([...long, [third, long.get(second) as Uint8Array]])
    expect((await audit(misplaced)).fault).toMatchObject({ check: 'frames', file: nameIn(third), offset: 0 })
    const strange = new Map([...long, ['data/journal/x.wal', new Uint8Array(512)]])
    expect((await audit(strange)).fault).toMatchObject({ check: 'frames', file: 'journal/x.wal' })
    const headless = (long.get(second) as Uint8Array).slice().fill(0, 0, SECTOR)
    const { fault } = await audit(new Map([...long, [second, headless]]))
    expect(fault).toMatchObject({ check: 'frames', file: nameIn(second), reason: 'its header is not whole' })
  })

  it('that end before their last frame does are told, but for the newest', async () => {
    const [first = ''] = names
    const bytes = long.get(first) as Uint8Array
    const { fault } = await audit(new Map([...long, [first, bytes.slice(0, 40_000)]]))
    expect(fault).toMatchObject({ check: 'frames', file: nameIn(first) })
    expect((await audit(flipped(long, first, bytes.length - 1))).fault).toMatchObject({
      check: 'frames',
      file: nameIn(first),
    })
  })

  it('that a start took away, after their names were read, are no fault; one that holds blocks is', async () => {
    const listed = [...names.map((name) => name.slice('data/journal/'.length)), '0000000000000009.wal']
    const beside = (files: Files): MemoryDisk => {
      const disk = new MemoryDisk(files)
      const list = disk.list.bind(disk)
      vi.spyOn(disk, 'list').mockImplementation((path) =>
        path === 'data/journal' ? Promise.resolve(listed) : list(path),
      )
      return disk
    }
    expect(await audit(beside(long))).toMatchObject({ ok: true, blocks: 9n, head: { height: 8n } })
    await expect(audit(beside(without(names[1] as string)))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('that were made for what comes next are no fault', async () => {
    const next = `data/journal/${(9).toString(16).padStart(16, '0')}.wal`
    const begun = new Map([...long, [next, new Uint8Array(1 << 16)], ['data/journal/ahead.tmp', utf8('half')]])
    expect((await audit(begun)).ok).toBe(true)
    const misnamed = `data/journal/${(12).toString(16).padStart(16, '0')}.wal`
    const wrong = await audit(new Map([...long, [misnamed, new Uint8Array(1 << 16)]]))
    expect(wrong.fault).toMatchObject({ check: 'order', file: nameIn(misnamed), height: 9n })
  })
})

describe('a producer at work', () => {
  /** A chain that is open: its files as they are after each of a few blocks. */
  async function snapshots(): Promise<readonly Files[]> {
    const world = new World({ seed: 4 })
    const chain = await createIn(world, keys, { engine })
    const taken: Files[] = []
    for (let i = 0; i < 4; i++) {
      await chain.submit(put(`k${i}`, 'v'))
      taken.push(await filesIn(world))
    }
    await chain.close()
    taken.push(await filesIn(world))
    expect((await framesOf(world, (await walFiles(world))[0] as string)).length).toBeGreaterThan(4)
    return taken
  }

  it('leaves its newest block without a seal, which is told and no fault; closed, it is one', async () => {
    const taken = await snapshots()
    for (const [i, files] of taken.slice(0, 4).entries()) {
      const { ok, blocks, unsealed, verdicts, head } = await audit(files)
      expect({ ok, blocks, unsealed }).toEqual({ ok: true, blocks: BigInt(i + 1), unsealed: BigInt(i) })
      // What it is told to remember is what somebody vouches for.
      expect(head?.height).toBe(i === 0 ? undefined : BigInt(i - 1))
      expect(verdicts.find(({ check }) => check === 'seals')).toMatchObject({
        verdict: 'unchecked',
        reason: `the blocks from height ${i} on have no seal yet`,
      })
    }
    const closed = await audit(taken[4] as Files)
    expect(closed.unsealed).toBeUndefined()
    expect(verdictsOf(closed).seals).toBe('ok')
  })

  it('is waited for where a frame is half written, and what it writes meanwhile is read', async () => {
    const taken = await snapshots()
    const [before, after] = [taken[0] as Files, taken[4] as Files]
    const written = (before.get(FIRST) as Uint8Array).findLastIndex((byte) => byte !== 0)
    const end = SECTOR * Math.ceil(written / SECTOR)
    // The head is there, and the end of the frame is not.
    const half = (before.get(FIRST) as Uint8Array).slice()
    half.set((after.get(FIRST) as Uint8Array).subarray(end, end + SECTOR), end)
    let paused = 0
    const disk = new MemoryDisk(new Map([...before, [FIRST, half]]))
    const pause = async (): Promise<void> => {
      paused++
      if (paused === 2) disk.bytesOf(FIRST).set(after.get(FIRST) as Uint8Array)
    }
    expect(await audit(disk, { ports: { pause } })).toMatchObject({ ok: true, blocks: 4n })
    expect(paused).toBe(2)
    const torn = await audit(new Map([...before, [FIRST, half]]))
    expect(torn).toMatchObject({ ok: true, blocks: 1n, torn: { file: nameIn(FIRST), offset: end } })
  })

  it('may not leave many blocks without a seal', async () => {
    const maker = new ChainMaker(new Random(6), engine).grow(71, 1)
    const unsealed = (blocks: number): Promise<ChainAudit> => {
      const [first, seal, ...rest] = maker.records().slice(0, 2 + 2 * blocks)
      const records = [first, seal, ...rest.filter((each) => each.k === 'block')] as ChainRecord[]
      const source = madeSource(maker.identity.genesis, records, { isLive: true })
      return verifyChain(source, { chainId: maker.chainId, level: 'seals', cores: 1, engine })
    }
    expect(await unsealed(64)).toMatchObject({ ok: true, unsealed: 1n })
    const { fault } = await unsealed(65)
    expect(fault).toMatchObject({ check: 'seals', height: 1n, reason: 'the blocks from height 1 to 65 have no seal' })
    // Where the first of them lies.
    expect(fault?.offset).toBeGreaterThan(512)
  })
})
