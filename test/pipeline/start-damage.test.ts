/**
 * Bytes of a small journal that rotted, and files of it that were cut, as a start meets them. With its store gone it reads everything: then everything is
 * reported, with file, offset and height. With its store it reads what lies after its checkpoint; what it does not read is reported by whoever reads it.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Chain } from '../../src/index.ts'
import { SECTOR } from '../../src/limits.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const BLOCKS = 10
/** One byte of so many, from a random one on. */
const STRIDE = 1201
const random = new Random()

let files: ReadonlyMap<string, Uint8Array>
let frames: ReadonlyMap<string, readonly Place[]>
let store: ReadonlyMap<string, Uint8Array>
let guard: Uint8Array
let genesis: Uint8Array

interface Place {
  readonly offset: number
  readonly length: number
  /** Of the block in it, or of the next one. */
  readonly height: bigint
}

/** A closed chain, whose files hold several blocks each. */
beforeAll(async () => {
  const world = new World()
  const chain = await sim.createIn(world, keys)
  for (let i = 0; i < BLOCKS; i++) await chain.submit(sim.put(`k${i}`, 'x'.repeat(9000)))
  await chain.close()
  files = await sim.copyOf(world, sim.JOURNAL)
  store = sim.storeCopy(world.store())
  guard = await sim.readAll(world, sim.GUARD)
  genesis = await sim.readAll(world, `${sim.DIRECTORY}/genesis.json`)
  const all = new Map<string, readonly Place[]>()
  let height = 0n
  for (const path of await sim.walFiles(world)) {
    const places: Place[] = []
    for (const { offset, length, records } of await sim.framesOf(world, path)) {
      places.push({ offset, length, height })
      if (records.some(({ k }) => k === 'block')) height++
    }
    all.set(path.slice(sim.JOURNAL.length + 1), places)
  }
  frames = all
  if (frames.size < 2) throw new Error('the chain is to have several files')
})

/** What a start says of the journal with this file in it: an error, or the first one of a reading of all blocks, or how many blocks there are. */
async function startWith(name: string, bytes: Uint8Array, hasStore: boolean): Promise<unknown> {
  const world = new World()
  await sim.replaceFile(world, `${sim.DIRECTORY}/genesis.json`, genesis)
  await sim.replaceFile(world, sim.GUARD, guard)
  for (const [each, whole] of files) {
    await sim.replaceFile(world, `${sim.JOURNAL}/${each}`, each === name ? bytes : whole)
  }
  if (hasStore) sim.putStoreBack(world.store(), store)
  let chain: Chain | undefined
  try {
    chain = await sim.openIn(world, keys)
    // An older copy, as the guard knows: open for reading only.
    if (chain.readOnly !== undefined) throw chain.readOnly
    let blocks = 0n
    for await (const { record } of chain.blocks()) blocks = record.header.height + 1n
    return blocks
  } catch (error) {
    const { code, details } = error as { readonly code: string; readonly details: Readonly<Record<string, unknown>> }
    return { code, file: details.file, offset: details.offset, height: details.height }
  } finally {
    await chain?.close()
  }
}

const names = (): readonly string[] => [...frames.keys()]
const framesOf = (name: string): readonly Place[] => frames.get(name) as readonly Place[]
const bytesOf = (name: string): Uint8Array => files.get(name) as Uint8Array

describe(`a start (CAIRN_SEED=${seed})`, () => {
  it.each([true, false])('reports a byte that rotted, with its place (store there: %s)', async (hasStore) => {
    const unlike: unknown[] = []
    let tried = 0
    for (const name of names()) {
      const places = framesOf(name)
      const { offset: last = 0, length = 0 } = places.at(-1) ?? {}
      for (let at = random.below(STRIDE); at < last + length; at += STRIDE) {
        const bytes = bytesOf(name).slice()
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
        const place = places.find(({ offset, length }) => at >= offset && at < offset + length)
        const found = await startWith(name, bytes, hasStore)
        const expected = {
          code: 'journal_corrupt',
          file: name,
          offset: place?.offset ?? 0,
          height: place?.height ?? places[0]?.height,
        }
        tried++
        if (!isLike(found, expected)) unlike.push({ name, at, found, expected })
      }
    }
    expect(unlike).toEqual([])
    expect(tried).toBeGreaterThan(60)
  })

  it.each([true, false])('reports a file that was cut (store there: %s)', async (hasStore) => {
    const unlike: unknown[] = []
    for (const name of names()) {
      const isNewest = name === names().at(-1)
      for (const { offset, length, height } of framesOf(name)) {
        for (const at of [offset, offset + 1, offset + SECTOR, offset + length - 1]) {
          if (at >= offset + length) continue
          const found = await startWith(name, bytesOf(name).slice(0, at), hasStore)
          // What was never acknowledged may be gone: the record that says that it was closed, and a seal, which is made again.
          if (isNewest && height === BigInt(BLOCKS) && found === height) continue
          if (typeof found !== 'object') unlike.push({ name, at, found })
        }
      }
    }
    expect(unlike).toEqual([])
  })
})

function isLike(found: unknown, expected: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(expected).every(([key, value]) => (found as Readonly<Record<string, unknown>>)[key] === value)
}
