/**
 * The state of a chain, recomputed block by block from the writes that its records carry and those of the chain itself, in trees
 * that the caller brought.
 */
import { equal, toHex } from './bytes.ts'
import { isOwnKey, machineNamed, ownWrites, putsMachine } from './own-writes.ts'
import type { BlockRecord, RecordedCommand } from './records.ts'
import type { StateTree, Write } from './state-tree.ts'
import type { TreeName } from './types.ts'

/** As much of a command as the state depends on; its payload where it puts a machine in force. */
export type StatedCommand = Pick<
  RecordedCommand,
  'seq' | 'client' | 'request' | 'type' | 'status' | 'payload' | 'writes'
>
export interface StatedBlock extends Pick<BlockRecord, 'header' | 'roots'> {
  readonly commands: readonly StatedCommand[]
}

export type StateTrees = Readonly<Record<TreeName, StateTree>>

/** What is wrong with the state of a block, and with which command where that can be told. */
export interface StateFault {
  readonly reason: string
  readonly seq?: bigint
}

export class RecomputedState {
  /** Why the state could not be recomputed all the way. */
  unchecked: string | undefined
  private readonly trees: StateTrees | undefined
  private readonly machineOfGenesis: string

  constructor(trees: StateTrees | undefined, machineOfGenesis: string) {
    this.trees = trees
    this.machineOfGenesis = machineOfGenesis
    if (trees === undefined) this.unchecked = 'no trees to recompute the state in were given'
  }

  async faultOf(record: StatedBlock): Promise<StateFault | undefined> {
    return forbiddenIn(record) ?? (await this.differing(record))
  }

  /** The root that differs from the recomputed one. */
  private async differing(record: StatedBlock): Promise<StateFault | undefined> {
    const { trees } = this
    if (trees === undefined || this.unchecked !== undefined) return undefined
    const written = stateWritesOf(record, this.machineOfGenesis)
    if (written === undefined) {
      this.unchecked = `from height ${record.header.height} on the records do not hold all that was written`
      return undefined
    }
    const roots = { state: await trees.state.update(written.state), risk: await trees.risk.update(written.risk) }
    const names: readonly TreeName[] = ['state', 'risk']
    const name = names.find((each) => !equal(roots[each], record.roots[each]))
    if (name === undefined) return undefined
    return { reason: `the ${name} root is ${toHex(record.roots[name])} and recomputed ${toHex(roots[name])}` }
  }
}

/** What a block writes to the trees: its commands in their order, and the chain behind them. Nothing where the record does not hold all of it. */
export function stateWritesOf(
  { header, commands }: StatedBlock,
  machineOfGenesis: string,
): Readonly<Record<TreeName, readonly Write[]>> | undefined {
  const written: Readonly<Record<TreeName, Write[]>> = { state: [], risk: [] }
  for (const { writes } of commands) {
    if (writes === undefined) return undefined
    for (const [tree, key, value] of writes) written[tree].push([key, value])
  }
  const own = ownWritesOf(header, commands, machineOfGenesis)
  if (own === undefined) return undefined
  written.state.push(...own)
  return written
}

/** Nothing where the payload that names the machine was erased. */
function ownWritesOf(
  { commandsHash, firstSeq, commandCount }: StatedBlock['header'],
  commands: StatedBlock['commands'],
  ofGenesis: string,
): readonly Write[] | undefined {
  const plain = { commandsHash, nextSeq: firstSeq + commandCount, commands }
  const last = commands.findLast(putsMachine)
  if (last === undefined) return ownWrites(plain)
  const inForce = last.payload && machineNamed(last.payload)
  return inForce === undefined ? undefined : ownWrites({ ...plain, machine: { inForce, ofGenesis } })
}

/** What no command may do, whatever the roots are. */
export function forbiddenIn({ commands }: Pick<StatedBlock, 'commands'>): StateFault | undefined {
  const writing = commands.find(({ writes }) => writes?.some(([, key]) => isOwnKey(key)))
  if (writing !== undefined) return { reason: 'a command wrote a key that is the chain’s own', seq: writing.seq }
  const naming = commands.find((command) => {
    return putsMachine(command) && command.payload !== undefined && machineNamed(command.payload) === undefined
  })
  return naming && { reason: 'a command put a machine in force that has no such name', seq: naming.seq }
}
