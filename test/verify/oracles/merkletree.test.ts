/**
 * The oracle is merkletreejs, with its default options (leaves as they are, an odd node moves up unchanged) over our leaf hashes
 * and `b => H(0x01 ‖ b)` for a pair: its roots and its audit paths are those of FORMAT §6, for every size and index tried here.
 */
import { MerkleTree } from 'merkletreejs'
import { describe, expect, it } from 'vitest'
import { concat, toHex } from '../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { Frontier, rangeLeaf, verifyInclusion } from '../../../src/verify/range.ts'
import { MemoryRange } from '../../support/memory-range.ts'
import { Random, seed } from '../../support/seed.ts'

const { hasher } = nobleEngine
const NODE = Uint8Array.of(1)
const hashPair = (pair: Buffer): Buffer => Buffer.from(hasher.hash(concat(NODE, pair)))

const random = new Random()
const SIZES = [...Array.from({ length: 70 }, (_, i) => i + 1), 127, 128, 129, 200 + random.below(800)]
const entries = Array.from({ length: Math.max(...SIZES) }, () => random.bytes(32))
const leaves = entries.map((entry) => Buffer.from(rangeLeaf(entry, hasher)))
const range = new MemoryRange(hasher)
for (const entry of entries) range.append(entry)

describe(`ranges are the trees of merkletreejs (CAIRN_SEED=${seed})`, () => {
  it.each(SIZES)('of %d entries: the root, and every audit path', (size) => {
    const tree = new MerkleTree(leaves.slice(0, size), hashPair)
    const root = Uint8Array.from(tree.getRoot())
    const ours = { size: BigInt(size), root: Frontier.empty.append(entries.slice(0, size), hasher).root(hasher) }
    expect(toHex(ours.root)).toBe(toHex(root))

    const step = size > 130 ? 37 : 1
    for (let index = 0; index < size; index += step) {
      const steps = tree.getProof(leaves[index] as Buffer, index)
      const theirs = steps.map(({ data }) => Uint8Array.from(data))
      expect(range.path(BigInt(index), BigInt(size)).map(toHex)).toEqual(theirs.map(toHex))
      expect(verifyInclusion(BigInt(index), entries[index] as Uint8Array, ours, theirs, hasher)).toBe(true)
    }
  })
})
