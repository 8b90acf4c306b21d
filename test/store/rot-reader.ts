/**
 * A process that opens a store and reads all of it, for test/store/rot.test.ts: of its own, because LevelDB ends the process where
 * it meets what it does not expect. It is told over its channel what to do, and knows from the seed alone what the store has to hold.
 *
 * Every answer has to be the right one or a reported error. What stands where is a record of the store too; an old one, or none, may
 * be found in its place. Then the tree or the range says so by its version or size, which the journal knows, and everything that it
 * answers is right for that one.
 */
import { ok } from 'node:assert/strict'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { openLevelStore } from '../../src/ports/level-store.ts'
import { Batch, type Store } from '../../src/ports/store.ts'
import { StoredRange } from '../../src/ranges/range.ts'
import { StateTree } from '../../src/state/tree.ts'
import { equal } from '../../src/verify/bytes.ts'
import {
  Frontier,
  MemoryStateTree,
  type SizedRoot,
  verifyConsistency,
  verifyInclusion,
  verifyState,
  type Write,
} from '../../src/verify/index.ts'
import { Random } from '../support/seed.ts'

/** Fill a new store in this folder, or read the one that is there, with random choices from `seed`. */
export type Order = { readonly fill: string } | { readonly read: string; readonly seed: number }

/** How often what was reported, by its code; or what was wrong. */
export type Answer = { readonly reports: Readonly<Record<string, number>> } | { readonly wrong: string }

const hasher = await wasmHasher()

const TREE_SETTINGS = { cacheBytes: 1 << 21, checkpoints: { every: 5, over: 2 } }
const VERSIONS = 28
/** Those below it are pruned, but for the pinned one. */
const OLDEST = 9
const PINNED = 4
const RETAINED = [PINNED, ...Array.from({ length: VERSIONS - OLDEST }, (_, i) => OLDEST + i)]
const ENTRIES_EACH = 110

/** Those that begin with 2 are never written. */
const written = Array.from({ length: 2000 }, (_, i) => Uint8Array.of(1, i >> 8, i))
const keys = [...written, ...Array.from({ length: 50 }, (_, i) => Uint8Array.of(2, 0, i))]
/** In the order in which a tree has them. */
const inOrder = keys
  .map((key) => ({ key, hash: hasher.hash(key) }))
  .toSorted((a, b) => Buffer.compare(a.hash, b.hash))
  .map(({ key }) => key)

/** A version: what is written, and what the store has to say of it afterwards. */
interface Version {
  readonly writes: readonly Write[]
  readonly added: readonly Uint8Array[]
  readonly tree: MemoryStateTree
  readonly values: ReadonlyMap<string, Uint8Array>
  readonly range: SizedRoot
}
const NOTHING = { tree: new MemoryStateTree(hasher), values: new Map<string, Uint8Array>() }
const versions = makeVersions(new Random())
const entries = versions.flatMap(({ added }) => added)

function makeVersions(random: Random): Version[] {
  const versions: Version[] = []
  const tree = new MemoryStateTree(hasher)
  const values = new Map<string, Uint8Array>()
  let frontier = Frontier.empty
  for (let version = 0; version < VERSIONS; version++) {
    const writes = version === 0 ? written.map((key): Write => [key, random.bytes(40)]) : someWrites(random, 120)
    const added = Array.from({ length: ENTRIES_EACH }, () => random.bytes(32))
    tree.update(writes)
    for (const [key, value] of writes) {
      if (value === null) values.delete(String(key))
      else values.set(String(key), value)
    }
    frontier = frontier.append(added, hasher)
    const range = { size: frontier.size, root: frontier.root(hasher) }
    versions.push({ writes, added, tree: tree.copy(), values: new Map(values), range })
  }
  return versions
}

function someWrites(random: Random, count: number): Write[] {
  return Array.from({ length: count }, (): Write => {
    return [random.pick(written), random.below(6) === 0 ? null : random.bytes(random.below(100))]
  })
}

