/**
 * `npm run test:kills [-- --at-once N] [--only NAME] [--json] [--out FILE [--add]]`: the short run (test/crash/short-run.ts), stopped at each of its calls of the
 * system, one call a life: killed at every fsync, fdatasync, write and rename, and answered with EIO and ENOSPC there. After each the chain starts, has
 * every receipt that was told, nothing twice, and verifies at the level `replay`; one that does not is printed, and fails the whole. It needs strace.
 * `--only` takes the name of one fault: SIGKILL, EIO or ENOSPC. All of it takes an hour or two: the file tells of each name of a call as soon as that is done,
 * and with `--add` what it tells of at this commit is not done again.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
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
import { refuse, wholeNumberOf } from './lib/arguments.mjs'
import { commitOf } from './lib/commit.mjs'
import { bundledScript } from './lib/script.mjs'

const { values } = parseArgs({
  options: {
    'at-once': { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    add: { type: 'boolean', default: false },
  },
})

/** All the calls of one name in one setting. */
interface Job {
  readonly setting: Setting
  readonly fault: Fault
  readonly call: Call
}

interface Row extends Job {
  readonly endings: Readonly<Record<Ending, number>>
}

/** What one commit came to, as far as it was tried. */
interface Result {
  readonly commit: string
  readonly kills: number
  readonly EIO: number
  readonly ENOSPC: number
  readonly broken: readonly string[]
  readonly seconds: number
  /** Names of calls that were not tried yet. */
  readonly left: number
  readonly rows: readonly Row[]
}

const atOnce = wholeNumberOf('at-once', values['at-once'])
if (spawnSync('strace', ['-V']).status !== 0) refuse('it needs strace, which is not there')
await main()

async function main(): Promise<void> {
  const [begin, commit] = [performance.now(), commitOf()]
  const before = values.add ? toldBefore(values.out, commit) : undefined
  const { file, folder: bundled } = await bundledScript('test/crash/short-run.ts', 'kills')
  const all = new EachCall(file)
  process.on('exit', () => {
    all.close()
    rmSync(bundled, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const broken = [...(before?.broken ?? [])]
  const rows = [...(before?.rows ?? [])]
  await all.prepare()
  const jobs = allJobs()
  const waiting = jobs.filter((job) => !rows.some((row) => isSame(row, job)))
  const result = (): Result => ({
    commit,
    kills: countOf(rows, 'SIGKILL', ['killed']),
    EIO: countOf(rows, 'EIO', ['error', 'went on']),
    ENOSPC: countOf(rows, 'ENOSPC', ['error', 'went on']),
    broken,
    seconds: (before?.seconds ?? 0) + Math.round((performance.now() - begin) / 1000),
    left: jobs.filter((job) => !rows.some((row) => isSame(row, job))).length,
    rows,
  })
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      rows.push(await every(all, job, broken))
      keep(result())
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  keep(result())
  if (values.json) console.log(JSON.stringify(result(), null, 2))
  else for (const [name, value] of Object.entries(result())) if (name !== 'rows') console.log(name.padEnd(10), value)
  if (broken.length > 0) process.exitCode = 1
}

/** What the file tells of this commit. */
function toldBefore(file: string | undefined, commit: string): Result | undefined {
  if (file === undefined) return refuse('--add adds to what --out FILE told before: name the file')
  if (!existsSync(file)) return undefined
  const before = JSON.parse(readFileSync(file, 'utf8')) as Result
  if (before.commit === commit) return before
  return refuse(`${file} tells of ${before.commit}, and this is ${commit}: choose another file`)
}

function keep(result: Result): void {
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
}

function countOf(rows: readonly Row[], of: Fault, ended: readonly Ending[]): number {
  const those = rows.filter(({ fault }) => fault === of)
  return those.reduce((sum, { endings }) => sum + ended.reduce((all, ending) => all + endings[ending], 0), 0)
}

function allJobs(): Job[] {
  const faults = (Object.keys(FAULTS) as Fault[]).filter((fault) => values.only === undefined || fault === values.only)
  return faults.flatMap((fault) =>
    SETTINGS.flatMap((setting) => FAULTS[fault].map((call) => ({ setting, fault, call }))),
  )
}

function isSame(a: Job, b: Job): boolean {
  return a.setting === b.setting && a.fault === b.fault && a.call === b.call
}

/** From the first call on, up to the one that no run comes to. */
async function every(all: EachCall, job: Job, broken: string[]): Promise<Row> {
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
