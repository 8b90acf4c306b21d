/**
 * What the contracts cost, measured on a real EVM: transactions as a whole, and what a contract pays for a question to the client. Then what others
 * cost for the same, in the same run.
 */
import { encodeAbiParameters, encodeFunctionData, type Hex, keccak256 } from 'viem'
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
import { intentLeaf, nobleEngine, type Path, type Roots, type Seal, stateLeaf } from '../../../src/verify/index.ts'
import { ChainMaker, type HotKey } from '../maker.ts'
import { Random } from '../seed.ts'
import type { Anvil } from './anvil.ts'
import { withdrawal } from './followed.ts'
import { genesisValue } from './judge.ts'
import { MILLION, rangeWith, treeWith } from './million.ts'
import { measureClients } from './peers/clients.ts'
import { measureNear } from './peers/near.ts'
import { measureTrees, type Question } from './peers/trees.ts'
import { testContracts } from './solidity.ts'

const { hasher } = nobleEngine

export interface Gas {
  readonly name: string
  readonly gas: number
  readonly atMost?: number
  /** Of what others have: what it checks of what ours does, and what it does not. */
  readonly checks?: string
}

export async function measureGas(anvil: Anvil): Promise<readonly Gas[]> {
  const random = new Random(11)
  const maker = new ChainMaker(random)
  const { identity } = maker
  const client = await anvil.deploy(cairnLightClientAbi, cairnLightClientBytecode, [genesisValue(identity.genesis), []])
  const vault = await anvil.deploy(cairnVaultAbi, cairnVaultBytecode, [client, 0n])
  const anchors = await anvil.deploy(cairnAnchorsAbi, cairnAnchorsBytecode)
  const meter = testContracts('Peers.sol')('Meter')
  const meterAt = await anvil.deploy(meter.abi, meter.bytecode)
  const question: Question = async (target, abi, functionName, args, answer) => {
    if (answer !== undefined && (await anvil.read(target, abi, functionName, args)) !== answer) {
      throw new Error(`${functionName} does not answer what is right`)
    }
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
  const ask = (name: string, args: readonly unknown[]) => question(client, cairnLightClientAbi, name, args, undefined)
  const ofPresence = [ground, [], 0, hex(key), hex(value), pathValue(present.siblings)]
  const ofOther = [{ key: hex(otherKey), value: hex(value) }]
  const ofAbsence = [ground, [], 1, hex(key), pathValue(absent.siblings), ofOther]
  const harness = testContracts('Harness.sol')('Harness')
  const harnessAt = await anvil.deploy(harness.abi, harness.bytecode)
  const alone = (name: string, args: readonly unknown[]) => question(harnessAt, harness.abi, name, args, true)
  const leaf = hex(intentLeaf(intentIndex, intent, hasher))
  const included = await alone('isIncluded', [intentIndex, leaf, MILLION, hex(intents.root), pathValue(intents.path)])
  const held = await alone('isPresent', [hex(present.root), hex(key), hex(value), pathValue(present.siblings)])
  const missing = await alone('isAbsent', [hex(absent.root), hex(key), pathValue(absent.siblings), ofOther])
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
  const asked = await question(anchors, cairnAnchorsAbi, 'timeOf', [root, 1n, root, 1n, steps, root], 0n)

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
    gas('CairnVerifier.isIncluded alone, one of a million', included),
    gas('CairnVerifier.isPresent alone, one of a million keys', held),
    gas('CairnVerifier.isAbsent alone, among a million keys', missing),
    ...(await measureClients(anvil)),
    ...(await measureNear(anvil, question)),
    ...(await measureTrees(anvil, question)),
  ]
}
