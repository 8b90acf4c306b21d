/**
 * The oracle is @zk-kit/sparse-merkle-tree, with our hash injected. Its tree has the shape of FORMAT §7 (a subtree of one key is
 * its leaf, however high up; when a delete leaves one key, its leaf moves up); three things are translated, nothing else:
 * - it walks a key from its least significant bit, we from the most: it gets our K with its bits in reverse order;
 * - it hashes `[key, value, '1']` for a leaf and `[left, right]` for an inner node: these get our two prefixes;
 * - its empty subtree is `'0'`: wherever that goes into a hash or comes out, it is our `empty`.
 * So its root is our root, and its siblings and matching entry are our proof, present or absent.
 */
import { SparseMerkleTree } from '@zk-kit/sparse-merkle-tree'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { EMPTY, type StateProof, verifyState } from '../../../src/verify/state-proof.ts'
import { MemoryStateTree } from '../../../src/verify/state-tree.ts'
import { Random, seed } from '../../support/seed.ts'

const { hasher } = nobleEngine
const LEAF = utf8('JMT::LeafNode')
const INNER = utf8('JMT::IntrnalNode')

const asTheirs = (bytes: Uint8Array): string => toHex(bytes).slice(2)
const asOurs = (hex: string): Uint8Array =>
  hex === '0' ? EMPTY : (fromHex(`0x${hex.padStart(64, '0')}`) as Uint8Array)

/** The same 256 bits, the last one first. */
function reversed(key: Uint8Array): Uint8Array {
  const bits = [...key].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const turned = bits.split('').reverse().join('')
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(turned.slice(8 * i, 8 * i + 8), 2))
}

function injected(children: readonly string[]): string {
  const [left, right, mark] = children.map(asOurs) as [Uint8Array, Uint8Array, Uint8Array?]
  return asTheirs(hasher.hash(mark === undefined ? concat(INNER, left, right) : concat(LEAF, reversed(left), right)))
}

/** Their tree, spoken to in our terms. */
class Oracle {
  private readonly tree = new SparseMerkleTree(injected)

  set(rawKey: Uint8Array, value: Uint8Array | null): void {
    const key = theirKey(rawKey)
    const isThere = this.tree.get(key) !== undefined
    if (value === null) {
      if (isThere) this.tree.delete(key)
    } else if (isThere) this.tree.update(key, asTheirs(hasher.hash(value)))
    else this.tree.add(key, asTheirs(hasher.hash(value)))
  }

  get root(): Uint8Array {
    return asOurs(this.tree.root)
  }

  /** Siblings from the bottom up, the other leaf where there is one, whether the key is there, and whether they agree. */
  prove(rawKey: Uint8Array): Pick<StateProof, 'siblings' | 'other'> & { isThere: boolean; holds: boolean } {
    const proof = this.tree.createProof(theirKey(rawKey))
    const siblings = proof.siblings.map(asOurs).reverse()
    const [key, value] = proof.matchingEntry ?? []
    const other = key === undefined ? {} : { other: { key: reversed(asOurs(key)), value: asOurs(value as string) } }
    return { siblings, ...other, isThere: proof.membership, holds: this.tree.verifyProof(proof) }
  }
}

const theirKey = (rawKey: Uint8Array): string => asTheirs(reversed(hasher.hash(rawKey)))

describe(`state trees are those of @zk-kit/sparse-merkle-tree (CAIRN_SEED=${seed})`, () => {
  const random = new Random()

  /** So few keys that most are deleted and come back, or so many that the tree grows deep. */
  it.each([
    ['4 keys', 4, 1500],
    ['60 keys', 60, 2500],
    ['5000 keys', 5000, 2500],
  ])('the root after every random write and delete among %s', (_, keys, writes) => {
    const [oracle, tree] = [new Oracle(), new MemoryStateTree(hasher)]
    const held = new Map<string, Uint8Array>()
    for (let i = 0; i < writes; i++) {
      const key = utf8(`key ${random.below(keys)}`)
      const value = random.below(5) < 2 ? null : random.bytes(random.below(20))
      oracle.set(key, value)
      expect(toHex(tree.update([[key, value]]))).toBe(toHex(oracle.root))
      if (value === null) held.delete(toHex(key))
      else held.set(toHex(key), value)
      if (i % 10 === 0) expectSameProof(tree, oracle, utf8(`key ${random.below(keys)}`), held)
    }
    for (const key of held.keys()) {
      oracle.set(fromHex(key) as Uint8Array, null)
      expect(toHex(tree.update([[fromHex(key) as Uint8Array, null]]))).toBe(toHex(oracle.root))
    }
    expect(toHex(tree.root)).toBe(toHex(EMPTY))
  })

  it('the proof of every key, and of absent ones of both kinds', () => {
    const [oracle, tree] = [new Oracle(), new MemoryStateTree(hasher)]
    const held = new Map<string, Uint8Array>()
    for (let i = 0; i < 300; i++) {
      const [key, value] = [utf8(`key ${i}`), random.bytes(random.below(20))]
      held.set(toHex(key), value)
      oracle.set(key, value)
      tree.update([[key, value]])
    }
    const kinds = new Set<string>()
    for (let i = 0; i < 900; i++) kinds.add(expectSameProof(tree, oracle, utf8(`key ${i}`), held))
    expect([...kinds].sort()).toEqual(['absent, empty slot', 'absent, other leaf', 'present'])
  })
})

function expectSameProof(
  tree: MemoryStateTree,
  oracle: Oracle,
  key: Uint8Array,
  held: ReadonlyMap<string, Uint8Array>,
): string {
  const { value, siblings, other } = tree.prove(key)
  const wanted = oracle.prove(key)
  expect(wanted.holds).toBe(true)
  expect(siblings.map(toHex)).toEqual(wanted.siblings.map(toHex))
  expect(other).toEqual(wanted.other)
  expect(value !== null).toBe(wanted.isThere)
  expect(value ?? undefined).toEqual(held.get(toHex(key)))
  // Their proof is accepted here, and what is false is not made true by it.
  const theirs = { siblings: wanted.siblings, ...(wanted.other && { other: wanted.other }) }
  expect(verifyState(oracle.root, key, { value, ...theirs }, hasher)).toBe(true)
  for (const lie of [value === null ? Uint8Array.of(1) : null, utf8('a value longer than any here')]) {
    expect(verifyState(oracle.root, key, { value: lie, ...theirs }, hasher)).toBe(false)
  }
  if (value !== null) return 'present'
  return other === undefined ? 'absent, empty slot' : 'absent, other leaf'
}
