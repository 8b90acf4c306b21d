/**
 * Every byte of a small chain, changed one at a time: found where it lies. As rot leaves it, which the frames' sums tell; and as an adversary
 * would, who makes the sums right again: then it is what the bytes say that does not fit, and the verifier of cairn-log/verify finds the same.
 */
import { isDeepStrictEqual } from 'node:util'
import { crc32 } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ChainAudit } from '../../src/audit/audit.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import { readFrame, readHead } from '../../src/journal/frame.ts'
import { decodeHeader } from '../../src/journal/header.ts'
import { zeroSectors } from '../../src/journal/zeros.ts'
import { SECTOR } from '../../src/limits.ts'
import { kv } from '../../src/machine/index.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { encodeGenesis, MemoryStateTree, verifyChain as verifyRecords } from '../../src/verify/index.ts'
import { audit, closedChain, engine, type Files, type Frame, flipped, framesIn, keys } from './audited.ts'

const FILE = 'data/journal/0000000000000000.wal'
const NAME = 'journal/0000000000000000.wal'

/** A fault as far as it is compared. */
interface FaultThere {
  readonly check: string
  readonly height: bigint | undefined
  readonly seq: bigint | undefined
  readonly offset: number | undefined
}

let files: Files
let bytes: Uint8Array
let salt: Uint8Array
let frames: readonly Frame[]
let end: number

beforeAll(async () => {
  files = await closedChain()
  bytes = files.get(FILE) as Uint8Array
  salt = decodeHeader(bytes.subarray(0, SECTOR))?.salt as Uint8Array
  frames = framesIn(bytes)
  const last = frames.at(-1) as Frame
  end = last.offset + last.length
})

describe('a byte that rotted', () => {
  it('anywhere in a file is found in its frame', async () => {
    expect(frames.length).toBeGreaterThan(4)
    const unlike: unknown[] = []
    for (let at = 0; at < end; at++) {
      const { fault, torn } = await audit(flipped(files, FILE, at, 1 + (at % 255)))
      const frame = frames.find(({ offset, length }) => at >= offset && at < offset + length)
      // What is left of the newest frame may look as a power cut leaves it, where a sector has nothing but zeros now.
      const { check, file, offset, height } = fault ?? { check: 'frames', height: frame?.height, ...torn }
      const isFound = check === 'frames' && file === NAME && offset === (frame?.offset ?? 0)
      if (!isFound || height !== (frame?.height ?? 0n)) unlike.push({ at, fault, torn })
    }
    expect(unlike).toEqual([])
  })

  it('behind the end is no zero any more: damage where a frame would begin, and further on what a power cut leaves', async () => {
    for (const at of [end, end + 1, end + 17, end + SECTOR - 1]) {
      const { fault } = await audit(flipped(files, FILE, at))
      expect(fault).toMatchObject({ check: 'frames', file: NAME, offset: end, height: 4n })
    }
    for (const at of [end + SECTOR, end + 3 * SECTOR + 5, bytes.length - 1]) {
      const { ok, torn } = await audit(flipped(files, FILE, at))
      expect({ ok, torn }).toEqual({ ok: true, torn: { file: NAME, offset: end } })
    }
  })

  it('in the genesis makes it another chain, or none', async () => {
    const genesis = files.get('data/genesis.json') as Uint8Array
    for (let at = 0; at < genesis.length; at++) {
      const { fault, blocks } = await audit(flipped(files, 'data/genesis.json', at))
      expect([at, fault?.check, blocks]).toEqual([at, 'genesis', 0n])
    }
    // What says the same in other words is the same.
    const rewritten = utf8(` ${encodeGenesis(keys.genesis)}`)
    expect((await audit(new Map([...files, ['data/genesis.json', rewritten]]))).ok).toBe(true)
  })
})

describe('a byte that was changed with the sums made right', () => {
  /** The files with one payload byte changed in a frame that is whole. */
  function forged(frame: Frame, at: number, bits: number): Files {
    const changed = bytes.slice()
    const { offset, payload, length } = frame
    changed[offset + 16 + at] = (changed[offset + 16 + at] as number) ^ bits
    const view = new DataView(changed.buffer)
    view.setUint32(offset + 4, zeroSectors(changed.subarray(offset, offset + length)), true)
    view.setUint32(offset + 8, crc32(changed.subarray(offset + 16, offset + 16 + payload)), true)
    const bound = new Uint8Array(36)
    bound.set(salt)
    new DataView(bound.buffer).setBigUint64(16, BigInt(offset), true)
    bound.set(changed.subarray(offset, offset + 12), 24)
    view.setUint32(offset + 12, crc32(bound), true)
    return new Map([...files, [FILE, changed]])
  }

  /** What the verifier of records says, and the frame that it was given last. */
  async function expected(forgery: Files, forged: Frame): Promise<FaultThere | undefined> {
    const changed = forgery.get(FILE) as Uint8Array
    let last = SECTOR
    let isBroken = false
    async function* records(): AsyncGenerator {
      for (const { offset, length } of frames) {
        last = offset
        const head = readHead(changed.subarray(offset), salt, offset)
        const read = head && readFrame(changed.subarray(offset, offset + length), head)
        isBroken = read === undefined || typeof read === 'string'
        if (isBroken) return
        yield* read as readonly unknown[]
      }
    }
    const trees = { state: new MemoryStateTree(engine.hasher), risk: new MemoryStateTree(engine.hasher) }
    const trust = { chainId: keys.identity.chainId, genesis: keys.genesis, revocations: [], trees }
    const { fault } = await verifyRecords(records(), trust, engine)
    if (isBroken) return { check: 'frames', height: forged.height, seq: undefined, offset: forged.offset }
    return fault && { check: fault.check, height: fault.height, seq: fault.seq, offset: last }
  }

  const faultOf = ({ fault }: ChainAudit): FaultThere | undefined =>
    fault && { check: fault.check, height: fault.height, seq: fault.seq, offset: fault.offset }

  it('is found in its frame, by the level that looks at it', async () => {
    const checks = new Set<string>()
    const unlike: unknown[] = []
    const compare = async (forgery: Files, options: Partial<AuditOptions>, expected: unknown): Promise<void> => {
      const found = faultOf(await audit(forgery, options))
      if (!isDeepStrictEqual(found, expected)) unlike.push({ options, found, expected })
    }
    for (const frame of frames) {
      for (let at = 0; at < frame.payload; at++) {
        const forgery = forged(frame, at, 1 << (at % 8))
        const fault = await expected(forgery, frame)
        if (fault !== undefined) checks.add(fault.check)
        // What is in the ranges and the state only is the business of the next level.
        const isDeep = fault === undefined || fault.check === 'ranges' || fault.check === 'state'
        await compare(forgery, {}, isDeep ? undefined : fault)
        if (at % (isDeep ? 10 : 200) !== 0) continue
        await compare(forgery, { level: 'roots' }, fault)
        await compare(forgery, { level: 'replay', machine: kv, cores: 2 }, fault)
      }
    }
    expect(unlike).toEqual([])
    expect([...checks].toSorted()).toEqual([
      'authority',
      'format',
      'frames',
      'hashes',
      'order',
      'ranges',
      'seals',
      'state',
    ])
  }, 300_000)
})
