/**
 * Repairs: whatever is done to the journal of a closed chain, another copy brings back every byte of it, and nothing that is not of this very chain does.
 * What was there is kept.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { exportSource } from '../../src/audit/export-source.ts'
import { journalSource } from '../../src/audit/journal-source.ts'
import { type RepairedFile, repairChain } from '../../src/audit/repair.ts'
import type { AuditSource } from '../../src/audit/source.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { hotSigner } from '../../src/index.ts'
import { exportJournal } from '../../src/journal/export-write.ts'
import type { Signer } from '../../src/ports/signer.ts'
import { JOURNAL_FILE_MAX } from '../../src/verify/bounds.ts'
import { encodeGenesis } from '../../src/verify/documents.ts'
import { CairnError } from '../../src/verify/index.ts'
import type { ChainRecord } from '../../src/verify/records.ts'
import { EIO, endAfter, endAt, failAfter } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys('kv@1', new Random(31))
const engine = await loadEngine()
const random = new Random()
const COPY = 'copy'

type Files = ReadonlyMap<string, Uint8Array>
type Source = () => Promise<AuditSource>

/** A closed chain of several files, and an export of it. */
async function made(
  blocks: number,
  value: string,
  ofKeys = keys,
): Promise<{ files: Files; genesis: Uint8Array; exported: Uint8Array }> {
  const world = new World()
  const chain = await sim.createIn(world, ofKeys, { signer: signer(ofKeys), engine })
  for (let i = 0; i < blocks; i++) await chain.submit(sim.put(`k${i}`, value.repeat(1 + (i % 5) * 900)))
  await chain.close()
  const { disk } = world
  const pieces: Uint8Array[] = []
  const home = { disk, directory: sim.JOURNAL, chainId: ofKeys.identity.chainId }
  for await (const piece of exportJournal(home, ofKeys.identity, {}, engine.hasher)) pieces.push(piece.slice())
  const genesis = await sim.readAll(world, `${sim.DIRECTORY}/genesis.json`)
  return { files: await sim.copyOf(world, sim.JOURNAL), genesis, exported: Uint8Array.from(Buffer.concat(pieces)) }
}

const signer = ({ hotKey, delegation } = keys): Signer => hotSigner([{ privateKey: hotKey, delegation }], engine)

let whole: Awaited<ReturnType<typeof made>>
let parted: Awaited<ReturnType<typeof made>>
let shorter: Awaited<ReturnType<typeof made>>
let other: Awaited<ReturnType<typeof made>>
let names: readonly string[]
beforeAll(async () => {
  whole = await made(90, 'abcdefgh')
  parted = await made(90, 'ijklmnop')
  shorter = await made(20, 'abcdefgh')
  other = await made(90, 'abcdefgh', chainKeys('kv@1', new Random(77)))
  names = [...whole.files.keys()].filter((name) => name.endsWith('.wal')).toSorted()
  if (names.length < 4) throw new Error('the chain is to have several files')
})

/** A machine with these files as its journal, and those of another copy beside it. */
async function worldWith(files: Files, copy: Files): Promise<World> {
  const world = new World()
  for (const [directory, all] of [
    [sim.DIRECTORY, files],
    [COPY, copy],
  ] as const) {
    await sim.replaceFile(world, `${directory}/genesis.json`, whole.genesis)
    await world.disk.makeDirectory(`${directory}/journal`)
    for (const [name, bytes] of all) await sim.replaceFile(world, `${directory}/journal/${name}`, bytes)
  }
  return world
}

const repairIn = (world: World, source: Source): Promise<readonly RepairedFile[]> =>
  repairChain({ directory: sim.DIRECTORY, disk: world.disk, rng: world.rng, engine, source })

const ofCopy =
  (world: World): Source =>
  () =>
    journalSource(COPY, engine.hasher, { disk: world.disk, pause: () => Promise.resolve() })

