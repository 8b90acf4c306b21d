/**
 * A start and the store: it is a cache of the journal, and whatever is missing or wrong in it is made anew; and what a chain does when its
 * store is found to be damaged while it runs.
 */
import { describe, expect, it, vi } from 'vitest'
import { ledger } from '../../src/index.ts'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'
import { CHAIN_META_KEY, markKey, requestsKey } from '../../src/store/block-keys.ts'
import { fromUtf8, toHex, utf8 } from '../../src/verify/bytes.ts'
import { CairnError, verifyProof } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()

async function make(isClean = true): Promise<World> {
  const world = new World()
  const chain = await sim.createIn(world, keys)
  await sim.blocksOf(chain, 6)
  await chain.flush()
  if (isClean) await chain.close()
  return world.restart()
}

/** It opens with all six blocks, says so, proves, and goes on. */
async function isWhole(world: World): Promise<readonly string[]> {
  const { chain, told } = await sim.openTold(world, keys)
  expect(chain.readOnly).toBeUndefined()
  expect(chain.head?.height).toBe(5n)
  for (let i = 0; i < 6; i++) {
    expect(chain.get('state', utf8(`k${i}`))).toEqual(utf8(`v${i}`))
    const proof = await chain.prove({
      command: BigInt(i),
      state: [utf8('k0')],
      height: BigInt(i) < 2n ? 2n : BigInt(i),
    })
    expect(verifyProof(proof, { chainId: chain.id }).ok).toBe(true)
  }
  const again = await chain.submit(sim.put('k3', 'v3', { client: 'a', request: 4n }))
  expect(again.block.height).toBe(3n)
  expect((await chain.submit(sim.put('more', 'more', { client: 'a', request: 50n }))).block.height).toBe(6n)
  await chain.close()
  return told.map(({ kind }) => kind)
}

/** The starts that store.suspect counts, 0 where it is not there or just being replaced. */
async function suspectedStarts(world: World): Promise<number> {
  const bytes = await sim.readAll(world, 'data/store.suspect').catch(() => undefined)
  return bytes?.length ?? 0
}

function flip(world: World, key: Uint8Array, at: number, bit = 0): void {
  const contents = sim.contentsOf(world.store())
  const value = contents.at(sim.nameOf(key)).slice()
  value[at] = (value[at] as number) ^ (1 << bit)
  contents.put(sim.nameOf(key), value)
}

/** A disk that fails to read from a file of the journal whenever this says so. */
function failingToRead(disk: Disk, fails: () => boolean): Disk {
  const failing = Object.create(disk) as Disk
  failing.open = async (path, how) => {
    const file = await disk.open(path, how)
    if (!path.endsWith('.wal')) return file
    const reading = Object.create(file) as DiskFile
    reading.read = async (at, length, room) => {
      if (fails()) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
      return file.read(at, length, room)
    }
    return reading
  }
  return failing
}

