/** The four ranges of a chain as they grow block by block, recomputed from what its records hold. */
import { equal } from './bytes.ts'
import type { Hasher } from './engine.ts'
import { commandLeaf, intentLeaf, obligationLeaf } from './entries.ts'
import { Frontier } from './range.ts'
import type { RecordedCommand } from './records.ts'
import type { RangeName, Roots } from './types.ts'

export interface ChainRanges {
  readonly commands: Frontier
  readonly obligations: Frontier
  readonly intents: Frontier
  /** The blocks before the one that comes next. */
  readonly history: Frontier
}

export const EMPTY_RANGES: ChainRanges = {
  commands: Frontier.empty,
  obligations: Frontier.empty,
  intents: Frontier.empty,
  history: Frontier.empty,
}

/** What a block's commands add to the ranges, entry by entry. */
export type Entries = Readonly<Record<Exclude<RangeName, 'history'>, readonly Uint8Array[]>>

/** The entries of these commands (whose identity hashes are given), after ranges of these sizes. */
function entriesOf(
  sizes: { readonly obligations: bigint; readonly intents: bigint },
  commands: readonly RecordedCommand[],
  identityHashes: readonly Uint8Array[],
  hasher: Hasher,
): Entries {
  const leaves: Uint8Array[] = []
  const obligations: Uint8Array[] = []
  const intents: Uint8Array[] = []
  commands.forEach((command, i) => {
    const { seq, status, reply } = command
    for (const each of command.obligations) {
      const index = sizes.obligations + BigInt(obligations.length)
      obligations.push(obligationLeaf(index, { seq, ...each }, hasher))
    }
    for (const each of command.intents) {
      const index = sizes.intents + BigInt(intents.length)
      intents.push(intentLeaf(index, { seq, ...each }, hasher))
    }
    const obligationSize = sizes.obligations + BigInt(obligations.length)
    const intentSize = sizes.intents + BigInt(intents.length)
    leaves.push(commandLeaf(identityHashes[i] as Uint8Array, { status, reply, obligationSize, intentSize }, hasher))
  })
  return { commands: leaves, obligations, intents }
}

/** The ranges after these commands; the block's own hash enters the history later. */
export function withCommands(
  before: ChainRanges,
  commands: readonly RecordedCommand[],
  identityHashes: readonly Uint8Array[],
  hasher: Hasher,
): ChainRanges {
  const sizes = { obligations: before.obligations.size, intents: before.intents.size }
  const entries = entriesOf(sizes, commands, identityHashes, hasher)
  return {
    commands: before.commands.append(entries.commands, hasher),
    obligations: before.obligations.append(entries.obligations, hasher),
    intents: before.intents.append(entries.intents, hasher),
    history: before.history,
  }
}

/** The range whose size or root the block has wrong, or nothing. */
export function differingRange(ranges: ChainRanges, roots: Roots, hasher: Hasher): RangeName | undefined {
  const names = ['commands', 'obligations', 'intents'] as const
  const differing = names.find((name) => {
    const { size, root } = roots[name]
    return size !== ranges[name].size || !equal(root, ranges[name].root(hasher))
  })
  return differing ?? (equal(roots.history, ranges.history.root(hasher)) ? undefined : 'history')
}
