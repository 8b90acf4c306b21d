/**
 * The states of an audit on a disk: recomputed in scratch trees, which go on another day from where they were noted to be. Here they are on the thread that
 * calls; on a thread of their own the same ones answer tasks (`states-ahead.ts`).
 */
import type { Hasher } from '../verify/engine.ts'
import type { TreeName } from '../verify/types.ts'
import { type Entry, ScratchTrees } from './scratch.ts'
import { type States, StatesHere, type StatesOfStretch } from './states.ts'
import type { StatesBegin } from './task.ts'

export type Roots = Readonly<Record<TreeName, Uint8Array>>

/** States that are kept on a disk. */
export interface KeptStates extends States {
  /** All that was joined is in the store. */
  settle(): Promise<void>
  /** Nobody goes back behind this version any more. */
  keepFrom(version: number): Promise<void>
  close(): Promise<void>
}

/** Such as were opened, and have what was there before. */
export interface OpenedStates extends KeptStates {
  readonly roots: Roots
  /** All keys and values, asked for before the first stretch. */
  entries(): AsyncIterable<readonly Entry[]>
}

/** So many entries at a time, or so many bytes of them: one alone may be of 1 MiB. */
const ENTRIES = 1000
const ENTRIES_BYTES: number = 1 << 20

export class ScratchStates implements OpenedStates {
  readonly roots: Roots
  private readonly trees: ScratchTrees
  private readonly states: StatesHere

  private constructor(trees: ScratchTrees, { machineOfGenesis, unchecked }: StatesBegin) {
    this.trees = trees
    this.roots = trees.roots
    const pair = { state: trees.tree('state'), risk: trees.tree('risk') }
    this.states = new StatesHere(pair, machineOfGenesis, unchecked)
  }

  static async open(hasher: Hasher, begin: StatesBegin): Promise<ScratchStates> {
    return new ScratchStates(await ScratchTrees.open(begin.place, hasher, begin.keeps), begin)
  }

  get unchecked(): string | undefined {
    return this.states.unchecked
  }

  stretch(): StatesOfStretch {
    return this.states.stretch()
  }

  async *entries(): AsyncGenerator<readonly Entry[], void> {
    let some: Entry[] = []
    let bytes = 0
    for (const entry of this.trees.entries()) {
      const [, key, value] = entry
      some.push(entry)
      bytes += key.length + value.length
      if (some.length < ENTRIES && bytes < ENTRIES_BYTES) continue
      yield some
      some = []
      bytes = 0
    }
    if (some.length > 0) yield some
  }

  settle(): Promise<void> {
    return this.trees.settle()
  }

  async keepFrom(version: number): Promise<void> {
    this.trees.keepFrom(version)
  }

  close(): Promise<void> {
    return this.trees.close()
  }
}
