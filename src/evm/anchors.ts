/** The contract CairnAnchors, from outside: the call that anchors, the receipts of it, and whether an anchor is there (anchor-transaction.ts says when). */
import { encodeDeployData, encodeFunctionData, type Hex, type PublicClient } from 'viem'
import { cairnAnchorsAbi, cairnAnchorsBytecode } from '../../contracts-abi/index.ts'
import { type Anchor, type AnchoredHead, encodeAnchor } from '../verify/anchor.ts'
import { toHex } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { Verdict } from '../verify/verdict.ts'
import { type Ask, findTransaction, isAnchorsCode, type Question } from './anchor-transaction.ts'
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

/** By chain and height: an older one is not written over. */
export function receiptName({ chainId, height }: AnchoredHead): string {
  return `${toHex(chainId)}-${height}.anchor.json`
}

/** What is handed to those who rely on a chain: for each one a document, by the name of its file. */
export function receiptsOf({ evmChainId, transaction, anchor }: Pending): readonly { name: string; text: string }[] {
  if (anchor === undefined) return []
  const { contract, root, anchored } = anchor
  const evm = { chainId: evmChainId, contract, transaction }
  return anchored.map(({ head, path }) => ({
    name: receiptName(head),
    text: `${encodeAnchor({ format: 'cairn.anchor/v1', evm, root, head, path })}\n`,
  }))
}

/** Since when, in seconds, a root is anchored in a contract CairnAnchors; 0 where it is not. */
export async function anchoredAt(rpc: PublicClient, address: Hex, root: Uint8Array): Promise<bigint> {
  return asked('time of the anchor', () =>
    rpc.readContract({ address, abi: ABI, functionName: 'anchoredAt', args: [hex(root)] }),
  )
}

/** Refuses an address at which there is no contract, or another one: money would be paid for nothing. */
export async function demandAnchors(rpc: PublicClient, address: Hex): Promise<void> {
  if (isAnchorsCode(await asked('code', () => rpc.getCode({ address })))) return
  const message = `At ${address} there is no contract CairnAnchors on this EVM chain: is it the right address, and the right RPC?`
  throw new CairnError('no_contract', message, { address })
}

/** What an RPC answers, as viem asks it. */
export function askOf(rpc: PublicClient): Ask {
  const request = rpc.request as (call: Pick<Question, 'method' | 'params'>) => Promise<unknown>
  return ({ what, method, params }) => asked(what, () => request({ method, params }))
}

/** Whether the transaction of an anchor is on the EVM chain, and anchored this root in a contract that is CairnAnchors. The RPC is believed. */
export async function judgeTransaction(rpc: PublicClient, anchor: Anchor): Promise<Verdict> {
  return (await findTransaction(askOf(rpc), anchor)).verdict
}
