/**
 * The exhaustive crash harness: a short run of a chain, crashed once before and once after every single effect that it has outside, on a disk that
 * drops, tears and zeroes what was not synced; then started again, and compared with what callers had been told.
 */
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import { ChainCallers, makePlan, recordsOf } from '../simulation/chain-life.ts'
import { Counts } from '../simulation/life.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'

const engine = await loadEngine()
const keys = chainKeys('kv@1', new Random(11), engine)
void recordsOf

interface Outcome {
  readonly counts: Counts
  readonly runs: number
  readonly sealedAgain: number
  readonly rebuilt: number
  readonly cut: number
  readonly joined: number
}

/** A run with a crash at one effect, and a second one while it starts again, every third time. */
async function crashAt(worldSeed: number, effect: number, isAfter: boolean, counts: Counts): Promise<ChainCallers> {
  let world = new World({ seed: worldSeed, counts })
  world.store().unsyncedBytes = 4 << 10
  if (isAfter) world.crashAfter = effect
  else world.crashAt = effect
  const callers = new ChainCallers(keys, engine)
  const plan = makePlan(new Random(worldSeed), { steps: 14, payload: 6000 })
  await Promise.race([callers.live(world, plan), world.died])
  world = world.crash()
  if (effect % 3 === 0) {
    world.crashAt = 1 + world.random.below(40)
    await Promise.race([callers.recover(world), world.died])
    world = world.crash()
  }
  await callers.recover(world)
  return callers
}

async function effectsOf(worldSeed: number): Promise<number> {
  const world = new World({ seed: worldSeed })
  const callers = new ChainCallers(keys, engine)
  await callers.live(world, makePlan(new Random(worldSeed), { steps: 14, payload: 6000 }))
  return world.effects
}

async function everyEffect(worldSeed: number): Promise<Outcome> {
  const effects = await effectsOf(worldSeed)
  const counts = new Counts()
  const sum = { sealedAgain: 0, rebuilt: 0, cut: 0, joined: 0 }
  let runs = 0
  for (let effect = 1; effect <= effects; effect++) {
    for (const isAfter of [false, true]) {
      try {
        const callers = await crashAt(worldSeed, effect, isAfter, counts)
        for (const name of ['sealedAgain', 'rebuilt', 'cut', 'joined'] as const) sum[name] += callers[name]
        runs++
      } catch (error) {
        const where = `seed ${worldSeed}, ${isAfter ? 'after' : 'at'} effect ${effect} of ${effects}`
        throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
      }
    }
  }
  return { counts, runs, ...sum }
}

describe(`a chain that is crashed at every effect (CAIRN_SEED=${seed})`, () => {
  it('loses nothing that was acknowledged, executes nothing twice, seals one hash a height, and goes on', async () => {
    const { counts, runs, ...sum } = await everyEffect(seed)
    console.log(JSON.stringify({ runs, ...counts, ...sum }))
    expect(runs).toBeGreaterThan(100)
  }, 600_000)
})
