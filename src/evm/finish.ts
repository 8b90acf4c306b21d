/** Sends what is noted, as often as it takes, and waits until as many blocks lie over it as the caller wants. */
import { getContractAddress, type Hex, type PublicClient, parseTransaction, type TransactionReceipt } from 'viem'
import { CairnError } from '../verify/error.ts'
import { malformed } from './anchor-transaction.ts'
import type { Keep, Pending } from './pending.ts'
import { asked } from './rpc.ts'
import { type Call, demandSameChain } from './transact.ts'
import { hex } from './values.ts'

export interface Patience {
  /** Milliseconds since some moment. */
  readonly now: () => number
  /** Comes back after so many milliseconds, or when the signal is raised. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  /** How many blocks have to lie over it, its own counted. */
  readonly confirmations: number
  /** How long to wait for that, in milliseconds. */
  readonly timeout: number
  /** Between two questions, in milliseconds; between the first ones less. */
  readonly interval: number
  readonly signal?: AbortSignal
}

/** Between the first two questions, in milliseconds, and then twice as long each time: some chains have it in a block at once. */
const FIRST_PAUSE = 100

/** What was carried out and lies deep enough. */
export interface Sent {
  /** Its `transaction` is the one that was carried out, of all that were signed under the nonce. */
  readonly pending: Pending
  readonly receipt: TransactionReceipt
}

/** The note stays: it is the caller's to remove, once all is done that the transaction was for. */
export async function finish(rpc: PublicClient, keep: Keep, pending: Pending, patience: Patience): Promise<Sent> {
  const { now, sleep, confirmations, timeout, interval, signal } = patience
  await demandSameChain(rpc, pending)
  const end = now() + timeout
  for (let pause = FIRST_PAUSE; ; pause *= 2) {
    // Asked first: what is on the chain after that lies at least so deep.
    const newest = await newestBlock(rpc)
    const sent = await carriedOut(rpc, pending)
    if (sent === undefined) await send(rpc, pending, confirmations)
    else if (newest - sent.receipt.blockNumber + 1n >= BigInt(confirmations)) {
      if (sent.receipt.status === 'success') return sent
      // It took its nonce and did nothing else: there is nothing to wait for, and nothing that would be done twice.
      await keep.remove()
      throw reverted(sent.pending)
    }
    if (signal?.aborted === true || now() > end) throw unconfirmed(pending, signal?.aborted === true)
    await sleep(Math.min(pause, interval), signal)
  }
}

/** Whether what is noted does just this. */
export function isOf({ raw }: Pending, call: Call): boolean {
  const { to, data } = parseTransaction(hex(raw))
  return to?.toLowerCase() === call.to?.toLowerCase() && data === call.data
}

/** Where a contract lies that was made: that follows from account and nonce, and no RPC is asked. */
export function deployedBy({ from, nonce }: Pending): Hex {
  return getContractAddress({ from: hex(from), nonce }).toLowerCase() as Hex
}

/** The one of all that were signed under the nonce that is in a block of the chain, or nothing. */
export async function carriedOut(rpc: PublicClient, pending: Pending): Promise<Sent | undefined> {
  for (const transaction of [pending.transaction, ...(pending.replaced ?? [])]) {
    const receipt = await receiptOf(rpc, hex(transaction))
    if (receipt !== undefined) return { pending: { ...pending, transaction }, receipt }
  }
  return undefined
}

async function receiptOf(rpc: PublicClient, hash: Hex): Promise<TransactionReceipt | undefined> {
  const receipt = await orNothing('receipt', 'TransactionReceiptNotFoundError', () =>
    rpc.getTransactionReceipt({ hash }),
  )
  if (receipt === undefined) return undefined
  if (!isWhole(receipt, hash)) throw malformed('receipt')
  const { blockNumber, blockHash } = receipt
  // A node may keep the receipt of a block that another one took the place of.
  const block = await orNothing('block', 'BlockNotFoundError', () => rpc.getBlock({ blockNumber }))
  return block?.hash === blockHash ? receipt : undefined
}

/** Whether it says what became of that transaction: half a receipt would be read as that of one that did nothing. */
function isWhole({ transactionHash, status, blockNumber, gasUsed, logs }: TransactionReceipt, hash: Hex): boolean {
  const isOf = typeof transactionHash === 'string' && transactionHash.toLowerCase() === hash
  const isNumbered = typeof blockNumber === 'bigint' && typeof gasUsed === 'bigint'
  return isOf && isNumbered && (status === 'success' || status === 'reverted') && Array.isArray(logs)
}

/** What is asked for, or nothing where viem says by an error of this name that there is none. */
async function orNothing<T>(what: string, none: string, question: () => Promise<T>): Promise<T | undefined> {
  return asked(what, async () => {
    try {
      return await question()
    } catch (error) {
      if (error instanceof Error && error.name === none) return undefined
      throw error
    }
  })
}

/** The same bytes again: a node that has them says so, which is no error here. */
async function send(rpc: PublicClient, pending: Pending, confirmations: number): Promise<void> {
  if (await isNonceTaken(rpc, pending)) {
    // Of several nodes behind one address some are late: that it was another one is believed when it lies as deep as ours would.
    if (!(await isNonceTaken(rpc, pending, confirmations)) || (await carriedOut(rpc, pending)) !== undefined) return
    // Some have no receipts, or not yet: what is known is not what another one took the place of.
    if (await isKnown(rpc, pending)) return
    throw replaced(pending)
  }
  try {
    await asked('answer to the transaction', () => rpc.sendRawTransaction({ serializedTransaction: hex(pending.raw) }))
  } catch (error) {
    if (!(error instanceof CairnError)) throw error
    // One with a lower fee may be waiting, and be carried out after all.
    if (!(await isKnown(rpc, pending)) && (await carriedOut(rpc, pending)) === undefined) throw error
  }
}

/** Whether a transaction of the account with this nonce is in a block, over which so many lie, its own counted. */
async function isNonceTaken(rpc: PublicClient, { from, nonce }: Pending, depth = 1): Promise<boolean> {
  const newest = await newestBlock(rpc)
  const blockNumber = newest - BigInt(depth) + 1n
  if (blockNumber < 0n) return false
  const used = await asked('nonce', () => rpc.getTransactionCount({ address: hex(from), blockNumber }))
  return BigInt(used) > nonce
}

async function isKnown(rpc: PublicClient, { transaction, replaced = [] }: Pending): Promise<boolean> {
  for (const each of [transaction, ...replaced]) {
    const isThere = await rpc.getTransaction({ hash: hex(each) }).then(
      () => true,
      () => false,
    )
    if (isThere) return true
  }
  return false
}

async function newestBlock(rpc: PublicClient): Promise<bigint> {
  return asked('block number', () => rpc.getBlockNumber({ cacheTime: 0 }))
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
  const message = `${why}: the transaction ${hex(transaction)} (${purpose}) was sent. Repeat the command: it goes on from here, and sends no other one; with --raise it pays a higher fee.`
  return new CairnError('transaction_unconfirmed', message, { transaction: hex(transaction) })
}
