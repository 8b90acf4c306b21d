/**
 * One life of a simulated process, up to the effect at which it ends. What is done outside of it, on a disk, in a store, by a
 * signer, is an effect: they are counted, and at the chosen one everything stops, as a process does that is killed.
 *
 * What the dead asked for never comes back: nothing that stands behind an `await` of it runs any more.
 */
import type { Random } from '../support/seed.ts'

/** What happened in all the lives of a world, for tests that must not pass because nothing did. */
export class Counts {
  crashes = 0
  /** Names made, moved or taken away that a cut undid. */
  lostDirectoryEntries = 0
  /** Of these, such as gave a file another name. */
  lostRenames = 0
  /** Sectors that a cut left other than they were written last. */
  droppedSectors = 0
  /** Of these, such as hold zeros though something had been written. */
  zeroedSectors = 0
  /** Writes of which a cut left a part. */
  tornWrites = 0
  /** Writes that failed with a part of them done. */
  shortWrites = 0
  /** Sectors of which a sync had failed, and that a cut kept as they were seen, or not. */
  keptOfFailedSyncs = 0
  lostOfFailedSyncs = 0
  batchesLost = 0
  /** Of these, such as have one after them that was kept. */
  storeHoles = 0
}

/** What can be made to fail. */
export type Failing = 'write' | 'datasync' | 'syncDirectory' | 'rename' | 'create' | 'storeWrite'

/** Syncs that say yes and do nothing, for tests that have to fail. */
export interface Lies {
  datasync?: boolean
  syncDirectory?: boolean
}

interface Failure {
  readonly what: Failing
  readonly error: Error
  readonly path: RegExp
}

export class Life {
  readonly random: Random
  readonly counts: Counts
  readonly lies: Lies = {}
  /** The number of the effect that does not happen any more, counted from 1. */
  crashAt: number | undefined
  /** The number of the effect that happens, and that nobody hears of. */
  crashAfter: number | undefined
  /** How many there were, and the newest of them. */
  effects = 0
  lastEffect = ''
  /** What the disk has room for; what does not fit fails with ENOSPC. */
  diskBytesFree: number = Number.POSITIVE_INFINITY
  /** Told of every effect before it happens, with its name. */
  onEffect: (name: string) => void = nothing
  /** Told of every failure that was made to happen; `full` where the disk had no room. */
  onFailure: (what: Failing | 'full') => void = nothing
  /** How long an effect takes, where it takes any time: a slow disk. */
  delay: ((name: string) => Promise<void>) | undefined
  readonly died: Promise<void>
  isDead = false
  private tellDied = nothing
  /** Of this life alone, so that what waits for it is forgotten with it. */
  readonly never: Promise<never> = new Promise<never>(nothing)
  private readonly failures: Failure[] = []

  constructor(random: Random, counts: Counts) {
    this.random = random
    this.counts = counts
    this.died = new Promise((resolve) => {
      this.tellDied = resolve
    })
  }

  /** Does what changes something outside, if it comes to that. */
  async effect<T>(name: string, perform: () => T): Promise<T> {
    await this.pass()
    if (this.delay !== undefined) await this.delay(name)
    // It may have ended since: between the answer of a call and whoever awaits it is a moment.
    if (this.isDead) return this.never
    this.effects++
    this.lastEffect = name
    this.onEffect(name)
    if (this.effects === this.crashAt) this.die()
    else if (this.effects === this.crashAfter) {
      this.die()
      try {
        perform()
      } catch {
        // Nobody hears of that either.
      }
    } else {
      const answer = perform()
      await this.pass()
      return answer
    }
    return this.never
  }

  /** Takes a while, so that what goes on at once mixes; and never ends for the dead. */
  async pass(): Promise<void> {
    for (let turns = this.random.below(4); turns >= 0 && !this.isDead; turns--) await Promise.resolve()
    if (this.isDead) await this.never
  }

  die(): void {
    this.isDead = true
    this.tellDied()
  }

  /** Makes the next one fail, of those on this path if there is one: the whole path of the file, the directory, or both names. */
  failNext(what: Failing, error: Error & { code: string }, path = /^/): void {
    this.failures.push({ what, error, path })
  }

  /** The error with which this has to fail now. */
  takeFailure(what: Failing, path = ''): Error | undefined {
    const i = this.failures.findIndex((each) => each.what === what && each.path.test(path))
    if (i < 0) return undefined
    this.onFailure(what)
    return this.failures.splice(i, 1)[0]?.error
  }
}

function nothing(): void {}
