/**
 * What the levels `roots` and `replay` make again of every block, and compare with what it says: the four ranges, the two state trees out of the
 * recorded writes, and at `replay` the outcomes, by executing.
 */
import { separate } from '../pipeline/assemble.ts'
import { type ChainRanges, differingRange, EMPTY_RANGES } from '../verify/chain-ranges.ts'
import { RecomputedState } from '../verify/chain-state.ts'
import type { Hasher } from '../verify/engine.ts'
import { Frontier } from '../verify/range.ts'
import type { BlockRecord } from '../verify/records.ts'
import type { StateTree } from '../verify/state-tree.ts'
import type { RangeName, Roots, TreeName } from '../verify/types.ts'
import type { ExaminedBlock } from './examine.ts'
import type { Execution } from './execute.ts'
import type { FaultFound } from './faults.ts'
import type { Recomputation } from './join.ts'
import type { KeptRange, RecomputedStanding } from './memory.ts'
import type { Unchecked } from './verdicts.ts'

export class Recomputed implements Recomputation {
  private ranges: ChainRanges = EMPTY_RANGES
  private roots: Pick<Roots, TreeName> | undefined
  private readonly hasher: Hasher
  private readonly state: RecomputedState
  private readonly execution: Execution | undefined

  /** In these trees, which are those before the first block, or before the one that a `standing` is followed by. */
  constructor(
    hasher: Hasher,
    trees: Readonly<Record<TreeName, StateTree>>,
    machineOfGenesis: string,
    execution: Execution | undefined,
  ) {
    this.hasher = hasher
    this.state = new RecomputedState(trees, machineOfGenesis)
    this.execution = execution
  }

  async faultOf(block: ExaminedBlock, record: () => BlockRecord): Promise<FaultFound | undefined> {
    const wrong = this.faultOfRanges(block)
    if (wrong !== undefined) return wrong
    const made = record()
    // Before the state moves on: the machine reads what was there before the block.
    const outcomes = this.state.unchecked === undefined ? this.execution?.faultOf(made) : undefined
    const state = await this.state.faultOf(made)
    if (state !== undefined) return { check: 'state', ...state }
    if (this.state.unchecked !== undefined) this.execution?.giveUp(this.state.unchecked)
    return outcomes
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
    this.roots = roots
    return undefined
  }

  /** Why a check could not be made of all blocks. */
  get unchecked(): Unchecked {
    return { state: this.state.unchecked, ...(this.execution && { outcomes: this.execution.unchecked }) }
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
      roots: this.roots && { state: this.roots.state, risk: this.roots.risk },
      stateUnchecked: this.state.unchecked,
      outcomesUnchecked: this.execution?.unchecked,
    }
  }

  restore({ ranges, roots, stateUnchecked, outcomesUnchecked }: RecomputedStanding): void {
    const frontier = (name: RangeName): Frontier => Frontier.from(ranges[name].size, ranges[name].peaks) as Frontier
    this.ranges = {
      commands: frontier('commands'),
      obligations: frontier('obligations'),
      intents: frontier('intents'),
      history: frontier('history'),
    }
    this.roots = roots
    this.state.unchecked = stateUnchecked
    if (outcomesUnchecked !== undefined) this.execution?.giveUp(outcomesUnchecked)
  }
}