describe(`a start and the store (CAIRN_SEED=${seed})`, () => {
  it.each<[string, (world: World) => void]>([
    ['is missing', (world) => sim.putStoreBack(world.store(), new Map())],
    ['cannot be opened', (world) => world.store().refuse()],
    ['is of another layout', (world) => flip(world, CHAIN_META_KEY, 35)],
    ['says nothing of its chain', (world) => sim.contentsOf(world.store()).put(sim.nameOf(CHAIN_META_KEY), undefined)],
    ['has no mark of block 0', (world) => sim.contentsOf(world.store()).put(sim.nameOf(markKey(0n)), undefined)],
    ['has a newest mark that leads elsewhere', (world) => flip(world, markKey(5n), 14)],
  ])('%s: made anew, and told', async (_, change) => {
    const world = await make()
    change(world)
    expect(await isWhole(world)).toContain('rebuilding')
  })

  it.each([1n, 2n, 3n, 4n])('has no mark of block %s: applied again from there', async (height) => {
    const world = await make()
    sim.contentsOf(world.store()).put(sim.nameOf(markKey(height)), undefined)
    expect(await isWhole(world)).toContain('replaying')
  })

  it('was going back when the start was killed, at any of its writes: the next one goes on with it', async () => {
    const image = await make()
    sim.contentsOf(image.store()).put(sim.nameOf(markKey(2n)), undefined)
    let isOver = false
    let kills = 0
    for (let effect = 1; !isOver; effect++) {
      const world = image.branch()
      world.crashAfter = effect
      const opening = sim.openIn(world, keys).then(() => true)
      isOver = await Promise.race([opening, world.died.then(() => false)])
      if (isOver || !world.lastEffect.startsWith('storeWrite')) continue
      kills++
      expect(await isWhole(world.restart())).not.toContain('rebuilding')
    }
    // The marks, two trees, four ranges, and what is applied again.
    expect(kills).toBeGreaterThan(7)
  })

  it('cannot be opened for want of files: too_many_files, however often, and it is the same afterwards', async () => {
    const world = await make()
    const before = sim.storeCopy(world.store())
    const cause = Object.assign(new Error('IO error: store/LOG: Too many open files'), { code: 'LEVEL_IO_ERROR' })
    const none = Object.assign(new Error('Database failed to open', { cause }), { code: 'LEVEL_DATABASE_NOT_OPEN' })
    const home = { open: () => Promise.reject(none), destroy: () => Promise.reject(new Error('it is not damaged')) }
    for (let i = 0; i < 4; i++) {
      expect((await sim.errorOf(sim.openIn(world, keys, { ports: { home } }))).code).toBe('too_many_files')
    }
    expect(sim.storeCopy(world.store())).toEqual(before)
    expect(await isWhole(world)).not.toContain('rebuilding')
  })

  it('cannot be held for want of memory: no_memory, however often, and it is the same afterwards', async () => {
    const world = await make()
    const before = sim.storeCopy(world.store())
    const none = vi.spyOn(WebAssembly, 'Instance').mockImplementation(function refuse() {
      throw new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance')
    })
    for (let i = 0; i < 4; i++) expect((await sim.errorOf(sim.openIn(world, keys))).code).toBe('no_memory')
    none.mockRestore()
    expect(sim.storeCopy(world.store())).toEqual(before)
    expect(await isWhole(world)).not.toContain('rebuilding')
  })

  it('is kept where the disk fails to read the journal, whichever read of a start it is', async () => {
    const world = await make()
    const before = sim.storeCopy(world.store())
    let reads = 0
    const codes = new Set<string>()
    const open = async (failing: number): Promise<readonly string[]> => {
      reads = 0
      const disk = failingToRead(world.disk, () => ++reads === failing)
      const told: string[] = []
      const opening = sim.openIn(world, keys, { ports: { disk }, report: ({ kind }) => void told.push(kind) })
      const chain = await opening.catch((error: unknown) => error as CairnError)
      if (chain instanceof CairnError) codes.add(chain.code)
      else await chain.close()
      return told
    }
    for (let failing = 1; failing === 1 || reads >= failing - 1; failing++) {
      expect(await open(failing)).not.toContain('rebuilding')
    }
    expect([...codes].toSorted()).toEqual(['disk_failed', 'journal_failed'])
    expect(sim.storeCopy(world.store())).toEqual(before)
  })

  it('has a newest mark of a wrong length: applied again', async () => {
    const world = await make()
    sim.contentsOf(world.store()).put(sim.nameOf(markKey(5n)), new Uint8Array(3))
    expect(await isWhole(world)).toContain('replaying')
  })

  it('is of another chain: store_mismatch, and nothing is changed', async () => {
    const [world, foreign] = [await make(), new World()]
    const others = chainKeys('kv@1', new Random(8))
    const chain = await sim.createIn(foreign, others)
    await sim.blocksOf(chain, 2)
    await chain.close()
    sim.putStoreBack(world.store(), sim.storeCopy(foreign.store()))
    const [files, store] = [await sim.everyFile(world), sim.storeHash(world.store())]
    for (let again = 0; again < 4; again++)
      expect((await sim.errorOf(() => sim.openIn(world, keys))).code).toBe('store_mismatch')
    expect([await sim.everyFile(world), sim.storeHash(world.store())]).toEqual([files, store])
  })

  it('is held by somebody else: chain_locked, never taken away', async () => {
    const world = await make()
    const holder = await world.store().open()
    const before = sim.storeHash(world.store())
    expect((await sim.errorOf(() => sim.openIn(world, keys))).code).toBe('chain_locked')
    expect(sim.storeHash(world.store())).toBe(before)
    await holder.close()
    expect(await isWhole(world)).toEqual([])
  })

  it('ended two starts: made anew at the third (store.suspect)', async () => {
    let world = await make()
    for (let start = 0; start < 2; start++) {
      // The process ends while the store is being read.
      const opening = sim.openIn(world, keys)
      opening.catch(() => undefined)
      while ((await suspectedStarts(world)) !== start + 1) await Promise.resolve()
      world = world.restart()
    }
    const suspected = await sim.readAll(world, 'data/store.suspect')
    expect(suspected).toHaveLength(2)
    expect(await isWhole(world)).toContain('rebuilding')
    expect(await world.disk.list('data')).not.toContain('store.suspect')
  })

  it('is well: two starts that were stopped for other reasons do not count', async () => {
    let world = await make()
    for (let start = 0; start < 3; start++) {
      await sim.changeFile(world, sim.GUARD, (bytes) => Uint8Array.from(bytes, (byte) => byte ^ 1))
      expect((await sim.errorOf(() => sim.openIn(world, keys))).code).toBe('guard_invalid')
      await sim.changeFile(world, sim.GUARD, (bytes) => Uint8Array.from(bytes, (byte) => byte ^ 1))
      world = world.restart()
    }
    expect(await isWhole(world)).toEqual([])
  })
})

