/**
 * What a start finds in the journal, row by row of the recovery table (design, "Recovery"): real states of a disk, and what Chain.open makes of
 * them. Where it stops it says what and where, has changed nothing, and says the same however often it is started.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ChainOptions } from '../../src/index.ts'
import { SECTOR } from '../../src/limits.ts'
import { fromUtf8, utf8 } from '../../src/verify/bytes.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const LARGE = 'x'.repeat(8000)
const NEWEST = '0000000000000006.wal'

/** A chain of 8 blocks in three files of a journal, with what store and guard said after each block. */
interface Made {
  readonly world: World
  readonly stores: ReadonlyMap<string, Uint8Array>[]
  readonly hashes: Uint8Array[]
}

async function make(isClean: boolean, from = seed): Promise<Made> {
  const world = new World({ seed: from })
  const chain = await sim.createIn(world, keys)
  const [stores, hashes]: [ReadonlyMap<string, Uint8Array>[], Uint8Array[]] = [[], []]
  for (let i = 0; i < 8; i++) {
    const { block } = await chain.submit(sim.put(`k${i}`, `${i}${LARGE}`, { client: 'a', request: BigInt(i + 1) }))
    await chain.flush()
    hashes.push(block.hash)
    stores.push(sim.storeCopy(world.store()))
  }
  if (isClean) await chain.close()
  return { world: world.restart(), stores, hashes }
}

/** It stops, three times over, and nothing on the disk or in the store is other than before. */
async function stops(world: World, code: string, details: object, other: Partial<ChainOptions> = {}): Promise<World> {
  let life = world
  const [files, store] = [await sim.everyFile(life), sim.storeHash(life.store())]
  for (let again = 0; again < 3; again++) {
    const error = await sim.errorOf(() => sim.openIn(life, keys, other))
    expect({ again, code: error.code, message: error.message }).toMatchObject({ again, code })
    expect(error.details).toMatchObject(details)
    expect(await sim.everyFile(life)).toEqual(files)
    expect(sim.storeHash(life.store())).toBe(store)
    // Once more in the same process, as who tries again does.
    expect((await sim.errorOf(() => sim.openIn(life, keys, other))).code).toBe(code)
    life = life.restart()
  }
  return life
}

/** It opens, has these blocks and goes on. */
async function goesOn(world: World, blocks: number, other: Partial<ChainOptions> = {}): Promise<readonly string[]> {
  const { chain, told } = await sim.openTold(world, keys, other)
  expect(chain.readOnly).toBeUndefined()
  expect(chain.head?.height).toBe(BigInt(blocks - 1))
  for (let i = 0; i < blocks; i++) {
    expect(fromUtf8(chain.get('state', utf8(`k${i}`)) as Uint8Array)).toBe(`${i}${LARGE}`)
  }
  const { block } = await chain.submit(sim.put('more', 'more', { client: 'a', request: 100n }))
  expect(block.height).toBe(BigInt(blocks))
  await chain.close()
  return told.map(({ kind }) => kind)
}

async function setGuard(world: World, height: number, hash: Uint8Array): Promise<void> {
  await sim.changeFile(world, sim.GUARD, (bytes) => {
    const guard = JSON.parse(fromUtf8(bytes) as string)
    guard.head = { height: String(height), hash: `0x${Buffer.from(hash).toString('hex')}` }
    return utf8(JSON.stringify(guard))
  })
}

let made: Made
beforeEach(async () => {
  made = await make(true)
})

const lastFrame = async (world: World, path = `${sim.JOURNAL}/${NEWEST}`): Promise<sim.FrameThere> => {
  const blocks = (await sim.framesOf(world, path)).filter(({ records }) => records.some(({ k }) => k === 'block'))
  return blocks.at(-1) as sim.FrameThere
}

