/**
 * A store that does not hold what was written: every record with a bit flipped, and every record missing. Reads and proofs are right
 * or refused; nothing wrong is proved, and no root is made on top of it.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { Batch } from '../../src/ports/store.ts'
import { StateTree } from '../../src/state/tree.ts'
import { CairnError, MemoryStateTree, type Write } from '../../src/verify/index.ts'
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
    const prepared = await tree.prepare(version, writes)
    const batch = new Batch()
    tree.addTo(batch, prepared)
    await store.write(batch)
    tree.markApplied(prepared)
  }
  return { store, expected }
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

it.each(['a bit flipped', 'gone'])('no record that is %s makes a wrong answer', async (what) => {
  const random = new Random()
  const { store, expected } = await filled(random)
  const names = [...store.names()]
  const codes: string[] = []
  const answers: { readonly answer: unknown; readonly right: unknown }[] = []
  for (const name of names) {
    const rotten = store.copy()
    const value = store.at(name)
    if (what === 'gone') rotten.put(name, undefined)
    else if (value.length > 0) {
      const bit = random.below(8 * value.length)
      rotten.put(
        name,
        value.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      )
    }
    const tree = await StateTree.open(rotten, 'state', hasher, SETTINGS).catch(codeOf)
    if (typeof tree === 'string') {
      codes.push(tree)
      continue
    }
    for (let i = 0; i < 12; i++) {
      const version = random.below(VERSIONS)
      const key = random.pick(keys)
      const answer = asked(() => tree.prove(version, key))
      if (typeof answer === 'string') codes.push(answer)
      else answers.push({ answer, right: expected[version]?.prove(key) })
    }
  }
  expect(answers.filter(({ answer, right }) => !isDeepStrictEqual(answer, right))).toEqual([])
  // The record of where the tree stands may lead to an older version, never to a wrong one.
  expect(new Set(codes.filter((code) => code !== 'unknown_version' && code !== 'pruned'))).toEqual(
    new Set(['store_damaged']),
  )
  // Some records nobody asks for, as values that were overwritten long ago; enough of the others are found.
  expect(codes.length).toBeGreaterThan(names.length / 10)
})
