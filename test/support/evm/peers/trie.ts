/** A Merkle-Patricia trie (Ethereum's own state tree) that is, on the way to one key, as full as one of a million keys. */
import { createMerkleProof, createMPT } from '@ethereumjs/mpt'
import type { Random } from '../../seed.ts'

/** 16^5 keys fill five levels; below them the key stands alone. */
const LEVELS = 5

export interface TrieProof {
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Its root, and the proofs of that key and of one that is absent, in whose place that key stands. */
export async function trieOfAMillion(
  key: Uint8Array,
  absent: Uint8Array,
  value: Uint8Array,
  random: Random,
): Promise<{ readonly present: TrieProof; readonly absent: TrieProof }> {
  const trie = await createMPT()
  await trie.put(key, value)
  for (let level = 0; level < LEVELS; level++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      const other = random.bytes(32)
      const shared = Math.floor(level / 2)
      other.set(key.subarray(0, shared))
      const own = key[shared] as number
      other[shared] = level % 2 === 0 ? (nibble << 4) | (own & 15) : (own & 0xf0) | nibble
      await trie.put(other, value)
    }
  }
  const root = trie.root()
  return {
    present: { root, proof: await createMerkleProof(trie, key) },
    absent: { root, proof: await createMerkleProof(trie, absent) },
  }
}
