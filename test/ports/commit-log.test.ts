/** The commit log in memory does what the port says, and forgets nobody's turn. */
import { expect, it } from 'vitest'
import { SimCommitLog } from '../simulation/sim-commit-log.ts'
import { World } from '../simulation/world.ts'
import { commitLogConformance } from './commit-log-conformance.ts'

const FAILURES = { 'all is there': 'all', 'nothing is there': 'nothing' } as const

commitLogConformance('simulated', async () => {
  const world = new World()
  const log = new SimCommitLog(world)
  await Promise.resolve()
  return {
    log,
    again: () => Promise.resolve(new SimCommitLog(world)),
    failNext: (how) => (how === 'disk_full' ? log.refuseNext() : log.failNext(FAILURES[how])),
  }
}, ['all is there', 'nothing is there', 'disk_full'])

it('a writer whom another one followed is fenced, and told so', async () => {
  const world = new World()
  const [one, other] = [new SimCommitLog(world), new SimCommitLog(world)]
  await expect(one.append(0n, [])).rejects.toMatchObject({ code: 'fenced' })
  const first = new SimCommitLog(world)
  await first.takeover()
  await first.append(0n, [])
  await other.takeover()
  await expect(first.append(1n, [])).rejects.toMatchObject({ code: 'fenced' })
  await other.append(1n, [])
})

it('a log outlives crashes, with an append of which nobody heard', async () => {
  const world = new World()
  const log = new SimCommitLog(world)
  await log.takeover()
  await log.append(0n, [])
  world.crashAfter = world.effects + 1
  void log.append(1n, [])
  await world.died
  const next = new SimCommitLog(world.crash())
  const offsets: number[] = []
  for await (const { place } of next.read(undefined)) offsets.push(place.offset)
  expect(offsets).toEqual([0, 1])
})

it('a log takes one append at a time', async () => {
  const log = new SimCommitLog(new World())
  await log.takeover()
  const first = log.append(0n, [])
  await expect(log.append(1n, [])).rejects.toThrow('one append at a time')
  await first
})
