/**
 * What an audit on a disk recomputes in, and notes, for whoever goes on another day: the trees in their scratch directory, and the file of `resume`.
 *
 * Promise: it goes on only with the trees that were noted; where they are others, the audit is refused, and says what to delete.
 */
import { join } from 'node:path'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import { equal, toHex } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import type { TreeName } from '../verify/types.ts'
import { Execution } from './execute.ts'
import type { Standing } from './join.ts'
import type { Known } from './known.ts'
import { type Memory, MemoryFile, type RecomputedStanding } from './memory.ts'
import type { CheckedAudit } from './options.ts'
import type { Notes } from './reading.ts'
import { Recomputed } from './recompute.ts'
import { ScratchTrees } from './scratch.ts'
import type { Spot } from './source.ts'

/** How often it is noted where the reading stands, in milliseconds. */
const NOTE_EVERY = 10_000

export class Resumable implements Notes {
  /** What was noted the last time. */
  readonly noted: Memory | undefined
  readonly recomputed: Recomputed | undefined
  private readonly file: MemoryFile | undefined
  private readonly bound: Pick<Memory, 'chainId' | 'level' | 'knownHash'>
  private readonly trees: ScratchTrees | undefined
  private readonly clock: Clock
  private notedAt: number

  private constructor(parts: {
    readonly noted: Memory | undefined
    readonly file: MemoryFile | undefined
    readonly bound: Pick<Memory, 'chainId' | 'level' | 'knownHash'>
    readonly trees: ScratchTrees | undefined
    readonly recomputed: Recomputed | undefined
    readonly clock: Clock
  }) {
    this.noted = parts.noted
    this.file = parts.file
    this.bound = parts.bound
    this.trees = parts.trees
    this.recomputed = parts.recomputed
    this.clock = parts.clock
    this.notedAt = parts.clock.monotonic()
  }

  static async open(
    identity: Identity,
    hasher: Hasher,
    options: CheckedAudit,
    known: Known | undefined,
    { disk, clock }: { readonly disk: Disk; readonly clock: Clock },
  ): Promise<Resumable> {
    const { chainId, level, resume, machines } = options
    const { genesis } = identity
    const bound = { chainId, level, knownHash: known?.block?.hash }
    const file = resume === undefined ? undefined : new MemoryFile(disk, resume)
    const noted = await file?.read(bound)
    if (level === 'seals') return new Resumable({ noted, file, bound, trees: undefined, recomputed: undefined, clock })
    // Refused now, and not at the first block.
    machines?.inForce(genesis.machine)
    const trees = await treesOf(identity, hasher, options, noted)
    const read = (tree: TreeName, key: Uint8Array): Uint8Array | undefined => trees.get(tree, key)
    const execution = machines && new Execution(machines, genesis.machine, read)
    const pair = { state: trees.tree('state'), risk: trees.tree('risk') }
    const recomputed = new Recomputed(hasher, pair, genesis.machine, execution)
    if (noted?.recomputed !== undefined) recomputed.restore(noted.recomputed)
    return new Resumable({ noted, file, bound, trees, recomputed, clock })
  }

  get isDue(): boolean {
    return this.file !== undefined && this.clock.monotonic() - this.notedAt >= NOTE_EVERY
  }

  async note(spot: Spot, standing: Standing): Promise<void> {
    await this.trees?.settle()
    await this.file?.write({ ...this.bound, spot, standing, recomputed: this.recomputed?.standing })
    this.trees?.keepFrom(Number(standing.parent?.height ?? 0n))
    this.notedAt = this.clock.monotonic()
  }

  async close(): Promise<void> {
    await this.trees?.close()
  }
}

/** At the beginning of a chain, or where an audit that noted this stood. */
async function treesOf(
  { chainId }: Identity,
  hasher: Hasher,
  { level, scratch, resume }: CheckedAudit,
  noted: Memory | undefined,
): Promise<ScratchTrees> {
  const keeps = level === 'replay' ? 'values' : 'hashes'
  if (resume === undefined) return ScratchTrees.temporary(hasher, keeps, scratch)
  const directory = join(scratch ?? '', `cairn-${toHex(chainId).slice(2, 18)}-${level}`)
  const at = Number(noted?.standing.parent?.height ?? -1n)
  const trees = await ScratchTrees.lasting(hasher, keeps, directory, at).catch((error: unknown) => {
    throw asRefusal(error, directory)
  })
  if (noted?.recomputed === undefined || areThose(trees, noted.recomputed)) return trees
  await trees.close()
  throw asRefusal(new CairnError('store_damaged', 'they are other trees than the audit noted'), directory)
}

function areThose(trees: ScratchTrees, { roots, stateUnchecked }: RecomputedStanding): boolean {
  if (stateUnchecked !== undefined) return true
  return roots !== undefined && equal(trees.root('state'), roots.state) && equal(trees.root('risk'), roots.risk)
}

function asRefusal(error: unknown, directory: string): unknown {
  if (!(error instanceof CairnError)) return error
  const why = `the trees in ${directory} are not those of this audit (${error.message})`
  const message = `The audit cannot go on: ${why}. Delete both its file and them to begin anew.`
  return new CairnError('resume_refused', message, { directory, why })
}
