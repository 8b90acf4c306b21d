/**
 * What callers of a tree do wrong, or in an order that nobody thought of, and what memory runs out of: nothing of it makes a wrong root,
 * loses a page or leaves one behind.
 */
import { deepEqual } from 'node:assert/strict'
import { expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { Batch } from '../../src/ports/store.ts'
import type { Prepared } from '../../src/state/prepare.ts'
import { StateTree, type TreeSettings } from '../../src/state/tree.ts'
import { MemoryStateTree, type Write } from '../../src/verify/index.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Random, seed } from '../support/seed.ts'

const hasher = await wasmHasher()
console.log(`seed ${seed}`)
const SETTINGS: TreeSettings = { cacheBytes: 1 << 20, checkpoints: { every: 3, over: 2 } }

const key = (n: number): Uint8Array => Uint8Array.of(1, n, n >> 8)
const value = (n: number): Uint8Array => Uint8Array.of(n, n >> 8, n >> 16)
const write = (n: number, to: number): Write => [key(n), value(to)]

async function open(store: MemoryStore, settings: TreeSettings = SETTINGS): Promise<StateTree> {
  return StateTree.open(store, 'state', hasher, settings)
}

async function apply(store: MemoryStore, tree: StateTree, prepared: Prepared): Promise<void> {
  const batch = new Batch()
  tree.addTo(batch, prepared)
  await store.write(batch)
  tree.markApplied(prepared)
}

/** A tree of so many keys, and the plain one that it must be. */
async function grown(
  count: number,
  settings: TreeSettings = SETTINGS,
): Promise<{ store: MemoryStore; tree: StateTree; plain: MemoryStateTree }> {
  const store = new MemoryStore()
  const tree = await open(store, settings)
  const plain = new MemoryStateTree(hasher)
  const writes = Array.from({ length: count }, (_, n) => write(n, n))
  plain.update(writes)
  await apply(store, tree, tree.prepare(0, writes))
  return { store, tree, plain }
}

it('a stack of versions goes on over pages that nearly do not fit into the cache', async () => {
  const random = new Random()
  for (let life = 0; life < 12; life++) {
    const cacheBytes = random.pick([40_000, 70_000, 110_000])
    const checkpoints = { every: 1 + random.below(2), over: 1 + random.below(2) }
    const { store, tree, plain } = await grown(1500, { cacheBytes, checkpoints })
    const height = 2 + random.below(6)
    const waiting: Prepared[] = []
    for (let version = 1; version < 60; version++) {
      const writes = Array.from({ length: 1 + random.below(4) }, () => write(random.below(1500), random.below(1 << 20)))
      // One key again and again: patches over patches.
      if (version % 4 === 0) writes.push(write(7, version))
      const prepared = tree.prepare(version, writes, waiting.at(-1))
      plain.update(writes)
      deepEqual(prepared.root, plain.root)
      waiting.push(prepared)
      while (waiting.length > height) await apply(store, tree, waiting.shift() as Prepared)
    }
  }
})

it('memory keeps to its setting while a tree grows to many times that', async () => {
  const cacheBytes = 128 << 10
  const { store, tree, plain } = await grown(1, { cacheBytes, checkpoints: { every: 2, over: 1 } })
  for (let version = 1; version < 300; version++) {
    const writes = Array.from({ length: 20 }, (_, i) => write(20 * version + i, version))
    plain.update(writes)
    await apply(store, tree, tree.prepare(version, writes))
    expect(tree.memory).toBeLessThanOrEqual(cacheBytes)
  }
  deepEqual(tree.root, plain.root)
})

it('versions that are dropped leave no memory behind, by name or because another one was applied', async () => {
  const { store, tree } = await grown(300)
  for (let version = 1; version < 4; version++) await apply(store, tree, tree.prepare(version, [write(1, version)]))
  const before = tree.memory
  for (let i = 0; i < 50; i++) {
    const one = tree.prepare(4, [write(2, i)])
    const onOne = tree.prepare(5, [write(3, i)], one)
    tree.drop(one)
    expect(tree.memory).toBe(before)
    expect(() => tree.get(key(3), onOne)).toThrow(RangeError)
    expect(() => tree.prepare(5, [], one)).toThrow(RangeError)
    tree.drop(one)
  }
  const others = Array.from({ length: 50 }, (_, i) => tree.prepare(4, [write(2, i)]))
  expect(tree.memory).toBeGreaterThan(before)
  await apply(store, tree, tree.prepare(4, [write(2, 7)]))
  expect(tree.memory).toBeLessThan(before + 2000)
  expect(tree.get(key(2), others[0])).toEqual(value(7))
})

it.each(['dropped', 'taken away'])('reading pages that are %s changes none that stands in their place', async (how) => {
  for (let life = 0; life < 12; life++) {
    const { store, tree } = await grown(1)
    const first = 3000 * (life + 1)
    const writes = Array.from({ length: 2000 }, (_, i) => write(first + i, i))
    const read = tree.prepare(1, writes)
    if (how === 'taken away') await apply(store, tree, read)
    for (let i = 0; i < 3; i++) tree.get(key(first + i), read)
    if (how === 'dropped') tree.drop(read)
    else
      await apply(
        store,
        tree,
        tree.prepare(
          2,
          writes.map(([rawKey]) => [rawKey, null]),
        ),
      )

    const others = Array.from({ length: 4000 }, (_, i) => write(50_000 + i, i))
    await apply(store, tree, tree.prepare(tree.version + 1, others))
    for (let i = 0; i < 4000; i++) deepEqual(tree.get(key(50_000 + i)), value(i))
  }
})

it('a batch that was not written may be made again', async () => {
  const { store, tree, plain } = await grown(300)
  for (let version = 1; version < 20; version++) {
    const writes = Array.from({ length: 20 }, (_, i) => write(13 * version + i, version))
    plain.update(writes)
    const prepared = tree.prepare(version, writes)
    tree.addTo(new Batch(), prepared)
    await apply(store, tree, prepared)
  }
  const reopened = await open(store)
  deepEqual(reopened.root, plain.root)
  expect([...reopened.entries(reopened.version)].length).toBeGreaterThan(299)
})

it('a prune and a version that is being applied do not undo one another', async () => {
  for (let last = 9; last < 15; last++) {
    const { store, tree, plain } = await grown(200)
    const writesOf = (version: number): Write[] =>
      Array.from({ length: 20 }, (_, i) => write(13 * version + i, version))
    for (let version = 1; version < last; version++) {
      plain.update(writesOf(version))
      await apply(store, tree, tree.prepare(version, writesOf(version)))
    }
    plain.update(writesOf(last))
    const prepared = tree.prepare(last, writesOf(last))
    const batch = new Batch()
    tree.addTo(batch, prepared)
    if (last % 2 === 0) await tree.prune(last - 2)
    await store.write(batch)
    if (last % 2 === 1) await tree.prune(last - 2)
    tree.markApplied(prepared)

    const reopened = await open(store)
    expect(reopened.version).toBe(last)
    deepEqual(reopened.root, plain.root)
    expect(() => reopened.rootAt(last - 3)).toThrow(expect.objectContaining({ code: 'pruned' }))
    await reopened.prune(last)
    expect([...reopened.entries(last)].length).toBeGreaterThan(199)
  }
})

it('a pin holds over a restart', async () => {
  const { store, tree } = await grown(50)
  for (let version = 1; version < 8; version++) await apply(store, tree, tree.prepare(version, [write(1, version)]))
  await tree.pin(3)
  await (await open(store)).prune(7)
  const reopened = await open(store)
  expect(reopened.getAt(3, key(1))).toEqual(value(3))
  await reopened.unpin(3)
  expect(() => reopened.getAt(3, key(1))).toThrow(expect.objectContaining({ code: 'pruned' }))
})

it('what does not follow is refused, and changes nothing', async () => {
  const { store, tree } = await grown(3)
  const [one, other] = [tree.prepare(1, [write(1, 7)]), tree.prepare(1, [write(1, 8)])]
  const onOther = tree.prepare(2, [write(2, 9)], other)
  const onOne = tree.prepare(2, [write(2, 9)], one)
  expect(() => tree.markApplied(onOne)).toThrow(RangeError)
  await apply(store, tree, one)
  expect(() => tree.addTo(new Batch(), onOther)).toThrow(RangeError)
  expect(() => tree.markApplied(onOther)).toThrow(RangeError)
  expect(() => tree.prepare(3, [write(1, 1)], onOther)).toThrow(RangeError)
  expect(() => tree.get(key(1), onOther)).toThrow(RangeError)
  for (const version of [0, 3, 2.5, -1, Number.NaN]) expect(() => tree.prepare(version, [])).toThrow(RangeError)
  for (const version of [0.5, -1, 2, Number.NaN]) {
    expect(() => tree.getAt(version, key(1))).toThrow(expect.objectContaining({ code: 'unknown_version' }))
  }
  expect([tree.version, tree.get(key(1))]).toEqual([1, value(7)])
})

it('keys and values are bounded before anything is made of them', async () => {
  const { tree } = await grown(3)
  const tooLarge = expect.objectContaining({ code: 'too_large' })
  expect(() => tree.prepare(1, [[new Uint8Array(1025), value(1)]])).toThrow(tooLarge)
  expect(() => tree.prepare(1, [[key(1), new Uint8Array((1 << 20) + 1)]])).toThrow(tooLarge)
  expect(() => tree.prepare(1, [[new Uint8Array(1024), new Uint8Array(1 << 20)]])).not.toThrow()
})

it('nothing that a caller gave or got is the tree’s own', async () => {
  const { store, tree, plain } = await grown(0)
  const [rawKey, given] = [key(1), value(1)]
  const prepared = tree.prepare(1, [[rawKey, given]])
  plain.update([write(1, 1)])
  rawKey.fill(9)
  given.fill(9)
  tree.get(key(1), prepared)?.fill(9)
  await apply(store, tree, prepared)
  prepared.root.fill(9)
  tree.root.fill(9)
  tree.get(key(1))?.fill(9)
  for (const sibling of tree.prove(1, key(2)).siblings) sibling.fill(9)
  deepEqual(tree.root, plain.root)
  deepEqual(tree.get(key(1)), value(1))
  deepEqual(tree.prove(1, key(2)), plain.prove(key(2)))
})

it('orderly ends leave no page behind that nobody needs, whatever checkpoint was being written', async () => {
  for (const [every, over] of [
    [1, 1],
    [2, 3],
    [3, 2],
    [100, 1],
  ] as const) {
    const settings = { cacheBytes: 1 << 20, checkpoints: { every, over } }
    const store = new MemoryStore()
    let tree = await open(store, settings)
    for (let version = 0; version < 40; version++) {
      const writes = Array.from({ length: 30 }, (_, i) => write(version < 30 ? i + 5 * version : i, version))
      await apply(store, tree, tree.prepare(version, writes))
      if (version % 5 !== 4) continue
      await tree.checkpoint()
      if (version % 2 === 0) tree = await open(store, settings)
    }
    await tree.checkpoint()
    await tree.prune(39)
    const reachable = new Set<string>()
    const pages = [...store.names()].filter((name) => name.startsWith('n'))
    for (const name of pages) reachable.add(name.slice(10))
    // Of each path one page, and the whole one where that is a patch: no more than two.
    for (const path of reachable) expect(pages.filter((name) => name.slice(10) === path).length).toBeLessThan(3)
    expect([...tree.entries(39)].length).toBe(175)
  }
})

it('whatever batch of a pruning a power cut keeps alone, what it deleted is said to be pruned', async () => {
  const { store, tree } = await grown(3000)
  for (let version = 1; version < 12; version++) {
    const writes = Array.from({ length: 400 }, (_, i) => write(i, version))
    await apply(store, tree, tree.prepare(version, writes))
  }
  await tree.pin(2)
  await tree.pin(7)
  const before = store.copy()
  const batches: Batch[] = []
  store.write = (batch): Promise<void> => {
    batches.push(batch)
    store.apply(batch)
    return Promise.resolve()
  }
  await tree.unpin(2)
  await tree.prune(9)
  expect(batches.length).toBeGreaterThan(3)
  for (const batch of batches.slice(1)) {
    const left = before.copy()
    left.apply(batch)
    const reopened = await open(left)
    for (const version of [0, 1, 2, 5, 8]) {
      expect(() => reopened.getAt(version, key(3))).toThrow(expect.objectContaining({ code: 'pruned' }))
    }
    for (const version of [7, 9, 11]) expect(reopened.getAt(version, key(3))).toEqual(value(version))
  }
})

it('an empty tree leaves nothing behind but where it stands', async () => {
  const store = new MemoryStore()
  let tree = await open(store, { cacheBytes: 1 << 16, checkpoints: { every: 2, over: 1 } })
  for (let version = 0; version < 4; version++) await apply(store, tree, tree.prepare(version, [write(1, version)]))
  await apply(store, tree, tree.prepare(4, [[key(1), null]]))
  tree = await open(store, { cacheBytes: 1 << 16, checkpoints: { every: 2, over: 1 } })
  for (let version = 5; version < 14; version++) await apply(store, tree, tree.prepare(version, []))
  await tree.prune(13)
  // Its root, where it stands, what is retained.
  expect([...store.names()].map((name) => name.charAt(0)).toSorted()).toEqual(['m', 'm', 'r'])
})

it.each([0, -1, 1.5, Number.NaN])('%s is no setting', async (number) => {
  for (const settings of [
    { ...SETTINGS, cacheBytes: number },
    { ...SETTINGS, checkpoints: { every: number, over: 1 } },
    { ...SETTINGS, checkpoints: { every: 1, over: number } },
  ]) {
    await expect(open(new MemoryStore(), settings)).rejects.toThrow(RangeError)
  }
})

it('more memory than its addresses reach is no setting', async () => {
  const settings = { ...SETTINGS, cacheBytes: 3 * 2 ** 30 + 1 }
  await expect(open(new MemoryStore(), settings)).rejects.toThrow(RangeError)
})

it('text is no key and no value, and makes no version', async () => {
  const { tree } = await grown(3)
  for (const write of [
    ['a', value(1)],
    [key(1), 'b'],
    [key(1), undefined],
    [undefined, value(1)],
    [[1], value(1)],
  ]) {
    expect(() => tree.prepare(1, [write as unknown as Write])).toThrow(TypeError)
  }
  expect(tree.prepare(1, [[key(1), null]]).version).toBe(1)
})

it('a tree of another name is none: it would share its place with all others of such names', async () => {
  const store = new MemoryStore()
  for (const name of ['accounts', '', 'toString', undefined]) {
    await expect(StateTree.open(store, name as 'state', hasher, SETTINGS)).rejects.toThrow('a tree is state or risk')
  }
})
