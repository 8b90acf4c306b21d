/**
 * A chain on a simulated machine, for tests that change by hand what lies there: its options, its commands, the bytes of its files, the
 * frames of its journal and the records of its store.
 */
import { createHash } from 'node:crypto'
import { Chain, type ChainOptions, hotSigner, kv, type Receipt, type Submission } from '../../src/index.ts'
import { FrameMaker } from '../../src/journal/frame.ts'
import { decodeHeader } from '../../src/journal/header.ts'
import { frameIn } from '../../src/journal/judge.ts'
import { encodeRecord } from '../../src/journal/record-write.ts'
import { Window } from '../../src/journal/window.ts'
import { SECTOR } from '../../src/limits.ts'
import { decodeRecord } from '../../src/pipeline/decode-record.ts'
import type { Report } from '../../src/pipeline/report.ts'
import { toHex, utf8 } from '../../src/verify/bytes.ts'
import { CairnError, nobleEngine } from '../../src/verify/index.ts'
import type { ChainRecord } from '../../src/verify/records.ts'
import type { MemoryStore } from '../simulation/memory-store.ts'
import type { SimStoreHome, StoredBatches } from '../simulation/sim-store.ts'
import type { World } from '../simulation/world.ts'
import type { ChainKeys } from './chain-keys.ts'

export const DIRECTORY = 'data'
export const JOURNAL = 'data/journal'
export const GUARD = 'data.keys/guard'

/** The options of a chain of the machine `kv` in this world, with what a test says otherwise. */
export function optionsIn(world: World, keys: ChainKeys, other: Partial<ChainOptions> = {}): ChainOptions {
  const { hotKey, delegation } = keys
  const ports = { disk: world.disk, clock: world.clock, rng: world.rng, home: world.store(), ...other.ports }
  return {
    machine: kv,
    // One a life: what it sealed it forgets with its process.
    signer: hotSigner([{ privateKey: hotKey, delegation }], nobleEngine),
    guard: GUARD,
    engine: nobleEngine,
    cacheBytes: 1 << 20,
    journalFileBytes: 1 << 16,
    ...other,
    ports,
  }
}

export function createIn(world: World, keys: ChainKeys, other: Partial<ChainOptions> = {}): Promise<Chain> {
  return Chain.create(DIRECTORY, keys.genesis, optionsIn(world, keys, other))
}

export function openIn(world: World, keys: ChainKeys, other: Partial<ChainOptions> = {}): Promise<Chain> {
  return Chain.open(DIRECTORY, optionsIn(world, keys, other))
}

/** Opens it, and gives with it what it told. */
export async function openTold(
  world: World,
  keys: ChainKeys,
  other: Partial<ChainOptions> = {},
): Promise<{ readonly chain: Chain; readonly told: readonly Report[] }> {
  const told: Report[] = []
  const chain = await openIn(world, keys, { ...other, report: (report) => void told.push(report) })
  return { chain, told }
}

export function put(key: string, value: string, named: Pick<Submission, 'client' | 'request'> = {}): Submission {
  return { ...named, type: 'put', payload: utf8(JSON.stringify({ key, value })) }
}

export function append(stream: string, entry: string, named: Pick<Submission, 'client' | 'request'> = {}): Submission {
  return { ...named, type: 'append', payload: utf8(JSON.stringify({ stream, entry })) }
}

/** So many blocks of one command each: `k<i>` = `v<i>`, requests of the client `a` from `from + 1` on. */
export async function blocksOf(chain: Chain, count: number, from = 0): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = []
  for (let i = from; i < from + count; i++) {
    receipts.push(await chain.submit(put(`k${i}`, `v${i}`, { client: 'a', request: BigInt(i + 1) })))
  }
  return receipts
}

/** A receipt as text: two that say the same are equal. */
export function textOf({ block, seq, client, request, status, reply }: Receipt): string {
  return `${block.height} ${toHex(block.hash)} ${block.timestamp} ${seq} ${client} ${request} ${status} ${toHex(reply)}`
}

/** The error that an attempt ends with; that it succeeded is one too. */
export async function errorOf(attempt: Promise<unknown> | (() => Promise<unknown>)): Promise<CairnError> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt)
  } catch (error) {
    if (error instanceof CairnError) return error
    throw error
  }
  throw new Error('it was not refused')
}

