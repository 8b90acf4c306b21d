/** An audit that was interrupted, wherever that was, and goes on: it ends as one that was not. What it goes on from is bound to what it was asked. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChainAudit, verifyChain } from '../../src/audit/audit.ts'
import type { AuditLevel } from '../../src/audit/faults.ts'
import { journalSource } from '../../src/audit/journal-source.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import type { AuditSource, SourceItem, Spot } from '../../src/audit/source.ts'
import { FrameMaker, frameLength, HEAD_BYTES } from '../../src/journal/frame.ts'
import { decodeHeader } from '../../src/journal/header.ts'
import { SECTOR } from '../../src/limits.ts'
import { kv } from '../../src/machine/index.ts'
import { openLevelStore } from '../../src/ports/level-store.ts'
import { toHex, utf8 } from '../../src/verify/bytes.ts'
import { CairnError } from '../../src/verify/error.ts'
import type { ChainRecord } from '../../src/verify/index.ts'
import { MemoryDisk } from '../journal/memory-disk.ts'
import { failAfter } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'
import { withBlocks, withoutWrites } from '../support/whole-chain.ts'
import {
  audit,
  closedChain,
  engine,
  type Files,
  filesIn,
  flipped,
  framesIn,
  keys,
  slowWorkers,
  verdictsOf,
} from './audited.ts'
import { madeSource } from './made-source.ts'

const scratch = mkdtempSync(join(tmpdir(), 'cairn-resume-'))
afterAll(() => rmSync(scratch, { recursive: true }))

let files: Files
beforeAll(async () => {
  files = await closedChain()
})

/** Read a frame at a time, interrupted after so many frames, as often as it takes to the end. */
async function inStages(of: Files, stages: readonly number[], options: Partial<AuditOptions>): Promise<ChainAudit> {
  const disk = new MemoryDisk(of)
  for (const frames of stages) {
    const interruption = new AbortController()
    let seen = 0
    const onProgress = (): void => {
      seen++
      if (seen === frames) interruption.abort()
    }
    const stage = { ...options, resume: 'audit.state', onProgress, signal: interruption.signal }
    const ended = await audit(disk, stage, 512).catch(sim.codeOf)
    if (ended !== 'interrupted') return ended as ChainAudit
  }
  return audit(disk, { ...options, resume: 'audit.state' }, 512)
}

const at = (level: AuditLevel): Partial<AuditOptions> => ({
  level,
  ...(level !== 'seals' && { scratch }),
  ...(level === 'replay' && { machine: kv }),
})

/** The same journal as another producer may write it: of this block's record the notes, which are zeros, come last. */
function endingInZeros(of: Files, height: bigint): Files {
  const path = 'data/journal/0000000000000000.wal'
  const written = of.get(path) as Uint8Array
  const { salt } = decodeHeader(written.subarray(0, SECTOR)) as { readonly salt: Uint8Array }
  const [notes, authority] = ['notes', 'authority'].map((name) => Buffer.from([0xa0 + name.length, ...utf8(name)]))
  const [end, otherEnd] = [
    Buffer.concat([notes as Buffer, Buffer.of(0x90), authority as Buffer, Buffer.of(0x90)]),
    Buffer.concat([
      authority as Buffer,
      Buffer.of(0x90),
      notes as Buffer,
      Buffer.of(0x91, 0xc5, 0x08, 0),
      Buffer.alloc(2048),
    ]),
  ]
  const changed = Buffer.from(written.slice().fill(0, SECTOR))
  let at = SECTOR
  for (const frame of framesIn(written)) {
    const payload = Buffer.from(written.subarray(frame.offset + HEAD_BYTES, frame.offset + HEAD_BYTES + frame.payload))
    const isBlock = frame.height === height && payload.subarray(-end.length).equals(end)
    const records = isBlock ? Buffer.concat([payload.subarray(0, -end.length), otherEnd]) : payload
    // The maker writes how many they are; what they are it does not look at.
    const rest = Array.from({ length: (records[0] as number) - 0x91 }, () => new Uint8Array(0))
    changed.set(new FrameMaker().make([records.subarray(1), ...rest], salt, at), at)
    at += frameLength(records.length)
  }
  return new Map([...of, [path, changed]])
}