/**
 * Fills the store in three parts. Opened again, LevelDB makes a table of all that was only in its log; the later ones hold newer
 * values of what is in those before, and deletions of it. So few that it hardly merges any: a seed gives the same tables, and flips
 * the same bits of them.
 */
async function fill(location: string): Promise<void> {
  for (const to of [12, 20, VERSIONS]) {
    const store = await openLevelStore(location)
    const tree = await StateTree.open(store, 'state', hasher, TREE_SETTINGS)
    const range = await StoredRange.open(store, 'commands', hasher)
    for (let version = tree.version + 1; version < to; version++) {
      await apply(store, tree, range, version)
      if (version === PINNED) await tree.pin(version)
    }
    if (to === VERSIONS) await tree.prune(OLDEST)
    await store.close()
  }
  await (await openLevelStore(location)).close()
}

async function apply(store: Store, tree: StateTree, range: StoredRange, version: number): Promise<void> {
  const { writes, added } = expectedAt(version)
  const [prepared, appended] = [tree.prepare(version, writes), range.prepare(added)]
  const batch = new Batch()
  tree.addTo(batch, prepared)
  range.addTo(batch, appended)
  await store.write(batch)
  tree.markApplied(prepared)
  range.markApplied(appended)
}

/** Asks, and counts the errors that report damage; any other error is none. */
class Reader {
  readonly reports = new Map<string, number>()

  ask<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      this.report(error)
      return undefined
    }
  }

  async wait<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read()
    } catch (error) {
      this.report(error)
      return undefined
    }
  }

  note(what: string): void {
    this.reports.set(what, (this.reports.get(what) ?? 0) + 1)
  }

  private report(error: unknown): void {
    const code = codesOf(error).find((each) => REPORTS.has(each))
    if (code === undefined) throw error
    this.note(code)
  }
}

/** The last two where the record of what is retained rotted: they say nothing of a key. */
const REPORTS = new Set(['store_damaged', 'LEVEL_CORRUPTION', 'LEVEL_IO_ERROR', 'pruned', 'unknown_version'])

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  return [...('code' in error ? [String(error.code)] : []), ...codesOf(error.cause)]
}

/** Reads all that a store holds; throws where an answer is wrong. */
async function readAll(store: Store, reader: Reader, random: Random): Promise<void> {
  const tree = await reader.wait(() => StateTree.open(store, 'state', hasher, TREE_SETTINGS))
  if (tree !== undefined) await readTree(tree, reader, random)
  const range = await reader.wait(() => StoredRange.open(store, 'commands', hasher))
  if (range !== undefined) readRange(range, reader, random)
}

async function readTree(tree: StateTree, reader: Reader, random: Random): Promise<void> {
  const { version } = tree
  if (version !== VERSIONS - 1) reader.note('another version')
  ok(version < VERSIONS, 'a version that never was')
  const { tree: plain, values } = versions[version] ?? NOTHING
  demandEqual(tree.root, plain.root, 'the root')
  for (const key of keys)
    reader.ask(() => demandEqual(tree.get(key), values.get(String(key)), `the value of ${String(key)}`))
  if (version >= 0) {
    for (const key of keys) proveAt(tree, version, key, reader)
    readEntries(tree, version, reader)
  }
  for (const older of RETAINED.filter((each) => each < version && random.below(7) === 0)) {
    reader.ask(() => demandEqual(tree.rootAt(older), expectedAt(older).tree.root, `the root at ${older}`))
    for (let i = 0; i < 40; i++) {
      const key = random.pick(keys)
      proveAt(tree, older, key, reader)
      const right = expectedAt(older).values.get(String(key))
      reader.ask(() => demandEqual(tree.getAt(older, key), right, `the value of ${String(key)} at ${older}`))
    }
    if (random.below(2) === 0) readEntries(tree, older, reader)
  }
  const writes = someWrites(random, 100)
  const next = plain.copy()
  next.update(writes)
  const prepared = reader.ask(() => tree.prepare(version + 1, writes))
  if (prepared !== undefined) demandEqual(prepared.root, next.root, 'the root of a version on top')
}

