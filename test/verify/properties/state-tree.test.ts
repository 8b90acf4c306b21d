/**
 * A state tree is its set of keys and values and nothing more: not the order of writes, not what was overwritten or deleted. It
 * proves every key, and every absence, and never the contrary.
 */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { equal, toHex, utf8 } from '../../../src/verify/bytes.ts'
import { EMPTY, verifyState } from '../../../src/verify/state-proof.ts'
import { MemoryStateTree, type Write } from '../../../src/verify/state-tree.ts'
import { rememberingHasher } from '../../support/remembering-hasher.ts'
import { Random, seed } from '../../support/seed.ts'

const hasher = rememberingHasher()
const KEYS = Array.from({ length: 30 }, (_, i) => utf8(`key ${i}`))

const write: fc.Arbitrary<Write> = fc.tuple(
  fc.constantFrom(...KEYS),
  fc.option(fc.uint8Array({ maxLength: 6 }), { freq: 2, nil: null }),
)
const writes = fc.array(write, { maxLength: 80 })

function treeOf(of: readonly Write[]): MemoryStateTree {
  const tree = new MemoryStateTree(hasher)
  tree.update(of)
  return tree
}

/** What is left when all writes are done. */
function leftOf(of: readonly Write[]): Write[] {
  const held = new Map(of.map(([key, value]) => [toHex(key), [key, value] as const]))
  return [...held.values()].filter(([, value]) => value !== null)
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.below(1 << 20) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

it('has a root that depends on the set alone', () => {
  fc.assert(
    fc.property(writes, fc.nat(), (all, from) => {
      const root = toHex(treeOf(all).root)
      expect(toHex(treeOf(shuffled(leftOf(all), new Random(from))).root)).toBe(root)
      const everything = KEYS.map((key): Write => [key, utf8('old')])
      const gone = KEYS.map((key): Write => [key, null])
      expect(toHex(treeOf([...everything, ...gone, ...all]).root)).toBe(root)
      const absent = KEYS.filter((key) => leftOf(all).every(([other]) => !equal(other, key)))
      expect(toHex(treeOf([...everything, ...leftOf(all), ...absent.map((key): Write => [key, null])]).root)).toBe(root)
    }),
    { seed, numRuns: 150 },
  )
})

it('has another root for every other set', () => {
  fc.assert(
    fc.property(writes, writes, (a, b) => {
      const [one, other] = [leftOf(a), leftOf(b)].map((left) =>
        left
          .map(([key, value]) => `${toHex(key)} ${toHex(value as Uint8Array)}`)
          .sort()
          .join(),
      )
      expect(equal(treeOf(a).root, treeOf(b).root)).toBe(one === other)
    }),
    { seed, numRuns: 300 },
  )
})

it('answers the root, whether the writes come one by one, in pieces or at once', () => {
  fc.assert(
    fc.property(writes, fc.nat({ max: 80 }), (all, cut) => {
      const tree = new MemoryStateTree(hasher)
      expect(toHex(tree.update([]))).toBe(toHex(EMPTY))
      expect(toHex(tree.update(all.slice(0, cut)))).toBe(toHex(treeOf(all.slice(0, cut)).root))
      expect(toHex(tree.update(all.slice(cut)))).toBe(toHex(treeOf(all).root))
      const single = new MemoryStateTree(hasher)
      for (const each of all) expect(toHex(single.update([each]))).toBe(toHex(single.root))
      expect(toHex(single.root)).toBe(toHex(tree.root))
    }),
    { seed, numRuns: 100 },
  )
})

it('proves every key and every absence, and never the contrary', () => {
  fc.assert(
    fc.property(writes, (all) => {
      const tree = treeOf(all)
      const held = new Map(leftOf(all).map(([key, value]) => [toHex(key), value]))
      for (const key of [...KEYS, utf8('never written')]) {
        const value = held.get(toHex(key)) ?? null
        const proof = tree.prove(key)
        expect(proof.value).toEqual(value)
        expect(tree.get(key)).toEqual(value ?? undefined)
        expect(verifyState(tree.root, key, proof, hasher)).toBe(true)
        const contrary = value === null ? utf8('there') : null
        expect(verifyState(tree.root, key, { ...proof, value: contrary }, hasher)).toBe(false)
        const { other: _, ...alone } = proof
        expect(verifyState(tree.root, key, { ...alone, value: contrary }, hasher)).toBe(false)
        // As if its own leaf were another key's.
        const own = { key: hasher.hash(key), value: hasher.hash(value ?? utf8('there')) }
        expect(verifyState(tree.root, key, { ...alone, value: null, other: own }, hasher)).toBe(false)
      }
    }),
    { seed, numRuns: 60 },
  )
})

it('goes its own way when it is a copy, and so does the one that it was copied from', () => {
  fc.assert(
    fc.property(writes, writes, writes, (before, here, there) => {
      const tree = treeOf(before)
      const copy = tree.copy()
      expect(toHex(copy.root)).toBe(toHex(tree.root))
      tree.update(here)
      copy.update(there)
      expect(toHex(tree.root)).toBe(toHex(treeOf([...before, ...here]).root))
      expect(toHex(copy.root)).toBe(toHex(treeOf([...before, ...there]).root))
      for (const key of KEYS) expect(verifyState(copy.root, key, copy.prove(key), hasher)).toBe(true)
    }),
    { seed, numRuns: 60 },
  )
})
