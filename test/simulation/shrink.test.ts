/** That a tape is made as short as it still shows what it showed, and never loses that. */
import { expect, it } from 'vitest'
import { Random, seed } from '../support/seed.ts'
import { shrink } from './shrink.ts'
import { Tape, type Tracks } from './tape.ts'

it(`leaves the decisions that matter, and no others (CAIRN_SEED=${seed})`, async () => {
  const random = new Random()
  const tape = new Tape(seed)
  for (let i = 0; i < 400; i++) tape.track(random.pick(['a', 'b', 'c'])).below(100)
  const [first, second] = [tape.recorded.a?.findIndex((each) => each > 50) ?? -1, 90]
  expect(first).toBeGreaterThanOrEqual(0)
  let asked = 0
  // Shown by a large number somewhere in one track, and a third decision that is not 0 in another.
  const fails = (tracks: Tracks): Promise<boolean> => {
    asked++
    return Promise.resolve((tracks.a ?? []).some((each) => each > 50) && (tracks.b?.[2] ?? 0) > 0)
  }
  const { tracks, tries } = await shrink(tape.recorded, fails, 2000)
  expect(tries).toBe(asked)
  expect(tries).toBeLessThanOrEqual(2000)
  expect(await fails(tracks)).toBe(true)
  expect(Object.keys(tracks).toSorted()).toEqual(['a', 'b'])
  expect(tracks.a).toHaveLength(1)
  expect(tracks.a?.[0]).toBeLessThanOrEqual(second + 10)
  expect(tracks.b).toHaveLength(3)
})

it('plays a tape again as it was recorded, and 0 behind its end', () => {
  const tape = new Tape(seed)
  const drawn = Array.from({ length: 20 }, () => tape.track('a').below(1000))
  const again = new Tape(tape.recorded)
  expect(Array.from({ length: 20 }, () => again.track('a').below(1000))).toEqual(drawn)
  expect(again.track('a').below(1000)).toBe(0)
  expect(again.track('unknown').below(7)).toBe(0)
  expect(new Tape(seed).track('b').below(2 ** 31)).not.toBe(new Tape(seed).track('a').below(2 ** 31))
})
