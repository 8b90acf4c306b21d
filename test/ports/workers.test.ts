/** Every form of workers does what the port says: threads, and the double in this one. */
import { beforeAll, describe, expect, it } from 'vitest'
import { openWorkers } from '../../src/ports/node-workers.ts'
import { SimWorkers } from '../simulation/sim-workers.ts'
import { World } from '../simulation/world.ts'
import { bundled } from '../support/bundled.ts'
import { ASKED, work } from './worker-tasks.ts'
import { workersConformance } from './workers-conformance.ts'

let script: URL
beforeAll(async () => {
  script = await bundled(new URL('worker-script.ts', import.meta.url))
})

workersConformance('threads', () => openWorkers(script, 2))
workersConformance('simulated', () => new SimWorkers(new World(), work))

describe('threads', () => {
  it.each(['die', 'throwOutside'] as const)(
    'fail the task of one that ended (%s), and go on with others',
    async (how) => {
      const workers = openWorkers(script, 2)
      for (let round = 0; round < 3; round++) {
        const asked = [ASKED[how], ASKED.answer, ASKED[how], ASKED.answer, ASKED.waitBriefly, ASKED.answer]
        const ended = await Promise.allSettled(asked.map((each) => workers.run(Uint8Array.of(each, 1))))
        const statuses = ['rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']
        expect(ended.map(({ status }) => status)).toEqual(statuses)
        expect((ended[0] as PromiseRejectedResult).reason).toMatchObject({ message: /before it answered/ })
      }
      await workers.close()
    },
  )

  it('hold up no task behind a long one', async () => {
    const workers = openWorkers(script, 2)
    // Both are there by then: how long a thread takes to begin plays no part.
    await Promise.all([1, 2].map(() => workers.run(Uint8Array.of(ASKED.waitBriefly))))
    const ends: string[] = []
    const long = workers.run(Uint8Array.of(ASKED.waitLong)).then(() => ends.push('long'))
    const short = [1, 2, 3, 4].map(() => workers.run(Uint8Array.of(ASKED.waitBriefly)).then(() => ends.push('short')))
    await Promise.all([long, ...short])
    expect(ends).toEqual(['short', 'short', 'short', 'short', 'long'])
    await workers.close()
  })

  it('fail each task where the script cannot be run, and do not try for ever', async () => {
    const workers = openWorkers(new URL('missing.mjs', script), 2)
    const ended = await Promise.allSettled([1, 2, 3, 4, 5].map(() => workers.run(Uint8Array.of(0))))
    expect(ended.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'))
    await workers.close()
  })
})

describe('simulated workers', () => {
  it('end tasks in any order, the same from the same seed', async () => {
    const order = async (seed: number): Promise<number[]> => {
      const workers = new SimWorkers(new World({ seed }), work)
      const ends: number[] = []
      await Promise.all([1, 2, 3, 4, 5].map((i) => workers.run(Uint8Array.of(0)).then(() => ends.push(i))))
      return ends
    }
    expect(await order(1)).toEqual(await order(1))
    expect(
      new Set(await Promise.all([1, 2, 3, 4, 5].map(async (seed) => (await order(seed)).join()))).size,
    ).toBeGreaterThan(1)
  })

  it('fail as they are told', async () => {
    const workers = new SimWorkers(new World(), work)
    workers.failNext(new Error('it died'))
    await expect(workers.run(Uint8Array.of(0))).rejects.toThrow('it died')
    await workers.run(Uint8Array.of(0))
  })
})