const ofExport =
  (bytes: Uint8Array): Source =>
  () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      await Promise.resolve()
      yield bytes
    }
    return exportSource(pieces(), { name: 'export' }, engine.hasher)
  }

const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array | undefined): Map<string, Uint8Array> => {
  const files = new Map(whole.files)
  const bytes = (files.get(name) as Uint8Array).slice()
  files.set(name, change(bytes) ?? bytes)
  return files
}

async function expectWhole(world: World): Promise<void> {
  for (const name of names) {
    const [bytes, before] = [await sim.readAll(world, `${sim.JOURNAL}/${name}`), whole.files.get(name) as Uint8Array]
    expect(Buffer.compare(bytes.subarray(0, usedOf(before)), before.subarray(0, usedOf(before))), name).toBe(0)
  }
}

function usedOf(bytes: Uint8Array): number {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return end
}

const FIRST = `${sim.JOURNAL}/0000000000000000.wal`

/** A chain of so many blocks that was closed, with its guard, and a copy of it. */
async function closedIn(world: World, blocks: number): Promise<World> {
  const chain = await sim.createIn(world, keys)
  await sim.blocksOf(chain, blocks)
  await chain.close()
  await copyIn(world)
  return world
}

async function copyIn(world: World): Promise<void> {
  await sim.replaceFile(world, `${COPY}/genesis.json`, await sim.readAll(world, `${sim.DIRECTORY}/genesis.json`))
  for (const [name, bytes] of await sim.copyOf(world, sim.JOURNAL)) {
    await sim.replaceFile(world, `${COPY}/journal/${name}`, bytes)
  }
}

/** Changes a byte of the frame of this number. */
async function flipIn(world: World, path: string, number: number): Promise<void> {
  const { offset } = (await sim.framesOf(world, path))[number] as sim.FrameThere
  await sim.changeFile(world, path, (bytes) => {
    bytes[offset + 40] = (bytes[offset + 40] as number) ^ 1
  })
}

