/**
 * What has to hold when a run is over: the chain verifies with every command executed again, its store is the one that its journal gives, and no
 * signer was ever given two blocks of one height.
 */
import { Execution } from '../../../src/audit/execute.ts'
import { Chain, type ChainOptions, kv } from '../../../src/index.ts'
import { MachineSet } from '../../../src/machine/machine-set.ts'
import { LETTER, readNumber, VERSION_AT } from '../../../src/store/keys.ts'
import { toHex, utf8 } from '../../../src/verify/bytes.ts'
import { blockHash, ChainVerifier, type Engine, MemoryStateTree } from '../../../src/verify/index.ts'
import type { BlockRecord } from '../../../src/verify/records.ts'
import type { ChainKeys } from '../../support/chain-keys.ts'
import type { MemoryStore } from '../memory-store.ts'
import type { World } from '../world.ts'
import { Broken, demand } from './broken.ts'
import type { Callers } from './callers.ts'
import { heldBy } from './held.ts'
import type { Operator } from './operator.ts'
import { DIRECTORY } from './setting.ts'

export type Blocks = readonly Found[]

interface Found {
  readonly record: BlockRecord
  readonly hash: string
}

/** Verifies the chain as an audit at the level `replay` does; gives its blocks. */
export async function replayed(
  chain: Chain,
  { identity }: ChainKeys,
  operator: Operator,
  engine: Engine,
): Promise<Blocks> {
  const { hasher } = engine
  const trees = { state: new MemoryStateTree(hasher), risk: new MemoryStateTree(hasher) }
  const execution = new Execution(new MachineSet([kv]), chain.genesis.machine, (tree, key) => trees[tree].get(key))
  const given = { chainId: chain.id, genesis: chain.genesis, trees, revocations: operator.published }
  const verifier = new ChainVerifier(given, engine)
  const found: Found[] = []
  for await (const { record, seal } of chain.blocks()) {
    const fault = execution.faultOf(record)
    demand(fault === undefined, 'replay', () => `block ${record.header.height}: ${fault?.reason}`)
    await verifier.take(record)
    if (seal !== undefined) await verifier.take({ k: 'seal', v: 1, height: record.header.height, seal })
    found.push({ record, hash: toHex(blockHash(identity, record.header, hasher)) })
  }
  // A chain without a block verifies nothing, and says nothing wrong.
  if (found.length === 0) return found
  const verified = verifier.finish()
  demand(verified.ok, 'verification', () => JSON.stringify(verified.fault ?? verified, asText))
  demand(execution.unchecked === undefined, 'replay', String(execution.unchecked))
  return found
}

/** The guard names the newest block that was acknowledged: after a close, and where nothing happened for longer than it may lag. */
export async function checkGuard(world: World, callers: Callers, when: 'closed' | 'idle'): Promise<void> {
  const { guard } = await heldBy(world)
  const told = callers.toldAbove(guard)
  const says = (): string => `a chain was ${when} at block ${told} or above, and its guard names ${guard}`
  demand(told === undefined, 'guard', says)
}

export function checkSigned({ signed }: Operator): void {
  for (const [height, hashes] of signed) {
    demand(hashes.size === 1, 'two-hashes', `${hashes.size} hashes were signed at ${height}: ${[...hashes].join(', ')}`)
  }
}

/** The store as it was left, against one that is made out of the journal alone, key by key. */
export async function checkStore(world: World, options: ChainOptions): Promise<void> {
  const home = world.store('rebuilt')
  const rebuilt = await world.clock.until(Chain.open(DIRECTORY, { ...options, ports: { ...options.ports, home } }))
  await world.clock.until(rebuilt.close())
  const oldest = { [STATE]: oldestIn(world.store().contents, STATE), [RISK]: oldestIn(world.store().contents, RISK) }
  const [left, made] = [comparable(world.store().contents, oldest), comparable(home.contents, oldest)]
  for (const name of new Set([...left.keys(), ...made.keys()])) {
    const [a, b] = [left.get(name), made.get(name)]
    demand(a === b, 'store', () => {
      return `the store has ${hexOf(a)} at ${toHex(bytesOf(name))}, and one made of the journal ${hexOf(b)}`
    })
  }
  await home.destroy()
}

