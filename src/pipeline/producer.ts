/**
 * The one producer: it takes what waits through the stages, 1 to 7, block after block. While one block is being written and sealed the next is
 * prepared on top of it; there is never more than one append on its way.
 *
 * Promise: a caller gets a receipt only for what is durable and sealed. After a failure nothing is tried again: whoever was on the way into
 * the log is told `outcome_unknown`, everybody else that nothing was written.
 */
import type { Clock } from '../ports/clock.ts'
import type { CommitLog } from '../ports/commit-log.ts'
import type { Signer } from '../ports/signer.ts'
import type { Engine } from '../verify/engine.ts'
import type { CairnError } from '../verify/error.ts'
import type { Header, Seal } from '../verify/types.ts'
import type { Intake } from './1-submit.ts'
import type { Queue } from './2-batch.ts'
import { type Preparation, prepare, type Workshop } from './3-prepare.ts'
import { commit, type Unrecorded } from './4-commit.ts'
import { noDelegation, type SealParts, seal } from './5-seal.ts'
import type { Applier } from './6-apply.ts'
import { acknowledge } from './7-acknowledge.ts'
import { demandDelegated, demandRevoked, type KnownAuthority } from './authority.ts'
import { type DurableBlock, heightOf, type Standing } from './block.ts'
import type { BlockTime } from './block-time.ts'
import type { Expiry } from './expiry.ts'
import { chainClosed, chainFailed, isDiskFull, outcomeUnknown } from './failure.ts'
import type { GuardKeeper } from './guard-keeper.ts'
import { sealAgain } from './head-seal.ts'
import { Level } from './level.ts'
import type { Meter } from './meter.ts'
import type { Recent } from './recent.ts'
import { SealRecords } from './seal-records.ts'
import type { Waiting } from './waiting.ts'

export interface ProducerParts {
  readonly workshop: Workshop
  readonly log: CommitLog
  readonly signer: Signer
  /** Checks what the signer gives back. */
  readonly engine: Engine
  readonly clock: Clock
  readonly time: BlockTime
  readonly queue: Queue
  readonly intake: Intake
  readonly applier: Applier
  readonly guard: GuardKeeper
  readonly authority: KnownAuthority
  readonly expiry: Expiry
  readonly meter: Meter
  readonly recent: Recent
  /** Whether the log ends with a close record. */
  readonly isClosed: boolean
  readonly prove: (seq: bigint) => Promise<string>
  /** Answers a command that was not executed. */
  readonly repeat: (waiting: Waiting) => void
  readonly onFault: (fault: { readonly seq: bigint; readonly cause: unknown }) => void
  readonly onFailure: (cause: unknown) => void
}

type Made = NonNullable<Preparation['made']>

