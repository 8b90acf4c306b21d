/**
 * The files of a closed chain of several: each cut at every border of a frame and inside of it, taken away, swapped, doubled, and put there from another
 * chain. What matters is reported with the file, the offset and the height; what was never more than room behind the last frame is none of it.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ChainAudit } from '../../src/audit/audit.ts'
import type { Chain } from '../../src/chain.ts'
import { SECTOR } from '../../src/limits.ts'
import type { Head } from '../../src/verify/types.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random } from '../support/seed.ts'
import { put } from '../support/sim-chain.ts'
import { audit, closedChain, type Files, type Frame, framesIn } from './audited.ts'

const BLOCKS = 14

async function blocks(chain: Chain): Promise<void> {
  for (let i = 0; i < BLOCKS; i++) await chain.submit(put(`k${i}`, 'x'.repeat(7000)))
}

let files: Files
let others: Files
let head: Head
let paths: readonly string[]
let newest: string
beforeAll(async () => {
  files = await closedChain(blocks)
  others = await closedChain(blocks, chainKeys('kv@1', new Random(99)))
  head = (await audit(files)).head as Head
  paths = [...files.keys()].filter((path) => path.endsWith('.wal')).toSorted()
  newest = paths.at(-1) as string
  if (paths.length < 3) throw new Error('the chain is to have several files')
})

const nameIn = (path: string): string => path.slice('data/'.length)
const bytesOf = (path: string, all = files): Uint8Array => all.get(path) as Uint8Array
const changed = (...changes: readonly (readonly [string, Uint8Array])[]): Files => new Map([...files, ...changes])
const firstOf = (path: string): bigint => BigInt(`0x${path.slice(-20, -4)}`)

/** Where a file may be cut inside a frame: in its head, behind it, at a sector, before its last byte. */
function placesInside({ offset, length }: Frame): readonly number[] {
  return [1, 15, 16, 17, SECTOR - 1, SECTOR, SECTOR + 1, length / 2, length - SECTOR, length - 1]
    .map((at) => offset + at)
    .filter((at) => at > offset && at < offset + length)
}

/** What was found, as far as it is compared. */
function placeOf({ fault }: ChainAudit): unknown {
  return fault && { check: fault.check, file: fault.file, offset: fault.offset, height: fault.height }
}

describe('a file that is cut', () => {
  it('before the newest is found where it was cut, or where the next one begins', async () => {
    const unlike: unknown[] = []
    for (const [i, path] of paths.slice(0, -1).entries()) {
      const next = paths[i + 1] as string
      const expectCut = async (at: number, expected: unknown): Promise<void> => {
        const found = await audit(changed([path, bytesOf(path).slice(0, at)]))
        if (JSON.stringify(placeOf(found), asText) !== JSON.stringify(expected, asText))
          unlike.push({ path, at, found })
      }
      for (const at of [0, 1, SECTOR - 1]) {
        await expectCut(at, { check: 'frames', file: nameIn(path), offset: 0, height: firstOf(path) })
      }
      const frames = framesIn(bytesOf(path))
      for (const frame of frames) {
        const { offset, height } = frame
        await expectCut(offset, { check: 'order', file: nameIn(next), offset: 0, height })
        for (const at of placesInside(frame)) {
          await expectCut(at, { check: 'frames', file: nameIn(path), offset, height })
        }
      }
      // Behind its last frame there was room only.
      const { offset, length } = frames.at(-1) as Frame
      for (const at of [offset + length, offset + length + 1, offset + length + SECTOR]) await expectCut(at, undefined)
    }
    expect(unlike).toEqual([])
  })

  it('and is the newest is an older copy, which the head that was accepted tells, or damage, or what a power cut leaves', async () => {
    const unlike: unknown[] = []
    const frames = framesIn(bytesOf(newest))
    for (const frame of frames) {
      const { offset, height } = frame
      for (const at of [offset, ...placesInside(frame)]) {
        const cut = changed([newest, bytesOf(newest).slice(0, at)])
        const { fault, torn, blocks } = await audit(cut)
        const told = fault ?? torn
        const isTold = told?.file === nameIn(newest) && told.offset === offset
        if (blocks !== height || !(at === offset ? told === undefined : isTold))
          unlike.push({ at, fault, torn, blocks })
        // Whoever remembers the head is never content with less.
        const { ok } = await audit(cut, { head })
        if (ok && height <= head.height) unlike.push({ at, ok })
      }
    }
    expect(unlike).toEqual([])
  })
})

describe('a file', () => {
  it('that is missing is told by the next one, and the newest by the head', async () => {
    for (const [i, path] of paths.entries()) {
      const without = new Map([...files].filter(([each]) => each !== path))
      const next = paths[i + 1]
      const found = placeOf(await audit(without, { head }))
      if (next === undefined) expect(found).toMatchObject({ check: 'head' })
      else expect(found).toEqual({ check: 'order', file: nameIn(next), offset: 0, height: firstOf(path) })
    }
  })

  it('under the name of another, swapped with it or doubled, is told where one of them stands', async () => {
    for (const a of paths) {
      for (const b of paths.filter((path) => path !== a)) {
        // The newest file is looked at before all others.
        const [first = '', second = ''] = [a, b].toSorted()
        const there = second === newest ? second : first
        const swapped = placeOf(await audit(changed([a, bytesOf(b)], [b, bytesOf(a)])))
        expect(swapped).toEqual({ check: 'frames', file: nameIn(there), offset: 0, height: firstOf(there) })
        const doubled = placeOf(await audit(changed([a, bytesOf(b)])))
        expect(doubled).toEqual({ check: 'frames', file: nameIn(a), offset: 0, height: firstOf(a) })
      }
    }
  })

  it('that stands there a second time, under a name of its own, is told', async () => {
    for (const path of paths) {
      for (const first of [firstOf(path) + 1n, BigInt(BLOCKS), 1000n]) {
        const name = `journal/${first.toString(16).padStart(16, '0')}.wal`
        if (files.has(`data/${name}`)) continue
        const found = placeOf(await audit(changed([`data/${name}`, bytesOf(path)])))
        expect(found).toEqual({ check: 'frames', file: name, offset: 0, height: first })
      }
    }
  })

  it('of another chain is told where it stands', async () => {
    for (const path of paths) {
      const found = placeOf(await audit(changed([path, bytesOf(path, others)])))
      expect(found).toEqual({ check: 'frames', file: nameIn(path), offset: 0, height: firstOf(path) })
    }
  })
})

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
