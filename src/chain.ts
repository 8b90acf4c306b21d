/**
 * The door: a chain in a directory, as an application opens it. Commands go in, and come back as receipts of what is durable, was executed
 * once, and can be proved. What a caller was told, a read on the same chain sees.
 */
import { invalidSubmission, type Submission } from './pipeline/1-submit.ts'
import { demandName, readKey } from './pipeline/asked.ts'
import { attemptAsync } from './pipeline/attempt-async.ts'
import { heightOf, nextSeqOf, type Standing } from './pipeline/block.ts'
import { createChain } from './pipeline/create-chain.ts'
import { chainClosed, chainFailed, failedMeanwhile } from './pipeline/failure.ts'
import { type FeedAsked, type FeedBlock, type FeedHeader, type FeedParts, feed, headerFeed } from './pipeline/feed.ts'
import { readerOf } from './pipeline/log-reader.ts'
import { type OpenChain, openChain } from './pipeline/open-chain.ts'
import type { ChainOptions } from './pipeline/options.ts'
import type { Producer } from './pipeline/producer.ts'
import type { ProofRequest } from './pipeline/prove.ts'
import { type Receipt, receiptOf } from './pipeline/receipt.ts'
import { findCommand } from './pipeline/repeated.ts'
import { type ChainStatistics, statisticsOf } from './pipeline/statistics.ts'
import type { Waiting } from './pipeline/waiting.ts'
import { eachWhileOpen, whileOpen } from './pipeline/while-open.ts'
import { native } from './verify/codec.ts'
import * as codecs from './verify/codecs.ts'
import { attempt, CairnError } from './verify/error.ts'
import { asHeight, demandMembers, invalidOption } from './verify/option.ts'
import { type BlockRecord, chainRecord } from './verify/records.ts'
import type { Delegation, Genesis, Header, Revocation, TreeName } from './verify/types.ts'

/** The newest block that was acknowledged. */
export interface ChainHead {
  readonly height: bigint
  readonly hash: Uint8Array
  readonly header: Header
}

/** Which blocks are read: from this height on, or from the first one; with `live` also those that are made meanwhile. */
export interface FeedRange {
  readonly from?: bigint
  readonly live?: boolean
  /** Ends the reading, also while it waits for a block. */
  readonly signal?: AbortSignal
}

export class Chain {
  private readonly parts: OpenChain
  private closing: Promise<void> | undefined

  private constructor(parts: OpenChain) {
    this.parts = parts
  }

  /** Makes a chain in a directory that has none, and opens it. */
  static async create(directory: string, genesis: Genesis, options: ChainOptions): Promise<Chain> {
    await createChain(directory, genesis, options)
    return Chain.open(directory, options)
  }

  /**
   * Opens a chain: checks what is there, brings the store up to the journal, seals a head that has no seal. It stops with an error where what
   * was found contradicts itself, and opens for reading only what may be an older copy (`readOnly` says why).
   */
  static async open(directory: string, options: ChainOptions): Promise<Chain> {
    return new Chain(await openChain(directory, options))
  }

  /** The id that verifiers trust. */
  get id(): Uint8Array {
    return this.parts.identity.chainId.slice()
  }

  get genesis(): Genesis {
    return codecs.genesis.decode(this.parts.identity.genesis, native)
  }

  /** The newest block that was acknowledged, or nothing before block 0. */
  get head(): ChainHead | undefined {
    const { header, hash } = this.readable
    // The caller's own: what the chain goes on from is nobody else's to change.
    return header && { height: header.height, hash: hash.slice(), header: codecs.header.decode(header, native) }
  }

  /** The `<id>@<version>` of the machine that executes the next block. */
  get machine(): string {
    return this.parts.producer?.machine ?? this.readable.machine
  }

  /** Why the chain takes no commands, or nothing where it does. */
  get readOnly(): CairnError | undefined {
    return this.parts.readOnly
  }

