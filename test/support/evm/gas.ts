/**
 * What the contracts cost, measured on a real EVM: transactions as a whole, and what a contract pays for a question to the client. Blocks of a
 * chain of a million blocks, intents and keys are made from their right edge: their paths are as long as they would be, through hashes of
 * nothing.
 */
import { type Abi, encodeAbiParameters, encodeFunctionData, type Hex, keccak256 } from 'viem'
import {
  cairnAnchorsAbi,
  cairnAnchorsBytecode,
  cairnLightClientAbi,
  cairnLightClientBytecode,
  cairnVaultAbi,
  cairnVaultBytecode,
} from '../../../contracts-abi/index.ts'
import {
  groundValue,
  hex,
  intentValue,
  pathValue,
  revocationValue,
  sealValue,
  sideValue,
} from '../../../src/evm/values.ts'
import { batchRoot, blockHash } from '../../../src/verify/block.ts'
import {
  intentLeaf,
  nobleEngine,
  type Path,
  type Roots,
  type Seal,
  stateInner,
  stateLeaf,
} from '../../../src/verify/index.ts'
import { rangeLeaf, rangeNode } from '../../../src/verify/range.ts'
import { bitAt } from '../../../src/verify/state-proof.ts'
import { ChainMaker, type HotKey } from '../maker.ts'
import { Random } from '../seed.ts'
import type { Anvil } from './anvil.ts'
import { withdrawal } from './followed.ts'
import { genesisValue } from './judge.ts'
import { testContracts } from './solidity.ts'
import { trieOfAMillion } from './trie.ts'

const { hasher } = nobleEngine
const MILLION = 1_000_000n
/** Of a key among a million: its leaf stands 21 deep in the middle, and 24 deep for one in a hundred. */
const DEPTH = 24

export interface Gas {
  readonly name: string
  readonly gas: number
  readonly atMost?: number
}

/** A range of this size that ends with `entry` somewhere near its middle, and the path of that one. */
function rangeWith(entry: Uint8Array, index: bigint, size: bigint, random: Random): { root: Uint8Array; path: Path } {
  const path: Uint8Array[] = []
  let root = rangeLeaf(entry, hasher)
  for (let at = index, last = size - 1n; last > 0n; at >>= 1n, last >>= 1n) {
    // On the right edge a node without a sibling rises as it is.
    if (at === last && at % 2n === 0n) continue
    const sibling = random.bytes(32)
    path.push(sibling)
    root = at % 2n === 1n ? rangeNode(sibling, root, hasher) : rangeNode(root, sibling, hasher)
  }
  return { root, path }
}

function treeWith(bottom: Uint8Array, key: Uint8Array, random: Random): { root: Uint8Array; siblings: Path } {
  const siblings = Array.from({ length: DEPTH }, () => random.bytes(32))
  const root = siblings.reduce(
    (below, sibling, step) =>
      bitAt(key, DEPTH - 1 - step) === 1 ? stateInner(sibling, below, hasher) : stateInner(below, sibling, hasher),
    bottom,
  )
  return { root, siblings }
}

