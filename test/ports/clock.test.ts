/** Every clock does what the port says: the system's, and the double in virtual time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/ports/clock.ts'
import { SimClock } from '../simulation/sim-clock.ts'
import { clockConformance } from './clock-conformance.ts'

const START = 1_763_600_000_000

function simulated(): SimClock {
  return new SimClock({ isDead: false }, START)
}

clockConformance('system', () => ({
  clock: systemClock,
  pass: async (milliseconds: number): Promise<void> => {
    const end = performance.now() + milliseconds
    // Again: a timer counts from when its turn began, and may come early by what was done in it before.
    do await sleep(Math.max(1, end - performance.now()))
    while (performance.now() < end)
  },
}))

clockConformance('simulated', () => {
  const clock = simulated()
  return { clock, pass: (milliseconds: number): Promise<void> => clock.advance(milliseconds) }
})

it('a simulated clock is moved, and its wall clock apart from the other', async () => {
  const clock = simulated()
  await clock.advance(100)
  clock.jump(-1000)
  expect([clock.now(), clock.monotonic()]).toEqual([START - 900, 100])
})

it('a simulated clock runs until something is settled, and says where nothing will be', async () => {
  const clock = simulated()
  const wait = (milliseconds: number): Promise<string> =>
    new Promise((resolve) => {
      clock.after(milliseconds, () => resolve(`after ${milliseconds}`))
    })
  expect(await clock.until(wait(50_000).then(() => wait(20)))).toBe('after 20')
  expect(clock.monotonic()).toBe(50_020)
  await expect(clock.until(Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  await expect(clock.until(Promise.race([]))).rejects.toThrow('nothing is left')
})