  /** Why a command would be refused now whatever it is, or nothing. */
  get unavailable(): CairnError | undefined {
    const { producer, readOnly } = this.parts
    if (this.closing !== undefined) return chainClosed()
    if (producer === undefined) return readOnly ?? chainClosed()
    return producer.failedBy && chainFailed(producer.failedBy.cause)
  }

  /** Until when blocks can be sealed under what is delegated, in milliseconds since 1970; nothing where none can be now. */
  get sealableUntil(): bigint | undefined {
    return this.parts.producer?.sealableUntil
  }

  /** How the chain is, in numbers: what waits, how large its blocks are, how long each stage takes. */
  statistics(): ChainStatistics {
    return statisticsOf(this.parts)
  }

  /**
   * Submits a command. **When the promise is fulfilled, the command is durable** (its block was synced to the disk), **was executed exactly
   * once, and its block is sealed**; a rejected command (status 1) is a receipt like any other. The same `client` and `request` with the same
   * type and payload gets the same receipt, now, later and after a restart.
   *
   * When it is refused with any code but one, nothing of this submission was written, and it may be sent again. With `outcome_unknown` it is known
   * after a restart only: send it again then, under the same client and number.
   */
  submit(submission: Submission): Promise<Receipt> {
    return this.take(submission, false)
  }

  /** A command of the chain's operator: `cairn/machine` puts another version of the machine in force. Else as `submit`. */
  operate(submission: Submission): Promise<Receipt> {
    return this.take(submission, true)
  }

  /**
   * Takes up what the cold key signed since the chain was opened: the delegations that the signer has by now, and these revocations. When the promise is
   * fulfilled, the head has a durable seal of the newest key, and nothing is sealed any more under what was taken back: **only then publish
   * the revocations**. No command is lost or held up for it but for the time of one seal. Where the head would be left without a seal that holds,
   * it is refused, and nothing is changed.
   *
   * After a restart the chain knows what its blocks brought; give it the revocations again until one did (the option `revocations`).
   */
  async importAuthority(revocations: readonly Revocation[] = []): Promise<void> {
    return this.demandProducer().importAuthority(revocations)
  }

  private async take(submission: Submission, isOperators: boolean): Promise<Receipt> {
    const { intake } = this.parts
    const waiting = this.admit(submission, isOperators)
    intake.demandRoom([waiting])
    return intake.take(waiting)
  }

  /**
   * Submits commands in this order, with nothing of this process between them; all of them or, where one is malformed or the queue is full, none.
   * Each answer is that of its command: a receipt, or the error that `submit` would have ended with.
   */
  async submitMany(submissions: readonly Submission[]): Promise<readonly (Receipt | CairnError)[]> {
    const { intake } = this.parts
    if (!Array.isArray(submissions)) throw invalidSubmission('several are given as an array')
    // Not `map`, which leaves out what is not there.
    const admitted = Array.from(submissions as readonly Submission[], (each, index) => {
      const waiting = attempt(() => this.admit(each, false))
      if (waiting instanceof CairnError) throw atIndex(waiting, index, submissions.length)
      return waiting
    })
    intake.demandRoom(admitted)
    const answers = admitted.map((waiting) => attempt(() => intake.take(waiting)))
    return Promise.all(
      answers.map(async (answer) => {
        if (answer instanceof CairnError) return answer
        return answer.catch((error: unknown) => {
          if (error instanceof CairnError) return error
          throw error
        })
      }),
    )
  }

  private admit(submission: Submission, isOperators: boolean): Waiting {
    const { intake, checked } = this.parts
    const producer = this.demandProducer()
    return intake.admit(submission, checked.machines.inForce(producer.machine), isOperators)
  }

  private demandProducer(): Producer {
    const { producer } = this.parts
    const { unavailable } = this
    if (producer === undefined || unavailable !== undefined) throw unavailable ?? chainClosed()
    return producer
  }

  private get readable(): Standing {
    return this.parts.producer?.readable ?? this.parts.recovered.standing
  }

