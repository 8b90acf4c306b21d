/**
 * What the levels `roots` and `replay` make again of every block, and compare with what it says: the four ranges, the two state trees out of the
 * recorded writes, and at `replay` the outcomes, by executing.
 */
import { separate } from '../pipeline/assemble.ts'
import { type ChainRanges, differingRange, EMPTY_RANGES } from '../verify/chain-ranges.ts'
import { stateWritesOf } from '../verify/chain-state.ts'
import type { Hasher } from '../verify/engine.ts'
import { putsMachine } from '../verify/own-writes.ts'
import { Frontier } from '../verify/range.ts'
import type { BlockRecord } from '../verify/records.ts'
import type { RangeName, Roots, TreeName } from '../verify/types.ts'
import type { ExaminedBlock } from './examine.ts'
import type { Execution } from './execute.ts'
import type { FaultFound } from './faults.ts'
import type { Recomputation } from './join.ts'
import type { KeptRange, RecomputedStanding } from './memory.ts'
import type { ScratchValues } from './scratch-values.ts'
import type { Frames } from './source.ts'
import type { States, StatesOfStretch } from './states.ts'
import type { Unchecked } from './verdicts.ts'

export class Recomputed implements Recomputation {
  private ranges: ChainRanges = EMPTY_RANGES
  private roots: Pick<Roots, TreeName> | undefined
  private readonly hasher: Hasher
  private readonly states: States
  private readonly execution: Execution | undefined
  private readonly values: ScratchValues | undefined
  private readonly machineOfGenesis: string
  private joined: StatesOfStretch | undefined

  /** With states, and values that follow them, as they are before the first block, or before the one that a `standing` is followed by. */
  constructor(parts: {
    readonly hasher: Hasher
    readonly states: States
    readonly machineOfGenesis: string
    readonly execution: Execution | undefined
    readonly values?: ScratchValues | undefined
  }) {
    this.hasher = parts.hasher
    this.states = parts.states
    this.machineOfGenesis = parts.machineOfGenesis
    this.execution = parts.execution
    this.values = parts.values
  }

  /** Frames that will be joined behind those that were given before. */
  stretch(frames: Frames): StatesOfStretch {
    return this.states.stretch(frames)
  }

  /** The blocks that are joined now are those of this stretch. */
  join(stretch: StatesOfStretch): void {
    this.joined = stretch
  }

  async faultOf(block: ExaminedBlock, record: () => BlockRecord): Promise<FaultFound | undefined> {
    const wrong = this.faultOfRanges(block)
    if (wrong !== undefined) return wrong
    const { states, execution, joined } = this
    if (joined === undefined) throw new Error('no stretch is joined')
    // Once: it is decoded for whoever needs it.
    let made: BlockRecord | undefined
    const once = (): BlockRecord => (made ??= record())
    // Before the values move on: the machine reads what was there before the block.
    const outcomes = states.unchecked === undefined ? execution?.faultOf(once()) : undefined
    const state = await joined.faultOf(block.header.height, once)
    if (state !== undefined) return { check: 'state', ...state }
    if (states.unchecked !== undefined) execution?.giveUp(states.unchecked)
    else if (this.values !== undefined) await this.move(this.values, once())
    return outcomes
  }

  /** A machine reads what commands wrote, and of what the chain itself writes nothing; which machine is in force is read of it. */
  private async move(values: ScratchValues, record: BlockRecord): Promise<void> {
    const written = this.execution?.written
    if (written !== undefined && !record.commands.some(putsMachine)) values.setAll(written)
    else {
      const recorded = stateWritesOf(record, this.machineOfGenesis)
      for (const tree of ['state', 'risk'] as const) {
        for (const [key, value] of recorded?.[tree] ?? []) values.set(tree, key, value)
      }
    }
    await values.makeRoom()
  }

  private faultOfRanges({ deep, hash }: ExaminedBlock): FaultFound | undefined {
    if (deep === undefined) throw new Error('the block was not examined for its ranges')
    const { ranges, hasher } = this
    const { entries, roots } = deep
    const after = {
      commands: ranges.commands.append(separate(entries.commands), hasher),
      obligations: ranges.obligations.append(separate(entries.obligations), hasher),
      intents: ranges.intents.append(separate(entries.intents), hasher),
      history: ranges.history,
    }
    const misnumbered = (['obligations', 'intents'] as const).find((name) => after[name].size !== roots[name].size)
    const differing = misnumbered ?? differingRange(after, roots, hasher)
    if (differing !== undefined) return { check: 'ranges', reason: `the ${differing} range has another size or root` }
    this.ranges = { ...after, history: after.history.append([hash], hasher) }
    this.roots = { state: roots.state.slice(), risk: roots.risk.slice() }
    return undefined
  }

  /** Why a check could not be made of all blocks. */
  get unchecked(): Unchecked {
    return { state: this.states.unchecked, ...(this.execution && { outcomes: this.execution.unchecked }) }
  }

  get standing(): RecomputedStanding {
    const { commands, obligations, intents, history } = this.ranges
    const kept = ({ size, kept }: Frontier): KeptRange => ({ size, peaks: kept })
    return {
      ranges: {
        commands: kept(commands),
        obligations: kept(obligations),
        intents: kept(intents),
        history: kept(history),
      },
      roots: this.roots,
      stateUnchecked: this.states.unchecked,
      outcomesUnchecked: this.execution?.unchecked,
    }
  }

  restore({ ranges, roots, outcomesUnchecked }: RecomputedStanding): void {
    const frontier = (name: RangeName): Frontier => Frontier.from(ranges[name].size, ranges[name].peaks) as Frontier
    this.ranges = {
      commands: frontier('commands'),
      obligations: frontier('obligations'),
      intents: frontier('intents'),
      history: frontier('history'),
    }
    this.roots = roots
    if (outcomesUnchecked !== undefined) this.execution?.giveUp(outcomesUnchecked)
  }
}
