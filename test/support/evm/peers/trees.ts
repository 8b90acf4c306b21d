/** What others' verifiers of trees take: proofs of one leaf of a million, or of one key that is there or is not, made as each of them has its tree. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Abi, Hex } from 'viem'
import { hex, pathValue } from '../../../../src/evm/values.ts'
import { concat, ZERO32 } from '../../../../src/verify/bytes.ts'
import { type Hasher, nobleEngine } from '../../../../src/verify/index.ts'
import { rangeLeaf, rangeNode } from '../../../../src/verify/range.ts'
import { Random } from '../../seed.ts'
import type { Anvil } from '../anvil.ts'
import type { Gas } from '../gas.ts'
import { MILLION, rangeWith, treeWith } from '../million.ts'
import { shipped, testContracts } from '../solidity.ts'
import { trieOfAMillion } from './trie.ts'

const INDEX = 654_321

/** What a contract pays for a question to another one, which has to answer this. */
export type Question = (at: Hex, abi: Abi, name: string, args: readonly unknown[], answer: unknown) => Promise<number>

const keccak = (message: Uint8Array): Uint8Array => nobleEngine.hasher.hash(message)
/** Fuel's trees are of SHA-256. */
const sha: Hasher = { ...nobleEngine.hasher, hash: sha256 }

/** From a leaf by so many siblings to a root; which side each of them stands on say the bits of the index. */
function upFrom(leaf: Uint8Array, index: number, siblings: readonly Uint8Array[]): Uint8Array {
  return siblings.reduce(
    (node, sibling, i) => keccak((index >> i) % 2 === 1 ? concat(sibling, node) : concat(node, sibling)),
    leaf,
  )
}

/** The mountains of a range of a million leaves, the highest one first, and bagged from the right: the second one has the leaf. */
function mountainRange(leaf: Uint8Array, random: Random): { root: Uint8Array; proof: readonly Uint8Array[] } {
  const count = MILLION.toString(2).replaceAll('0', '').length
  const [first, ...rest] = Array.from({ length: count - 1 }, () => random.bytes(32)) as [Uint8Array, ...Uint8Array[]]
  const height = 18
  const siblings = Array.from({ length: height }, () => random.bytes(32))
  const peaks = [first, upFrom(leaf, INDEX, siblings), ...rest]
  return { root: peaks.reduceRight((right, left) => keccak(concat(right, left))), proof: [first, ...siblings, ...rest] }
}

function sparseLeaf(key: Uint8Array, value: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(0), key, sha256(value)))
}

const NONE = { digest: hex(ZERO32), prefix: '0x00', leftChildPtr: hex(ZERO32), rightChildPtr: hex(ZERO32) } as const
const NO_LEAF = { ...NONE, key: hex(ZERO32), leafData: '0x' } as const

function sparseProof(siblings: readonly Uint8Array[], instead: object = NO_LEAF): object {
  return { SideNodes: pathValue(siblings), NonMembershipLeaf: { ...NO_LEAF, ...instead }, Sibling: NO_LEAF }
}

