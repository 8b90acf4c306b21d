/**
 * The oracle is FORMAT §7 read aloud, as recursive functions over a set of keys. It knows no history, so it also says that the
 * root depends on the set alone. Keys can be chosen bit by bit here (a raw key of 32 bytes is its own K, for the hash that is
 * passed in leaves 32 bytes as they are), so that trees reach the depth of 256 that no honest hash would.
 */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/verify/bytes.ts'
import type { Hasher } from '../../../src/verify/engine.ts'
import { EMPTY, verifyState } from '../../../src/verify/state-proof.ts'
import { MemoryStateTree } from '../../../src/verify/state-tree.ts'
import { rememberingHasher } from '../../support/remembering-hasher.ts'
import { Random, seed } from '../../support/seed.ts'
import { type Pair, pair, proofOf, rootOf } from '../../support/state-definition.ts'

const keccak = rememberingHasher()
const hasher: Hasher = { ...keccak, hash: (message) => (message.length === 32 ? message : keccak.hash(message)) }

function treeOf(pairs: readonly Pair[]): MemoryStateTree {
  const tree = new MemoryStateTree(hasher)
  tree.update(pairs.map(({ key, value }) => [key, value]))
  return tree
}

function expectAsDefined(pairs: readonly Pair[], absent: readonly Uint8Array[]): void {
  const tree = treeOf(pairs)
  const root = rootOf(pairs)
  expect(toHex(tree.root)).toBe(toHex(root))
  for (const key of [...pairs.map(({ key }) => key), ...absent]) {
    const proof = proofOf(pairs, key)
    expect(tree.prove(key)).toEqual(proof)
    expect(verifyState(root, key, proof, hasher)).toBe(true)
    expect(verifyState(root, key, { ...proof, value: proof.value === null ? key : null }, hasher)).toBe(false)
  }
}

describe(`a state tree is what FORMAT §7 says (CAIRN_SEED=${seed})`, () => {
  const random = new Random()
  /** A value that the hash does not take for a key. */
  const value = (): Uint8Array => random.bytes(random.below(31))
  const flipped = (key: Uint8Array, bit: number): Uint8Array => {
    const copy = Uint8Array.from(key)
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (0x80 >> (bit & 7))
    return copy
  }

  it('of no key, of one, of some, of hundreds', () => {
    expect(toHex(treeOf([]).root)).toBe(toHex(EMPTY))
    for (const count of [0, 1, 2, 3, 4, 5, 10, 50, 200]) {
      const pairs = Array.from({ length: count }, () => pair(random.bytes(32), value()))
      expectAsDefined(
        pairs,
        Array.from({ length: 20 }, () => random.bytes(32)),
      )
    }
  })

  it('of two keys that part at any bit, down to the last', () => {
    const some = Array.from({ length: 12 }, () => random.below(256))
    for (const bit of [0, 1, 2, 7, 8, 9, ...some, 247, 248, 253, 254, 255]) {
      const key = random.bytes(32)
      const pairs = [pair(key, value()), pair(flipped(key, bit), value())]
      const absent = [flipped(key, (bit + 1) % 256), flipped(key, Math.max(0, bit - 1)), random.bytes(32)]
      expectAsDefined(
        pairs,
        absent.filter((each) => pairs.every((other) => toHex(other.key) !== toHex(each))),
      )
      expect(treeOf(pairs).prove(key).siblings.length).toBe(bit + 1)
    }
  })

  it('of keys that crowd below one long prefix', () => {
    for (let run = 0; run < 4; run++) {
      const key = random.bytes(32)
      const bits = Array.from({ length: 12 }, () => 200 + random.below(56))
      const keys = new Map([key, ...bits.map((bit) => flipped(key, bit))].map((each) => [toHex(each), each]))
      const pairs = [...keys.values()].map((each) => pair(each, value()))
      const absent = Array.from({ length: 15 }, () => flipped(key, random.below(256)))
      expectAsDefined(
        pairs,
        absent.filter((each) => !keys.has(toHex(each))),
      )
    }
  })

  it('after deletes as if the deleted keys had never been', () => {
    const key = random.bytes(32)
    const left = [key, ...[0, 3, 100, 101, 254, 255].map((bit) => flipped(key, bit))].map((each) => pair(each, value()))
    const tree = treeOf(left)
    while (left.length > 0) {
      expect(toHex(tree.root)).toBe(toHex(rootOf(left)))
      const [gone] = left.splice(random.below(left.length), 1)
      tree.update([[gone?.key as Uint8Array, null]])
    }
    expect(toHex(tree.root)).toBe(toHex(EMPTY))
  })

  it('where a value may be empty, which is not absence', () => {
    const key = random.bytes(32)
    const empty = pair(key, new Uint8Array(0))
    expectAsDefined([empty], [random.bytes(32)])
    expect(treeOf([empty]).get(key)).toEqual(new Uint8Array(0))
    expect(verifyState(treeOf([empty]).root, key, { value: null, siblings: [] }, hasher)).toBe(false)
  })

  it('and refuses a proof deeper than a key has bits', () => {
    const key = random.bytes(32)
    const proof = treeOf([pair(key, value()), pair(flipped(key, 255), value())]).prove(key)
    expect(proof.siblings.length).toBe(256)
    expect(verifyState(EMPTY, key, { ...proof, siblings: [...proof.siblings, EMPTY] }, hasher)).toBe(false)
  })
})
