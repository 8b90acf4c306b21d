/**
 * What goes wrong in one life of a simulated process: drawn when it begins, and armed at the effect that was drawn with it. Each is counted when it
 * happens, and not when it is armed.
 */
import type { Random } from '../../support/seed.ts'
import type { Failing } from '../life.ts'
import type { World } from '../world.ts'
import type { Reached, Reaching } from './reached.ts'

/** How far into a life its end lies at most, in effects. */
const LENGTHS = [60, 12, 25, 40, 90, 250]
const ROOM = [0, 512, 4096, 60_000, 140_000]
/** Milliseconds that a slow disk, or a slow signer, takes. */
const SLOW = [1, 20, 900, 2500, 40_000]

interface Failure {
  readonly what: Failing
  readonly path: RegExp
  readonly counted: Reaching
}

const WAL = /\.wal$/
const ANY = /^/

const FAILURES: readonly Failure[] = [
  { what: 'datasync', path: WAL, counted: 'syncErrors' },
  { what: 'write', path: WAL, counted: 'writeErrors' },
  { what: 'datasync', path: ANY, counted: 'syncErrors' },
  { what: 'write', path: ANY, counted: 'writeErrors' },
  { what: 'syncDirectory', path: ANY, counted: 'directorySyncErrors' },
  { what: 'rename', path: ANY, counted: 'renameErrors' },
  { what: 'create', path: ANY, counted: 'createErrors' },
  { what: 'storeWrite', path: ANY, counted: 'storeErrors' },
]

export class Faults {
  /** Whether anything happened by now that may end a chain, or keep it from starting. */
  hasHappened = false
  private readonly armed: { readonly at: number; readonly arm: () => void }[] = []
  private readonly world: World
  private readonly choices: Random
  private readonly reached: Reached

  /** Draws what this life has to suffer. */
  constructor(world: World, choices: Random, reached: Reached) {
    this.world = world
    this.choices = choices
    this.reached = reached
    world.onFailure = (what) => {
      this.happened(FAILURES.find((each) => each.what === what)?.counted ?? 'diskFull')
    }
    this.end()
    const count = choices.pick([0, 0, 1, 1, 2])
    for (let i = 0; i < count; i++) this.one()
  }

  /** To be called at every effect. */
  pass(effects: number): void {
    for (let i = this.armed.findIndex(({ at }) => at <= effects); i >= 0; ) {
      const [armed] = this.armed.splice(i, 1)
      armed?.arm()
      i = this.armed.findIndex(({ at }) => at <= effects)
    }
  }

  private end(): void {
    const { choices, world } = this
    const kind = choices.below(8)
    if (kind === 0) return
    const effect = 1 + choices.below(choices.pick(LENGTHS))
    if (kind < 5) world.crashAt = effect
    else world.crashAfter = effect
  }

  private one(): void {
    const { choices, world } = this
    const at = choices.below(choices.pick([100, 30, 300]))
    const kind = choices.below(14)
    if (kind < FAILURES.length) {
      const { what, path } = FAILURES[kind] as Failure
      this.armed.push({ at, arm: () => world.failNext(what, EIO, path) })
    } else if (kind < 10) this.full(at)
    else if (kind === 10) this.slow(at, ANY, 'slowDisk')
    else if (kind === 11) this.slow(at, /^seal /, 'slowSigner')
    else this.jump(at)
  }

  /** For a while, or for the rest of this life. */
  private full(at: number): void {
    const { choices, world } = this
    const room = choices.pick(ROOM)
    this.armed.push({ at, arm: () => (world.diskBytesFree = room) })
    if (choices.below(2) === 0) return
    const until = at + choices.below(60)
    this.armed.push({ at: until, arm: () => (world.diskBytesFree = Number.POSITIVE_INFINITY) })
  }

  private slow(at: number, which: RegExp, counted: Reaching): void {
    const { choices, world } = this
    const milliseconds = choices.pick(SLOW)
    const odds = choices.pick([1, 4, 10])
    let isSlow = false
    this.armed.push({ at, arm: () => (isSlow = true) })
    world.delay = async (name) => {
      if (!isSlow || !which.test(name) || choices.below(odds) > 0) return
      this.happened(counted)
      await new Promise<void>((resolve) => {
        world.clock.after(milliseconds, resolve)
      })
    }
  }

  private jump(at: number): void {
    const { choices, world } = this
    const by = choices.pick([3_600_000, 4000, 90_000, 86_400_000])
    const isBack = choices.below(2) === 1
    const arm = (): void => {
      world.clock.jump(isBack ? -by : by)
      this.happened(isBack ? 'clockBack' : 'clockForward')
    }
    this.armed.push({ at, arm })
  }

  private happened(what: Reaching): void {
    this.hasHappened = true
    this.reached.count(what)
  }
}

const EIO = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
