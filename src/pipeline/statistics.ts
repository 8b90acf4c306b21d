/** How a chain is, in numbers: what waits, what it made, how long that took. Nothing here is a promise; each is as of the moment it was read. */
import type { TreeName } from '../verify/types.ts'
import type { Intake } from './1-submit.ts'
import type { Queue } from './2-batch.ts'
import type { Applier } from './6-apply.ts'
import type { ChainStore } from './chain-store.ts'
import type { Amount, Distribution, Meter } from './meter.ts'

/** Of the way of a block; `sync` is the part of `commit` that waits for the disk. */
export type Stage = 'prepare' | 'commit' | 'sync' | 'seal' | 'apply' | 'acknowledge'

export interface ChainStatistics {
  /** Commands that wait for a block. */
  readonly queue: Amount
  /** Commands that have no answer yet: those, what is in a block on its way, and repeated ones whose receipt is looked up. */
  readonly unanswered: Amount
  /** Blocks that are sealed and not in the store yet. */
  readonly unapplied: Amount
  /** How long each stage of a block took, in milliseconds; `sync` is the part of `commit` that waits for the disk. */
  readonly stages: Readonly<Record<Stage, Distribution>>
  /** Of each block since the chain was opened: its commands, and the bytes of its record. */
  readonly blocks: { readonly commands: Distribution; readonly bytes: Distribution }
  /** Bytes of the pages of each tree that are in memory. */
  readonly pages: Readonly<Record<TreeName, number>>
}

export interface MeasuredParts {
  readonly queue: Queue
  readonly intake: Intake
  readonly applier: Applier
  readonly store: ChainStore
  readonly meter: Meter
}

export function statisticsOf({ queue, intake, applier, store, meter }: MeasuredParts): ChainStatistics {
  const { state, risk } = store.trees
  return {
    queue: queue.amount,
    unanswered: intake.amount,
    unapplied: applier.amount,
    stages: {
      prepare: meter.prepare.read(),
      commit: meter.commit.read(),
      sync: meter.sync.read(),
      seal: meter.seal.read(),
      apply: meter.apply.read(),
      acknowledge: meter.acknowledge.read(),
    },
    blocks: { commands: meter.commands.read(), bytes: meter.bytes.read() },
    pages: { state: state.memory, risk: risk.memory },
  }
}
