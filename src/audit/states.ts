/**
 * The state of the blocks, recomputed in two trees and compared with the roots that they say: where it is done is for whoever reads the chain to choose, on
 * the thread that joins the blocks or ahead of it on one of its own (`states-ahead.ts`). What is found does not depend on it.
 *
 * Promise: what is wrong with the state of a block is told when that block is joined, and not before.
 */
import { RecomputedState, type StatedBlock, type StateFault, type StateTrees } from '../verify/chain-state.ts'
import type { Frames } from './source.ts'

export interface States {
  /** Why the state could not be recomputed all the way; of the blocks that were joined. */
  readonly unchecked: string | undefined
  /** The next frames of the chain, which are joined behind all that were given before. */
  stretch(frames: Frames): StatesOfStretch
}

export interface StatesOfStretch {
  /** Comes back when its frames are read no more, and may be given back. What fails meanwhile is told when blocks are joined. */
  taken(): Promise<void>
  /** What is wrong with the state of the next block; its record is made only where it is needed. */
  faultOf(height: bigint, record: () => StatedBlock): Promise<StateFault | undefined>
}

/** Recomputed on this thread, block by block as they are joined. */
export class StatesHere implements States {
  private readonly state: RecomputedState

  constructor(trees: StateTrees, machineOfGenesis: string, unchecked?: string) {
    this.state = new RecomputedState(trees, machineOfGenesis)
    this.state.unchecked = unchecked
  }

  get unchecked(): string | undefined {
    return this.state.unchecked
  }

  stretch(): StatesOfStretch {
    return { taken: () => Promise.resolve(), faultOf: (_, record) => this.state.faultOf(record()) }
  }
}
