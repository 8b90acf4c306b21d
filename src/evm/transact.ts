/**
 * Transactions: estimated, signed, noted, and signed again with a higher fee where one waits. What a crash means stands beside each step; at none of
 * them anything is sent twice, for all that are signed for one note have one nonce, of which a chain carries out one.
 */
import {
  formatGwei,
  type Hex,
  keccak256,
  type PublicClient,
  parseTransaction,
  type TransactionSerializable,
} from 'viem'
import { fromHex } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { Account } from './account.ts'
import { type Keep, type Pending, type PendingAnchor, readPending, writePending } from './pending.ts'
import { asked } from './rpc.ts'
import { hex } from './values.ts'

export interface Call {
  /** In words, for whoever is asked whether it shall be sent. */
  readonly purpose: string
  /** Absent where a contract is made. */
  readonly to?: Hex
  readonly data: Hex
}

/** In wei, for a unit of gas. Of a chain that has no base fee the second one is not there. */
export interface Fees {
  readonly perGas: bigint
  readonly tipPerGas?: bigint
}

/** A call with all that it takes to sign it, and what it costs at most. */
export interface Estimate extends Call {
  readonly evmChainId: number
  readonly from: Hex
  readonly nonce: number
  readonly gas: bigint
  readonly fees: Fees
  /** In wei. */
  readonly atMost: bigint
}

/** The state may change until the call is carried out; what is not used is not paid. */
const GAS_MARGIN = 6n

/** What a call would cost now. Nothing is signed. */
export async function estimate(rpc: PublicClient, from: Hex, call: Call): Promise<Estimate> {
  const { to, data } = call
  const evmChainId = await asked('chain id', () => rpc.getChainId())
  const nonce = await asked('nonce', () => rpc.getTransactionCount({ address: from, blockTag: 'pending' }))
  const needed = await asked('estimate', () => rpc.estimateGas({ account: from, data, ...(to && { to }) }))
  const gas = needed + needed / GAS_MARGIN
  const fees = await feesNow(rpc)
  return { ...call, evmChainId, from, nonce, gas, fees, atMost: gas * fees.perGas }
}

async function feesNow(rpc: PublicClient): Promise<Fees> {
  const { baseFeePerGas } = await asked('block', () => rpc.getBlock())
  return asked('fee', () => (baseFeePerGas === null ? legacyFees(rpc) : dynamicFees(rpc)))
}

async function dynamicFees(rpc: PublicClient): Promise<Fees> {
  const { maxFeePerGas, maxPriorityFeePerGas } = await rpc.estimateFeesPerGas()
  return { perGas: maxFeePerGas, tipPerGas: maxPriorityFeePerGas }
}

async function legacyFees(rpc: PublicClient): Promise<Fees> {
  return { perGas: await rpc.getGasPrice() }
}

/** Signs, and notes before anything is sent. Then `finish` sends it. */
export async function commit(
  keep: Keep,
  account: Account,
  { purpose, evmChainId, from, nonce, gas, fees, to, data }: Estimate,
  anchor?: PendingAnchor,
): Promise<Pending> {
  // Until the note is there for good nothing was sent: a crash leaves nothing behind.
  if ((await readPending(keep)) !== undefined) throw stillPending()
  const raw = account.sign(withFees({ chainId: evmChainId, nonce, gas, data, ...(to && { to }) }, fees))
  const pending: Pending = {
    format: 'cairn.evm-pending/v1',
    purpose,
    evmChainId: BigInt(evmChainId),
    from: bytesOf(from),
    nonce: BigInt(nonce),
    ...signed(raw),
    ...(anchor && { anchor }),
  }
  await writePending(keep, pending)
  return pending
}

/** Nodes take no other transaction of a nonce for less than a tenth more; some want an eighth. */
const RAISE = 8n

/**
 * What is noted, signed again under the same nonce with fees that are an eighth higher, or as high as they are now: whichever of them is carried out,
 * the others never are. The caller sees to it that the account is the same, and that it was not carried out yet.
 */
export async function raise(
  rpc: PublicClient,
  keep: Keep,
  account: Account,
  pending: Pending,
  feeMax: bigint,
): Promise<Pending> {
  if (account.address !== hex(pending.from)) throw otherAccount(pending)
  // Another chain has other fees, and nothing of it would be paid there.
  await demandSameChain(rpc, pending)
  const { to, chainId, nonce, gas, data, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = parseTransaction(
    hex(pending.raw),
  )
  const now = await feesNow(rpc)
  const higher = (fee: bigint, least: bigint): bigint => {
    const raised = fee + fee / RAISE + 1n
    return raised > least ? raised : least
  }
  const perGas = higher(maxFeePerGas ?? gasPrice ?? 0n, now.perGas)
  const isLegacy = gasPrice !== undefined
  const tip = isLegacy ? {} : { tipPerGas: higher(maxPriorityFeePerGas ?? 0n, now.tipPerGas ?? 0n) }
  demandFee({ perGas }, feeMax)
  const common = { chainId: chainId as number, nonce: nonce ?? 0, gas: gas as bigint, data: data ?? '0x' }
  const raw = account.sign(withFees({ ...common, ...(to && { to }) }, { perGas, ...tip }))
  // A crash before this leaves the note as it was; after it either one is found by its hash.
  const raised = { ...pending, ...signed(raw), replaced: [pending.transaction, ...(pending.replaced ?? [])] }
  await writePending(keep, raised)
  return raised
}

/** Refuses an RPC of another EVM chain than the one that a transaction is for. */
export async function demandSameChain(rpc: PublicClient, { evmChainId }: Pending): Promise<void> {
  const found = await asked('chain id', () => rpc.getChainId())
  if (BigInt(found) === evmChainId) return
  const message = `A transaction on the EVM chain ${evmChainId} is on its way, and this RPC is of ${found}: name an RPC of ${evmChainId} to finish it.`
  throw new CairnError('wrong_evm_chain', message, { expected: evmChainId, found })
}

/** Refuses fees above what whoever pays allows; an RPC can say what it likes of them. */
export function demandFee({ perGas }: Fees, feeMax: bigint): void {
  if (perGas <= feeMax) return
  const message = `A unit of gas would cost up to ${formatGwei(perGas)} gwei, of ${formatGwei(feeMax)} that are allowed: nothing more was sent. Wait, or allow more (--max-fee-gwei).`
  throw new CairnError('fee_too_high', message, { fee: perGas, limit: feeMax })
}

type Unsigned = Pick<TransactionSerializable, 'chainId' | 'nonce' | 'gas' | 'data' | 'to'> & {
  readonly chainId: number
}

function withFees(common: Unsigned, { perGas, tipPerGas }: Fees): TransactionSerializable {
  if (tipPerGas === undefined) return { ...common, type: 'legacy', gasPrice: perGas }
  return { ...common, type: 'eip1559', maxFeePerGas: perGas, maxPriorityFeePerGas: tipPerGas }
}

function signed(raw: Hex): Pick<Pending, 'raw' | 'transaction'> {
  return { raw: bytesOf(raw), transaction: bytesOf(keccak256(raw)) }
}

function bytesOf(value: Hex): Uint8Array {
  return fromHex(value.toLowerCase()) as Uint8Array
}

function stillPending(): CairnError {
  return new CairnError('transaction_pending', 'Another transaction is on its way: finish that one first.')
}

function otherAccount({ from, purpose }: Pending): CairnError {
  const message = `The transaction that waits (${purpose}) is of the account ${hex(from)}: name its keystore.`
  return new CairnError('transaction_pending', message, { from: hex(from) })
}
