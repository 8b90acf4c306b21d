/** The worked examples of FORMAT §7, on a real LevelDB: roots after every update, proofs of presence and of both kinds of absence. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { openLevelStore } from '../../src/ports/level-store.ts'
import { Batch, type Store } from '../../src/ports/store.ts'
import { StateTree } from '../../src/state/tree.ts'
import { fromHex, toHex, type Write } from '../../src/verify/index.ts'
import { readVectors } from '../vectors/read.ts'

interface Pair {
  readonly key: string
  readonly value: string
}

const hasher = await wasmHasher()
const SETTINGS = { cacheBytes: 1 << 20, checkpoints: { every: 5, over: 2 } }
const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array

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
  const prepared = await tree.prepare(tree.version + 1, writes)
  const batch = new Batch()
  tree.addTo(batch, prepared)
  await store?.write(batch)
  tree.markApplied(prepared)
}

it('follows every update', async () => {
  const tree = await emptyTree()
  const { steps } = readVectors<{ steps: { key: string; value: string | null; root: string }[] }>('state-updates')
  for (const { key, value, root } of steps) {
    await write(tree, [[bytes(key), value === null ? null : bytes(value)]])
    expect(toHex(tree.root)).toBe(root)
  }
})

it('has the roots and makes the proofs of every set', async () => {
  const { sets } = readVectors<{
    sets: {
      pairs: Pair[]
      root: string
      proofs: { key: string; value: string | null; siblings: string[]; other?: Pair }[]
    }[]
  }>('state')
  for (const { pairs, root, proofs } of sets) {
    const tree = await emptyTree()
    await write(
      tree,
      pairs.map(({ key, value }) => [bytes(key), bytes(value)]),
    )
    expect(toHex(tree.root)).toBe(root)
    for (const { key, value, siblings, other } of proofs) {
      expect(tree.prove(0, bytes(key))).toEqual({
        value: value === null ? null : bytes(value),
        siblings: siblings.map(bytes),
        ...(other && { other: { key: bytes(other.key), value: bytes(other.value) } }),
      })
    }
  }
})
