/**
 * A simulated machine and one life of the process on it: disk, stores, clock and randomness, all from one seed, that stop together at
 * the effect that a test chooses. `crash` is a power cut, `restart` the end of the process alone; both give the world that goes on.
 */
import type { Rng } from '../../src/ports/rng.ts'
import { type Random, seed } from '../support/seed.ts'
import { Counts, Life } from './life.ts'
import { SimClock } from './sim-clock.ts'
import { SimDisk } from './sim-disk.ts'
import { SimNames } from './sim-names.ts'
import { simRng } from './sim-rng.ts'
import { SimStoreHome, StoredBatches } from './sim-store.ts'

/** The wall clock of a new world: 20 November 2025. */
const START = 1_763_600_000_000
/** What a machine takes to be there again, at most. */
const BOOT = 60_000

export interface WorldSettings {
  readonly seed?: number
  /** Milliseconds since the epoch. */
  readonly wall?: number
  /** To go on counting where another world ended. */
  readonly counts?: Counts
}

/** What a process leaves behind. */
class Machine {
  readonly names = new SimNames()
  readonly stores = new Map<string, StoredBatches>()
  /** Whatever else outlives processes and power cuts, by name: what another machine knows, a log elsewhere. */
  readonly elsewhere = new Map<string, unknown>()
}

export class World extends Life {
  readonly seed: number
  readonly disk: SimDisk
  readonly clock: SimClock
  readonly rng: Rng
  private readonly machine: Machine
  private readonly homes = new Map<string, SimStoreHome>()

  constructor(settings: WorldSettings = {}, machine: Machine = new Machine()) {
    const chosen = settings.seed ?? seed
    super(chosen, settings.counts ?? new Counts())
    this.seed = chosen
    this.machine = machine
    this.disk = new SimDisk(this, machine.names)
    this.clock = new SimClock(this, settings.wall ?? START)
    this.rng = simRng(chosen + 1)
  }

  store(name = 'store'): SimStoreHome {
    const home =
      this.homes.get(name) ??
      new SimStoreHome(
        this,
        kept(this.machine.stores, name, () => new StoredBatches()),
      )
    this.homes.set(name, home)
    return home
  }

  /** What neither crash nor restart touches: made at first, and the same ever after. */
  elsewhere<T>(name: string, make: () => T): T {
    return kept(this.machine.elsewhere, name, make) as T
  }

  /** A power cut: takes from disk and stores what was not synced. This life ends, if it has not; what it awaits never comes. */
  crash(random: Random = this.random): World {
    this.counts.crashes++
    for (const file of this.machine.names.cut(random, this.counts)) file.cut(random, this.counts)
    for (const store of this.machine.stores.values()) store.cut(random, this.counts)
    return this.next(random)
  }

  /** The process is killed and the machine goes on: what was written is seen, synced or not, and is still lost with the next cut. */
  restart(random: Random = this.random): World {
    return this.next(random)
  }

  private next(random: Random): World {
    this.die()
    const wall = this.clock.now() + random.below(BOOT)
    const world = new World({ seed: random.below(2 ** 31), wall, counts: this.counts }, this.machine)
    world.diskBytesFree = this.diskBytesFree
    return world
  }
}

function kept<T>(map: Map<string, T>, name: string, make: () => T): T {
  const value = map.get(name) ?? make()
  map.set(name, value)
  return value
}