/** Delegations and revocations that wait to be taken up. */
interface Import {
  readonly revocations: readonly unknown[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class Producer {
  private readonly parts: ProducerParts
  /** The newest prepared block: what the next one stands on. */
  private newest: Standing
  /** The newest block in the log. */
  private durable: Standing
  /** The newest acknowledged one: what reads see. */
  private acknowledged: Standing
  private readonly acknowledgedHeight: Level
  private readonly seals: SealRecords
  /** The newest seal of the newest acknowledged block. */
  private headSeal: Seal | undefined
  /** The newest block that was sealed a second time, with that seal. */
  resealed: Unrecorded | undefined
  private readonly imports: Import[] = []
  private failure: { readonly cause: unknown } | undefined
  /** The full disk that the newest block met that was taken back. */
  private refusal: CairnError | undefined
  private isClosing = false
  /** Stages 4 to 7 of the newest block that came so far. */
  private committing: Promise<void> = Promise.resolve()
  private readonly running: Promise<void>

  constructor(parts: ProducerParts, standing: Standing, headSeal: Seal | undefined, unrecorded: readonly Unrecorded[]) {
    this.parts = parts
    this.headSeal = headSeal
    this.seals = new SealRecords(parts.log, parts.clock, unrecorded, parts.isClosed, () => {
      parts.queue.wakeUp()
    })
    this.newest = standing
    this.durable = standing
    this.acknowledged = standing
    this.acknowledgedHeight = new Level(heightOf(standing))
    this.running = this.run()
      .catch((cause: unknown) => {
        this.fail(cause)
      })
      .then(() => this.answerLeft())
  }

  /** The newest block that was acknowledged. */
  get readable(): Standing {
    return this.acknowledged
  }

  /** The machine that the next block is executed by, as far as is durable. */
  get machine(): string {
    return this.durable.machine
  }

  get failedBy(): { readonly cause: unknown } | undefined {
    return this.failure
  }

  /** Seals that are in no frame yet: the newest ones. */
  get newestSeals(): readonly Unrecorded[] {
    return this.seals.unrecorded
  }

  /** Until when blocks can be sealed, in milliseconds; nothing where none can be now. */
  get sealableUntil(): bigint | undefined {
    return this.parts.expiry.until
  }

  /** Comes back when a block of this height was acknowledged, or that is given up. */
  reaches(height: bigint, signal: AbortSignal | undefined): Promise<void> {
    return this.acknowledgedHeight.reaches(height, signal)
  }

  /**
   * Takes up the delegations that the signer has now, and these revocations. Comes back when the head is sealed with the newest key, that seal is
   * durable, and nothing of what comes is sealed or proved under what was taken back.
   */
  importAuthority(revocations: readonly unknown[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.imports.push({ revocations, resolve, reject })
      this.parts.queue.wakeUp()
    })
  }

  /** Ends when all that waits is through. */
  async drain(): Promise<void> {
    this.isClosing = true
    this.parts.queue.wakeUp()
    await this.running
    this.seals.stop()
    this.parts.expiry.stop()
  }

  /** After `drain`: says in the log that this stop was a clean one. */
  writeClose(): Promise<void> {
    return this.seals.close(this.durable)
  }

  /** After `drain`: nobody waits for a block any more. */
  end(reason: CairnError): void {
    this.acknowledgedHeight.fail(reason)
  }

  private async run(): Promise<void> {
    const { queue, applier, guard } = this.parts
    while (!this.hasFailed()) {
      const [asked] = this.imports
      if (asked !== undefined) {
        // Nothing is on its way then: the head is the newest block in every sense.
        await this.committing
        if (this.hasFailed()) break
        this.imports.shift()
        await this.import(asked)
        continue
      }
      if (queue.length === 0) {
        if (this.isClosing) {
          // What it did not execute may come back, where it is not in the log.
          await this.committing
          if (queue.length === 0) break
          continue
        }
        if (this.seals.areDue) {
          await this.committing
          await this.seals.record(this.durable)
        } else await queue.some()
        continue
      }
      await applier.room()
      if (guard.isBehind) await guard.caughtUp()
      const batch = queue.takeBatch()
      const before = this.newest
      const preparation = this.prepareNext(batch)
      if (preparation === undefined) continue
      // One append at a time: the block before this one has to be in the log.
      await this.committing
      if (this.hasFailed()) this.refuse(batch, chainFailed(this.failure?.cause))
      else if (before.hash === this.durable.hash) this.committing = this.finish(preparation)
      else this.undo(preparation, this.refusal as CairnError)
    }
  }

  /** Nothing more is made, whatever it ended by: whoever still waits is told so. */
  private async answerLeft(): Promise<void> {
    await this.committing
    const { failure } = this
    // What came back of a batch since the failure.
    if (failure !== undefined) this.refuse(this.parts.queue.drain(), chainFailed(failure.cause))
    for (const { reject } of this.imports) reject(failure === undefined ? chainClosed() : chainFailed(failure.cause))
  }

  private async import({ revocations, resolve, reject }: Import): Promise<void> {
    try {
      await this.takeUp(revocations)
      resolve()
    } catch (error) {
      // Where the chain failed on the way, everybody is told the same.
      reject(this.failure === undefined ? error : chainFailed(this.failure.cause))
    }
  }

  /** First the seal, then what it is given up for: at no moment is the head without one that holds. */
  private async takeUp(given: readonly unknown[]): Promise<void> {
    const { signer, engine, authority, workshop, applier, expiry } = this.parts
    const { identity } = workshop.assembler
    const delegations = demandDelegated(signer.delegations, identity, engine)
    const revocations = demandRevoked(given, identity, engine)
    const { header, hash } = this.acknowledged
    if (header !== undefined) {
      await this.sealHeadAgain(header, hash, authority.with(revocations))
      // Proofs are of the newest applied block: one below the head would be under a seal that is taken back.
      await applier.through(header.height)
    }
    authority.learn(delegations, revocations)
    expiry.look()
  }

  private async sealHeadAgain(header: Header, hash: Uint8Array, authority: KnownAuthority): Promise<void> {
    const again = await sealAgain({ ...this.sealParts, authority }, header, hash)
    if (again.delegation.index !== this.headSeal?.delegation.index) {
      this.headSeal = again
      this.resealed = { header, seal: again }
      this.parts.recent.forget()
      this.seals.add(this.resealed)
    }
    const refused = await this.recordSeals()
    if (refused !== undefined) throw refused
  }

  private async recordSeals(): Promise<CairnError | undefined> {
    try {
      return await this.seals.record(this.durable)
    } catch (cause) {
      this.fail(cause)
      throw cause
    }
  }

  private get sealParts(): SealParts {
    const { signer, workshop, authority, engine, clock } = this.parts
    return { signer, identity: workshop.assembler.identity, authority, engine, clock }
  }

  /** The block that this one was prepared on met a full disk: what stood behind it is refused with it, what was executed long ago is not. */
  private undo({ made, repeated, left }: Preparation, cause: CairnError): void {
    this.newest = this.durable
    if (made !== undefined) this.parts.workshop.store.drop(made.block)
    this.refuse([...(made?.executed ?? []), ...left], cause)
    this.parts.queue.giveBack(repeated)
  }

  /** As a call: what other tasks set while this one waited. */
  private hasFailed(): boolean {
    return this.failure !== undefined
  }

  /** Stage 3, or nothing where the chain failed in it. */
  private prepareNext(batch: readonly Waiting[]): Preparation | undefined {
    const { workshop, signer, time, authority, expiry, meter } = this.parts
    const { newest } = this
    const start = meter.prepare.start()
    try {
      const timestamp = time.next(newest.header?.timestamp ?? workshop.assembler.identity.genesis.createdAt)
      expiry.at(timestamp)
      // Without a delegation nothing is executed; what was executed before still has its receipt.
      const blocked = noDelegation(signer, authority, timestamp)
      const preparation = prepare(workshop, newest, batch, timestamp, authority.next, blocked)
      for (const [waiting, error] of preparation.refused) this.refuse([waiting], error)
      if (preparation.made !== undefined) {
        this.newest = preparation.made.block
        authority.brought()
        meter.prepare.stop(start)
      }
      return preparation
    } catch (cause) {
      // A clock that jumped, rot in the store, a machine that is not deterministic: nothing of this batch left this process.
      this.failWith(cause, batch)
      return undefined
    }
  }

  /** Stages 4 to 7 of a block, and the answers to what it did not execute. */
  private async finish({ made, repeated, left }: Preparation): Promise<void> {
    const { queue, repeat } = this.parts
    queue.giveBack(left)
    const isDurable = made === undefined || (await this.commitAndAnswer(made))
    if (isDurable) for (const waiting of repeated) repeat(waiting)
    else if (this.failure === undefined) queue.giveBack(repeated)
    else this.refuse(repeated, chainFailed(this.failure.cause))
  }

  /** Whether the block is in the log, sealed, and its callers were told. */
  private async commitAndAnswer(made: Made): Promise<boolean> {
    const { log, meter } = this.parts
    const { block, encoded, executed } = made
    const start = meter.commit.start()
    const riding = this.seals.ride()
    let durable: DurableBlock
    try {
      durable = await commit(log, block, encoded, riding)
    } catch (cause) {
      if (isDiskFull(cause)) this.takeBack(made, cause)
      else this.failInFlight(executed, cause)
      return false
    }
    // From here on the block exists. Whatever fails now, its callers are told that they do not know, never that nothing was written.
    this.durable = durable
    this.seals.recorded(riding.length)
    meter.commit.stop(start)
    meter.commands.add(executed.length)
    meter.bytes.add(encoded.length)
    try {
      await this.release(durable, made)
      return true
    } catch (cause) {
      this.failInFlight(executed, cause)
      return false
    }
  }

  /** Stages 5 and 7: the seal, the readers, the callers. */
  private async release(durable: DurableBlock, { executed, faults }: Made): Promise<void> {
    const { applier, guard, intake, meter, recent, prove, onFault } = this.parts
    const sealing = meter.seal.start()
    const sealed = await seal(this.sealParts, durable)
    meter.seal.stop(sealing)
    // From here on reads see it; then its callers are told.
    this.acknowledged = sealed
    this.headSeal = sealed.seal
    this.seals.add(sealed)
    guard.release({ height: sealed.header.height, hash: sealed.hash })
    applier.take(sealed)
    recent.add(sealed)
    this.acknowledgedHeight.rise(sealed.header.height)
    const answering = meter.acknowledge.start()
    acknowledge(sealed, executed, intake, prove)
    meter.acknowledge.stop(answering)
    for (const fault of faults) onFault(fault)
    this.seals.wait()
  }

  /** A full disk was met before anything was written: the chain goes on as if the block had never been prepared. */
  private takeBack({ block, executed }: Made, cause: CairnError): void {
    this.newest = this.durable
    this.parts.workshop.store.drop(block)
    this.refusal = cause
    this.parts.authority.giveBack(block.record.authority)
    this.parts.workshop.clients.forget()
    this.refuse(executed, cause)
    // And what waits behind it: else a smaller command with a later number would overtake one that is sent again.
    this.refuse(this.parts.queue.drain(), cause)
    this.seals.wait()
  }

  private failInFlight(executed: readonly Waiting[], cause: unknown): void {
    this.refuse(executed, outcomeUnknown(cause))
    this.fail(cause)
  }

  private refuse(batch: readonly Waiting[], error: CairnError): void {
    for (const waiting of batch) {
      this.parts.intake.answered(waiting)
      waiting.answer.reject(error)
    }
  }

  private failWith(cause: unknown, batch: readonly Waiting[]): void {
    this.fail(cause)
    this.refuse(batch, chainFailed(cause))
  }

  /** Nothing more is made, for good. */
  fail(cause: unknown): void {
    if (this.failure !== undefined) return
    this.failure = { cause }
    this.seals.stop()
    this.parts.guard.stop()
    this.parts.expiry.stop()
    this.acknowledgedHeight.fail(chainFailed(cause))
    this.refuse(this.parts.queue.drain(), chainFailed(cause))
    this.parts.queue.wakeUp()
    this.parts.onFailure(cause)
  }
}
