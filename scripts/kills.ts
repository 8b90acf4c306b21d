/**
 * `npm run test:kills [-- --at-once N] [--only NAME] [--json] [--out FILE]`: the short run (test/crash/short-run.ts), stopped at each of its calls of the
 * system, one call a life: killed at every fsync, fdatasync, write and rename, and answered with EIO and ENOSPC there. After each the chain starts, has
 * every receipt that was told, nothing twice, and verifies at the level `replay`; one that does not is printed, and fails the whole. It needs strace.
 * `--only` takes the name of one fault: SIGKILL, EIO or ENOSPC.
 */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import {
  type Call,
  EachCall,
  type Ending,
  FAULTS,
  type Fault,
  SETTINGS,
  type Setting,
} from '../test/crash/each-call.ts'
import { bundle } from '../test/support/bundle.ts'
import { commitOf } from './lib/commit.mjs'

const { values } = parseArgs({
  options: {
    'at-once': { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})

/** All the calls of one name in one setting. */
interface Row {
  readonly setting: Setting
  readonly fault: Fault
  readonly call: Call
  readonly endings: Record<Ending, number>
}

if (spawnSync('strace', ['-V']).status === 0) await main()
else {
  console.error('It needs strace, which is not there.')
  process.exitCode = 1
}

async function main(): Promise<void> {
  const [begin, commit] = [performance.now(), commitOf()]
  const { program, folder: bundled } = await bundle(pathToFileURL('test/crash/short-run.ts'))
  const all = new EachCall(program)
  process.on('exit', () => {
    all.close()
    rmSync(bundled, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const broken: string[] = []
  const rows: Row[] = []
  await all.prepare()
  const waiting = jobs()
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) rows.push(await every(all, job, broken))
  }
  await Promise.all(Array.from({ length: Number(values['at-once']) }, work))
  const sum = (which: (row: Row) => number): number => rows.reduce((all, row) => all + which(row), 0)
  const failed = (fault: Fault): number =>
    sum(({ fault: each, endings }) => (each === fault ? endings.error + endings['went on'] : 0))
  const result = {
    commit,
    kills: sum(({ endings }) => endings.killed),
    EIO: failed('EIO'),
    ENOSPC: failed('ENOSPC'),
    broken: broken.length,
    seconds: Math.round((performance.now() - begin) / 1000),
    rows,
  }
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else for (const [name, value] of Object.entries(result)) if (name !== 'rows') console.log(name.padEnd(10), value)
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
  if (broken.length > 0) process.exitCode = 1
}

function jobs(): Omit<Row, 'endings'>[] {
  const faults = (Object.keys(FAULTS) as Fault[]).filter((fault) => values.only === undefined || fault === values.only)
  return faults.flatMap((fault) =>
    SETTINGS.flatMap((setting) => FAULTS[fault].map((call) => ({ setting, fault, call }))),
  )
}

/** From the first call on, up to the one that no run comes to. */
async function every(all: EachCall, job: Omit<Row, 'endings'>, broken: string[]): Promise<Row> {
  const endings: Record<Ending, number> = { killed: 0, error: 0, 'went on': 0, 'not reached': 0 }
  const planned = all.countOf(job.setting, job.call)
  for (let n = 1, ended = false; !ended; n++) {
    try {
      const ending = await all.live({ ...job, n })
      endings[ending]++
      ended = ending === 'not reached' && n > planned
    } catch (error) {
      broken.push(String(error))
      console.error(String(error))
      ended = n > 10 * planned
    }
  }
  const ends = Object.entries(endings).map(([ending, count]) => `${ending} ${count}`)
  if (!values.json) console.log(`${job.setting}, ${job.fault} at ${job.call}: ${ends.join(', ')}`)
  return { ...job, endings }
}