export async function measureTrees(anvil: Anvil, ask: Question): Promise<readonly Gas[]> {
  const random = new Random(12)
  const contracts = testContracts('Peers.sol')
  const at = async (name: string): Promise<readonly [Hex, Abi]> => {
    const { abi, bytecode } = contracts(name)
    return [await anvil.deploy(abi, bytecode), abi]
  }
  const leaf = random.bytes(32)

  // Twenty siblings, each pair in ascending order.
  const siblings = Array.from({ length: 20 }, () => random.bytes(32))
  const sorted = siblings.reduce((node, sibling) => {
    const isAscending = Buffer.compare(node, sibling) < 0
    return keccak(isAscending ? concat(node, sibling) : concat(sibling, node))
  }, leaf)
  const ofSorted = [pathValue(siblings), hex(sorted), hex(leaf)]
  const openZeppelin = await ask(...(await at('StockProof')), 'verify', ofSorted, true)
  const solady = await ask(...(await at('SoladyProof')), 'verify', ofSorted, true)

  const polytope = await at('Polytope')
  const range = mountainRange(leaf, random)
  const ofRange = [hex(range.root), pathValue(range.proof), BigInt(INDEX), hex(leaf), MILLION]
  const inRange = await ask(...polytope, 'verify', ofRange, true)

  // As long as the one above: the peaks to the right of the leaf's are bagged already.
  const bagged = upFrom(leaf, INDEX, siblings)
  const snowbridge = shipped('@snowbridge/contracts/out/MMRProofWrapper.sol/MMRProofWrapper.json')
  const snowbridgeAt = await anvil.deploy(snowbridge.abi, snowbridge.bytecode)
  const ofSnowbridge = [hex(bagged), hex(leaf), pathValue(siblings), BigInt(INDEX)]
  const inSnowbridge = await ask(snowbridgeAt, snowbridge.abi, 'verifyLeafProof', ofSnowbridge, true)

  const fuel = await at('Fuel')
  const binary = rangeWith(leaf, BigInt(INDEX), MILLION, random, sha)
  const ofBinary = [hex(binary.root), hex(rangeLeaf(leaf, sha)), pathValue(binary.path), BigInt(INDEX), MILLION]
  const inBinary = await ask(...fuel, 'verify', ofBinary, true)

  const [key, value] = [keccak(random.bytes(20)), random.bytes(32)]
  const other = Uint8Array.from(key, (byte, i) => (i < 8 ? byte : byte ^ 1))
  const inner = (left: Uint8Array, right: Uint8Array): Uint8Array => rangeNode(left, right, sha)
  const present = treeWith(sparseLeaf(key, value), key, random, inner)
  const ofPresence = [sparseProof(present.siblings), hex(present.root), hex(key), hex(value)]
  const held = await ask(...fuel, 'verifySparse', ofPresence, true)
  const absent = treeWith(sparseLeaf(other, value), key, random, inner)
  const instead = { digest: hex(sparseLeaf(other, value)), key: hex(other), leafData: hex(value) }
  const ofAbsence = [sparseProof(absent.siblings, instead), hex(absent.root), hex(key), hex(ZERO32)]
  const missing = await ask(...fuel, 'verifySparse', ofAbsence, true)

  const trie = await trieOfAMillion(key, other, value, random)
  const ofTrie = [hex(value), hex(trie.present.root), hex(key), trie.present.proof.map(hex)]
  const stockTrie = await ask(...(await at('StockTrie')), 'verify', ofTrie, true)
  const ofKey = [hex(trie.present.root), trie.present.proof.map(hex), hex(key)]
  const inTrie = await ask(...polytope, 'valueOf', ofKey, hex(value))
  const ofOther = [hex(trie.absent.root), trie.absent.proof.map(hex), hex(other)]
  const notInTrie = await ask(...polytope, 'valueOf', ofOther, '0x')

  return [
    of('OpenZeppelin `MerkleProof.verify`', 'a leaf of a million', openZeppelin, 'SORTED'),
    of('Solady `MerkleProofLib.verify`', 'a leaf of a million', solady, 'SORTED'),
    of('Snowbridge `MMRProof.verifyLeafProof`', 'a leaf of a million', inSnowbridge, 'SIDES'),
    of('Polytope `MerkleMountainRange.VerifyProof`', 'a leaf of a million', inRange, 'PLACE'),
    of('Fuel `verifyBinaryTreeDigest`', 'a leaf of a million', inBinary, 'PLACE_SHA'),
    of('Fuel `SparseMerkleProof.verifyProof`', 'a key of a million', held, 'SPARSE'),
    of('Fuel `SparseMerkleProof.verifyProof`', 'a key that is not among a million', missing, 'SPARSE_ABSENT'),
    of('OpenZeppelin `TrieProof.verify`', 'a key of a million', stockTrie, 'TRIE'),
    of('Polytope `EthereumTrie.VerifyProof`', 'a key of a million', inTrie, 'TRIE'),
    of('Polytope `EthereumTrie.VerifyProof`', 'a key that is not among a million', notInTrie, 'TRIE_ABSENT'),
  ]
}

const CHECKS = {
  SORTED: 'that the leaf is somewhere: neither its index nor the size',
  SIDES: 'that the leaf is somewhere: the caller says on which side each sibling stands',
  PLACE: 'leaf, index and size',
  PLACE_SHA: 'leaf, index and size; by SHA-256',
  SPARSE: 'key and value; by SHA-256',
  SPARSE_ABSENT: 'that the leaf of another key stands in its place, not that the two begin alike; by SHA-256',
  TRIE: 'key and value, of a tree as Ethereum has it',
  TRIE_ABSENT: 'that the way of the key ends at another one, of a tree as Ethereum has it',
} as const

function of(name: string, what: string, gas: number, checks: keyof typeof CHECKS): Gas {
  return { name: `${name}, ${what}`, gas, checks: CHECKS[checks] }
}