/** The code of an error, for handlers of rejections. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code)
}

/** Every file of the disk by its path, with a hash of its bytes. */
export async function everyFile(world: World, directory = '/'): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for (const name of await world.disk.list(directory)) {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`
    const bytes = await bytesOf(world, path)
    if (bytes === undefined) Object.assign(files, await everyFile(world, path))
    else files[path] = createHash('sha256').update(bytes).digest('hex')
  }
  return files
}

/** All of a file, nothing where it is a directory. */
async function bytesOf(world: World, path: string): Promise<Uint8Array | undefined> {
  try {
    return await readAll(world, path)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EISDIR') return undefined
    throw error
  }
}

export async function readAll(world: World, path: string): Promise<Uint8Array> {
  const file = await world.disk.open(path, 'read')
  const bytes = await file.read(0, await file.size())
  await file.close()
  return bytes
}

/** A file with these bytes and no others, on the disk for good. */
export async function replaceFile(world: World, path: string, bytes: Uint8Array): Promise<void> {
  const slash = path.lastIndexOf('/')
  await world.disk.makeDirectory(path.slice(0, slash))
  if ((await world.disk.list(path.slice(0, slash))).includes(path.slice(slash + 1))) await world.disk.unlink(path)
  const file = await world.disk.open(path, 'create')
  await file.write(0, bytes)
  await file.datasync()
  await file.close()
  await world.disk.syncDirectory(path.slice(0, slash))
}

export async function changeFile(
  world: World,
  path: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
): Promise<void> {
  const bytes = await readAll(world, path)
  await replaceFile(world, path, change(bytes) ?? bytes)
}

/** All files of a directory, to be put back later. */
export async function copyOf(world: World, directory: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const copy = new Map<string, Uint8Array>()
  for (const name of await world.disk.list(directory)) {
    const bytes = await bytesOf(world, `${directory}/${name}`)
    if (bytes !== undefined) copy.set(name, bytes)
  }
  return copy
}

export async function putBack(world: World, directory: string, copy: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const name of (await copyOf(world, directory)).keys()) await world.disk.unlink(`${directory}/${name}`)
  for (const [name, bytes] of copy) await replaceFile(world, `${directory}/${name}`, bytes)
}

/** The paths of the journal's files, in their order. */
export async function walFiles(world: World): Promise<readonly string[]> {
  return (await world.disk.list(JOURNAL)).filter((name) => name.endsWith('.wal')).map((name) => `${JOURNAL}/${name}`)
}

export interface FrameThere {
  readonly offset: number
  readonly length: number
  readonly records: readonly ChainRecord[]
}

/** The frames of a journal file, with their records in their shapes. */
export async function framesOf(world: World, path: string): Promise<readonly FrameThere[]> {
  const file = await world.disk.open(path, 'read')
  const window = new Window(file, await file.size())
  const salt = saltOf(await window.bytes(0, SECTOR))
  const frames: FrameThere[] = []
  for (let offset = SECTOR; ; ) {
    const frame = await frameIn(window, salt, offset)
    if (typeof frame === 'string') break
    frames.push({ offset, length: frame.length, records: frame.records.map((each) => decodeRecord(each, 0n)) })
    offset += frame.length
  }
  await file.close()
  return frames
}

function saltOf(sector: Uint8Array): Uint8Array {
  const header = decodeHeader(sector)
  if (header === undefined) throw new Error('a journal file begins with its header')
  return header.salt
}

/** Writes the frames of a file anew, changed, with heads and CRCs as they have to be. */
export async function changeFrames(
  world: World,
  path: string,
  change: (frames: readonly (readonly ChainRecord[])[]) => readonly (readonly ChainRecord[])[],
): Promise<void> {
  const frames = change((await framesOf(world, path)).map(({ records }) => records))
  await changeFile(world, path, (before) => {
    const [after, salt, maker] = [new Uint8Array(before.length), saltOf(before.subarray(0, SECTOR)), new FrameMaker()]
    after.set(before.subarray(0, SECTOR))
    let offset = SECTOR
    for (const records of frames) {
      const frame = maker.make(records.map(encodeRecord), salt, offset)
      after.set(frame, offset)
      offset += frame.length
    }
    return after
  })
}

/** What a simulated store holds, to be looked at and changed past all batches. */
export function contentsOf(home: SimStoreHome): MemoryStore {
  return (home as unknown as { readonly stored: StoredBatches }).stored.contents
}

/** The store's record of a key. */
export function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key)
}

/** A store as it is now, to be put back later. */
export function storeCopy(home: SimStoreHome): ReadonlyMap<string, Uint8Array> {
  const contents = contentsOf(home)
  return new Map([...contents.names()].map((name) => [name, contents.at(name).slice()]))
}

export function putStoreBack(home: SimStoreHome, copy: ReadonlyMap<string, Uint8Array>): void {
  const contents = contentsOf(home)
  for (const name of Array.from(contents.names())) contents.put(name, undefined)
  for (const [name, value] of copy) contents.put(name, value.slice())
}

/** All that a store holds, as a hash. */
export function storeHash(home: SimStoreHome): string {
  const hash = createHash('sha256')
  for (const [name, value] of [...storeCopy(home)].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name, 'latin1').update(value)
  return hash.digest('hex')
}
