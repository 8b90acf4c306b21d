/**
 * The exhaustive crash harness: a short run of a chain, ended once before and once after every single effect that it has outside, by a power cut
 * on a disk that drops, tears and zeroes what was not synced, or by the end of the process alone; ended again while it starts; then started, and
 * compared with what callers had been told. And the same with a promise taken out, which must be noticed.
 */
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import { withoutMarkCheck, withoutRewrite } from '../simulation/broken-ports.ts'
import { ChainCallers, makePlan, type PortsOf } from '../simulation/chain-life.ts'
import { Counts } from '../simulation/life.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'

const engine = await loadEngine()
const keys = chainKeys('kv@1', new Random(11), engine)
const SIZE = { steps: 14, payload: 6000 }
const NAMES = ['sealedAgain', 'rebuilt', 'cut', 'joined', 'behind'] as const

const EIO = Object.assign(new Error('EIO'), { code: 'EIO' })

interface Breaking {
  readonly ports?: PortsOf
  readonly prepare?: (world: World) => void
}

class Harness {
  readonly counts = new Counts()
  readonly sums = { sealedAgain: 0, rebuilt: 0, cut: 0, joined: 0, behind: 0 }
  runs = 0
  private readonly breaking: Breaking

  constructor(breaking: Breaking = {}) {
    this.breaking = breaking
  }

  /** Every effect of the run that this seed gives. */
  async everyEffect(worldSeed: number): Promise<void> {
    const whole = new World({ seed: worldSeed })
    await this.callers().live(whole, makePlan(new Random(worldSeed), SIZE))
    for (let effect = 1; effect <= whole.effects; effect++) {
      for (const isAfter of [false, true]) {
        try {
          await this.endAt(worldSeed, effect, isAfter)
        } catch (error) {
          const where = `seed ${worldSeed}, ${isAfter ? 'after' : 'at'} effect ${effect} of ${whole.effects}`
          throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
        }
      }
    }
  }

  /**
   * Hundreds of blocks, and a power cut that takes one batch of long ago out of the store: further back than the edges of trees and ranges, which
   * find gaps themselves, reach.
   */
  async manyBlocks(worldSeed: number): Promise<void> {
    const callers = this.callers()
    let world = this.born(new World({ seed: worldSeed, counts: this.counts }))
    world.store().unsyncedBytes = 1 << 30
    const plan = makePlan(new Random(worldSeed), { steps: 700, payload: 40 }).filter((step) => step.do !== 'reopen')
    const cut = world
    const life = callers.live(world, plan, (step) => {
      if (step === plan.length - 5) cut.die()
    })
    await Promise.race([life, world.died])
    world.store().losesAlone = 300 + world.random.below(50)
    world = world.crash()
    await callers.recover(world)
    this.runs++
  }

  private callers(): ChainCallers {
    return new ChainCallers(keys, engine, this.breaking.ports)
  }

  private async endAt(worldSeed: number, effect: number, isAfter: boolean): Promise<void> {
    const callers = this.callers()
    let world = this.born(new World({ seed: worldSeed, counts: this.counts }))
    if (isAfter) world.crashAfter = effect
    else world.crashAt = effect
    const isCut = effect % 2 === 0
    const broken = world
    const plan = makePlan(new Random(worldSeed), SIZE)
    // A sync that fails now and then ends the chain, and leaves clean pages that are not on the disk.
    const failing = isAfter && !isCut ? 1 + (effect % plan.length) : plan.length
    const life = callers.live(world, plan, (step) => {
      if (step === failing) broken.failNext('datasync', EIO, /\.wal$/)
    })
    await Promise.race([life, world.died])
    world = this.born(isCut ? world.crash() : world.restart())
    if (!isCut || effect % 3 === 0) {
      world.crashAt = 1 + world.random.below(60)
      await Promise.race([callers.recover(world), world.died])
      world = this.born(world.crash())
    }
    await callers.recover(world)
    for (const name of NAMES) this.sums[name] += callers[name]
    this.runs++
  }

  private born(world: World): World {
    world.store().unsyncedBytes = 16 << 10
    this.breaking.prepare?.(world)
    return world
  }
}

describe(`a chain that is ended at every effect (CAIRN_SEED=${seed})`, () => {
  it('loses nothing that was acknowledged, executes nothing twice, seals one hash a height, and goes on', async () => {
    const harness = new Harness()
    // One that is known to have much of everything (here and on any machine), and one that nobody has seen.
    await harness.everyEffect(3)
    await harness.everyEffect(seed)
    const { counts, sums, runs } = harness
    const all = [...Object.entries(counts), ...Object.entries(sums), ['runs', runs] as const]
    console.log(all.map(([name, count]) => `${name} ${count}`).join(', '))
    // What is never written in part here is in the whole simulator.
    const never = all.filter(([name, count]) => count === 0 && name !== 'shortWrites')
    expect(never).toEqual([])
  }, 600_000)

  it.each<readonly [string, Breaking]>([
    ['the fdatasync', { prepare: (world) => (world.lies.datasync = true) }],
    ['the directory sync', { prepare: (world) => (world.lies.syncDirectory = true) }],
    ['the rewrite at recovery', { ports: (world) => ({ disk: withoutRewrite(world.disk) }) }],
  ])(
    'notices where %s is taken out',
    async (_, breaking) => {
      const harness = new Harness(breaking)
      await expect(harness.everyEffect(6)).rejects.toThrow(/^seed 6, /)
    },
    600_000,
  )

  it('finds gaps in a store that lost batches of long ago, and notices where the mark check is taken out', async () => {
    const harness = new Harness()
    for (const worldSeed of [1, 2, seed]) await harness.manyBlocks(worldSeed)
    expect(harness.counts.storeHoles).toBeGreaterThan(0)
    const unchecked = new Harness({ ports: (world) => ({ home: withoutMarkCheck(world.store()) }) })
    const outcomes: string[] = []
    for (let worldSeed = 1; worldSeed <= 3; worldSeed++) {
      outcomes.push(
        await unchecked.manyBlocks(worldSeed).then(
          () => 'well',
          (error: unknown) => String(error),
        ),
      )
    }
    expect(outcomes.filter((outcome) => outcome !== 'well')).not.toEqual([])
  }, 600_000)
})
