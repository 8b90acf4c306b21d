/** Batches for tests of machines: a state in memory that takes what a batch wrote, and commands with little to say. */
import {
  admit,
  type BatchCommand,
  type BatchEntry,
  type BatchPlace,
  type BatchResult,
  type CommandOutcome,
  executeBatch,
  type Machine,
  MachineSet,
  type Reads,
} from '../../src/machine/index.ts'
import { type RecordedWrite, type TreeName, toHex } from '../../src/verify/index.ts'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What bytes say as JSON. */
export const parsed = (bytes: Uint8Array | undefined): unknown => JSON.parse(new TextDecoder().decode(bytes))

export function command(type: string, payload: unknown = {}): BatchCommand {
  const bytes = payload instanceof Uint8Array ? payload : utf8(JSON.stringify(payload))
  return { client: 'c', request: 1n, type, payload: bytes, receivedAt: 5n }
}

/** Both trees as plain maps, and batches that go into them. */
export class World {
  readonly trees: Readonly<Record<TreeName, Map<string, Uint8Array>>> = { state: new Map(), risk: new Map() }
  readonly outcomes: CommandOutcome[] = []
  readonly machine: Machine
  private height = 0n

  constructor(machine: Machine) {
    this.machine = machine
  }

  readonly reads: Reads = (tree, key) => this.trees[tree].get(toHex(key))

  get place(): BatchPlace {
    const machines = new MachineSet([this.machine])
    return { height: this.height, timestamp: 1000n + this.height, firstSeq: BigInt(this.outcomes.length), machines }
  }

  /** Admitted, executed twice, and applied. */
  batch(...commands: readonly BatchCommand[]): BatchResult {
    return this.execute(commands.map((each) => admit(this.machine, each)))
  }

  execute(entries: readonly BatchEntry[]): BatchResult {
    const result = executeBatch(this.machine, this.reads, entries, { ...this.place, twice: true })
    this.height++
    this.outcomes.push(...result.outcomes)
    for (const { writes } of result.outcomes) this.apply(writes)
    return result
  }

  apply(writes: readonly RecordedWrite[]): void {
    for (const [tree, key, value] of writes) {
      if (value === null) this.trees[tree].delete(toHex(key))
      else this.trees[tree].set(toHex(key), value)
    }
  }

  /** The outcome of one command in a batch of its own. */
  one(type: string, payload?: unknown): CommandOutcome {
    const [outcome] = this.batch(command(type, payload)).outcomes
    if (outcome === undefined) throw new Error('a command without an outcome')
    return outcome
  }

  text(tree: TreeName, key: string): string | undefined {
    const value = this.reads(tree, utf8(key))
    return value && new TextDecoder().decode(value)
  }
}

/** The code of what is thrown. */
export function codeOf(attempt: () => unknown): unknown {
  try {
    attempt()
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return 'nothing thrown'
}
