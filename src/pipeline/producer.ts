/**
 * The one producer: it takes what waits through the stages, 1 to 7, block after block. While one block is being written and sealed the next is
 * prepared on top of it; there is never more than one append on its way.
 *
 * Promise: a caller gets a receipt only for what is durable and sealed. After a failure nothing is tried again: whoever was on the way into
 * the log is told `outcome_unknown`, everybody else that nothing was written.
 */

import { encodeCloseRecord } from '../journal/record-write.ts'
import { SEAL_IDLE } from '../limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { CommitLog } from '../ports/commit-log.ts'
import type { Signer } from '../ports/signer.ts'
import { CairnError } from '../verify/error.ts'
import type { Authority } from '../verify/records.ts'
import type { Intake } from './1-submit.ts'
import type { Queue } from './2-batch.ts'
import { type Preparation, prepare, type Workshop } from './3-prepare.ts'
import { commit, encodeSeal, type Unrecorded } from './4-commit.ts'
import { demandDelegation, seal } from './5-seal.ts'
import type { Applier } from './6-apply.ts'
import { acknowledge } from './7-acknowledge.ts'
import { heightOf, type Standing } from './block.ts'
import type { BlockTime } from './block-time.ts'
import { chainFailed, outcomeUnknown } from './failure.ts'
import type { GuardKeeper } from './guard-keeper.ts'
import { Level } from './level.ts'
import type { Waiting } from './waiting.ts'

export interface ProducerParts {
  readonly workshop: Workshop
  readonly log: CommitLog
  readonly signer: Signer
  readonly clock: Clock
  readonly time: BlockTime
  readonly queue: Queue
  readonly intake: Intake
  readonly applier: Applier
  readonly guard: GuardKeeper
  /** Delegations of the signer that no block has brought yet. */
  readonly newAuthority: readonly Authority[]
  /** Whether the log ends with a close record. */
  readonly isClosed: boolean
  readonly prove: (seq: bigint) => Promise<string>
  /** Answers a command that was not executed. */
  readonly repeat: (waiting: Waiting) => void
  readonly onFault: (fault: { readonly seq: bigint; readonly cause: unknown }) => void
  readonly onFailure: (cause: unknown) => void
}

type Made = NonNullable<Preparation['made']>

export class Producer {
  private readonly parts: ProducerParts
  /** The newest prepared block: what the next one stands on. */
  private newest: Standing
  /** The newest block in the log. */
  private durable: Standing
  /** The newest acknowledged one: what reads see. */
  private acknowledged: Standing
  private readonly acknowledgedHeight: Level
  private unrecorded: readonly Unrecorded[]
  private authority: readonly Authority[]
  private failure: { readonly cause: unknown } | undefined
  private isClosing = false
  /** Whether the newest thing in the log is the close record. */
  private isClosed: boolean
  private sealsAreDue = false
  private cancelIdle: (() => void) | undefined
  private readonly running: Promise<void>

  constructor(parts: ProducerParts, standing: Standing, unrecorded: readonly Unrecorded[]) {
    this.parts = parts
    this.isClosed = parts.isClosed
    this.newest = standing
    this.durable = standing
    this.acknowledged = standing
    this.acknowledgedHeight = new Level(heightOf(standing))
    this.unrecorded = unrecorded
    this.authority = parts.newAuthority
    this.running = this.run().catch((cause: unknown) => {
      this.fail(cause)
    })
  }

  /** The newest block that was acknowledged. */
  get readable(): Standing {
    return this.acknowledged
  }

  /** The machine that the next block is executed by, as far as is known. */
  get machine(): string {
    return this.newest.machine
  }

  get failedBy(): { readonly cause: unknown } | undefined {
    return this.failure
  }

  /** Seals that are in no frame yet: the newest ones. */
  get newestSeals(): readonly Unrecorded[] {
    return this.unrecorded
  }

  /** Comes back when a block of this height was acknowledged. */
  reaches(height: bigint): Promise<void> {
    return this.acknowledgedHeight.reaches(height)
  }

  /** Ends when all that waits is through. */
  async drain(): Promise<void> {
    this.isClosing = true
    this.parts.queue.wakeUp()
    await this.running
    this.cancelIdle?.()
  }

  /** After `drain`: the seals that no frame has, and the record that says that this stop was a clean one. */
  async writeClose(): Promise<void> {
    const { log } = this.parts
    const { header, hash } = this.durable
    await this.recordSeals()
    // Of a chain that was only read the close record is still the last thing in the log.
    if (header === undefined || this.isClosed) return
    await log.append(header.height, [encodeCloseRecord({ k: 'close', v: 1, height: header.height, hash })])
  }

  /** After `drain`: nobody waits for a block any more. */
  end(reason: CairnError): void {
    this.acknowledgedHeight.fail(reason)
  }

