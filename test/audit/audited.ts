/** Small chains as they lie on a disk, for tests that damage them and ask an audit what it finds. */

import { type ChainAudit, verifyChain } from '../../src/audit/audit.ts'
import { journalSource } from '../../src/audit/journal-source.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import { taskAnswerer } from '../../src/audit/task-answers.ts'
import type { Chain } from '../../src/chain.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { readHead, readRecords } from '../../src/journal/frame.ts'
import { decodeHeader } from '../../src/journal/header.ts'
import { SECTOR } from '../../src/limits.ts'
import type { Workers } from '../../src/ports/workers.ts'
import { MemoryDisk } from '../journal/memory-disk.ts'
import { World } from '../simulation/world.ts'
import { type ChainKeys, chainKeys } from '../support/chain-keys.ts'
import { append, copyOf, createIn, DIRECTORY, JOURNAL, put } from '../support/sim-chain.ts'

export const keys: ChainKeys = chainKeys()
export const engine = await loadEngine()

/** The files of a chain's directory, the journal and the genesis, by their paths. */
export type Files = ReadonlyMap<string, Uint8Array>

export async function filesIn(world: World): Promise<Files> {
  const files = new Map<string, Uint8Array>()
  for (const directory of [DIRECTORY, JOURNAL]) {
    for (const [name, bytes] of await copyOf(world, directory)) files.set(`${directory}/${name}`, bytes)
  }
  return files
}

export interface Frame {
  readonly offset: number
  readonly length: number
  readonly payload: number
  /** The height of the block that it holds, or that would come next. */
  readonly height: bigint
}

/** The frames of a whole file of the journal. */
export function framesIn(bytes: Uint8Array): readonly Frame[] {
  const header = decodeHeader(bytes.subarray(0, SECTOR))
  if (header === undefined) throw new Error('a journal file begins with its header')
  const frames: Frame[] = []
  let [offset, height] = [SECTOR, header.first]
  for (
    let head = readHead(bytes.subarray(offset), header.salt, offset);
    head;
    head = readHead(bytes.subarray(offset), header.salt, offset)
  ) {
    const length = Math.ceil((16 + head.length) / SECTOR) * SECTOR
    frames.push({ offset, length, payload: head.length, height })
    const records = readRecords(bytes.subarray(offset + 16, offset + 16 + head.length)) as readonly { k: string }[]
    if (records.some(({ k }) => k === 'block')) height++
    offset += length
  }
  return frames
}

/** A chain that was made and closed, with commands of many kinds. */
export async function closedChain(
  fill: (chain: Chain) => Promise<void> = someBlocks,
  chainKeysOf: ChainKeys = keys,
): Promise<Files> {
  const world = new World({ seed: 1 })
  const chain = await createIn(world, chainKeysOf, { engine })
  await fill(chain)
  await chain.close()
  return filesIn(world)
}

async function someBlocks(chain: Chain): Promise<void> {
  const named = (request: bigint): { client: string; request: bigint } => ({ client: 'a', request })
  await chain.submitMany([put('k', 'v', named(1n)), put('l', 'w')])
  await chain.submitMany([append('s', 'one', named(3n)), put('k', 'x', { client: 'b', request: 1n })])
  await chain.submit(append('s', 'two', named(4n)))
  await chain.submit({ type: 'delete', payload: Buffer.from('{"key":"l"}') })
}

/** The audit of files in memory: nothing waits, and every call of the disk is noted. */
export async function audit(
  files: Files | MemoryDisk,
  options: Partial<AuditOptions> = {},
  pieceBytes?: number,
): Promise<ChainAudit> {
  const disk = files instanceof MemoryDisk ? files : new MemoryDisk(files)
  const pause = (): Promise<void> => Promise.resolve()
  const ports = { disk, pause, workers: slowWorkers, ...options.ports }
  const all = { chainId: keys.identity.chainId, revocations: [], cores: 1, engine, ...options, ports }
  if (pieceBytes === undefined) return verifyChain(DIRECTORY, { level: 'seals', ...all })
  const source = await journalSource(DIRECTORY, engine.hasher, { disk, pause, pieceBytes })
  return verifyChain(source, { level: 'seals', ...all })
}

/** Workers in this thread, whose answers come in another order than they were asked for. */
export function slowWorkers(): Workers {
  const answer = taskAnswerer(engine)
  let asked = 0
  return {
    run: async (input, shared) => {
      for (let turns = (asked++ * 7) % 5; turns > 0; turns--) await turn()
      return answer(input, shared)
    },
    close: () => Promise.resolve(),
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** The checks by their verdict. */
export function verdictsOf({ verdicts }: ChainAudit): Readonly<Record<string, string>> {
  return Object.fromEntries(verdicts.map(({ check, verdict }) => [check, verdict]))
}

/** The files with a byte changed. */
export function flipped(files: Files, path: string, at: number, bits = 1): Files {
  const bytes = (files.get(path) as Uint8Array).slice()
  bytes[at] = (bytes[at] as number) ^ bits
  return new Map([...files, [path, bytes]])
}
