/**
 * The simulator at work: as many runs as 45 seconds take, of seeds that are known to reach everything between them and of such as nobody has seen; what was
 * reached is printed, and nothing of it may be 0. The same seed gives the same run, byte for byte. `npm run sim` does more of it.
 */
import { describe, expect, it } from 'vitest'
import { seed } from '../support/seed.ts'
import { digestOf, runOnce } from './whole/run.ts'
import { runAll } from './whole/suite.ts'

const STEPS = 60
const HALF = { steps: STEPS / 2 }
const MILLISECONDS = 45_000
const KNOWN = [...Array.from({ length: 27 }, (_, i) => 1 + i), 58]

function* seeds(): Generator<number> {
  yield* KNOWN
  for (let i = 0; ; i++) yield seed + i
}

describe(`the whole simulator (CAIRN_SEED=${seed})`, () => {
  it('finds every promise kept', async () => {
    const { reached, failed } = await runAll({ seeds: seeds(), steps: STEPS, until: performance.now() + MILLISECONDS })
    const { runs, crashes, all, never } = reached
    const figures = { runs, crashes, ...all }
    console.log(
      Object.entries(figures)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    )
    const where = failed && `seed ${failed.seed}: ${failed.outcome.failure?.check}: ${failed.outcome.failure?.stack}`
    expect(where).toBeUndefined()
    // On a machine that has other things to do there are fewer.
    expect(runs < KNOWN.length ? [] : never).toEqual([])
    expect(reached.of('acknowledged') / runs).toBeGreaterThanOrEqual(200)
    expect(crashes / runs).toBeGreaterThanOrEqual(3)
  }, 240_000)

  it('does the same for the same seed, byte for byte, and for its tape', async () => {
    for (const each of [3, seed]) {
      const [first, second] = [await runOnce(each, HALF, true), await runOnce(each, HALF, true)]
      const played = await runOnce(first.tracks, HALF, true)
      expect(first.log.length).toBeGreaterThan(300)
      expect(second.log).toEqual(first.log)
      expect(digestOf(played.log)).toBe(digestOf(first.log))
    }
    // One run in sixteen begins with a long chain, and takes half a minute on a machine with other work.
  }, 240_000)
})
