/**
 * What an audit on a disk recomputes in, and notes, for whoever goes on another day: the states in their scratch directory, and the file of `resume`.
 *
 * Promise: it goes on only with the trees that were noted; where they are others, the audit is refused, and says what to delete.
 */
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Workers } from '../ports/workers.ts'
import type { Hasher } from '../verify/engine.ts'
import type { Identity } from '../verify/identity.ts'
import type { Standing } from './join.ts'
import type { Known } from './known.ts'
import { type Memory, MemoryFile } from './memory.ts'
import type { CheckedAudit } from './options.ts'
import type { Notes } from './reading.ts'
import type { Recomputed } from './recompute.ts'
import { openScratch, type Scratch } from './scratch-open.ts'
import type { Spot } from './source.ts'

/** How often it is noted where the reading stands, in milliseconds. */
const NOTE_EVERY = 10_000

/** The outside, as far as this needs it. */
export interface ResumableOutside {
  readonly disk: Disk
  readonly clock: Clock
  readonly workers: (count: number) => Workers
}

type Bound = Pick<Memory, 'chainId' | 'level' | 'knownHash'>

export class Resumable implements Notes {
  /** What was noted the last time. */
  readonly noted: Memory | undefined
  private readonly file: MemoryFile | undefined
  private readonly bound: Bound
  private readonly scratch: Scratch | undefined
  private readonly clock: Clock
  private notedAt: number

  private constructor(
    noted: Memory | undefined,
    file: MemoryFile | undefined,
    bound: Bound,
    scratch: Scratch | undefined,
    clock: Clock,
  ) {
    this.noted = noted
    this.file = file
    this.bound = bound
    this.scratch = scratch
    this.clock = clock
    this.notedAt = clock.monotonic()
  }

  static async open(
    identity: Identity,
    hasher: Hasher,
    options: CheckedAudit,
    known: Known | undefined,
    { disk, clock, workers }: ResumableOutside,
  ): Promise<Resumable> {
    const { chainId, level, resume } = options
    const bound = { chainId, level, knownHash: known?.block?.hash }
    const file = resume === undefined ? undefined : new MemoryFile(disk, resume)
    const noted = await file?.read(bound)
    const scratch = level === 'seals' ? undefined : await openScratch(identity, hasher, options, noted, workers)
    return new Resumable(noted, file, bound, scratch, clock)
  }

  get recomputed(): Recomputed | undefined {
    return this.scratch?.recomputed
  }

  get isDue(): boolean {
    return this.file !== undefined && this.clock.monotonic() - this.notedAt >= NOTE_EVERY
  }

  async note(spot: Spot, standing: Standing): Promise<void> {
    const { scratch } = this
    await scratch?.states.settle()
    await this.file?.write({ ...this.bound, spot, standing, recomputed: scratch?.recomputed.standing })
    await scratch?.states.keepFrom(Number(standing.parent?.height ?? 0n))
    this.notedAt = this.clock.monotonic()
  }

  async close(): Promise<void> {
    await this.scratch?.close()
  }
}
