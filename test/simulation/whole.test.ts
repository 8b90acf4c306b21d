/**
 * The simulator at work: seeds that are known to reach everything between them, each at least twice but what is rarest, and then as many as 45 seconds take of
 * such as nobody has seen; what was reached is printed, and nothing of it may be 0. The same seed gives the same run, byte for byte. `npm run sim` does
 * more of it.
 */
import { describe, expect, it } from 'vitest'
import { seed } from '../support/seed.ts'
import { digestOf, runOnce } from './whole/run.ts'
import { runAll } from './whole/suite.ts'

const STEPS = 60
const MILLISECONDS = 45_000
const KNOWN = [1, 3, 4, 11, 13, 15, 21, 22, 23, 29, 34, 36, 37]

function* unseen(): Generator<number> {
  for (let i = 0; ; i++) yield seed + i
}

describe(`the whole simulator (CAIRN_SEED=${seed})`, () => {
  it('finds every promise kept', async () => {
    const until = performance.now() + MILLISECONDS
    const known = await runAll({ seeds: KNOWN, steps: STEPS })
    const { reached, failed } =
      known.failed === undefined ? await runAll({ seeds: unseen(), steps: STEPS, until }) : known
    if (reached !== known.reached) reached.add(known.reached)
    const { runs, crashes, all, never } = reached
    const figures = { runs, crashes, ...all }
    console.log(
      Object.entries(figures)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    )
    const where = failed && `seed ${failed.seed}: ${failed.outcome.failure?.check}: ${failed.outcome.failure?.stack}`
    expect(where).toBeUndefined()
    expect(never).toEqual([])
    expect(reached.of('acknowledged') / runs).toBeGreaterThanOrEqual(200)
    expect(crashes / runs).toBeGreaterThanOrEqual(3)
  }, 240_000)

  it('does the same for the same seed, byte for byte, and for its tape', async () => {
    for (const each of [3, seed]) {
      const [first, second] = [await runOnce(each, STEPS, true), await runOnce(each, STEPS, true)]
      const played = await runOnce(first.tracks, STEPS, true)
      expect(first.log.length).toBeGreaterThan(300)
      expect(second.log).toEqual(first.log)
      expect(digestOf(played.log)).toBe(digestOf(first.log))
    }
  }, 60_000)
})
