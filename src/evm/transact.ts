/**
 * Transactions: estimated, signed, noted, sent, and waited for until as many blocks lie over them as the caller wants. What a crash means stands
 * beside each step; at none of them anything is sent twice.
 */
import { type Hex, keccak256, type PublicClient, type TransactionReceipt } from 'viem'
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

/** A call with all that it takes to sign it, and what it costs at most. */
export interface Estimate extends Call {
  readonly evmChainId: number
  readonly from: Hex
  readonly nonce: number
  readonly gas: bigint
  /** Of a chain that has no base fee the second one is not there. */
  readonly fees: { readonly perGas: bigint; readonly tipPerGas?: bigint }
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
  const { baseFeePerGas } = await asked('block', () => rpc.getBlock())
  const fees = await asked('fee', () => (baseFeePerGas === null ? legacyFees(rpc) : dynamicFees(rpc)))
  return { ...call, evmChainId, from, nonce, gas, fees, atMost: gas * fees.perGas }
}

async function dynamicFees(rpc: PublicClient): Promise<Estimate['fees']> {
  const { maxFeePerGas, maxPriorityFeePerGas } = await rpc.estimateFeesPerGas()
  return { perGas: maxFeePerGas, tipPerGas: maxPriorityFeePerGas }
}

async function legacyFees(rpc: PublicClient): Promise<Estimate['fees']> {
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
  const common = { chainId: evmChainId, nonce, gas, data, ...(to && { to }) }
  const raw = account.sign(
    fees.tipPerGas === undefined
      ? { ...common, type: 'legacy', gasPrice: fees.perGas }
      : { ...common, type: 'eip1559', maxFeePerGas: fees.perGas, maxPriorityFeePerGas: fees.tipPerGas },
  )
  const pending: Pending = {
    format: 'cairn.evm-pending/v1',
    purpose,
    evmChainId: BigInt(evmChainId),
    from: bytesOf(from),
    nonce: BigInt(nonce),
    transaction: bytesOf(keccak256(raw)),
    raw: bytesOf(raw),
    ...(anchor && { anchor }),
  }
  await writePending(keep, pending)
  return pending
}

export interface Patience {
  /** Milliseconds since some moment. */
  readonly now: () => number
  /** Comes back after so many milliseconds, or when the signal is raised. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  /** How many blocks have to lie over it, its own counted. */
  readonly confirmations: number
  /** How long to wait for that, in milliseconds. */
  readonly timeout: number
  /** Between two questions, in milliseconds. */
  readonly interval: number
  readonly signal?: AbortSignal
}

/**
 * Sends what is noted, as often as it takes, and comes back when it is deep enough. The note stays: it is the caller's to remove, once all is
 * done that the transaction was for.
 */
export async function finish(
  rpc: PublicClient,
  keep: Keep,
  pending: Pending,
  patience: Patience,
): Promise<TransactionReceipt> {
  const { now, sleep, confirmations, timeout, interval, signal } = patience
  const evmChainId = await asked('chain id', () => rpc.getChainId())
  if (BigInt(evmChainId) !== pending.evmChainId) throw otherChain(pending, evmChainId)
  const end = now() + timeout
  for (;;) {
    const receipt = await receiptOf(rpc, pending)
    if (receipt === undefined) await send(rpc, pending)
    else if (await isDeep(rpc, receipt, confirmations)) {
      if (receipt.status === 'success') return receipt
      // It took its nonce and did nothing else: there is nothing to wait for, and nothing that would be done twice.
      await keep.remove()
      throw reverted(pending)
    }
    if (signal?.aborted === true || now() > end) throw unconfirmed(pending, signal?.aborted === true)
    await sleep(interval, signal)
  }
}

async function receiptOf(rpc: PublicClient, pending: Pending): Promise<TransactionReceipt | undefined> {
  return asked('receipt', async () => {
    try {
      return await rpc.getTransactionReceipt({ hash: hex(pending.transaction) })
    } catch (error) {
      if (error instanceof Error && error.name === 'TransactionReceiptNotFoundError') return undefined
      throw error
    }
  })
}

/** The same bytes again: a node that has them says so, which is no error here. */
async function send(rpc: PublicClient, pending: Pending): Promise<void> {
  const [from, hash] = [hex(pending.from), hex(pending.transaction)]
  const used = await asked('nonce', () => rpc.getTransactionCount({ address: from, blockTag: 'latest' }))
  if (BigInt(used) > pending.nonce) {
    // It may have been mined between the two questions.
    if ((await receiptOf(rpc, pending)) === undefined) throw replaced(pending)
    return
  }
  try {
    await asked('answer to the transaction', () => rpc.sendRawTransaction({ serializedTransaction: hex(pending.raw) }))
  } catch (error) {
    if (!(error instanceof CairnError)) throw error
    const isKnown = await rpc.getTransaction({ hash }).then(
      () => true,
      () => false,
    )
    if (!isKnown && (await receiptOf(rpc, pending)) === undefined) throw error
  }
}

async function isDeep(rpc: PublicClient, receipt: TransactionReceipt, confirmations: number): Promise<boolean> {
  const newest = await asked('block number', () => rpc.getBlockNumber({ cacheTime: 0 }))
  return newest - receipt.blockNumber + 1n >= BigInt(confirmations)
}

function bytesOf(value: Hex): Uint8Array {
  return fromHex(value.toLowerCase()) as Uint8Array
}

function stillPending(): CairnError {
  return new CairnError('transaction_pending', 'Another transaction is on its way: finish that one first.')
}

function otherChain({ evmChainId }: Pending, found: number): CairnError {
  const message = `A transaction on the EVM chain ${evmChainId} is on its way, and this RPC is of ${found}: name an RPC of ${evmChainId} to finish it.`
  return new CairnError('wrong_evm_chain', message, { expected: evmChainId, found })
}

function reverted({ purpose, transaction }: Pending): CairnError {
  const message = `The transaction ${hex(transaction)} (${purpose}) was carried out and reverted: what it asked for was true no more by then. Look again and repeat.`
  return new CairnError('transaction_reverted', message, { transaction: hex(transaction) })
}

function replaced({ nonce, transaction, purpose }: Pending): CairnError {
  const message = `Another transaction of the same account took the nonce ${nonce} of ${hex(transaction)} (${purpose}), which can never be carried out now. If that was you, remove the note and repeat.`
  return new CairnError('transaction_replaced', message, { nonce, transaction: hex(transaction) })
}

function unconfirmed({ transaction, purpose }: Pending, isAborted: boolean): CairnError {
  const why = isAborted ? 'Interrupted' : 'Not deep enough yet'
  const message = `${why}: the transaction ${hex(transaction)} (${purpose}) was sent. Repeat the command: it goes on from here, and sends no other one.`
  return new CairnError('transaction_unconfirmed', message, { transaction: hex(transaction) })
}