export async function measureGas(anvil: Anvil): Promise<readonly Gas[]> {
  const random = new Random(11)
  const maker = new ChainMaker(random)
  const { identity } = maker
  const client = await anvil.deploy(cairnLightClientAbi, cairnLightClientBytecode, [genesisValue(identity.genesis), []])
  const vault = await anvil.deploy(cairnVaultAbi, cairnVaultBytecode, [client, 0n])
  const anchors = await anvil.deploy(cairnAnchorsAbi, cairnAnchorsBytecode)
  const peers = testContracts('Peers.sol')
  const [meter, stock, trie] = [peers('Meter'), peers('StockProof'), peers('StockTrie')]
  const meterAt = await anvil.deploy(meter.abi, meter.bytecode)
  const question = async (target: Hex, abi: Abi, functionName: string, args: readonly unknown[]): Promise<number> => {
    const call = encodeFunctionData({ abi, functionName, args: [...args] })
    return Number(await anvil.read(meterAt, meter.abi, 'gasOf', [target, call]))
  }

  const recipient: Hex = `0x${'a1'.repeat(20)}`
  const intent = { seq: 5n, kind: 'withdraw', data: withdrawal(vault, recipient, 1n, undefined, 31337n) }
  const intentIndex = 654_321n
  const intents = rangeWith(intentLeaf(intentIndex, intent, hasher), intentIndex, MILLION, random)
  const [key, value] = [random.bytes(20), random.bytes(32)]
  const hashed = hasher.hash(key)
  const present = treeWith(stateLeaf(hashed, hasher.hash(value), hasher), hashed, random)
  const otherKey = Uint8Array.from(hashed, (byte, i) => (i < 8 ? byte : byte ^ 1))
  const absent = treeWith(stateLeaf(otherKey, value, hasher), hashed, random)

  const roots: Roots = {
    state: present.root,
    risk: absent.root,
    commands: { size: 10n * MILLION, root: random.bytes(32) },
    obligations: { size: 3n * MILLION, root: random.bytes(32) },
    intents: { size: MILLION, root: intents.root },
    history: random.bytes(32),
  }
  const made = (height: bigint, history: Uint8Array, by: HotKey = maker.hot) => {
    const of = { ...roots, history }
    const block = {
      height,
      epoch: 1n,
      parentHash: random.bytes(32),
      commandsHash: random.bytes(32),
      batchRoot: batchRoot(of, hasher),
      commandCount: 10n,
      firstSeq: of.commands.size - 10n,
      timestamp: identity.genesis.createdAt + height,
    }
    const hash = blockHash(identity, block, hasher)
    return { block, roots: of, hash, seal: maker.seal(hash, by) }
  }
  const submit = (of: ReturnType<typeof made>, path: Path, seal: Seal = of.seal) => {
    const { header, roots } = groundValue(of)
    return anvil.send(client, cairnLightClientAbi, 'submitBlock', [header, roots, sealValue(seal), pathValue(path)])
  }
  const cached = ({ seal }: ReturnType<typeof made>): Seal => ({
    ...seal,
    delegation: { ...seal.delegation, signature: new Uint8Array(0) },
  })

  const first = made(MILLION - 5000n, random.bytes(32))
  const firstGas = await submit(first, [])
  const after = (from: ReturnType<typeof made>, height: bigint, by?: HotKey) => {
    const history = rangeWith(from.hash, from.block.height, height, random)
    return { ...made(height, history.root, by), path: history.path }
  }
  const second = after(first, MILLION)
  const withSignature = await submit(second, second.path)
  const third = after(second, MILLION + 400n)
  const withCache = await submit(third, third.path, cached(third))
  const other = maker.delegate({ index: 1n })
  const fourth = after(third, MILLION + 900n, other)
  const newKey = await submit(fourth, fourth.path)

  const ground = groundValue(third)
  const claim = { kind: 'intent', index: intentIndex, intent, path: intents.path } as const
  const ofIntent = [ground, [], intentValue(claim), pathValue(intents.path)]
  const ask = (name: string, args: readonly unknown[]) => question(client, cairnLightClientAbi, name, args)
  const ofPresence = [ground, [], 0, hex(key), hex(value), pathValue(present.siblings)]
  const ofOther = [{ key: hex(otherKey), value: hex(value) }]
  const ofAbsence = [ground, [], 1, hex(key), pathValue(absent.siblings), ofOther]
  const [ofAnIntent, ofAPresence, ofAnAbsence] = [
    await ask('verifyIntent', ofIntent),
    await ask('verifyState', ofPresence),
    await ask('verifyAbsence', ofAbsence),
  ]
  await anvil.chain.setBalance({ address: vault, value: 10n })
  const paid = await anvil.send(vault, cairnVaultAbi, 'withdraw', ofIntent)

  const root = keccak256(encodeAbiParameters([{ type: 'string' }], ['a thousand chains']))
  const uri = 'https://example.org/anchors/2026-11-20T23.json'
  const anchored = await anvil.send(anchors, cairnAnchorsAbi, 'anchor', [root, uri])
  const steps = Array.from({ length: 10 }, () => hex(random.bytes(32)))
  const asked = await question(anchors, cairnAnchorsAbi, 'timeOf', [root, 1n, root, 1n, steps, root])

  // What the same questions cost elsewhere.
  const [stockAt, trieAt] = [await anvil.deploy(stock.abi, stock.bytecode), await anvil.deploy(trie.abi, trie.bytecode)]
  const twenty = Array.from({ length: 20 }, () => hex(random.bytes(32)))
  const stockGas = await question(stockAt, stock.abi, 'verify', [twenty, root, root])
  const inTrie = await trieOfAMillion(hashed, value, random)
  const trieGas = await question(trieAt, trie.abi, 'verify', [
    hex(inTrie.value),
    hex(inTrie.root),
    hex(hashed),
    inTrie.proof.map(hex),
  ])

  const revocation = maker.revoke(1n, { header: third.block, hash: third.hash })
  const revoked = await anvil.send(client, cairnLightClientAbi, 'revoke', [revocationValue(revocation)])
  const rival = made(MILLION, random.bytes(32))
  const side = ({ block, seal }: ReturnType<typeof made>) => ({ block, seal })
  const history = rangeWith(rival.hash, MILLION, MILLION + 777n, random)
  const far = made(MILLION + 777n, history.root)
  const ancestor = { height: MILLION, blockHash: rival.hash, path: history.path }
  const evidence = [side(second), { ...side(far), roots: far.roots, ancestor }] as const
  const frozen = await anvil.send(client, cairnLightClientAbi, 'reportEquivocation', evidence.map(sideValue))

  const gas = (name: string, used: bigint | number, atMost?: number): Gas => ({
    name,
    gas: Number(used),
    ...(atMost !== undefined && { atMost }),
  })
  return [
    gas('submitBlock, the first head', firstGas),
    gas('submitBlock, a million blocks high, the delegation cached', withCache, 120_000),
    gas('submitBlock, a million blocks high, the delegation with its signature', withSignature, 120_000),
    gas('submitBlock, a million blocks high, under a new key', newKey),
    gas('verifyIntent, one of a million', ofAnIntent, 60_000),
    gas('verifyState, one of a million keys', ofAPresence, 70_000),
    gas('verifyAbsence, among a million keys', ofAnAbsence, 70_000),
    gas('CairnVault.withdraw, one intent of a million', paid),
    gas('CairnAnchors.anchor, of a thousand chains', anchored, 60_000),
    gas('CairnAnchors.timeOf, one of a thousand chains', asked),
    gas('revoke', revoked),
    gas('reportEquivocation, one side with an ancestor a million blocks deep', frozen, 150_000),
    gas('OpenZeppelin MerkleProof.verify, one of a million leaves', stockGas),
    gas('OpenZeppelin TrieProof.verify, one of a million keys', trieGas),
  ]
}