describe.each([
  ['seals', 1],
  ['roots', 1],
  ['replay', 1],
  ['roots', 2],
  ['replay', 2],
] as const)('at the level %s, on %d cores', (level, cores) => {
  it('an interrupted audit ends as one that was not', async () => {
    const whole = await audit(files, level === 'replay' ? { level, machine: kv } : { level })
    for (const stages of [[1], [3], [1, 1, 1], [2, 1, 2], [1, 1, 1, 1, 1, 1, 1, 1]]) {
      expect([stages, await inStages(files, stages, { ...at(level), cores })]).toEqual([stages, whole])
    }
  })

  it('finds the same fault, and finds it again', async () => {
    const damaged = flipped(files, 'data/journal/0000000000000000.wal', 3000)
    const { fault } = await audit(damaged)
    expect(fault).toMatchObject({ check: 'frames' })
    for (const stages of [[1], [2, 1]]) {
      expect((await inStages(damaged, stages, { ...at(level), cores })).fault).toEqual(fault)
    }
  })
})

it.each([1, 2, 3])('goes on behind a frame that ends in sectors of zeros, as that of block %d', async (height) => {
  const zeros = endingInZeros(files, BigInt(height))
  const whole = await audit(zeros)
  expect(whole).toMatchObject({ ok: true, blocks: 4n })
  for (let stage = 1; stage <= 5; stage++) {
    expect([stage, await inStages(zeros, [stage], at('seals'))]).toEqual([stage, whole])
  }
})

it('remembers what clients asked before, and which seals came', async () => {
  const maker = new ChainMaker(new Random(9), engine)
  maker.block([{ client: 'a', request: 7n }])
  maker.grow(3)
  const repeated = maker.fork(3)
  repeated.block([{ client: 'a', request: 7n }])
  const late = maker.records()
  late.push(...late.splice(1, 1))
  const wrongSeal = [
    ...maker.records(),
    { k: 'seal', v: 1, height: 0n, seal: maker.seal(maker.head.hash) },
  ] as ChainRecord[]
  for (const records of [maker.records(), repeated.records(), late, wrongSeal]) {
    const options = { chainId: maker.chainId, revocations: [], level: 'seals', engine, cores: 2 } as const
    const whole = await verifyChain(madeSource(maker.identity.genesis, records), {
      ...options,
      ports: { workers: slowWorkers },
    })
    const disk = new MemoryDisk()
    let ended: unknown
    for (let stage = 0; ended === undefined && stage < 20; stage++) {
      const signal = AbortSignal.abort()
      const source = madeSource(maker.identity.genesis, records)
      const resumed = { ...options, resume: 'r', signal, ports: { disk, workers: slowWorkers } }
      ended = await verifyChain(source, resumed).catch((error: unknown) => {
        if (error instanceof CairnError && error.code === 'interrupted') return undefined
        throw error
      })
    }
    expect(ended).toEqual(whole)
  }
})

