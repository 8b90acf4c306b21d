/** Sends what a command is about, once: what a crash or a time-out left behind is finished first. */

import { resolve } from 'node:path'
import { formatEther, formatGwei, type Hex } from 'viem'
import { sleep } from '../../client/sleep.ts'
import { accountOf } from '../../evm/account.ts'
import { receiptsOf } from '../../evm/anchors.ts'
import { carriedOut, finish, isOf, type Patience, type Sent } from '../../evm/finish.ts'
import { type Keep, PENDING_MAX, type Pending, type PendingAnchor, takeUpPending } from '../../evm/pending.ts'
import { openRpc, type PublicClient } from '../../evm/rpc.ts'
import { evmChainIdOf } from '../../evm/thaw.ts'
import { type Call, commit, demandFee, type Estimate, estimate, raise } from '../../evm/transact.ts'
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

export class Sender {
  readonly rpc: PublicClient
  readonly address: Hex
  /** What an earlier command had left behind, and is done now. */
  finished: Sent | undefined
  private readonly keep: Keep
  private readonly options: SendingOptions
  private readonly receipts: string | undefined
  private readonly signal: AbortSignal
  private told = ''

  private constructor(
    rpc: PublicClient,
    address: Hex,
    keep: Keep,
    options: SendingOptions,
    receipts: string | undefined,
    signal: AbortSignal,
  ) {
    this.rpc = rpc
    this.address = address
    this.keep = keep
    this.options = options
    this.receipts = receipts
    this.signal = signal
  }

  /** Nobody else sends from this state meanwhile. `receipts` is where those of an anchor go. */
  static async use(
    options: SendingOptions,
    receipts: string | undefined,
    run: (sender: Sender) => Promise<void>,
  ): Promise<void> {
    if (options.raise && !options.yes) throw raisesUnasked()
    const directory = resolve(options.state)
    const unlock = await nodeDisk.lock(directory).catch((error: unknown) => {
      throw error instanceof CairnError && error.code === 'chain_locked' ? inUse(directory) : error
    })
    try {
      await interruptible(async (signal) => {
        const rpc = openRpc(await rpcAddress(options))
        const sender = new Sender(rpc, await payer(options), keepIn(directory), options, receipts, signal)
        await sender.evmChainId()
        await sender.finishEarlier()
        await run(sender)
      })
    } finally {
      await unlock()
    }
  }

  get isInterrupted(): boolean {
    return this.signal.aborted
  }

  /** Of what EVM chain the RPC says that it is: the one that is meant. */
  async evmChainId(): Promise<bigint> {
    const found = await evmChainIdOf(this.rpc)
    this.demandMeant(found)
    return found
  }

  wait(milliseconds: number): Promise<void> {
    return sleep(milliseconds, this.signal)
  }

  /** Finishes what was begun and is not done, by an earlier command or by this one before it ran out of patience. */
  async finishEarlier(): Promise<void> {
    const pending = await takeUpPending(this.keep)
    if (pending === undefined) return
    if (this.options.yes === undefined) throw waits(pending)
    this.tellOnce(`Finishing what was begun: ${escaped(pending.purpose)} (${hex(pending.transaction)})`)
    this.finished = await this.conclude(await this.raisedIfAsked(pending))
    const { pending: done, receipt } = this.finished
    this.tellOnce(`Done in block ${receipt.blockNumber} by ${hex(done.transaction)}`)
  }

  /** What came of the call, or what it would cost where it was only to be told. What was begun and is just this is not sent once more. */
  async send(call: Call, anchor?: PendingAnchor): Promise<Sent | Estimate> {
    const { finished, keep, options, rpc } = this
    if (finished !== undefined && isOf(finished.pending, call)) return finished
    const expected = await estimate(rpc, this.address, call)
    // An RPC can say one thing now and another one then: it is signed for this.
    this.demandMeant(BigInt(expected.evmChainId))
    tell(expected, options)
    demandFee(expected.fees, options.maxFeeGwei)
    if (options.yes === undefined) {
      process.stderr.write('Nothing was sent. Repeat it with --yes to send it.\n')
      return expected
    }
    return this.conclude(await withAccount(options, (account) => commit(keep, account, expected, anchor)))
  }

  private async raisedIfAsked(pending: Pending): Promise<Pending> {
    const { keep, options, rpc } = this
    if (options.raise === undefined || (await carriedOut(rpc, pending)) !== undefined) return pending
    try {
      return await withAccount(options, (account) => raise(rpc, keep, account, pending, options.maxFeeGwei))
    } catch (error) {
      if (!(error instanceof CairnError) || error.code !== 'fee_too_high') throw error
      // The one that waits may still be carried out for what it offers.
      this.tellOnce(escaped(error.message))
      return pending
    }
  }

  /** Refuses another EVM chain than the one that is meant: what is signed counts there. */
  private demandMeant(found: bigint): void {
    const { evmChainId } = this.options
    if (evmChainId === undefined || found === evmChainId) return
    const message = `The RPC is of the EVM chain ${found}, and ${evmChainId} is meant: name another one.`
    throw new CairnError('wrong_evm_chain', message, { expected: evmChainId, found })
  }

  /** Whoever watches comes by here again and again. */
  private tellOnce(line: string): void {
    if (line !== this.told) process.stderr.write(`${line}\n`)
    this.told = line
  }

  /** The receipts first: only when they are there for good is the note taken away that they are written from. */
  private async conclude(begun: Pending): Promise<Sent> {
    const { keep, options, receipts, rpc } = this
    const sent = await finish(rpc, keep, begun, patienceOf(options, this.signal))
    const files = receiptsOf(sent.pending)
    if (files.length > 0) {
      if (receipts === undefined) throw ofAnAnchor(begun)
      await nodeDisk.makeDirectory(receipts)
      for (const { name, text } of files) await writeWhole(`${receipts}/${name}`, text)
      await nodeDisk.syncDirectory(receipts)
    }
    await keep.remove()
    return sent
  }
}

export function wasSent(outcome: Sent | Estimate): outcome is Sent {
  return 'receipt' in outcome
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

function raisesUnasked(): CairnError {
  return new CairnError('invalid_option', 'To raise a fee is to send something: --raise needs --yes.')
}

function inUse(directory: string): CairnError {
  const message = `Another process sends transactions from ${shownPath(directory)}: wait for it, or use another --state for another account.`
  return new CairnError('state_locked', message, { directory })
}

function waits({ purpose, transaction }: Pending): CairnError {
  const message = `What was begun is not done (${purpose}, ${hex(transaction)}), and to finish it is to send it again: repeat the command that began it, with --yes.`
  return new CairnError('transaction_pending', message, { transaction: hex(transaction) })
}

function ofAnAnchor({ purpose }: Pending): CairnError {
  const message = `The transaction that was begun is of cairn anchor (${purpose}): repeat that command first, so that its receipts are written.`
  return new CairnError('transaction_pending', message)
}
