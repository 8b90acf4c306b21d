/**
 * What the levels `roots` and `replay` make again of every block, and compare with what it says: the four ranges, the two state trees out of the
 * recorded writes, and at `replay` the outcomes, by executing.
 */
import { join } from 'node:path'
import { separate } from '../pipeline/assemble.ts'
import { equal, toHex } from '../verify/bytes.ts'
import { type ChainRanges, differingRange, EMPTY_RANGES } from '../verify/chain-ranges.ts'
import { RecomputedState } from '../verify/chain-state.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { Frontier } from '../verify/range.ts'
import type { BlockRecord } from '../verify/records.ts'
import type { RangeName, Roots, TreeName } from '../verify/types.ts'
import type { ExaminedBlock } from './examine.ts'
import { Execution } from './execute.ts'
import type { FaultFound } from './faults.ts'
import type { Recomputation } from './join.ts'
import type { KeptRange, Memory, RecomputedStanding } from './memory.ts'
import type { CheckedAudit } from './options.ts'
import { ScratchTrees } from './scratch.ts'
import type { Unchecked } from './verdicts.ts'

export class Recomputed implements Recomputation {
  private ranges: ChainRanges = EMPTY_RANGES
  private roots: Pick<Roots, TreeName> | undefined
  private readonly hasher: Hasher
  private readonly trees: ScratchTrees
  private readonly state: RecomputedState
  private readonly execution: Execution | undefined

  private constructor(hasher: Hasher, trees: ScratchTrees, machineOfGenesis: string, execution: Execution | undefined) {
    this.hasher = hasher
    this.trees = trees
    this.state = new RecomputedState({ state: trees.tree('state'), risk: trees.tree('risk') }, machineOfGenesis)
    this.execution = execution
  }

  /** At the beginning of a chain, or where an audit that noted this stood. */
  static async open(
    { genesis, chainId }: Identity,
    hasher: Hasher,
    { level, scratch, resume, machines }: CheckedAudit,
    noted: Memory | undefined,
  ): Promise<Recomputed> {
    // Refused now, and not at the first block.
    machines?.inForce(genesis.machine)
    const directory = join(scratch ?? '', `cairn-${toHex(chainId).slice(2, 18)}-${level}`)
    const at = Number(noted?.standing.parent?.height ?? -1n)
    const keeps = level === 'replay' ? 'values' : 'hashes'
    const trees =
      resume === undefined
        ? await ScratchTrees.temporary(hasher, keeps, scratch)
        : await ScratchTrees.lasting(hasher, keeps, directory, at).catch((error: unknown) => {
            throw asRefusal(error, directory)
          })
    const read = (tree: TreeName, key: Uint8Array): Uint8Array | undefined => trees.get(tree, key)
    const execution = machines && new Execution(machines, genesis.machine, read)
    const recomputed = new Recomputed(hasher, trees, genesis.machine, execution)
    if (noted?.recomputed !== undefined) await recomputed.restore(noted.recomputed, directory)
    return recomputed
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

  private async restore({ ranges, roots, ...unchecked }: RecomputedStanding, directory: string): Promise<void> {
    const isThere =
      unchecked.stateUnchecked !== undefined ||
      (roots !== undefined &&
        equal(this.trees.root('state'), roots.state) &&
        equal(this.trees.root('risk'), roots.risk))
    if (!isThere) {
      await this.close()
      throw asRefusal(new CairnError('store_damaged', 'they are other trees than the audit noted'), directory)
    }
    const frontier = (name: RangeName): Frontier => Frontier.from(ranges[name].size, ranges[name].peaks) as Frontier
    this.ranges = {
      commands: frontier('commands'),
      obligations: frontier('obligations'),
      intents: frontier('intents'),
      history: frontier('history'),
    }
    this.roots = roots
    this.state.unchecked = unchecked.stateUnchecked
    if (unchecked.outcomesUnchecked !== undefined) this.execution?.giveUp(unchecked.outcomesUnchecked)
  }

  /** What was recomputed is in the scratch directory. */
  settle(): Promise<void> {
    return this.trees.settle()
  }

  /** Whoever goes on later goes on from this block. */
  keepFrom(height: bigint): void {
    this.trees.keepFrom(Number(height))
  }

  close(): Promise<void> {
    return this.trees.close()
  }
}

function asRefusal(error: unknown, directory: string): unknown {
  if (!(error instanceof CairnError)) return error
  const why = `the trees in ${directory} are not those of this audit (${error.message})`
  const message = `The audit cannot go on: ${why}. Delete both its file and them to begin anew.`
  return new CairnError('resume_refused', message, { directory, why })
}