it.each([1, 2])('goes on where the state could not be recomputed any further, on %d cores', async (cores) => {
  const maker = new ChainMaker(new Random(11), engine).grow(8)
  const records = withBlocks(maker.records(), ({ header, commands }) =>
    header.height === 3n ? { commands: commands.map(withoutWrites) } : undefined,
  )
  const options = { chainId: maker.chainId, level: 'roots', engine, cores } as const
  const ports = { disk: new MemoryDisk(), workers: slowWorkers }
  const read = (more: Partial<AuditOptions>): Promise<ChainAudit> =>
    verifyChain(madeSource(maker.identity.genesis, records), { ...options, ...more, ports })
  const whole = await read({})
  expect(verdictsOf(whole).state).toBe('unchecked')
  const resumed = { scratch: join(scratch, `unchecked-${cores}`), resume: 'r' }
  for (let stage = 0; stage < 12; stage++) {
    await expect(read({ ...resumed, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' })
  }
  expect(await read(resumed)).toEqual(whole)
})

it.each([1, 2])('goes on where there was no block yet, on %d cores', async (cores) => {
  const maker = new ChainMaker(new Random(12), engine).grow(2)
  const made = madeSource(maker.identity.genesis, maker.records())
  async function* items(from?: Spot | bigint): AsyncGenerator<SourceItem> {
    if (from === undefined) yield { kind: 'records', file: 'made', offset: 0, end: 512, records: [], isPlain: false }
    yield* made.items(from)
  }
  const options = { chainId: maker.chainId, level: 'roots', engine, cores, resume: 'r' } as const
  const ports = { disk: new MemoryDisk(), workers: slowWorkers }
  const read = (more: Partial<AuditOptions>): Promise<ChainAudit> =>
    verifyChain({ ...made, items }, { ...options, scratch: join(scratch, `no-block-${cores}`), ...more, ports })
  const interruption = read({ signal: AbortSignal.abort() })
  await expect(interruption).rejects.toMatchObject({ code: 'interrupted', details: { height: 0n } })
  expect(await read({})).toMatchObject({ ok: true, blocks: 2n })
})

it.each(['seals', 'roots'] as const)('notes nothing of frames that were given back, at the level %s', async (level) => {
  const maker = new ChainMaker(new Random(13), engine).grow(3)
  const revocation = maker.revoke(7n, maker.madeAt(2))
  maker.block([{ client: 'z', request: 5n }], { authority: [{ k: 'revocation', ...revocation }] })
  const noted = async (more: Partial<AuditSource>): Promise<Uint8Array> => {
    const disk = new MemoryDisk()
    const source = madeSource(maker.identity.genesis, maker.records(), { atOnce: 2, ...more })
    const scratchOf = { scratch: mkdtempSync(join(scratch, 'noted-')), resume: 'r' }
    const options = { chainId: maker.chainId, level, engine, cores: 1, ...scratchOf } as const
    const { fault, blocks } = await verifyChain(source, { ...options, ports: { disk, workers: slowWorkers } })
    expect({ fault, blocks }).toEqual({ fault: undefined, blocks: 4n })
    return disk.bytesOf(resolve('r'))
  }
  expect(toHex(await noted({}))).toBe(toHex(await noted({ release: () => undefined })))
})

it('looks for a head among the newest blocks that it remembers', async () => {
  const disk = new MemoryDisk(files)
  const { head } = await audit(disk, { resume: 'audit.state' })
  if (head === undefined) throw new Error('it has a head')
  expect(verdictsOf(await audit(disk, { resume: 'audit.state', head })).head).toBe('ok')
  const other = { ...head, blockHash: new Uint8Array(32) }
  expect((await audit(disk, { resume: 'audit.state', head: other })).fault).toMatchObject({ check: 'head', height: 3n })

  const maker = new ChainMaker(new Random(10), engine)
  maker.grow(2)
  const source = () => madeSource(maker.identity.genesis, maker.records())
  const options = { chainId: maker.chainId, level: 'seals', engine, cores: 1, resume: 'r', ports: { disk } } as const
  await verifyChain(source(), options)
  const unknown = { height: 0n, blockHash: maker.madeAt(0).hash }
  expect(verdictsOf(await verifyChain(source(), { ...options, head: unknown })).head).toBe('ok')
})

describe('of a chain that is being made', () => {
  const pause = (): Promise<void> => Promise.resolve()
  const auditIn = ({ disk }: World, level: AuditLevel): Promise<ChainAudit> => {
    const { chainId } = keys.identity
    const noted = { resume: '/audit.state', ...at(level), ports: { disk, pause } }
    return verifyChain(sim.DIRECTORY, { chainId, revocations: [], cores: 1, engine, ...noted })
  }

  it.each(['seals', 'roots'] as const)(
    'goes on where a power cut took the newest block that it saw (%s)',
    async (level) => {
      const random = new Random()
      let lost = 0
      for (let round = 0; round < 12; round++) {
        rmSync(join(scratch, `cairn-${toHex(keys.identity.chainId).slice(2, 18)}-${level}`), {
          recursive: true,
          force: true,
        })
        let world = new World({ seed: round })
        const chain = await sim.createIn(world, keys, { engine })
        await chain.submit(sim.put('a', 'v'.repeat(16_000)))
        failAfter(world, /^write .*wal \d+\+\d{5}$/, 'datasync', /wal$/)
        // In a file of its own, too.
        const large = sim.put('b', 'v'.repeat(round % 2 === 0 ? 8000 : 17_000))
        await expect(chain.submit(large)).rejects.toMatchObject({ code: 'outcome_unknown' })
        world = world.restart(random)
        expect(await auditIn(world, level)).toMatchObject({ ok: true, blocks: 2n })
        world = world.crash(random)
        const next = await sim.openIn(world, keys, { engine })
        if (next.head?.height === 0n) lost++
        await next.submit(sim.put('c', 'w'.repeat(round % 4 < 2 ? 100 : 12_000)))
        await next.close()
        expect(await auditIn(world, level)).toMatchObject({ ok: true, head: { height: next.head?.height } })
      }
      expect(lost).toBeGreaterThan(0)
    },
  )

  it('tells the head and where the blocks without a seal begin, as one from the beginning does', async () => {
    const world = new World({ seed: 1 })
    const chain = await sim.createIn(world, keys, { engine })
    await sim.blocksOf(chain, 3)
    const whole = await auditIn(world, 'seals')
    expect(whole).toMatchObject({ ok: true, head: { height: 1n }, unsealed: 2n })
    expect(await auditIn(world, 'seals')).toEqual(whole)
    const chainId = keys.identity.chainId
    const asExport = async (resume?: string): Promise<ChainAudit> => {
      const source = await journalSource(sim.DIRECTORY, engine.hasher, { disk: world.disk, pause })
      const ended = { genesis: source.genesis, from: 0n, authority: [], isLive: false, size: undefined, bytesRead: 0 }
      const items = (from?: Spot | bigint): AsyncIterable<SourceItem> => source.items(from)
      const options = { chainId, level: 'seals', cores: 1, engine, ports: { disk: world.disk } } as const
      return verifyChain({ ...ended, items }, { ...options, ...(resume !== undefined && { resume }) })
    }
    const { fault } = await asExport()
    expect(fault).toMatchObject({ check: 'seals', height: 2n, file: 'journal/0000000000000000.wal' })
    expect((await asExport('/audit.state')).fault).toEqual(fault)
    await chain.close()
  })

  it('goes on where a start took the close record away that it saw', async () => {
    const world = new World({ seed: 1 })
    let chain = await sim.createIn(world, keys, { engine })
    await sim.blocksOf(chain, 2)
    await chain.close()
    expect(await auditIn(world, 'seals')).toMatchObject({ ok: true, blocks: 2n })
    let next = world.restart()
    chain = await sim.openIn(next, keys, { engine })
    await chain.submit(sim.put('a', 'v'.repeat(9000)))
    next = next.restart()
    // As a power cut leaves it: the frame behind the close record has its first sectors alone.
    const [path = ''] = await sim.walFiles(next)
    const { offset } = (await sim.framesOf(next, path)).at(-1) as sim.FrameThere
    await sim.changeFile(next, path, (bytes) => bytes.fill(0, offset + 1024))
    sim.putStoreBack(next.store(), new Map())
    chain = await sim.openIn(next, keys, { engine })
    expect(chain.head?.height).toBe(1n)
    await sim.blocksOf(chain, 1, 2)
    await chain.close()
    expect(await auditIn(next, 'seals')).toMatchObject({ ok: true, blocks: 3n })
  })
})

describe('what it goes on from', () => {
  const path = resolve('audit.state')

  async function refusal(change: (disk: MemoryDisk) => void, options: Partial<AuditOptions> = {}): Promise<unknown> {
    const disk = new MemoryDisk(files)
    await audit(disk, { resume: 'audit.state' })
    change(disk)
    return audit(disk, { resume: 'audit.state', ...options }).catch(
      (error: unknown) => (error as CairnError).details.why,
    )
  }

  it('is of this chain, this level and this beginning, and as it was written', async () => {
    const unchanged = (): void => undefined
    expect(await refusal(unchanged)).toMatchObject({ ok: true, blocks: 4n })
    expect(await refusal(unchanged, { level: 'roots', scratch })).toBe('it is of the level seals')
    expect(await refusal(unchanged, { chainId: new Uint8Array(32) })).toBe('it is of another chain')
    for (const byte of [0, 20, 200]) {
      const rotten = (disk: MemoryDisk): void => {
        const bytes = disk.bytesOf(path)
        bytes[byte] = (bytes[byte] as number) ^ 1
      }
      expect(await refusal(rotten)).toBe('it is damaged, or no file of an audit')
    }
  })

  it('is refused where the journal ends before it: an older copy took the place of what was read', async () => {
    const world = new World({ seed: 1 })
    const chain = await sim.createIn(world, keys, { engine })
    await sim.blocksOf(chain, 2)
    const older = await filesIn(world)
    await sim.blocksOf(chain, 4, 2)
    await chain.close()
    const newer = await filesIn(world)
    const disk = new MemoryDisk(newer)
    expect(await audit(disk, { resume: 'audit.state' })).toMatchObject({ ok: true, head: { height: 5n } })
    const noted = ['/audit.state', disk.bytesOf(path)] as const
    const resumed = (files: Files): Promise<ChainAudit> => {
      const put = new MemoryDisk(new Map([...files, [path, noted[1]]]))
      return audit(put, { resume: 'audit.state' })
    }
    expect(await resumed(newer)).toMatchObject({ ok: true, head: { height: 5n } })
    await expect(resumed(older)).rejects.toMatchObject({ code: 'resume_refused' })
    const name = 'data/journal/0000000000000000.wal'
    const cut = (older.get(name) as Uint8Array).subarray(0, 4096)
    await expect(resumed(new Map([...older, [name, cut]]))).rejects.toMatchObject({ code: 'resume_refused' })
  })

  it('is refused where its trees are gone', async () => {
    const disk = new MemoryDisk(files)
    const options = { level: 'roots', scratch: join(scratch, 'gone'), resume: 'audit.state' } as const
    expect((await audit(disk, options)).ok).toBe(true)
    rmSync(join(scratch, 'gone'), { recursive: true })
    await expect(audit(disk, options)).rejects.toMatchObject({ code: 'resume_refused' })
  })
})

it.each([
  [1, 'goes on'],
  [2, 'goes on'],
  [1, 'begins'],
  [2, 'begins'],
] as const)(
  'takes nothing away from an audit that is at work in the same trees, on %d cores, where it %s',
  async (cores, where) => {
    const disk = new MemoryDisk(files)
    const directory = mkdtempSync(join(scratch, 'locked-'))
    const options = { ...at('replay'), cores, scratch: directory, resume: 'audit.state' }
    expect((await audit(disk, options, 512)).ok).toBe(true)
    const trees = join(directory, `cairn-${toHex(keys.identity.chainId).slice(2, 18)}-replay`)
    const held = await openLevelStore(trees)
    mkdirSync(`${trees}-values`)
    const there = readdirSync(trees)
    const other = where === 'goes on' ? disk : new MemoryDisk(files)
    const why = 'another audit is at work there'
    await expect(audit(other, options, 512)).rejects.toMatchObject({ code: 'resume_refused', details: { why } })
    expect(readdirSync(trees)).toEqual(there)
    expect(existsSync(`${trees}-values`)).toBe(true)
    await held.close()
    // What one left behind that was killed goes away.
    expect((await audit(other, options, 512)).ok).toBe(true)
    expect(existsSync(`${trees}-values`)).toBe(false)
  },
)

it('writes nothing else, and nothing at all without being asked to', async () => {
  const disk = new MemoryDisk(files)
  await audit(disk, { level: 'roots' })
  expect(disk.calls.filter((call) => !/^(?:open|list|read|size|close)\b/.test(call))).toEqual([])
  await audit(disk, { resume: 'audit.state' })
  const changing = disk.calls.filter((call) => /^(?:create|write|rename|unlink|truncate|makeDirectory)\b/.test(call))
  expect(changing.every((call) => call.includes('audit.state'))).toBe(true)
  expect(disk.openFiles).toBe(0)
})
