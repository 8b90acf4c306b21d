/** Sends what a command is about, once: what a crash or a time-out left behind is finished first. */

import { resolve } from 'node:path'
import { formatEther, formatGwei, type Hex, type TransactionReceipt } from 'viem'
import { sleep } from '../../client/sleep.ts'
import { accountOf } from '../../evm/account.ts'
import { receiptsOf } from '../../evm/anchors.ts'
import { type Keep, PENDING_MAX, type Pending, type PendingAnchor, readPending } from '../../evm/pending.ts'
import { openRpc, type PublicClient } from '../../evm/rpc.ts'
import { type Call, commit, type Estimate, estimate, finish, type Patience } from '../../evm/transact.ts'
import { hex } from '../../evm/values.ts'
import { loadEngine } from '../../hash/index.ts'
import { decryptKeystore, keystoreAddress } from '../../keys/keystore.ts'
import { KEYSTORE_BYTES_MAX } from '../../keys/keystore-file.ts'
import { systemClock } from '../../ports/clock.ts'
import { nodeDisk } from '../../ports/node-disk.ts'
import { readBounded as readDurably, writeDurably } from '../../store/durable-file.ts'
import { CairnError } from '../../verify/index.ts'
import { escaped } from '../../verify/meaning.ts'
import { interruptible } from '../interrupt.ts'
import { readPassphrase } from '../passphrase.ts'
import { shownPath } from '../place.ts'
import { readBounded } from '../read.ts'
import { writeWhole } from '../write-file.ts'
import { rpcAddress, type SendingOptions } from './options.ts'

const NOTE = 'pending.json'
/** Between two questions to the RPC, in milliseconds. */
const INTERVAL = 1000

/** What was sent and lies deep enough. */
export interface Sent {
  readonly pending: Pending
  readonly receipt: TransactionReceipt
}

export class Sender {
  readonly rpc: PublicClient
  readonly address: Hex
  /** What an earlier command had left behind, and is done now. */
  readonly finished: Sent | undefined
  private readonly keep: Keep
  private readonly options: SendingOptions
  private readonly signal: AbortSignal

  private constructor(
    rpc: PublicClient,
    address: Hex,
    keep: Keep,
    options: SendingOptions,
    signal: AbortSignal,
    finished: Sent | undefined,
  ) {
    this.rpc = rpc
    this.address = address
    this.keep = keep
    this.options = options
    this.signal = signal
    this.finished = finished
  }

  /** Nobody else sends from this state meanwhile. `receipts` is where those of an anchor go that was left behind. */
  static async use(
    options: SendingOptions,
    receipts: string | undefined,
    run: (sender: Sender) => Promise<void>,
  ): Promise<void> {
    const directory = resolve(options.state)
    const unlock = await nodeDisk.lock(directory).catch((error: unknown) => {
      throw error instanceof CairnError && error.code === 'chain_locked' ? inUse(directory) : error
    })
    try {
      await interruptible(async (signal) => {
        const rpc = openRpc(await rpcAddress(options))
        const keep = keepIn(directory)
        const finished = await finishEarlier(rpc, keep, options, receipts, signal)
        await run(new Sender(rpc, await payer(options), keep, options, signal, finished))
      })
    } finally {
      await unlock()
    }
  }

  get isInterrupted(): boolean {
    return this.signal.aborted
  }

  wait(milliseconds: number): Promise<void> {
    return sleep(milliseconds, this.signal)
  }

  /** Nothing where it was only to be told what it would cost. */
  async send(call: Call, anchor?: PendingAnchor, receipts?: string): Promise<Sent | Estimate> {
    const { keep, options, rpc } = this
    const expected = await estimate(rpc, this.address, call)
    tell(expected, options)
    const { maxFeeGwei } = options
    if (maxFeeGwei !== undefined && expected.fees.perGas > maxFeeGwei) throw tooDear(expected, maxFeeGwei)
    if (options.yes === undefined) {
      process.stderr.write('Nothing was sent. Repeat it with --yes to send it.\n')
      return expected
    }
    const pending = await withAccount(options, (account) => commit(keep, account, expected, anchor))
    return conclude(rpc, keep, pending, patienceOf(options, this.signal), receipts)
  }
}

