/**
 * What the runs of a suite came to, counted: a fault that never happened was not survived, and a check that was never made says nothing. A suite in
 * which one of these stayed at 0 fails.
 */
import { Counts } from '../life.ts'

const NAMES = [
  // What was done.
  'longRuns',
  'acknowledged',
  'rejectedByMachine',
  'killed',
  'killedInStart',
  'powerCuts',
  'otherOutcomes',
  'cleanStops',
  // What failed.
  'writeErrors',
  'syncErrors',
  'directorySyncErrors',
  'renameErrors',
  'createErrors',
  'storeErrors',
  'diskFull',
  'slowDisk',
  'slowSigner',
  'clockForward',
  'clockBack',
  'storeRefused',
  'failedChains',
  'failedStarts',
  // How callers asked.
  'duplicates',
  'joined',
  'reordered',
  'late',
  'overtaken',
  'conflicts',
  'throughClient',
  'lostAnswers',
  // The keys.
  'rotations',
  'revocations',
  'expiries',
  'sealedAgain',
  'signersWithMark',
  // Starts.
  'rebuilt',
  'cut',
  'replayed',
  'prunings',
  // What was made of copies.
  'bitFlips',
  'zeroedSectors',
  'misdirectedSectors',
  'storeRot',
  'damageReported',
  'damageHarmless',
  'newestFrameLost',
  'backupsRefused',
  'backupsWithinGuardLag',
  'copiesRefused',
  // What was compared.
  'readsInFlight',
  'blocksFollowed',
  'proofs',
  'audits',
  'lostTwice',
  'flushes',
  'closesUnderLoad',
] as const

export type Reaching = (typeof NAMES)[number]

export class Reached {
  runs = 0
  /** What the machine did, in all lives. */
  readonly machine = new Counts()
  private readonly counts = new Map<Reaching, number>(NAMES.map((name) => [name, 0]))

  count(name: Reaching, by = 1): void {
    this.counts.set(name, this.of(name) + by)
  }

  of(name: Reaching): number {
    return this.counts.get(name) ?? 0
  }

  /** Ends of a process that nobody asked for: kills and power cuts, with each outcome of them that was lived with. */
  get crashes(): number {
    return this.of('killed') + this.of('killedInStart') + this.of('powerCuts') + this.of('otherOutcomes')
  }

  add(other: Reached): void {
    this.runs += other.runs
    for (const [name, count] of other.counts) this.count(name, count)
    const [sums, more] = [this.machine, other.machine] as unknown as Record<string, number>[]
    if (sums !== undefined)
      for (const [name, count] of Object.entries(more ?? {})) sums[name] = (sums[name] ?? 0) + count
  }

  /** By name, in their order. */
  get all(): Readonly<Record<string, number>> {
    // A cut of its own: `powerCuts` says it.
    const { crashes: _, ...machine } = this.machine
    return { ...Object.fromEntries(this.counts), ...prefixed(machine) }
  }

  /** What never happened. */
  get never(): readonly string[] {
    return Object.entries(this.all).flatMap(([name, count]) => (count === 0 ? [name] : []))
  }
}

function prefixed(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`disk.${name}`, count]))
}