function expectedAt(version: number): Version {
  return versions[version] as Version
}

function demandEqual(found: Uint8Array | undefined, right: Uint8Array | undefined, what: string): void {
  if (found === undefined && right === undefined) return
  ok(
    found !== undefined && right !== undefined && equal(found, right),
    `${what} is ${String(found)}, not ${String(right)}`,
  )
}

function proveAt(tree: StateTree, version: number, key: Uint8Array, reader: Reader): void {
  const { tree: plain, values } = expectedAt(version)
  const proof = reader.ask(() => tree.prove(version, key))
  if (proof === undefined) return
  demandEqual(proof.value ?? undefined, values.get(String(key)), `what is proved of ${String(key)} at ${version}`)
  ok(verifyState(plain.root, key, proof, hasher), `the proof of ${String(key)} at ${version} does not verify`)
}

function readEntries(tree: StateTree, version: number, reader: Reader): void {
  const { values } = expectedAt(version)
  const found = reader.ask(() => [...tree.entries(version)])
  if (found === undefined) return
  const there = inOrder.filter((key) => values.has(String(key)))
  ok(found.length === there.length, `${found.length} entries at ${version}, not ${there.length}`)
  for (const [i, [key, value]] of found.entries()) {
    demandEqual(key, there[i], `key ${i} at ${version}`)
    demandEqual(value, values.get(String(key)), `the value of key ${i} at ${version}`)
  }
}

function readRange(range: StoredRange, reader: Reader, random: Random): void {
  const { size } = range
  if (size !== BigInt(entries.length)) reader.note('another size')
  const standing = versions.findIndex((each) => each.range.size === size)
  ok(size === 0n || standing >= 0, `a size that never was: ${size}`)
  if (size === 0n) return
  const rangeAt = (version: number): SizedRoot => expectedAt(version).range
  demandEqual(range.root, rangeAt(standing).root, 'the root of the range')
  const proveIn = (index: bigint, whole: SizedRoot): void => {
    const path = reader.ask(() => range.inclusionPath(index, whole.size))
    if (path === undefined) return
    ok(
      verifyInclusion(index, entries[Number(index)] as Uint8Array, whole, path, hasher),
      `the path of entry ${index} of ${whole.size}`,
    )
  }
  for (let index = 0n; index < size; index++) proveIn(index, rangeAt(standing))
  for (let i = 0; i < 100; i++) {
    const at = random.below(standing + 1)
    const [older, newer] = [rangeAt(at), rangeAt(at + random.below(standing + 1 - at))]
    proveIn(BigInt(random.below(Number(older.size))), older)
    const path = reader.ask(() => range.consistencyPath(older.size, newer.size))
    if (path !== undefined)
      ok(verifyConsistency(older, newer, path, hasher), `the path from ${older.size} to ${newer.size}`)
  }
  const added = entries.slice(0, 300)
  const root = Frontier.empty.append([...entries.slice(0, Number(size)), ...added], hasher).root(hasher)
  demandEqual(range.prepare(added).root, root, 'the root of a range on top')
}

async function read(location: string, random: Random): Promise<Answer> {
  const reader = new Reader()
  try {
    const store = await reader.wait(() => openLevelStore(location))
    if (store === undefined) return { reports: Object.fromEntries(reader.reports) }
    try {
      await readAll(store, reader, random)
    } finally {
      await store.close()
    }
    return { reports: Object.fromEntries(reader.reports) }
  } catch (error) {
    return { wrong: error instanceof Error ? String(error.stack) : String(error) }
  }
}

process.on('message', (order: Order) => {
  void (
    'fill' in order ? fill(order.fill).then(() => ({ reports: {} })) : read(order.read, new Random(order.seed))
  ).then((answer: Answer) => process.send?.(answer))
})