/** Every value of every key at the newest height and at some before, read through the pages, as the blocks say. */
export function checkReads(chain: Chain, found: Blocks, heights: readonly bigint[]): void {
  for (const height of heights) {
    const values = new Map<string, string | undefined>()
    for (const { record } of found) {
      if (record.header.height > height) break
      for (const { writes } of record.commands) {
        for (const [, key, value] of writes ?? []) values.set(toHex(key), value === null ? undefined : toHex(value))
      }
    }
    for (const [key, value] of values) {
      const read = chain.get('state', bytesOfHex(key), { height })
      const text = read && toHex(read)
      demand(text === value, 'read', `at ${height} the key ${key} reads ${text}, and the blocks say ${value}`)
    }
  }
}

/** When pages and their checkpoints are written depends on when the chain was started, and so do lists of them; all else on the journal alone. */
function isOfJournal(name: string): boolean {
  const [letter, next] = [name.charCodeAt(0), name.charCodeAt(1)]
  if (letter === LETTER.page || letter === LETTER.stalePages || letter === LETTER.changes) return false
  return !(letter === LETTER.meta && (next === STATE || next === RISK))
}

const STATE = 0x73
const RISK = 0x72

/** What a pruning took, or may. */
function isPruned(name: string, oldestOf: Readonly<Record<number, number>>): boolean {
  const oldest = oldestOf[name.charCodeAt(1)] ?? 0
  const letter = name.charCodeAt(0)
  const isVersioned = letter === LETTER.root || letter === LETTER.value || letter === LETTER.stale
  return isVersioned && oldest > 0 && readNumber(bytesOf(name), VERSION_AT) <= oldest
}

function oldestIn(store: MemoryStore, tree: number): number {
  const retained = store.at(String.fromCharCode(LETTER.meta, tree, 0))
  return retained.length === 0 ? 0 : readNumber(retained, 0)
}

/**
 * What a store holds that its journal alone decides. Of a root that is the hash, of a mark all but the size of the batch that it came with, and of a
 * tile the hashes that its pieces have together: the rest depends on starts and checkpoints.
 */
function comparable(store: MemoryStore, oldest: Readonly<Record<number, number>>): ReadonlyMap<string, string> {
  const contents = new Map<string, string>()
  for (const name of Array.from(store.names()).sort()) {
    if (!isOfJournal(name) || isPruned(name, oldest)) continue
    const value = latin(store.at(name))
    const letter = name.charCodeAt(0)
    if (letter === LETTER.root) contents.set(name, value.slice(0, 32))
    else if (letter === MARK) contents.set(name, value.slice(0, 16) + value.slice(24))
    else if (letter === LETTER.meta && name.length === TILE_NAME) {
      const tile = name.slice(0, -1)
      const from = 32 * name.charCodeAt(TILE_NAME - 1)
      contents.set(tile, (contents.get(tile) ?? '').slice(0, from) + value)
    } else if (!isOfNothing(name, value)) contents.set(name, value)
  }
  return contents
}

/** That a range is empty is written by whoever goes back to where it was. */
function isOfNothing(name: string, value: string): boolean {
  return name.charCodeAt(0) === LETTER.meta && name.length === 2 && value.startsWith('\0\0\0\0\0\0\0\0')
}

const MARK = 0x62
/** A piece of a tile: its last byte says from which hash on it is. */
const TILE_NAME = 12

function hexOf(text: string | undefined): string {
  return text === undefined ? 'nothing' : `0x${Buffer.from(text, 'latin1').toString('hex').slice(0, 200)}`
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (unit) => unit.charCodeAt(0))
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))
}

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** The chain takes a command, and proves it. */
export async function checkProgress(chain: Chain, proves: (proof: string) => boolean): Promise<void> {
  const payload = utf8('{"key":"progress","value":"made"}')
  const sent = chain.submit({ client: 'progress', request: 1n, type: 'put', payload })
  const receipt = await sent.catch((error: unknown) => {
    throw new Broken('progress', `the faults are over, and a command is refused: ${String(error)}`, error)
  })
  demand(receipt.status === 0, 'progress', 'a command that nothing speaks against was rejected')
  demand(proves(await receipt.proof()), 'proof', 'what was proved does not verify')
}
