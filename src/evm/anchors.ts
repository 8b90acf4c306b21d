/** The contract CairnAnchors, from outside: the call that anchors, the receipts of it, and whether an anchor is there. */
import { encodeDeployData, encodeFunctionData, type Hex, type PublicClient, parseEventLogs } from 'viem'
import { cairnAnchorsAbi, cairnAnchorsBytecode } from '../../contracts-abi/index.ts'
import { type Anchor, encodeAnchor } from '../verify/anchor.ts'
import { toHex } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { judged, unchecked, type Verdict } from '../verify/verdict.ts'
import type { AnchorTree } from './anchor-tree.ts'
import type { Pending } from './pending.ts'
import { asked } from './rpc.ts'
import type { Call } from './transact.ts'
import { hex } from './values.ts'

const ABI = cairnAnchorsAbi

/** The call that deploys CairnAnchors. */
export function deployAnchors(): Call {
  return { purpose: 'deploy CairnAnchors', data: encodeDeployData({ abi: ABI, bytecode: cairnAnchorsBytecode }) }
}

/** The call that anchors the root of a tree; `uri` is where others find the receipts, or empty. */
export function anchorCall(to: Hex, { root, anchored }: AnchorTree, uri: string): Call {
  const many = anchored.length === 1 ? '1 chain' : `${anchored.length} chains`
  const data = encodeFunctionData({ abi: ABI, functionName: 'anchor', args: [hex(root), uri] })
  return { purpose: `anchor ${many} under ${toHex(root)}`, to, data }
}

/** What is handed to those who rely on a chain: for each one a document, by the name of its file. */
export function receiptsOf({ evmChainId, transaction, anchor }: Pending): readonly { name: string; text: string }[] {
  if (anchor === undefined) return []
  const { contract, root, anchored } = anchor
  const evm = { chainId: evmChainId, contract, transaction }
  return anchored.map(({ head, path }) => ({
    // By chain and height: an older one is not written over.
    name: `${toHex(head.chainId)}-${head.height}.anchor.json`,
    text: `${encodeAnchor({ format: 'cairn.anchor/v1', evm, root, head, path })}\n`,
  }))
}

/** Refuses an address at which there is no contract, or another one: money would be paid for nothing. */
export async function demandAnchors(rpc: PublicClient, address: Hex): Promise<void> {
  if (await isAnchors(rpc, address)) return
  const message = `At ${address} there is no contract CairnAnchors on this EVM chain: is it the right address, and the right RPC?`
  throw new CairnError('no_contract', message, { address })
}

/** Whether the code there is that of CairnAnchors, to the byte: the end of what deploys it, for nothing is put into it by then. */
async function isAnchors(rpc: PublicClient, address: Hex): Promise<boolean> {
  const code = await asked('code', () => rpc.getCode({ address }))
  return code !== undefined && code.length > 2 && `0x${cairnAnchorsBytecode.slice(2 - code.length)}` === code
}

/** Whether the transaction of an anchor is on the EVM chain, and anchored this root in a contract that is CairnAnchors. The RPC is believed. */
export async function judgeTransaction(rpc: PublicClient, { evm, root }: Anchor): Promise<Verdict> {
  const evmChainId = await asked('chain id', () => rpc.getChainId())
  if (BigInt(evmChainId) !== evm.chainId) {
    return judged('transaction', `the RPC is of the EVM chain ${evmChainId}, and the anchor of ${evm.chainId}`)
  }
  const found = await asked('receipt', async () => {
    try {
      return await rpc.getTransactionReceipt({ hash: hex(evm.transaction) })
    } catch (error) {
      if (error instanceof Error && error.name === 'TransactionReceiptNotFoundError') return undefined
      throw error
    }
  })
  if (found === undefined) return judged('transaction', 'there is no such transaction on the EVM chain')
  const contract = hex(evm.contract)
  const logs = parseEventLogs({ abi: ABI, eventName: 'Anchored', logs: found.logs })
  const isThere = logs.some(({ address, args }) => address.toLowerCase() === contract && args.root === hex(root))
  if (found.status !== 'success' || !isThere) {
    return judged('transaction', 'that transaction anchored another root, or in another contract')
  }
  // Any contract can say that it anchored something, and say it of any time.
  if (!(await isAnchors(rpc, contract)))
    return unchecked('transaction', 'the contract is none that is known here: know who wrote it')
  const newest = await asked('block number', () => rpc.getBlockNumber({ cacheTime: 0 }))
  const depth = newest - found.blockNumber + 1n
  // A block that may still be replaced shows nothing yet.
  if (depth < DEPTH_MIN) return unchecked('transaction', `it is ${depth} blocks deep, of ${DEPTH_MIN}: ask again later`)
  return judged('transaction', undefined)
}

/** How deep an anchor has to lie before it is believed. */
const DEPTH_MIN = 3n
