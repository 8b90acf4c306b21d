/**
 * Whether the transaction of an anchor is on its EVM chain: what an RPC is asked, and what its answers have to say. The command line and the
 * explorer decide by this, each with a way of its own to ask.
 *
 * Promise: the RPC is believed, but nothing that does not have its form. `ok` is said of a transaction alone that succeeded and anchored this root, in the
 * contract and on the EVM chain that the anchor names, where that contract is CairnAnchors, in a block that is on the chain still and deep enough.
 */
import { cairnAnchorsBytecode } from '../../contracts-abi/cairn-anchors.ts'
import type { Anchor } from '../verify/anchor.ts'
import { toHex, utf8 } from '../verify/bytes.ts'
import { nobleEngine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { judged, unchecked, type Verdict } from '../verify/verdict.ts'

/** What an RPC is asked (JSON-RPC); `what` is what it should give, for whoever is told that it did not. */
export interface Question {
  readonly what: string
  readonly method: string
  readonly params: readonly unknown[]
}

/** Gives what is answered, whatever that is; `rpc_failed` where nothing is. */
export type Ask = (question: Question) => Promise<unknown>

/** What came of it. */
export interface Found {
  readonly verdict: Verdict
  /** Where it stands and how deep, in a sentence, where it is believed. */
  readonly said?: string
}

/** How deep an anchor has to lie before it is believed: its own block counts. */
const DEPTH_MIN = 3n

const ANCHORED = toHex(nobleEngine.hasher.hash(utf8('Anchored(bytes32,address,string)')))

/** What stands at the contract's address: all behind what deploys it, which ends with the first `fe`. Nothing is put into it by then. */
const ANCHORS_CODE = `0x${cairnAnchorsBytecode.slice(cairnAnchorsBytecode.indexOf('fe') + 2)}`

/** Asks an RPC for the transaction of an anchor. */
export async function findTransaction(ask: Ask, { evm, root }: Anchor): Promise<Found> {
  const evmChainId = numberIn(await ask(question('chain id', 'eth_chainId')), 'chain id')
  if (evmChainId !== evm.chainId)
    return failed(`the RPC is of the EVM chain ${evmChainId}, and the anchor of ${evm.chainId}`)
  const transaction = toHex(evm.transaction)
  const answered = await ask(question('receipt', 'eth_getTransactionReceipt', transaction))
  if (answered === null) return notInBlock(ask, transaction)
  const receipt = receiptIn(answered, transaction)
  if (!receipt.succeeded) return failed('that transaction failed: it anchored nothing')
  const contract = toHex(evm.contract)
  if (!receipt.logs.some((log) => anchors(log, contract, toHex(root))))
    return failed('that transaction anchored another root, or in another contract')
  // Any contract can say that it anchored something, and say it of any time.
  if (!isAnchorsCode(await ask(question('code', 'eth_getCode', contract, 'latest'))))
    return open('the contract is none that is known here: know who wrote it')
  const height = `0x${receipt.blockNumber.toString(16)}`
  const block = await ask(question('block', 'eth_getBlockByNumber', height, false))
  // A node may keep the receipt of a block that another one took the place of.
  if (block === null || hashIn(membersOf(block, 'block').hash, 'block') !== receipt.blockHash)
    return open('the block that it was in is not on the EVM chain any more: ask again later')
  const newest = numberIn(await ask(question('block number', 'eth_blockNumber')), 'block number')
  const depth = newest < receipt.blockNumber ? 0n : newest - receipt.blockNumber + 1n
  // A block that may still be replaced shows nothing yet.
  if (depth < DEPTH_MIN) return open(`it is ${blocks(depth)} deep, of ${DEPTH_MIN}: ask again later`)
  const said = `Anchored in block ${receipt.blockNumber} of the EVM chain ${evmChainId}, ${blocks(depth)} deep.`
  return { verdict: judged('transaction', undefined), said }
}

/** Whether this is the code of CairnAnchors, to the byte. */
export function isAnchorsCode(code: unknown): boolean {
  return typeof code === 'string' && code.toLowerCase() === ANCHORS_CODE
}

/** What no block has may wait for one. */
async function notInBlock(ask: Ask, transaction: string): Promise<Found> {
  const waiting = await ask(question('transaction', 'eth_getTransactionByHash', transaction))
  if (waiting === null) return failed('there is no such transaction on the EVM chain')
  if (hashIn(membersOf(waiting, 'transaction').hash, 'transaction') !== transaction) throw malformed('transaction')
  return open('the transaction is in no block yet: ask again later')
}

interface Log {
  readonly address: string
  readonly topics: readonly unknown[]
}

interface Receipt {
  readonly succeeded: boolean
  readonly blockNumber: bigint
  readonly blockHash: string
  readonly logs: readonly Log[]
}

function receiptIn(value: unknown, transaction: string): Receipt {
  const { transactionHash, status, blockNumber, blockHash, logs } = membersOf(value, 'receipt')
  const isOf = hashIn(transactionHash, 'receipt') === transaction
  if (!isOf || (status !== '0x1' && status !== '0x0') || !Array.isArray(logs)) throw malformed('receipt')
  return {
    succeeded: status === '0x1',
    blockNumber: numberIn(blockNumber, 'receipt'),
    blockHash: hashIn(blockHash, 'receipt'),
    logs: logs.map(logIn),
  }
}

function logIn(value: unknown): Log {
  const { address, topics } = membersOf(value, 'receipt')
  if (typeof address !== 'string' || !/^0x[0-9a-f]{40}$/i.test(address) || !Array.isArray(topics))
    throw malformed('receipt')
  return { address: address.toLowerCase(), topics: topics.map((topic) => hashIn(topic, 'receipt')) }
}

/** The event has two topics beside its name: the root, and who published it. */
function anchors({ address, topics }: Log, contract: string, root: string): boolean {
  return address === contract && topics.length === 3 && topics[0] === ANCHORED && topics[1] === root
}

function membersOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw malformed(what)
  return value as Readonly<Record<string, unknown>>
}

function numberIn(value: unknown, what: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,16}$/i.test(value)) throw malformed(what)
  return BigInt(value)
}

function hashIn(value: unknown, what: string): string {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{64}$/i.test(value)) throw malformed(what)
  return value.toLowerCase()
}

/** What is told of an answer that has not the form of what was asked for. */
export function malformed(what: string): CairnError {
  const message = `The RPC gives no ${what}: what it answers is none. Ask another node.`
  return new CairnError('rpc_failed', message, { what })
}

function question(what: string, method: string, ...params: readonly unknown[]): Question {
  return { what, method, params }
}

function failed(reason: string): Found {
  return { verdict: judged('transaction', reason) }
}

function open(reason: string): Found {
  return { verdict: unchecked('transaction', reason) }
}

function blocks(count: bigint): string {
  return count === 1n ? '1 block' : `${count} blocks`
}
