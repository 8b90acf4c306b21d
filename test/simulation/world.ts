/**
 * A simulated machine and one life of the process on it: disk, stores, clock and randomness, all from one seed, that stop together at
 * the effect that a test chooses. `crash` is a power cut, `restart` the end of the process alone; both give the world that goes on.
 */
import type { Rng } from '../../src/ports/rng.ts'
import { Random, seed } from '../support/seed.ts'
import { Counts, Life } from './life.ts'
import { SimClock } from './sim-clock.ts'
import { SimDisk } from './sim-disk.ts'
import type { SimFile } from './sim-file.ts'
import { SimNames } from './sim-names.ts'
import { simRng } from './sim-rng.ts'
import { SimStoreHome, StoredBatches } from './sim-store.ts'

/** The wall clock of a new world: 20 November 2025. */
const START = 1_763_600_000_000
/** What a machine takes to be there again, at most. */
const BOOT = 60_000

export interface WorldSettings {
  readonly seed?: number
  /** Where the choices of this life and the next ones come from, in the place of a seed. */
  readonly random?: Random
  /** Milliseconds since the epoch. */
  readonly wall?: number
  /** To go on counting where another world ended. */
  readonly counts?: Counts
}

/** What a process leaves behind. */
class Machine {
  readonly names: SimNames
  readonly stores = new Map<string, StoredBatches>()
  /** Whatever else outlives processes and power cuts, by name: what another machine knows, a log elsewhere. */
  readonly elsewhere = new Map<string, unknown>()
  /** Of the newest life on it. */
  clock: SimClock | undefined

  constructor(names: SimNames = new SimNames()) {
    this.names = names
  }

  /** What is elsewhere is one and the same: no copy of a disk makes another of it. */
  copy(): Machine {
    const copy = new Machine(this.names.copy())
    for (const [name, stored] of this.stores) copy.stores.set(name, stored.copy())
    for (const [name, value] of this.elsewhere) copy.elsewhere.set(name, value)
    return copy
  }
}

export class World extends Life {
  readonly seed: number
  readonly disk: SimDisk
  readonly clock: SimClock
  readonly rng: Rng
  private readonly settings: WorldSettings
  private readonly machine: Machine
  private readonly homes = new Map<string, SimStoreHome>()

  constructor(settings: WorldSettings = {}, machine: Machine = new Machine()) {
    const chosen = settings.seed ?? seed
    super(settings.random ?? new Random(chosen), settings.counts ?? new Counts())
    this.seed = chosen
    this.settings = settings
    this.machine = machine
    this.disk = new SimDisk(this, machine.names)
    this.clock = new SimClock(this, settings.wall ?? START)
    machine.clock = this.clock
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
    // Whoever is on the way to an effect must not get there any more.
    this.die()
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
    // The clock of a machine goes on, also where a test starts one life after the other from this one.
    const { clock = this.clock } = this.machine
    const wall = Math.max(this.clock.now(), clock.now()) + random.below(BOOT)
    return this.born(random, wall, this.machine)
  }

  /** A copy of the machine in a life of its own, as from an image of its disk: what becomes of it is nothing to this one. */
  branch(random: Random = this.random): World {
    return this.born(random, this.clock.now(), this.machine.copy())
  }

  /** What reads of a file see, and where a test changes it past all writes; nothing where there is no such file. */
  fileAt(path: string): SimFile | undefined {
    return this.machine.names.paths.includes(path) ? this.machine.names.file(path) : undefined
  }

  /** Puts a copy of a file in the place of whatever has this path, there for good. */
  replace(path: string, file: SimFile | undefined): void {
    if (file !== undefined) this.machine.names.replace(path, file.copy())
  }

  get paths(): readonly string[] {
    return this.machine.names.paths
  }

  private born(random: Random, wall: number, machine: Machine): World {
    const { settings, counts } = this
    const inherited = settings.random === undefined ? {} : { random: settings.random }
    const world = new World({ seed: random.below(2 ** 31), wall, counts, ...inherited }, machine)
    world.diskBytesFree = this.diskBytesFree
    return world
  }
}

function kept<T>(map: Map<string, T>, name: string, make: () => T): T {
  const value = map.get(name) ?? make()
  map.set(name, value)
  return value
}