describe(`a store that rots while the chain runs (CAIRN_SEED=${seed})`, () => {
  /** Every value of this raw content is another from now on. */
  const rotValue = (world: World, value: string): number => {
    const contents = sim.contentsOf(world.store())
    const rotten = [...contents.names()].filter(
      (name) => Buffer.from(contents.at(name)).includes(value) && name.startsWith('v'),
    )
    for (const name of rotten) {
      const rotted = contents.at(name).slice()
      rotted[rotted.length - 1] = (rotted.at(-1) as number) ^ 1
      contents.put(name, rotted)
    }
    return rotten.length
  }

  it('in a value that a command reads: stops before anything is signed, and the next start makes it anew', async () => {
    const world = await make()
    const { chain, told } = await sim.openTold(world, keys)
    expect(rotValue(world, 'v2')).toBeGreaterThan(0)
    const cas = { type: 'cas', payload: utf8('{"key":"k2","expected":"v2","value":"new"}'), client: 'a', request: 30n }
    expect((await sim.errorOf(chain.submit(cas))).code).toBe('chain_failed')
    expect(chain.head?.height).toBe(5n)
    expect((await sim.errorOf(chain.submit(sim.put('x', 'y')))).code).toBe('chain_failed')
    expect(told.map(({ kind }) => kind)).toContain('failed')
    await chain.close()
    expect(await isWhole(world.restart())).toContain('rebuilding')
  })

  it('in a value that is read or proved: says so, and gives nothing wrong', async () => {
    const world = await make()
    const chain = await sim.openIn(world, keys)
    rotValue(world, 'v2')
    expect(() => chain.get('state', utf8('k2'))).toThrow(expect.objectContaining({ code: 'store_damaged' }))
    expect((await sim.errorOf(chain.prove({ state: [utf8('k2')] }))).code).toBe('store_damaged')
    await chain.close()
  })

  it.each([
    ['was not read yet', false],
    ['was read before', true],
  ])('in the mark of a block that %s: no proof leads on from it', async (_, isRead) => {
    const world = await make()
    const chain = await sim.openIn(world, keys)
    if (isRead) await chain.prove({ height: 2n, since: 2n })
    flip(world, markKey(2n), 40)
    expect((await sim.errorOf(chain.prove({ since: 2n }))).code).toBe('store_damaged')
    expect((await sim.errorOf(chain.prove({ height: 2n }))).code).toBe('store_damaged')
    await chain.close()
  })

  it('in the place that a mark names, in whichever bit: whoever reads from there on is given every block, or told, and reads to an end', async () => {
    const world = await make()
    const chain = await sim.openIn(world, keys)
    const told = new Set<string>()
    for (const from of [0n, 2n]) {
      const whole = [0n, 1n, 2n, 3n, 4n, 5n].slice(Number(from))
      for (let bit = 0; bit < 128; bit++) {
        flip(world, markKey(from), bit >> 3, bit & 7)
        for (const feed of [() => chain.blocks({ from }), () => chain.headers({ from })]) {
          const heights: bigint[] = []
          const reading = async (): Promise<void> => {
            for await (const each of feed()) heights.push(('record' in each ? each.record : each).header.height)
          }
          const code = await reading().then(
            () => undefined,
            (error: unknown) => (error instanceof CairnError ? error.code : String(error)),
          )
          expect(heights).toEqual(code === undefined ? whole : [])
          if (code !== undefined) told.add(code)
        }
        expect((await sim.errorOf(chain.prove({ height: from }))).code).toBe('store_damaged')
        flip(world, markKey(from), bit >> 3, bit & 7)
      }
      expect(verifyProof(await chain.prove({ height: from }), { chainId: chain.id }).ok).toBe(true)
    }
    // And never that it is the journal.
    expect([...told]).toEqual(['store_damaged'])
    await chain.close()
  })

  it('in the place of a block that is in memory, while its seals are not: nobody is told that it has none', async () => {
    const world = await make()
    const chain = await sim.openIn(world, keys)
    expect((await chain.block(2n)).seal).toBeDefined()
    for (let bit = 0; bit < 128; bit++) {
      flip(world, markKey(2n), bit >> 3, bit & 7)
      expect((await sim.errorOf(chain.block(2n))).code).toBe('store_damaged')
      flip(world, markKey(2n), bit >> 3, bit & 7)
    }
    expect((await chain.block(2n)).seal).toBeDefined()
    await chain.close()
  })

  it('in the mark of the block that the guard names: says that the store rotted and not that the chain is another, and the next start makes it anew', async () => {
    const world = await make()
    const chain = await sim.openIn(world, keys)
    const { block } = await chain.command(2n)
    await chain.close()
    // As a guard that lags has it: the mark of the newest block is compared with the journal by every start.
    await sim.changeFile(world, sim.GUARD, (bytes) => {
      const head = { height: '2', hash: toHex(block.hash) }
      return utf8(JSON.stringify({ ...JSON.parse(fromUtf8(bytes) as string), head }))
    })
    flip(world, markKey(2n), 40)
    const error = await sim.errorOf(() => sim.openIn(world, keys))
    expect(error).toMatchObject({ code: 'store_damaged', details: { height: 2n } })
    expect(await isWhole(world.restart())).toContain('rebuilding')
  })

  it.each([
    ['names another request', 7],
    ['leads to another seq', 15],
    ['leads to no seq', 8],
  ])('in the index of requests, which %s: the first receipt all the same, never request_skipped', async (_, at) => {
    const world = await make()
    flip(world, requestsKey('a', 3n), at)
    const chain = await sim.openIn(world, keys)
    const again = await chain.submit(sim.put('k2', 'v2', { client: 'a', request: 3n }))
    expect([again.seq, again.block.height]).toEqual([2n, 2n])
    await chain.close()
  })

  it('so that an entry of the index of requests is gone: the first receipt all the same', async () => {
    const world = await make()
    sim.contentsOf(world.store()).put(sim.nameOf(requestsKey('a', 3n)), undefined)
    const chain = await sim.openIn(world, keys)
    expect((await chain.submit(sim.put('k2', 'v2', { client: 'a', request: 3n }))).seq).toBe(2n)
    await chain.close()
  })
})

it('leaves nothing open when it stops after the store was opened', async () => {
  const world = await make()
  expect((await sim.errorOf(() => sim.openIn(world, keys, { machine: ledger }))).code).toBe('unknown_machine')
  expect(await isWhole(world)).toEqual([])
})
