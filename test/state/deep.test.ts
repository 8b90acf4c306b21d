/**
 * Keys whose hashes share up to 62 of their 64 half-bytes: pages so deep that their paths are no numbers any more. Nobody can make such
 * keys for keccak, so this hash gives back what has 32 bytes; everything else is hashed as always.
 */
import { deepEqual } from 'node:assert/strict'
import { expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { Batch } from '../../src/ports/store.ts'
import { StateTree } from '../../src/state/tree.ts'
import { childPath, depthOf, parentPath, pathBytes, pathOfBytes, ROOT, slotOfPath } from '../../src/store/path.ts'
import { type Hasher, MemoryStateTree, verifyState, type Write } from '../../src/verify/index.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { Random, seed } from '../support/seed.ts'

console.log(`seed ${seed}`)
const keccak = await wasmHasher()
const hasher: Hasher = {
  name: 'transparent',
  hash: (message) => (message.length === 32 ? message.slice() : keccak.hash(message)),
  hashMany: (messages, size) => (size === 32 ? messages.slice() : keccak.hashMany(messages, size)),
}

/** A key that is like another one up to a half-byte. */
function alike(other: Uint8Array, nibbles: number, random: Random): Uint8Array {
  return other.map((byte, i) => {
    if (2 * i + 1 < nibbles) return byte
    return 2 * i + 1 === nibbles ? (byte & 0xf0) | random.below(16) : random.below(256)
  })
}

it('a tree of deep pages is the plain one, at every version and over restarts', async () => {
  const random = new Random()
  const keys = [random.bytes(32)]
  while (keys.length < 60) keys.push(alike(random.pick(keys), random.below(63), random))
  const settings = { cacheBytes: 1 << 15, checkpoints: { every: 3, over: 2 } }
  const store = new MemoryStore()
  let tree = await StateTree.open(store, 'state', hasher, settings)
  const plain: MemoryStateTree[] = []
  let deepest = 0
  for (let version = 0; version < 30; version++) {
    const writes = Array.from(
      { length: 12 },
      (): Write => [random.pick(keys), random.below(3) ? random.bytes(4) : null],
    )
    const expected = plain.at(-1)?.copy() ?? new MemoryStateTree(hasher)
    expected.update(writes)
    plain.push(expected)
    const prepared = tree.prepare(version, writes)
    deepEqual(prepared.root, expected.root)
    const batch = new Batch()
    tree.addTo(batch, prepared)
    await store.write(batch)
    tree.markApplied(prepared)
    if (version % 7 === 6) tree = await StateTree.open(store, 'state', hasher, settings)
    for (const key of keys) {
      const at = random.below(version + 1)
      const proof = tree.prove(at, key)
      deepEqual(proof, plain[at]?.prove(key))
      deepest = Math.max(deepest, proof.siblings.length)
      expect(verifyState(tree.rootAt(at), key, proof, hasher)).toBe(true)
      deepEqual(tree.getAt(at, key), plain[at]?.get(key))
    }
  }
  // Twelve half-bytes are the longest path that is a number.
  expect(deepest).toBeGreaterThan(4 * 14)
  const found = [...tree.entries(29)].map(([rawKey]) => rawKey)
  deepEqual(found, found.toSorted(Buffer.compare))
  expect(found.length).toBe(keys.filter((key) => plain.at(-1)?.get(key) !== undefined).length)
})

it.each([0, 1, 5, 64])(
  'paths that begin with %d zeros go down and up again, and to bytes and back, as numbers and as text',
  (zeros) => {
    const random = new Random()
    const nibbles = Array.from({ length: 64 }, (_, i) => (i < zeros ? 0 : random.below(16)))
    const path = nibbles.reduce(childPath, ROOT)
    for (let depth = 64, at = path; depth > 0; depth--, at = parentPath(at)) {
      expect([depthOf(at), slotOfPath(at)]).toEqual([depth, nibbles[depth - 1]])
      expect(pathOfBytes(pathBytes(at), depth)).toBe(at)
    }
  },
)
