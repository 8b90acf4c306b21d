/** Waiting for a height: whoever waits is answered when it is reached, or never will be; and who gives up leaves nothing behind. */
import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Level } from '../../src/pipeline/level.ts'

it('answers those whose height is reached, and tells the others that it never will be', async () => {
  const level = new Level(3n)
  await level.reaches(3n)
  const told: string[] = []
  const waiting = [4n, 5n, 6n].map((height) =>
    level.reaches(height).then(
      () => told.push(`${height}`),
      (cause: unknown) => told.push(`${height} ${String(cause)}`),
    ),
  )
  level.rise(5n)
  await Promise.all(waiting.slice(0, 2))
  expect(told).toEqual(['4', '5'])
  level.fail('over')
  await Promise.all(waiting)
  expect(told).toEqual(['4', '5', '6 over'])
  await expect(level.reaches(7n)).rejects.toBe('over')
  await level.reaches(5n)
})

it('comes back when it is given up, before or meanwhile, and keeps nothing of it, nor does the signal', async () => {
  const level = new Level(0n)
  const stop = new AbortController()
  const { signal } = stop
  const waiting = Array.from({ length: 10 }, () => level.reaches(1n, signal))
  const reached = level.reaches(1n)
  stop.abort()
  await Promise.all([...waiting, level.reaches(1n, signal)])
  // The one that goes on waiting.
  expect(inspect(level)).toContain('waiting: Set(1)')
  const long = new AbortController()
  const other = level.reaches(1n, long.signal)
  level.rise(1n)
  await Promise.all([reached, other])
  expect(inspect(level)).toContain('waiting: Set(0)')
  expect([signal, long.signal].flatMap((each) => getEventListeners(each, 'abort'))).toEqual([])
})