  /** The value of a raw key: as of the newest acknowledged block, or as of an older one. */
  get(tree: TreeName, key: Uint8Array, asOf: { readonly height?: bigint } = {}): Uint8Array | undefined {
    const { store, applier } = this.parts
    const { readable } = this
    this.demandOpen()
    readKey(tree, key)
    demandMembers(asOf, ['height'])
    const { height } = asOf
    if (height === undefined || height === heightOf(readable)) return store.trees[tree].get(key, readable.trees?.[tree])
    if (typeof height !== 'bigint' || height < 0n || height > heightOf(readable)) {
      const message = `There is no block ${height}: the newest is ${heightOf(readable)}.`
      throw new CairnError('unknown_height', message, { height, newest: heightOf(readable) })
    }
    if (height <= store.height) return store.trees[tree].getAt(Number(height), key)
    return store.trees[tree].get(key, applier.find(height)?.trees[tree])
  }

  /** A text of the format `cairn.proof/v1` that proves all of this, under the newest acknowledged block. */
  async prove(request: ProofRequest): Promise<string> {
    this.demandOpen()
    return this.parts.prove(request)
  }

  /** The blocks from a height on, each with its seal; with `live` it goes on with each that is acknowledged. */
  async *blocks(range: FeedRange = {}): AsyncGenerator<FeedBlock> {
    const asked = readRange(range)
    yield* eachWhileOpen(this.parts.lifetime, feed(this.feedParts(asked.from), asked))
  }

  /** The same without what the blocks hold: their headers, roots and seals, which take little to read and to follow. */
  async *headers(range: FeedRange = {}): AsyncGenerator<FeedHeader> {
    const asked = readRange(range)
    yield* eachWhileOpen(this.parts.lifetime, headerFeed(this.feedParts(asked.from), asked))
  }

  private feedParts(from: bigint): FeedParts {
    this.demandOpen()
    asHeight(from)
    const { journal, store, recent, hashOf, applier, producer, recovered } = this.parts
    return {
      log: readerOf(journal),
      store,
      recent,
      hashOf,
      newest: () => heightOf(this.readable),
      reaches: (height, signal) => producer?.reaches(height, signal) ?? Promise.reject(this.readOnly ?? chainClosed()),
      applied: (height) => applier.through(height),
      unrecorded: () => producer?.newestSeals ?? recovered.unrecorded,
    }
  }

  /** A block with its newest seal, as far as the log has it; `unknown_height` where there is none. */
  async block(height: bigint): Promise<FeedBlock> {
    const { history, producer, lifetime } = await this.through(height)
    return whileOpen(lifetime, async () => {
      // A copy: what the chain goes on from is nobody else's to change.
      const record = chainRecord.decode(await history.block(height), native) as BlockRecord
      const late = [producer?.resealed, ...(producer?.newestSeals ?? [])].find((each) => each?.header.height === height)
      const seal = late?.seal ?? (await history.sealsOf(height)).at(-1)
      return { record, ...(seal && { seal: codecs.seal.decode(seal, native) }) }
    })
  }

  /** The receipt of a command by its place in the chain; `unknown_entry` where there is none. */
  async command(seq: bigint): Promise<Receipt> {
    this.demandOpen()
    const size = nextSeqOf(this.readable)
    if (typeof seq !== 'bigint' || seq < 0n || seq >= size) {
      throw new CairnError('unknown_entry', `There is no command ${seq}: there are ${size}.`, { seq, size })
    }
    const { history, prove, lifetime } = await this.through(heightOf(this.readable))
    const { command, record, hash } = await whileOpen(lifetime, () => history.command(seq))
    return receiptOf(command, { header: record.header, hash }, (each) => prove({ command: each }))
  }