describe(`a repair (CAIRN_SEED=${seed})`, () => {
  it('brings back every byte that a flip, zeros, or a write that went astray took, and keeps what was there', async () => {
    const newest = names.at(-1) as string
    const frames = await sim.framesOf(await worldWith(whole.files, whole.files), `${sim.JOURNAL}/${newest}`)
    const close = frames.at(-1) as sim.FrameThere
    const { offset, length } = frames.findLast(({ records }) =>
      records.some(({ k }) => k === 'block'),
    ) as sim.FrameThere
    for (let round = 0; round < 18; round++) {
      const name = random.pick(names)
      const before = whole.files.get(name) as Uint8Array
      const at = 512 + random.below(usedOf(before) - 512)
      const files = changed(name, (bytes) => {
        const kind = round % 3
        const sector = at - (at % 512)
        if (kind === 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
        else if (kind === 1) bytes.fill(0, sector, sector + 512 * (1 + random.below(8)))
        else bytes.set(random.bytes(512), sector)
      })
      const world = await worldWith(files, whole.files)
      const repaired = await repairIn(world, ofCopy(world))
      // A flip in the padding of a frame is damage too, and so is all else but what lies behind the end.
      const after = files.get(name) as Uint8Array
      const isSame = (end: number): boolean => Buffer.compare(after.subarray(0, end), before.subarray(0, end)) === 0
      const isLast = name === newest
      // Without its close record, and the last seal before it, the newest file is as a kill leaves one: no damage.
      const isKilled = isLast && isSame(offset + length) && after.subarray(close.offset).every((byte) => byte === 0)
      expect(repaired).toHaveLength(isKilled || isSame(before.length) ? 0 : 1)
      if (!isLast) await expectWhole(world)
      for (const { kept = '' } of repaired) {
        expect(await sim.readAll(world, `${sim.JOURNAL}/${kept}`)).toEqual(files.get(name))
      }
      expect(await repairIn(world, ofCopy(world))).toEqual([])
    }
  }, 120_000)

  it.each<readonly [string, () => Files]>([
    ['a file is missing', () => new Map([...whole.files].filter(([name]) => name !== names[1]))],
    ['the first file is missing', () => new Map([...whole.files].filter(([name]) => name !== names[0]))],
    ['the newest file is missing', () => new Map([...whole.files].filter(([name]) => name !== names.at(-1)))],
    [
      'two files are missing',
      () => new Map([...whole.files].filter(([name]) => name !== names[1] && name !== names[2])),
    ],
    ['all files are missing', () => new Map()],
    ['a header is damaged', () => changed(names[1] as string, (bytes) => void bytes.fill(7, 20, 30))],
    ['a file is cut in the middle of a frame', () => changed(names[1] as string, (bytes) => bytes.slice(0, 5000))],
    ['a file is cut to nothing', () => changed(names[2] as string, () => new Uint8Array(0))],
    [
      'a file is longer than any may be',
      () => {
        const longer = new Uint8Array(JOURNAL_FILE_MAX + 512)
        longer.set(whole.files.get(names[1] as string) as Uint8Array)
        return changed(names[1] as string, () => longer)
      },
    ],
    ['a file is of another chain', () => changed(names[1] as string, (bytes) => void bytes.fill(9, 16, 48))],
    [
      'a file stands under the name of another',
      () => changed(names[1] as string, () => whole.files.get(names[2] as string)),
    ],
    [
      'two files are swapped',
      () =>
        new Map([
          ...changed(names[1] as string, () => whole.files.get(names[2] as string)),
          [names[2] as string, whole.files.get(names[1] as string) as Uint8Array],
        ]),
    ],
    [
      'a file of another chain is in its place',
      () => changed(names[1] as string, () => other.files.get(names[1] as string)),
    ],
  ])(
    'brings back all blocks where %s, from a copy and from an export',
    async (_, damage) => {
      for (const source of [undefined, ofExport(whole.exported)]) {
        const world = await worldWith(damage(), whole.files)
        const repaired = await repairIn(world, source ?? ofCopy(world))
        expect(repaired.length).toBeGreaterThan(0)
        expect(await repairIn(world, source ?? ofCopy(world))).toEqual([])
        // Without its guard it is open for reading only.
        const chain = await sim.openIn(world, keys, { signer: signer(), engine })
        expect(chain.head?.height).toBe(89n)
        let blocks = 0n
        for await (const { record } of chain.blocks()) expect(record.header.height).toBe(blocks++)
        expect(blocks).toBe(90n)
        await chain.close()
      }
    },
    120_000,
  )

  it('refuses what is of another chain, what parted from this one, and what does not reach far enough', async () => {
    // Behind what the shorter copy has.
    const damaged = changed(names.at(-2) as string, (bytes) => void bytes.fill(0, 1024, 4096))
    const other = chainKeys('kv@1', new Random(77))
    const world = await worldWith(damaged, parted.files)
    const before = await sim.everyFile(world)
    const codes: string[] = []
    for (const source of [ofCopy(world), ofExport(parted.exported), ofExport(shorter.exported)]) {
      codes.push((await sim.errorOf(repairIn(world, source))).code)
    }
    await sim.replaceFile(world, `${COPY}/genesis.json`, Buffer.from(`${encodeGenesis(other.genesis)}\n`))
    codes.push((await sim.errorOf(repairIn(world, ofCopy(world)))).code)
    expect(codes).toEqual(Array.from({ length: 4 }, () => 'repair_refused'))
    await sim.replaceFile(world, `${COPY}/genesis.json`, whole.genesis)
    expect(await sim.everyFile(world)).toEqual(before)
  })

  it('refuses to fill what would be before a file that begins behind the end, whatever height its name says', async () => {
    for (const name of ['0000000000000fff.wal', 'ffffffffffffffff.wal']) {
      const world = await worldWith(
        new Map([...whole.files, [name, whole.files.get(names[1] as string) as Uint8Array]]),
        whole.files,
      )
      const before = await sim.everyFile(world)
      const error = await sim.errorOf(repairIn(world, ofCopy(world)))
      expect(error).toMatchObject({ code: 'repair_refused', details: { height: 90n, file: name } })
      expect(await sim.everyFile(world)).toEqual(before)
      await world.disk.unlink(`${sim.JOURNAL}/${name}`)
      expect(await repairIn(world, ofCopy(world))).toEqual([])
    }
  })

  it('refuses a copy in which an outcome was changed, although its headers and seals are right', async () => {
    const name = names[1] as string
    const world = await worldWith(
      changed(name, (bytes) => void bytes.fill(0, 1024, 4096)),
      whole.files,
    )
    let isChanged = false
    await sim.changeFrames(world, `${COPY}/journal/${name}`, (frames) =>
      frames.map((records) =>
        records.map((record) => {
          const [command] = record.k === 'block' ? record.commands : []
          if (record.k !== 'block' || command === undefined || isChanged) return record
          isChanged = true
          return { ...record, commands: [{ ...command, reply: Uint8Array.of(...command.reply, 32) }] }
        }),
      ),
    )
    const before = await sim.everyFile(world)
    expect(await sim.errorOf(repairIn(world, ofCopy(world)))).toMatchObject({
      code: 'repair_refused',
      details: { check: 'ranges' },
    })
    expect(await sim.everyFile(world)).toEqual(before)
  })

  it('refuses a copy that is whole while it is verified, and another one when it is read again', async () => {
    const name = names[1] as string
    const damaged = changed(name, (bytes) => void bytes.fill(0, 1024, 4096))
    const outcome = (records: readonly ChainRecord[]): ChainRecord[] =>
      records.map((record) => {
        const [command] = record.k === 'block' ? record.commands : []
        if (record.k !== 'block' || command === undefined) return record
        return { ...record, commands: [{ ...command, reply: Uint8Array.of(...command.reply, 32) }] }
      })
    const timestamp = (records: readonly ChainRecord[]): ChainRecord[] =>
      records.map((record) => {
        if (record.k !== 'block' || record.header.height !== 89n) return record
        return { ...record, header: { ...record.header, timestamp: record.header.timestamp + 1n } }
      })
    const seal = (records: readonly ChainRecord[]): ChainRecord[] =>
      records.map((record) => {
        if (record.k !== 'seal') return record
        return { ...record, seal: { ...record.seal, signature: new Uint8Array(65).fill(1) } }
      })
    for (const [file, change] of [
      [name, outcome],
      [names.at(-1) as string, timestamp],
      [name, seal],
    ] as const) {
      for (const honest of [1, 2, 3]) {
        // Of what is read last, nothing is taken that stands behind what is missing.
        if (honest === 3 && change === timestamp) continue
        const world = await worldWith(damaged, whole.files)
        let opened = 0
        const lying: Source = async () => {
          if (opened++ === honest) {
            await sim.changeFrames(world, `${COPY}/journal/${file}`, (frames) => frames.map(change))
          }
          return ofCopy(world)()
        }
        expect(await sim.errorOf(repairIn(world, lying))).toMatchObject({
          code: 'repair_refused',
          message: expect.stringMatching(/changed while it was read|they parted/),
        })
        expect(await sim.readAll(world, `${sim.JOURNAL}/${name}`)).toEqual(damaged.get(name))
      }
    }
  })

  it('writes what is missing as it reads it: it may be more than memory holds', async () => {
    const files = new Map(whole.files)
    for (const name of names.slice(1, -1)) files.delete(name)
    const world = await worldWith(files, whole.files)
    let given = 0
    const counted: Source = async () => {
      const source = await ofCopy(world)()
      const items = source.items.bind(source)
      source.items = async function* (from) {
        try {
          for await (const item of items(from)) {
            if (item.kind === 'packed') given += item.bytes.length
            yield item
          }
        } finally {
          given = 0
        }
      }
      return source
    }
    let written = 0
    const ahead: number[] = []
    world.onEffect = (name) => {
      const [, size] = /^write .*restore\.tmp \d+\+(\d+)/.exec(name) ?? []
      if (size === undefined) return
      written += Number(size)
      // Where nothing is being read, all that is missing was read before.
      ahead.push(given === 0 && written > whole.exported.length / 16 ? whole.exported.length : given - written)
    }
    await repairIn(world, counted)
    const chain = await sim.openIn(world.restart(), keys)
    expect(chain.head?.height).toBe(89n)
    await chain.close()
    expect(written).toBeGreaterThan(whole.exported.length / 2)
    expect(Math.max(...ahead)).toBeLessThan(whole.exported.length / 8)
  })

  it('takes a copy that grows while it is read for what it was when it was verified', async () => {
    const name = names[0] as string
    const world = await worldWith(
      changed(name, (bytes) => void bytes.fill(0, 1024, 2048)),
      whole.files,
    )
    let opened = 0
    const growing: Source = () => ofExport(opened++ === 0 ? shorter.exported : whole.exported)()
    expect(await repairIn(world, growing)).toHaveLength(1)
    await expectWhole(world)
  })

  it('puts a block that is missing before its seal, where that lies alone, whichever frame of a journal is damaged', async () => {
    const made = (await closedIn(new World({ seed: 1 }), 2)).restart()
    const again = await sim.openIn(made, keys)
    await sim.blocksOf(again, 2, 2)
    await again.close()
    const { length } = await sim.framesOf(made, FIRST)
    expect(length).toBe(8)
    for (let number = 0; number < length; number++) {
      const world = made.branch()
      await copyIn(world)
      await flipIn(world, FIRST, number)
      expect(await repairIn(world, ofCopy(world))).toHaveLength(1)
      const chain = await sim.openIn(world, keys)
      expect([number, chain.head?.height, chain.readOnly]).toEqual([number, 3n, undefined])
      await chain.close()
    }
  })

  it.each([
    ['one of several', 2],
    ['the only one', 0],
  ])('makes no more files of one that was cut than there were: %s', async (_, number) => {
    const cut = changed(names[number] as string, (bytes) => bytes.slice(0, number * 500))
    const files = number > 0 ? cut : new Map([[names[0] as string, cut.get(names[0] as string) as Uint8Array]])
    const world = await worldWith(files, whole.files)
    await repairIn(world, ofCopy(world))
    const after = [...(await sim.copyOf(world, sim.JOURNAL)).keys()].filter((name) => name.endsWith('.wal'))
    expect(after).toEqual(number > 0 ? names : names.slice(0, 1))
  })

  it('keeps what it restored where the seals behind it have no room in the size of the file', async () => {
    const world = await closedIn(new World({ seed: 1 }), 3)
    await flipIn(world, FIRST, 2)
    await sim.changeFile(world, FIRST, (bytes) => bytes.slice(0, Math.ceil(usedOf(bytes) / 512) * 512))
    expect(await repairIn(world, ofCopy(world))).toMatchObject([{ from: 2n, to: 2n, blocks: 1 }])
    const chain = await sim.openIn(world.restart(), keys)
    expect(chain.head?.height).toBe(2n)
    await chain.close()
  })

  it('acknowledges nothing in a newest file that it restored, and of whose name a sync failed, before that is there for good', async () => {
    for (let round = 0; round < 12; round++) {
      let world = await closedIn(new World({ seed: round }), 3)
      await flipIn(world, FIRST, 1)
      failAfter(world, /^rename .*restore/, 'syncDirectory', /journal$/)
      await expect(repairIn(world, ofCopy(world))).rejects.toBe(EIO)
      world = world.restart()
      const chain = await sim.openIn(world, keys)
      await sim.blocksOf(chain, 2, 3)
      world = world.crash(random)
      expect((await sim.openIn(world, keys)).head?.height).toBe(4n)
    }
  })

  it.each(['failed', 'never came, for it was killed'])(
    'says that nothing is damaged only of what is there for good: of a name that it gave a sync %s',
    async (how) => {
      for (let round = 0; round < 8; round++) {
        const name = names[1] as string
        const damaged = changed(name, (bytes) => void bytes.fill(0, 1024, 4096))
        // Of a file that is missing, too.
        if (round % 2 === 0) damaged.delete(name)
        let world = await worldWith(damaged, new Map())
        if (how === 'failed') failAfter(world, /^rename .*restore/, 'syncDirectory', /journal$/)
        else endAfter(world, /^rename .*restore/)
        const repairing = repairIn(world, ofExport(whole.exported)).catch((error: unknown) => error)
        const ended = await Promise.race([repairing, world.died])
        expect(ended).toBe(how === 'failed' ? EIO : undefined)
        world = world.restart()
        await repairIn(world, ofExport(whole.exported))
        expect(await repairIn(world, ofExport(whole.exported))).toEqual([])
        world = world.crash(random)
        expect(await repairIn(world, ofExport(whole.exported))).toEqual([])
      }
    },
    120_000,
  )

  it('keeps what was damaged, whole, however often it was killed, and at most one copy beside it', async () => {
    const name = names[1] as string
    const damaged = changed(name, (bytes) => void bytes.fill(0, 1024, 4096))
    let world = await worldWith(damaged, new Map())
    for (const moment of [/^write .*(aside|damaged)/, /^rename .*damaged/, /^write .*restore/, /^rename .*restore/]) {
      for (const end of [endAt, endAfter]) {
        end(world, moment)
        await Promise.race([repairIn(world, ofExport(whole.exported)), world.died])
        world = world.restart()
      }
    }
    await repairIn(world, ofExport(whole.exported))
    const kept = (await world.disk.list(sim.JOURNAL)).filter((each) => each.startsWith('damaged-'))
    // The second is what a repair put there that was killed before the name was there for good.
    expect(kept.length).toBeLessThanOrEqual(2)
    expect(await sim.readAll(world, `${sim.JOURNAL}/${kept.at(-1)}`)).toEqual(damaged.get(name))
    await expectWhole(world)
  })

  it('takes the places that a store remembers from it before it moves a frame: a kill leaves none that leads astray', async () => {
    let world = await closedIn(new World({ seed: 5 }), 3)
    world = world.restart()
    // A seal of its own, in front of blocks that are in no newest file any more.
    const chain = await sim.openIn(world, keys)
    for (let i = 3; i < 20; i++) await chain.submit(sim.put(`k${i}`, 'v'.repeat(9000)))
    await chain.close()
    await copyIn(world)
    expect((await sim.walFiles(world)).length).toBeGreaterThan(2)
    const frames = await sim.framesOf(world, FIRST)
    await flipIn(
      world,
      FIRST,
      frames.findIndex(({ records }) => records.every(({ k }) => k === 'seal')),
    )
    endAt(world, /^write .*store\.suspect/)
    await Promise.race([repairIn(world, ofCopy(world)), world.died])
    world = world.restart()
    await repairIn(world, ofCopy(world))
    const opened = await sim.openIn(world, keys)
    for (let height = 0n; height < 20n; height++) {
      expect((await opened.block(height)).record.header.height).toBe(height)
    }
    await opened.close()
  })

  it('drops nothing that may have been acknowledged: a copy that ends before what is damaged is refused', async () => {
    const last = names.at(-1) as string
    const used = usedOf(whole.files.get(last) as Uint8Array)
    // The newest block and what stands behind it.
    const damaged = changed(last, (bytes) => void bytes.fill(5, used - 4000, used - 100))
    const world = await worldWith(damaged, shorter.files)
    const error = await sim.errorOf(repairIn(world, ofCopy(world)))
    expect(error).toBeInstanceOf(CairnError)
    expect(error.code).toBe('repair_refused')
  })
})
