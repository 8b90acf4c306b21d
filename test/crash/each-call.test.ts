/** A sample of `npm run test:kills`: the short run, killed or answered with an error at calls that are drawn by the seed. What is broken is an error. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundled } from '../support/bundled.ts'
import { Random, seed } from '../support/seed.ts'
import { CALLS, callsBelow, EachCall, FAULTS, type Fault, SETTINGS } from './each-call.ts'

const KILLS = 20
const ERRORS = 12
const program = fileURLToPath(await bundled(new URL('short-run.ts', import.meta.url)))
const hasStrace = spawnSync('strace', ['-V']).status === 0

describe.skipIf(!hasStrace)(`the short run (CAIRN_SEED=${seed})`, () => {
  const all = new EachCall(program)
  const random = new Random()
  beforeAll(() => all.prepare(), 120_000)
  afterAll(() => {
    all.close()
  })

  /** How one life ended that was met by such a fault, at any call of any name. */
  function livedThrough(fault: Fault): ReturnType<EachCall['live']> {
    const [setting, call] = [random.pick(SETTINGS), random.pick(FAULTS[fault])]
    return all.live({ setting, call, fault, n: 1 + random.below(all.countOf(setting, call)) })
  }

  it('makes every call that is counted', () => {
    for (const setting of SETTINGS)
      for (const call of CALLS) expect(all.countOf(setting, call), `${setting}, ${call}`).toBeGreaterThan(10)
  })

  it(`keeps what it acknowledged, killed at ${KILLS} of its calls`, async () => {
    const endings = new Set<string>()
    for (let i = 0; i < KILLS; i++) endings.add(await livedThrough('SIGKILL'))
    expect(endings).toContain('killed')
  }, 180_000)

  it(`keeps what it acknowledged, answered with EIO or ENOSPC at ${ERRORS} of its calls`, async () => {
    const endings = new Set<string>()
    for (let i = 0; i < ERRORS; i++) endings.add(await livedThrough(i % 3 === 0 ? 'ENOSPC' : 'EIO'))
    expect(endings).toContain('error')
  }, 180_000)
})

describe('what strace wrote down', () => {
  it('is counted below the folder, where one thread did it, and refused where another did too', () => {
    const log = [
      '7 write(20<pipe:[1]>, ""..., 8) = 8',
      '8 write(18</tmp/x/data/store/LOG>, ""..., 58) = 58',
      '8 rename("/tmp/x/data/a.tmp", "/tmp/x/data/a" <unfinished ...>',
      '8 <... rename resumed>) = 0',
      '8 fsync(19</tmp/x>) = 0',
      '7 write(20</tmp/xy/data/a>, ""..., 8) = 8',
    ].join('\n')
    expect(callsBelow('/tmp/x/', log)).toEqual({
      counts: { fsync: 1, fdatasync: 0, pwrite64: 0, write: 1, rename: 1 },
      paths: new Set(['data/store/LOG', 'data/a.tmp', 'data/a', '']),
    })
    expect(() => callsBelow('/tmp/x/', `${log}\n9 fdatasync(18</tmp/x/data/store/LOG>) = 0`)).toThrow('more than one')
  })
})