  /** The receipt of what a client's number names, or nothing where nothing was executed under it. */
  async find(client: string, request: bigint): Promise<Receipt | undefined> {
    this.demandOpen()
    demandName(client, request)
    if (client === '' || this.readable.header === undefined) return undefined
    const { store, history, prove, lifetime } = await this.through(heightOf(this.readable))
    const past = await whileOpen(lifetime, () => findCommand(client, request, store, history))
    if (past === undefined) return undefined
    return receiptOf(past.command, { header: past.record.header, hash: past.hash }, (each) => prove({ command: each }))
  }

  /** What the cold key delegated and took back, as far as the chain knows; the caller's own. */
  get authority(): { readonly delegations: readonly Delegation[]; readonly revocations: readonly Revocation[] } {
    const { delegations, revocations } = this.parts.recovered.authority
    return {
      delegations: delegations.map((each) => codecs.delegation.decode(each, native)),
      revocations: revocations.map((each) => codecs.revocation.decode(each, native)),
    }
  }

  /** The parts, where all up to this height is applied. */
  private async through(height: bigint): Promise<OpenChain> {
    this.demandOpen()
    const newest = heightOf(this.readable)
    if (typeof height !== 'bigint' || height < 0n || height > newest) {
      throw new CairnError('unknown_height', `There is no block ${height}: the newest is ${newest}.`, {
        height,
        newest,
      })
    }
    await this.parts.applier.through(height)
    return this.parts
  }

  /** A barrier: when it comes back, everything submitted before it is answered, and what was executed is durable, sealed and applied. */
  async flush(): Promise<void> {
    const { intake, applier } = this.parts
    const producer = this.demandProducer()
    await intake.settled()
    await applier.through(heightOf(producer.readable))
    if (producer.failedBy !== undefined) throw failedMeanwhile(producer.failedBy.cause)
  }

  /**
   * Ends the chain in good order: takes nothing more, answers all that waits, applies it, and says in the journal that this stop was a clean
   * one. Where the chain fails on the way it is none, and says so: `chain_failed`. After a failure it only lets go of what it holds.
   */
  close(): Promise<void> {
    this.parts.lifetime.isClosed = true
    this.closing ??= this.end()
    return this.closing
  }

  private async end(): Promise<void> {
    const { producer, guard, journal, store, unlock } = this.parts
    const failures: unknown[] = []
    try {
      if (producer !== undefined) await this.endWell(producer)
    } finally {
      // Whatever fails here, the next one is let go of all the same: else nobody could open the chain again.
      producer?.end(chainClosed())
      const endings = [() => guard.settle(), () => journal.close(), () => store.close(), unlock]
      for (const ending of endings) failures.push(await attemptAsync(ending))
    }
    const failure = failures.find((each) => each instanceof Error)
    if (failure !== undefined) throw failure
  }

  private async endWell(producer: Producer): Promise<void> {
    const { applier, guard, intake, store } = this.parts
    const { failedBy: earlier } = producer
    await producer.drain()
    await intake.settled()
    if (earlier !== undefined) return
    // Whoever closes a chain takes it for stopped cleanly, with a guard that names its newest seal.
    if (producer.failedBy !== undefined) throw failedMeanwhile(producer.failedBy.cause)
    await applier.through(heightOf(producer.readable))
    await guard.flush()
    await producer.writeClose()
    // Only to start faster: a store that cannot be written now is none the worse for the next start.
    await attemptAsync(() => store.checkpoint())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private demandOpen(): void {
    if (this.closing !== undefined) throw chainClosed()
  }
}

function readRange(range: FeedRange): FeedAsked {
  demandMembers(range, ['from', 'live', 'signal'])
  const { from = 0n, live = false, signal } = range
  if (signal === undefined || signal instanceof AbortSignal) return { from, live, signal }
  throw invalidOption('signal', 'it is an AbortSignal')
}

/** Which of several it was. */
function atIndex(error: CairnError, index: number, count: number): CairnError {
  if (count === 1) return error
  return new CairnError(error.code, `Command ${index + 1} of ${count}: ${error.message}`, { ...error.details, index })
}