export function wasSent(outcome: Sent | Estimate): outcome is Sent {
  return 'receipt' in outcome
}

async function finishEarlier(
  rpc: PublicClient,
  keep: Keep,
  options: SendingOptions,
  receipts: string | undefined,
  signal: AbortSignal,
): Promise<Sent | undefined> {
  const pending = await readPending(keep)
  if (pending === undefined) return undefined
  process.stderr.write(`Finishing what was begun: ${escaped(pending.purpose)} (${hex(pending.transaction)})\n`)
  return conclude(rpc, keep, pending, patienceOf(options, signal), receipts)
}

/** The receipts first: only when they are there for good is the note taken away that they are written from. */
async function conclude(
  rpc: PublicClient,
  keep: Keep,
  pending: Pending,
  patience: Patience,
  receipts: string | undefined,
): Promise<Sent> {
  const receipt = await finish(rpc, keep, pending, patience)
  const files = receiptsOf(pending)
  if (files.length > 0) {
    if (receipts === undefined) throw ofAnAnchor(pending)
    await nodeDisk.makeDirectory(receipts)
    for (const { name, text } of files) await writeWhole(`${receipts}/${name}`, text)
    await nodeDisk.syncDirectory(receipts)
  }
  await keep.remove()
  return { pending, receipt }
}

function keepIn(directory: string): Keep {
  return {
    read: () => readDurably(nodeDisk, directory, NOTE, PENDING_MAX),
    write: (bytes) => writeDurably(nodeDisk, directory, NOTE, bytes),
    async remove(): Promise<void> {
      await nodeDisk.unlink(`${directory}/${NOTE}`)
      await nodeDisk.syncDirectory(directory)
    },
  }
}

function patienceOf({ confirmations, timeout }: SendingOptions, signal: AbortSignal): Patience {
  return {
    now: () => systemClock.monotonic(),
    sleep,
    confirmations,
    timeout: timeout * 1000,
    interval: INTERVAL,
    signal,
  }
}

/** Whose keystore it is: to tell what it would cost no passphrase is asked for, where the keystore says it. */
async function payer(options: SendingOptions): Promise<Hex> {
  const address = keystoreAddress(await readBounded(options.keystore, KEYSTORE_BYTES_MAX))
  return address === undefined ? withAccount(options, (account) => Promise.resolve(account.address)) : hex(address)
}

async function withAccount<T>(
  options: SendingOptions,
  use: (account: ReturnType<typeof accountOf>) => Promise<T>,
): Promise<T> {
  const engine = await loadEngine()
  const text = await readBounded(options.keystore, KEYSTORE_BYTES_MAX)
  const passphrase = await readPassphrase(options, { of: `the keystore ${shownPath(options.keystore)}`, isNew: false })
  try {
    const privateKey = await decryptKeystore(text, passphrase, engine)
    try {
      return await use(accountOf(privateKey, engine))
    } finally {
      privateKey.fill(0)
    }
  } finally {
    passphrase.fill(0)
  }
}

function tell({ purpose, evmChainId, from, nonce, gas, fees, atMost }: Estimate, { json }: SendingOptions): void {
  if (json) return
  const lines = [
    escaped(purpose),
    `  EVM chain ${evmChainId}, paid by ${from}, nonce ${nonce}`,
    `  ${gas.toLocaleString('en')} gas at most ${formatGwei(fees.perGas)} gwei: at most ${formatEther(atMost)} ether`,
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
}

function tooDear({ fees }: Estimate, max: bigint): CairnError {
  const message = `A unit of gas would cost up to ${formatGwei(fees.perGas)} gwei, of ${formatGwei(max)} that --max-fee-gwei allows: nothing was sent.`
  return new CairnError('fee_too_high', message, { fee: fees.perGas, limit: max })
}

function inUse(directory: string): CairnError {
  const message = `Another process sends transactions from ${shownPath(directory)}: wait for it, or use another --state for another account.`
  return new CairnError('state_locked', message, { directory })
}

function ofAnAnchor({ purpose }: Pending): CairnError {
  const message = `The transaction that was begun is of cairn anchor (${purpose}): repeat that command first, so that its receipts are written.`
  return new CairnError('transaction_pending', message)
}