describe(`a start and the journal (CAIRN_SEED=${seed})`, () => {
  it('good, applied: goes on, and tells nothing of it', async () => {
    expect(await goesOn(made.world, 8)).toEqual([])
  })

  it('good, next in line: applies what the store has not', async () => {
    const { world, stores } = await make(false)
    sim.putStoreBack(world.store(), stores[4] as Map<string, Uint8Array>)
    const told = await goesOn(world, 8)
    expect(told).toContain('replaying')
    expect(told).not.toContain('rebuilding')
  })

  it('good, applied with another hash: store_mismatch with both', async () => {
    const other = await make(true, seed + 1)
    sim.putStoreBack(made.world.store(), sim.storeCopy(other.world.store()))
    await stops(made.world, 'store_mismatch', { height: 7n, journal: expect.any(String), store: expect.any(String) })
  })

  it('a middle file is missing: journal_gap', async () => {
    const files = await sim.walFiles(made.world)
    expect(files).toHaveLength(3)
    await made.world.disk.unlink(files[1] as string)
    await stops(made.world, 'journal_gap', { expected: 3n })
  })

  it('a middle file is missing, and the store too: journal_gap', async () => {
    await made.world.disk.unlink((await sim.walFiles(made.world))[1] as string)
    expect(await rebuiltError(made.world)).toMatchObject({ error: 'journal_gap' })
  })

  it.each(['journal.wal', '0000000000000007.wal', '000000000000000A.wal'])(
    'a file has the wrong name, %s: journal_gap',
    async (name) => {
      await made.world.disk.rename(`${sim.JOURNAL}/${NEWEST}`, `${sim.JOURNAL}/${name}`)
      await stops(made.world, 'journal_gap', { file: name })
    },
  )

  it('a block in the middle of a file is missing: journal_gap', async () => {
    await sim.changeFrames(made.world, `${sim.JOURNAL}/${NEWEST}`, ([first, ...others]) => [
      first ?? [],
      ...others.map((records) => records.filter(({ k }) => k !== 'block')).filter(({ length }) => length > 0),
      ...others,
      first ?? [],
    ])
    await stops(made.world, 'journal_gap', { file: NEWEST })
  })

  it('a file is one of another chain: journal_gap', async () => {
    const foreign = new World()
    const others = chainKeys('kv@1', new Random(99))
    const chain = await sim.createIn(foreign, others)
    await chain.submit(sim.put('a', 'b'))
    await chain.close()
    const bytes = await sim.readAll(foreign, `${sim.JOURNAL}/0000000000000000.wal`)
    await sim.replaceFile(made.world, `${sim.JOURNAL}/0000000000000000.wal`, bytes)
    await stops(made.world, 'journal_gap', { file: '0000000000000000.wal' })
  })

  it('torn, with store and guard below it: copied aside, cut, and it goes on', async () => {
    const { world, stores, hashes } = await make(false)
    await tear(world)
    sim.putStoreBack(world.store(), stores[6] as Map<string, Uint8Array>)
    await setGuard(world, 6, hashes[6] as Uint8Array)
    expect(await goesOn(world, 7)).toContain('cut')
    const kept = (await world.disk.list(sim.JOURNAL)).filter((name) => name.startsWith('torn-7-'))
    expect(kept).toHaveLength(1)
  })

  it('torn, and the store has a trace of it: journal_truncated', async () => {
    const { world, hashes } = await make(false)
    const { offset } = await lastFrame(world)
    await tear(world)
    await setGuard(world, 6, hashes[6] as Uint8Array)
    await stops(world, 'journal_truncated', { height: 7n, file: 6n, offset })
  })

  it('torn, and the guard has seen it: journal_truncated', async () => {
    const { world, stores, hashes } = await make(false)
    await tear(world)
    sim.putStoreBack(world.store(), stores[6] as Map<string, Uint8Array>)
    await setGuard(world, 7, hashes[7] as Uint8Array)
    await stops(world, 'journal_truncated', { height: 7n })
  })

  it('corrupt wherever a byte of an acknowledged frame is another: journal_corrupt with file, offset and height', async () => {
    const path = `${sim.JOURNAL}/${NEWEST}`
    let { world } = made
    const whole = await sim.readAll(world, path)
    const { offset, length } = (await sim.framesOf(world, path))[0] as sim.FrameThere
    const random = new Random()
    const places = [offset, offset + 4, offset + 8, offset + 12, offset + 16, offset + length - SECTOR]
    for (const at of [...places, ...Array.from({ length: 6 }, () => offset + random.below(length))]) {
      const changed = whole.slice()
      changed[at] = (changed[at] as number) ^ (1 << random.below(8))
      await sim.replaceFile(world, path, changed)
      world = await stops(world, 'journal_corrupt', { file: NEWEST, offset, height: 6n })
    }
    await sim.replaceFile(world, path, whole)
    await goesOn(world, 8)
  })

  it('corrupt in the header of any file: journal_corrupt at byte 0', async () => {
    let { world } = made
    for (const path of await sim.walFiles(world)) {
      const whole = await sim.readAll(world, path)
      const changed = whole.slice()
      changed[60] = (changed[60] as number) ^ 1
      await sim.replaceFile(world, path, changed)
      world = await stops(world, 'journal_corrupt', { file: path.slice(sim.JOURNAL.length + 1), offset: 0 })
      await sim.replaceFile(world, path, whole)
    }
    await goesOn(world, 8)
  })

  it('corrupt far behind the head: not read at a start, but found when the store is made anew', async () => {
    const path = `${sim.JOURNAL}/0000000000000003.wal`
    const { offset } = (await sim.framesOf(made.world, path))[1] as sim.FrameThere
    await sim.changeFile(made.world, path, (bytes) => {
      bytes[offset + 100] = (bytes[offset + 100] as number) ^ 1
      return bytes
    })
    const { error, details } = await rebuiltError(made.world)
    expect(error).toBe('journal_corrupt')
    expect(details).toMatchObject({ file: '0000000000000003.wal', offset, height: 4n })
  })

  it('ends below the store: store_ahead, and it stays so', async () => {
    await dropBlock(made.world)
    await setGuard(made.world, 6, made.hashes[6] as Uint8Array)
    await stops(made.world, 'store_ahead', { journal: 6n, store: 7n })
  })

  it('begins late: snapshot_needed', async () => {
    await made.world.disk.unlink(`${sim.JOURNAL}/0000000000000000.wal`)
    await stops(made.world, 'snapshot_needed', { first: 3n })
  })

  it('is gone, and the store has blocks: store_ahead', async () => {
    for (const path of await sim.walFiles(made.world)) await made.world.disk.unlink(path)
    await stops(made.world, 'store_ahead', { journal: -1n, store: 7n })
  })

  it('has an empty newest file and a left-over .tmp: removed, and it goes on', async () => {
    const { world } = made
    await sim.replaceFile(world, `${sim.JOURNAL}/0000000000000008.wal`, new Uint8Array(1 << 16))
    await sim.replaceFile(world, `${sim.JOURNAL}/ahead.tmp`, new Uint8Array(100))
    await sim.replaceFile(world, `${sim.JOURNAL}/rewrite.tmp`, utf8('half of something'))
    await sim.replaceFile(world, `${sim.DIRECTORY}/store.suspect.tmp`, utf8('x'))
    await sim.replaceFile(world, `${sim.GUARD}.tmp`, utf8('x'))
    expect(await goesOn(world, 8)).toEqual([])
    const left = await world.disk.list(sim.JOURNAL)
    expect(left).not.toContain('rewrite.tmp')
    await goesOn2(world)
  })
})

async function goesOn2(world: World): Promise<void> {
  const chain = await sim.openIn(world.restart(), keys)
  expect(chain.head?.height).toBe(8n)
  await chain.close()
}

/** The error of a start that has to make the store anew. */
async function rebuiltError(world: World): Promise<{ error: string; details: Readonly<Record<string, unknown>> }> {
  const { code, details } = await sim.errorOf(() => sim.openIn(world, keys, { ports: { home: world.store('none') } }))
  return { error: code, details }
}

/** Sectors of the newest block's frame were never written. */
async function tear(world: World): Promise<void> {
  const { offset, length } = await lastFrame(world)
  await sim.changeFile(world, `${sim.JOURNAL}/${NEWEST}`, (bytes) => bytes.fill(0, offset + length - 2 * SECTOR))
}

/** As if the newest block had never been in the journal. */
async function dropBlock(world: World): Promise<void> {
  const { offset } = await lastFrame(world)
  await sim.changeFile(world, `${sim.JOURNAL}/${NEWEST}`, (bytes) => bytes.fill(0, offset))
}