  private async run(): Promise<void> {
    const { queue, applier } = this.parts
    let committing: Promise<void> = Promise.resolve()
    while (!this.hasFailed()) {
      if (queue.length === 0) {
        if (this.isClosing) {
          // What it did not execute may come back, where it is not in the log.
          await committing
          if (queue.length === 0) break
          continue
        }
        if (this.sealsAreDue) {
          await committing
          await this.recordSeals()
        } else await queue.some()
        continue
      }
      await applier.room()
      const batch = queue.takeBatch()
      const before = this.newest
      const preparation = this.prepareNext(batch)
      if (preparation === undefined) continue
      // One append at a time: the block before this one has to be in the log.
      await committing
      if (this.hasFailed()) this.refuse(batch, chainFailed(this.failure?.cause))
      else if (before.hash === this.durable.hash) committing = this.finish(preparation)
      else this.undo(preparation)
    }
    await committing
    // What came back of a batch since the failure.
    if (this.failure !== undefined) this.refuse(queue.drain(), chainFailed(this.failure.cause))
  }

  /** The block that this one was prepared on is not in the log and never will be. */
  private undo({ made, repeated, left }: Preparation): void {
    this.newest = this.durable
    this.parts.queue.giveBack([...(made?.executed ?? []), ...repeated, ...left])
  }

  /** As a call: what other tasks set while this one waited. */
  private hasFailed(): boolean {
    return this.failure !== undefined
  }

  /** Stage 3, or nothing where no block can be made of this. */
  private prepareNext(batch: readonly Waiting[]): Preparation | undefined {
    const { workshop, signer, time } = this.parts
    const { newest } = this
    let timestamp: bigint
    try {
      timestamp = time.next(newest.header?.timestamp ?? workshop.assembler.identity.genesis.createdAt)
      demandDelegation(signer, timestamp)
    } catch (cause) {
      if (!(cause instanceof CairnError) || cause.code !== 'delegation_needed') {
        this.failWith(cause, batch)
        return undefined
      }
      this.refuse(batch, cause)
      return undefined
    }
    try {
      const preparation = prepare(workshop, newest, batch, timestamp, this.authority)
      for (const [waiting, error] of preparation.refused) this.refuse([waiting], error)
      if (preparation.made !== undefined) {
        this.newest = preparation.made.block
        this.authority = []
      }
      return preparation
    } catch (cause) {
      // Rot in the store, a machine that is not deterministic: nothing of this batch left this process.
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
    else queue.giveBack(repeated)
  }

  /** Whether the block is in the log, sealed, and its callers were told. */
  private async commitAndAnswer({ block, encoded, executed, faults }: Made): Promise<boolean> {
    const { workshop, log, signer, applier, guard, intake, prove, onFault } = this.parts
    const { unrecorded } = this
    this.cancelIdle?.()
    this.isClosed = false
    try {
      const durable = await commit(log, block, encoded, unrecorded)
      this.durable = durable
      this.unrecorded = this.unrecorded.slice(unrecorded.length)
      const sealed = await seal(signer, workshop.assembler.identity, durable)
      // From here on reads see it; then its callers are told.
      this.acknowledged = sealed
      this.unrecorded = [...this.unrecorded, sealed]
      guard.release({ height: sealed.header.height, hash: sealed.hash })
      applier.take(sealed)
      this.acknowledgedHeight.rise(sealed.header.height)
      acknowledge(sealed, executed, intake, prove)
    } catch (cause) {
      if (isDiskFull(cause)) {
        // Met before anything was written: the chain goes on as if the block had never been prepared.
        this.newest = this.durable
        this.authority = [...block.record.authority, ...this.authority]
        workshop.clients.forget()
        this.refuse(executed, cause)
      } else {
        this.refuse(executed, outcomeUnknown(cause))
        this.fail(cause)
      }
      return false
    }
    for (const fault of faults) onFault(fault)
    this.recordSealsWhenIdle()
    return true
  }

  private recordSealsWhenIdle(): void {
    this.cancelIdle = this.parts.clock.after(SEAL_IDLE, () => {
      this.sealsAreDue = true
      this.parts.queue.wakeUp()
    })
  }

  /** Puts the seals that no block carried into a frame of their own. */
  private async recordSeals(): Promise<void> {
    this.sealsAreDue = false
    const { unrecorded } = this
    if (unrecorded.length === 0) return
    this.isClosed = false
    try {
      await this.parts.log.append(heightOf(this.durable), unrecorded.map(encodeSeal))
      this.unrecorded = this.unrecorded.slice(unrecorded.length)
    } catch (cause) {
      // The next block carries them; and without one they are made again at the next start.
      if (!isDiskFull(cause)) throw cause
    }
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
    this.cancelIdle?.()
    this.parts.guard.stop()
    this.acknowledgedHeight.fail(chainFailed(cause))
    this.refuse(this.parts.queue.drain(), chainFailed(cause))
    this.parts.queue.wakeUp()
    this.parts.onFailure(cause)
  }
}

function isDiskFull(cause: unknown): cause is CairnError {
  return cause instanceof CairnError && cause.code === 'disk_full'
}
