/** The worked examples of FORMAT §7, on a real LevelDB: roots after every update, proofs of presence and of both kinds of absence. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { openLevelStore } from '../../src/ports/level-store.ts'
import { Batch, type Store } from '../../src/ports/store.ts'
import { StateTree } from '../../src/state/tree.ts'
import { toHex, type Write } from '../../src/verify/index.ts'
import { bytesOf, readVectors, type StateProofExample, stateProofOf } from '../vectors/read.ts'

interface Pair {
  readonly key: string
  readonly value: string
}

const hasher = await wasmHasher()
const SETTINGS = { cacheBytes: 1 << 20, checkpoints: { every: 5, over: 2 } }

let folder = ''
let opened = 0
let store: Store | undefined
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-state-'))
})
afterAll(async () => {
  await store?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function emptyTree(): Promise<StateTree> {
  await store?.close()
  store = await openLevelStore(join(folder, `${opened++}`))
  return StateTree.open(store, 'state', hasher, SETTINGS)
}

async function write(tree: StateTree, writes: readonly Write[]): Promise<void> {
  const prepared = tree.prepare(tree.version + 1, writes)
  const batch = new Batch()
  tree.addTo(batch, prepared)
  await store?.write(batch)
  tree.markApplied(prepared)
}

it('follows every update', async () => {
  const tree = await emptyTree()
  const { steps } = readVectors<{ steps: { key: string; value: string | null; root: string }[] }>('state-updates')
  for (const { key, value, root } of steps) {
    await write(tree, [[bytesOf(key), value === null ? null : bytesOf(value)]])
    expect(toHex(tree.root)).toBe(root)
  }
})

it('has the roots and makes the proofs of every set', async () => {
  const { sets } = readVectors<{
    sets: {
      pairs: Pair[]
      root: string
      proofs: StateProofExample[]
    }[]
  }>('state')
  for (const { pairs, root, proofs } of sets) {
    const tree = await emptyTree()
    await write(
      tree,
      pairs.map(({ key, value }) => [bytesOf(key), bytesOf(value)]),
    )
    expect(toHex(tree.root)).toBe(root)
    for (const example of proofs) expect(tree.prove(0, bytesOf(example.key))).toEqual(stateProofOf(example))
  }
})
