/**
 * A store that does not hold what was written: every record with a bit flipped, and every record missing. Reads and proofs are right
 * or refused; nothing wrong is proved, and no root is made on top of it.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { Batch } from '../../src/ports/store.ts'
import { StateTree } from '../../src/state/tree.ts'
import { versionKey } from '../../src/store/keys.ts'
import { CairnError, MemoryStateTree, toHex, type Write } from '../../src/verify/index.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Random, seed } from '../support/seed.ts'

const hasher = await wasmHasher()
console.log(`seed ${seed}`)
const SETTINGS = { cacheBytes: 1 << 18, checkpoints: { every: 4, over: 2 } }
const VERSIONS = 14
const keys = Array.from({ length: 40 }, (_, i) => Uint8Array.of(1, i))

async function filled(random: Random): Promise<{ store: MemoryStore; expected: MemoryStateTree[] }> {
  const store = new MemoryStore()
  const tree = await StateTree.open(store, 'state', hasher, SETTINGS)
  const expected: MemoryStateTree[] = []
  for (let version = 0; version < VERSIONS; version++) {
    const writes = Array.from({ length: 9 }, (): Write => [random.pick(keys), random.below(5) ? random.bytes(6) : null])
    const plain = expected.at(-1)?.copy() ?? new MemoryStateTree(hasher)
    plain.update(writes)
    expected.push(plain)
    await apply(store, tree, writes)
  }
  return { store, expected }
}

async function apply(store: MemoryStore, tree: StateTree, writes: readonly Write[]): Promise<void> {
  const prepared = tree.prepare(tree.version + 1, writes)
  const batch = new Batch()
  tree.addTo(batch, prepared)
  await store.write(batch)
  tree.markApplied(prepared)
}

function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key)
}

function codeOf(error: unknown): string {
  if (error instanceof CairnError) return error.code
  throw error
}

/** What a reader is told, or the code of the error that it gets. */
function asked<T>(ask: () => T): T | string {
  try {
    return ask()
  } catch (error) {
    return codeOf(error)
  }
}

/** Asks a store everything that it may be asked: the codes of what it refuses, and the answers that are not those of the plain trees. */
async function read(
  store: MemoryStore,
  expected: readonly MemoryStateTree[],
  random: Random,
): Promise<{ codes: string[]; wrong: unknown[] }> {
  const codes: string[] = []
  const wrong: unknown[] = []
  const judge = (question: string, answer: unknown, right: unknown): void => {
    if (typeof answer === 'string') codes.push(answer)
    else if (!isDeepStrictEqual(answer, right)) wrong.push({ question, answer, right })
  }
  const tree = await StateTree.open(store, 'state', hasher, SETTINGS).catch(codeOf)
  if (typeof tree === 'string') return { codes: [tree], wrong }
  for (let i = 0; i < 12; i++) {
    const version = random.below(VERSIONS)
    const key = random.pick(keys)
    const plain = expected[version]
    judge(
      `the proof of ${toHex(key)} at ${version}`,
      asked(() => tree.prove(version, key)),
      plain?.prove(key),
    )
    judge(
      `${toHex(key)} at ${version}`,
      asked(() => tree.getAt(version, key)),
      plain?.get(key),
    )
    judge(
      `the root of ${version}`,
      asked(() => tree.rootAt(version)),
      plain?.root,
    )
  }
  // A store without its record of where the tree stands has an empty one.
  const newest = expected[tree.version] ?? new MemoryStateTree(hasher)
  for (const key of keys)
    judge(
      toHex(key),
      asked(() => tree.get(key)),
      newest.get(key),
    )
  judge('the newest root', tree.root, newest.root)
  for (const writes of [[], keys.map((key): Write => [key, Uint8Array.of(7)])]) {
    const next = newest.copy()
    next.update(writes)
    judge(
      'a root on top of it',
      asked(() => tree.prepare(tree.version + 1, writes).root),
      next.root,
    )
  }
  return { codes, wrong }
}

function flipped(value: Uint8Array, bit: number): Uint8Array {
  return value.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
}

it.each(['a bit flipped', 'gone'])('no record that is %s makes a wrong answer', async (what) => {
  const random = new Random()
  const { store, expected } = await filled(random)
  const names = [...store.names()]
  const codes: string[] = []
  for (const name of names) {
    const rotten = store.copy()
    const value = store.at(name)
    if (what === 'gone') rotten.put(name, undefined)
    else if (value.length > 0) rotten.put(name, flipped(value, random.below(8 * value.length)))
    const found = await read(rotten, expected, random)
    expect(found.wrong).toEqual([])
    codes.push(...found.codes)
  }
  // The record of where the tree stands may lead to an older version, never to a wrong one.
  expect(new Set(codes.filter((code) => code !== 'unknown_version' && code !== 'pruned'))).toEqual(
    new Set(['store_damaged']),
  )
  // Some records nobody asks for, as values that were overwritten long ago; enough of the others are found.
  expect(codes.length).toBeGreaterThan(names.length / 10)
})

it('no bit of the newest changes makes a wrong answer', async () => {
  const random = new Random()
  const { store, expected } = await filled(random)
  const newest = nameOf(versionKey('changes', 'state', VERSIONS - 1))
  let refused = 0
  for (const name of [...store.names()].filter((each) => each.startsWith(newest))) {
    const value = store.at(name)
    for (let bit = random.below(5); bit < 8 * value.length; bit += 5) {
      const rotten = store.copy()
      rotten.put(name, flipped(value, bit))
      const { codes, wrong } = await read(rotten, expected, random)
      expect(wrong).toEqual([])
      if (codes.length > 0) refused++
    }
  }
  expect(refused).toBeGreaterThan(100)
})

it('a leaf that was moved to the slot beside it is found, though the hash of its page is the same', async () => {
  const random = new Random()
  const { store, expected } = await filled(random)
  let moved = 0
  for (const name of [...store.names()].filter((each) => each.startsWith('ns'))) {
    const page = store.at(name)
    const slots = new DataView(page.buffer)
    const [taken, leaves] = [slots.getUint16(0, true), slots.getUint16(2, true)]
    for (let slot = 0; slot < 16; slot++) {
      if (((leaves >> slot) & 1) === 0 || ((taken >> (slot ^ 1)) & 1) === 1) continue
      const swap = 3 << (slot & ~1)
      const other = page.slice()
      new DataView(other.buffer).setUint16(0, taken ^ swap, true)
      new DataView(other.buffer).setUint16(2, leaves ^ swap, true)
      const rotten = store.copy()
      rotten.put(name, other)
      expect((await read(rotten, expected, random)).wrong).toEqual([])
      moved++
    }
  }
  expect(moved).toBeGreaterThan(5)
})

it('a root is believed only where there is a page of that hash, even if nothing changed since', async () => {
  const store = new MemoryStore()
  const tree = await StateTree.open(store, 'state', hasher, { cacheBytes: 1 << 18, checkpoints: { every: 2, over: 1 } })
  for (let version = 0; version < 8; version++) {
    await apply(store, tree, version === 0 ? [[Uint8Array.of(1), Uint8Array.of(1)]] : [])
  }
  for (const version of [1, 7]) {
    const rotten = store.copy()
    const name = nameOf(versionKey('root', 'state', version))
    rotten.put(name, flipped(store.at(name), 43))
    const opening = StateTree.open(rotten, 'state', hasher, SETTINGS).then((opened) => opened.rootAt(version))
    await expect(opening).rejects.toMatchObject({ code: 'store_damaged' })
  }
})
