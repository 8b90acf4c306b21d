/**
 * FORMAT §7 read aloud: "a subtree of 0 keys is `empty`, of 1 key its leaf, of more inner(left, right)", as one recursive function
 * from a set of keys to its root, and from a set and a key to its proof. It shares nothing with the verifier but the hash.
 */
import { concat, utf8 } from '../../src/verify/bytes.ts'
import type { StateProof } from '../../src/verify/state-proof.ts'
import { rememberingHasher } from './remembering-hasher.ts'

const keccak = rememberingHasher()

/** K, also in bits with the most significant first, and the raw value. */
export interface Pair {
  readonly bits: string
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export function pair(key: Uint8Array, value: Uint8Array): Pair {
  return { bits: Array.from(key, (byte) => byte.toString(2).padStart(8, '0')).join(''), key, value }
}

export function rootOf(pairs: readonly Pair[]): Uint8Array {
  return hashOf(pairs, 0)
}

/** Down along the key while there are more keys than one; then its value, nothing, or another leaf. */
export function proofOf(pairs: readonly Pair[], key: Uint8Array): StateProof {
  const { bits } = pair(key, key)
  const siblings: Uint8Array[] = []
  let [here, depth] = [pairs, 0]
  for (; here.length > 1; depth++) {
    const [left, right] = halves(here, depth)
    siblings.unshift(hashOf(bits[depth] === '0' ? right : left, depth + 1))
    here = bits[depth] === '0' ? left : right
  }
  const [found] = here
  if (found === undefined) return { value: null, siblings }
  if (found.bits === bits) return { value: found.value, siblings }
  return { value: null, siblings, other: { key: found.key, value: keccak.hash(found.value) } }
}

/** The hash of the subtree at `depth` that has these keys. */
function hashOf(pairs: readonly Pair[], depth: number): Uint8Array {
  const [first] = pairs
  if (first === undefined) return utf8('SPARSE_MERKLE_PLACEHOLDER_HASH__')
  if (pairs.length === 1) return leafOf(first)
  const [left, right] = halves(pairs, depth)
  return keccak.hash(concat(utf8('JMT::IntrnalNode'), hashOf(left, depth + 1), hashOf(right, depth + 1)))
}

function leafOf({ key, value }: Pair): Uint8Array {
  return keccak.hash(concat(utf8('JMT::LeafNode'), key, keccak.hash(value)))
}

function halves(pairs: readonly Pair[], depth: number): readonly [Pair[], Pair[]] {
  return [pairs.filter(({ bits }) => bits[depth] === '0'), pairs.filter(({ bits }) => bits[depth] === '1')]
}
