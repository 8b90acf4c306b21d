/**
 * What a block is, out of what it holds: its hashes, its roots, its header. The live path and the replay make blocks here and nowhere else, so
 * that what is compared at a replay is what was prepared.
 *
 * Promise: pure. Nothing is touched; dropped, it leaves no trace.
 */
import { batchRoot, blockHash } from '../verify/block.ts'
import { ZERO32 } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import type { Identity } from '../verify/identity.ts'
import { machineNamed, ownWrites, putsMachine } from '../verify/own-writes.ts'
import type { Authority, RecordedCommand } from '../verify/records.ts'
import type { Write } from '../verify/state-tree.ts'
import type { Header, Roots, SizedRoot, TreeName } from '../verify/types.ts'
import { heightOf, nextSeqOf, type PreparedBlock, type Standing } from './block.ts'
import type { ChainStore } from './chain-store.ts'
import { entriesTogether } from './entries.ts'
import { Identities } from './identities.ts'

export interface Content {
  readonly epoch: bigint
  readonly timestamp: bigint
  readonly commands: readonly RecordedCommand[]
  readonly notes: readonly Uint8Array[]
  readonly authority: readonly Authority[]
}

export class Assembler {
  readonly identity: Identity
  private readonly store: ChainStore
  private readonly hasher: Hasher
  private readonly identities: Identities

  constructor(identity: Identity, store: ChainStore, hasher: Hasher) {
    this.identity = identity
    this.store = store
    this.hasher = hasher
    this.identities = new Identities(hasher)
  }

  assemble(before: Standing, { epoch, timestamp, commands, notes, authority }: Content): PreparedBlock {
    const { identity, store, hasher } = this
    const height = heightOf(before) + 1n
    const firstSeq = nextSeqOf(before)
    const nextSeq = firstSeq + BigInt(commands.length)
    const identityHashes = this.identities.of(commands)
    const hashOfCommands = hasher.hash(identityHashes)

    const below = before.ranges
    const sizes = {
      obligations: (below?.obligations ?? store.ranges.obligations).size,
      intents: (below?.intents ?? store.ranges.intents).size,
    }
    const entries = entriesTogether(sizes, commands, identityHashes, hasher)
    const ranges = {
      commands: store.ranges.commands.prepare(entries.commands, below?.commands),
      obligations: store.ranges.obligations.prepare(entries.obligations, below?.obligations),
      intents: store.ranges.intents.prepare(entries.intents, below?.intents),
      // The hash of the block before this one is the newest entry.
      history: store.ranges.history.prepare(height === 0n ? [] : [before.hash], below?.history),
    }

    const machine = machineAfter(commands) ?? before.machine
    const own = ownWrites({
      commandsHash: hashOfCommands,
      nextSeq,
      commands,
      ...(machineAfter(commands) !== undefined && {
        machine: { inForce: machine, ofGenesis: identity.genesis.machine },
      }),
    })
    const version = Number(height)
    const trees = {
      state: store.trees.state.prepare(version, [...writesTo('state', commands), ...own], before.trees?.state),
      risk: store.trees.risk.prepare(version, writesTo('risk', commands), before.trees?.risk),
    }

    const roots: Roots = {
      state: trees.state.root,
      risk: trees.risk.root,
      commands: sized(ranges.commands),
      obligations: sized(ranges.obligations),
      intents: sized(ranges.intents),
      history: ranges.history.root,
    }
    const header: Header = {
      height,
      epoch,
      parentHash: height === 0n ? ZERO32 : before.hash,
      commandsHash: hashOfCommands,
      batchRoot: batchRoot(roots, hasher),
      commandCount: BigInt(commands.length),
      firstSeq,
      timestamp,
    }
    const record = { k: 'block', v: 1, header, roots, commands, notes, authority } as const
    return { header, hash: blockHash(identity, header, hasher), roots, record, machine, trees, ranges }
  }
}

/** Hashes that are laid out one after the other, one by one. */
export function separate(hashes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: hashes.length / 32 }, (_, i) => hashes.subarray(32 * i, 32 * i + 32))
}

function sized({ size, root }: SizedRoot): SizedRoot {
  return { size, root }
}

/** The machine that a block's commands put in force, where they do. */
function machineAfter(commands: readonly RecordedCommand[]): string | undefined {
  const payload = commands.findLast(putsMachine)?.payload
  return payload && machineNamed(payload)
}

function writesTo(tree: TreeName, commands: readonly RecordedCommand[]): Write[] {
  const writes: Write[] = []
  for (const command of commands) {
    for (const [name, key, value] of command.writes ?? []) if (name === tree) writes.push([key, value])
  }
  return writes
}
