/**
 * Verification of an export where there is no Node: on the thread that asks, with the state trees in memory. Its verdicts are those of `verifyChain`, for it
 * is the same reading. The machines are those that come with the package and need nothing but their commands.
 *
 * It does one thing more: an export that begins in the middle is read although nobody has a proof of the block before it, and what that leaves open is
 * `unchecked`. On a command line such a reading is refused: there somebody can go and get the proof.
 */
import { external } from '../machine/external.ts'
import { kv } from '../machine/kv.ts'
import { ledger } from '../machine/ledger.ts'
import { MachineSet } from '../machine/machine-set.ts'
import type { Engine } from '../verify/engine.ts'
import { type Identity, identify } from '../verify/identity.ts'
import { MemoryStateTree } from '../verify/state-tree.ts'
import type { Genesis, Head, TreeName } from '../verify/types.ts'
import type { ChainAudit } from './audit.ts'
import { examineHere } from './examine.ts'
import { Execution } from './execute.ts'
import { exportSource, firstFaultOf } from './export-source.ts'
import type { AuditLevel } from './faults.ts'
import { knownOf } from './known.ts'
import type { CheckedAudit } from './options.ts'
import { Reading } from './reading.ts'
import { Recomputed } from './recompute.ts'
import { StatesHere } from './states.ts'
import { refused } from './verdicts.ts'

export type { AuditLevel, ChainAudit }

/** What is known of the chain from elsewhere. */
export interface KnownElsewhere {
  /** A `cairn.proof/v1` of the block before the first one, or of a later one. */
  readonly proof?: string
  /** A block that has to be in it. */
  readonly head?: Head
}

export interface ExportAsked extends Pick<CheckedAudit, 'chainId' | 'revocations' | 'onProgress'> {
  /** Of an export that begins in the middle no more than `seals` can be had. */
  readonly level: AuditLevel
  readonly size: number
  /** Asked once, when it is known which blocks the export says that it has. */
  readonly known: (from: bigint, to: bigint) => Promise<KnownElsewhere>
}

export interface ExportAudit extends ChainAudit {
  /** What the export says of itself, where its beginning can be read. */
  readonly genesis?: Genesis
  /** The height of its first block. */
  readonly from: bigint
}

const NAME = 'the export'

export async function verifyExport(
  bytes: AsyncIterable<Uint8Array>,
  { chainId, revocations, level: wanted, size, known: ask, onProgress }: ExportAsked,
  engine: Engine,
): Promise<ExportAudit> {
  const { hasher } = engine
  const source = await exportSource(bytes, { name: NAME, size }, hasher).catch((error: unknown) => {
    return firstFaultOf(error, NAME)
  })
  if ('check' in source) return { ...refused(wanted, source), from: 0n }
  try {
    const { genesis, from, to } = source
    const level = from === 0n ? wanted : 'seals'
    const { proof, head } = await ask(from, to)
    const trust = { chainId, ...(revocations && { revocations }) }
    const known = proof === undefined || from === 0n ? undefined : knownOf(proof, from, trust, engine)
    const identity = identify(genesis, hasher)
    const recomputed = level === 'seals' ? undefined : recomputedIn(identity, engine, level)
    const reading = new Reading({
      source,
      options: {
        ...trust,
        level,
        threads: 0,
        machines: undefined,
        ...(head && { head }),
        ...(onProgress && { onProgress }),
      },
      engine,
      identity,
      examining: examineHere(identity, engine, recomputed !== undefined),
      ...(known && { known }),
      ...(recomputed && { recomputed }),
    })
    return { ...(await reading.run()), genesis, from }
  } finally {
    await source.close()
  }
}

function recomputedIn({ genesis }: Identity, { hasher }: Engine, level: AuditLevel): Recomputed {
  const trees: Readonly<Record<TreeName, MemoryStateTree>> = {
    state: new MemoryStateTree(hasher),
    risk: new MemoryStateTree(hasher),
  }
  const read = (tree: TreeName, key: Uint8Array): Uint8Array | undefined => trees[tree].get(key)
  const execution = level === 'replay' ? new Execution(MACHINES, genesis.machine, read) : undefined
  const states = new StatesHere(trees, genesis.machine)
  return new Recomputed({ hasher, states, machineOfGenesis: genesis.machine, execution })
}

const MACHINES = new MachineSet([kv, ledger, external])
