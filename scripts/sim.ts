/**
 * `npm run sim -- [--seed N] [--steps M] [--runs K] [--for MINUTES] [--one-outcome] [--processes P] [--tape FILE] [--log] [--json] [--out FILE [--add]]`: runs of
 * the simulator from this seed on, so many or for so long, in so many processes. It prints what was reached. A run that fails is made shorter, and its tape is
 * written to a file that `--tape` plays again; a suite in which something was never reached fails too, where it is long enough to say so. With `--add` the
 * file tells of these runs and of those that it told of before: a soak of many nights.
 *
 * A crash has several outcomes, and a run looks at some of them; with `--one-outcome` at none but that in which it goes on, which is for many seeds.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Tracks } from '../test/simulation/tape.ts'
import { digestOf, runOnce } from '../test/simulation/whole/run.ts'
import type { RunSettings } from '../test/simulation/whole/simulation.ts'
import { type Failed, runAll, shrunk } from '../test/simulation/whole/suite.ts'
import { refuse, wholeNumberOf } from './lib/arguments.mjs'
import { commitOf } from './lib/commit.mjs'

/** Fewer runs say nothing of what is rare. */
const RUNS_THAT_REACH_ALL = 300
const FOLDER = '.cache/simulation'

/** Runs of one commit. */
interface Part {
  readonly commit: string
  readonly seeds: readonly (readonly [first: number, last: number])[]
  readonly runs: number
}

/** What a suite of runs came to, here or in another process. */
interface Suite {
  readonly parts: readonly Part[]
  readonly runs: number
  readonly failed: number
  readonly crashes: number
  readonly processorSeconds: number
  readonly reached: Readonly<Record<string, number>>
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    steps: { type: 'string', default: '60' },
    runs: { type: 'string' },
    for: { type: 'string' },
    'one-outcome': { type: 'boolean', default: false },
    processes: { type: 'string', default: '1' },
    /** Of the processes of a suite: prints what it came to, for the one that started it. */
    part: { type: 'boolean', default: false },
    tape: { type: 'string' },
    log: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    add: { type: 'boolean', default: false },
  },
})
const settings: RunSettings = { steps: wholeNumberOf('steps', values.steps), hasOneOutcome: values['one-outcome'] }
const minutes = values.for === undefined ? undefined : wholeNumberOf('for', values.for)
const seed = wholeNumberOf('seed', values.seed)
const processes = wholeNumberOf('processes', values.processes)
const RUNS_IN_A_TIME = 1_000_000
const runs =
  values.runs === undefined
    ? minutes === undefined
      ? 100
      : RUNS_IN_A_TIME * processes
    : wholeNumberOf('runs', values.runs)

if (values.tape !== undefined) await replay(values.tape)
else if (values.part) console.log(JSON.stringify(await runHere()))
else await tellOf()

async function tellOf(): Promise<void> {
  const before = values.add ? toldBefore(values.out) : undefined
  const begin = performance.now()
  const suite = processes > 1 ? await runInProcesses() : await runHere()
  const now = { ...suite, seconds: (performance.now() - begin) / 1000 }
  const result = resultOf(
    before === undefined ? now : { ...sumOf([before, now]), seconds: before.seconds + now.seconds },
  )
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else print(result)
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
  if (result.never.length > 0) console.error(`Never reached: ${result.never.join(', ')}`)
  if (result.never.length > 0 || suite.failed > 0) process.exitCode = 1
}

interface TimedSuite extends Suite {
  readonly seconds: number
}

function resultOf({ seconds, processorSeconds, reached, ...suite }: TimedSuite) {
  const { acknowledged = 0 } = reached
  const isWanted = (name: string): boolean => !(settings.hasOneOutcome && name === 'otherOutcomes')
  const zero = Object.entries(reached).flatMap(([name, count]) => (count === 0 && isWanted(name) ? [name] : []))
  return {
    ...suite,
    ...settings,
    acknowledged,
    acknowledgedPerRun: rounded(acknowledged / suite.runs),
    crashesPerRun: rounded(suite.crashes / suite.runs),
    seconds: rounded(seconds),
    processorSeconds: rounded(processorSeconds),
    crashesPerSecond: rounded(suite.crashes / seconds),
    crashesPerProcessorSecond: rounded(suite.crashes / processorSeconds),
    reached,
    never: suite.runs < RUNS_THAT_REACH_ALL ? [] : zero,
  }
}

/** What the file told before; nothing where there is none yet. Runs of other settings are other runs. */
function toldBefore(file: string | undefined): TimedSuite | undefined {
  if (file === undefined) return refuse('--add adds to what --out FILE told before: name the file')
  if (!existsSync(file)) return undefined
  const before = JSON.parse(readFileSync(file, 'utf8')) as TimedSuite & RunSettings
  if (before.steps !== settings.steps || before.hasOneOutcome !== settings.hasOneOutcome)
    return refuse(`${file} tells of runs with other settings: choose another file`)
  const isRun = before.parts.some(
    ({ commit, seeds }) => commit === commitOf() && seeds.some(([first, last]) => first < seed + runs && seed <= last),
  )
  if (isRun) return refuse('of these seeds some were run at this commit: begin behind them')
  return before
}

function sumOf(suites: readonly Suite[]): Suite {
  const sum = (of: (suite: Suite) => number): number => suites.reduce((total, suite) => total + of(suite), 0)
  const names = new Set(suites.flatMap(({ reached }) => Object.keys(reached)))
  return {
    parts: joined(suites.flatMap(({ parts }) => parts)),
    runs: sum((suite) => suite.runs),
    failed: sum((suite) => suite.failed),
    crashes: sum((suite) => suite.crashes),
    processorSeconds: sum((suite) => suite.processorSeconds),
    reached: Object.fromEntries(Array.from(names, (name) => [name, sum((suite) => suite.reached[name] ?? 0)])),
  }
}

/** One part a commit, of its seeds in their order. */
function joined(parts: readonly Part[]): readonly Part[] {
  const commits = new Set(parts.map(({ commit }) => commit))
  return Array.from(commits, (commit) => {
    const own = parts.filter((part) => part.commit === commit)
    const seeds: [number, number][] = []
    for (const [first, last] of own.flatMap((part) => part.seeds).sort(([a], [b]) => a - b)) {
      const before = seeds.at(-1)
      if (before?.[1] === first - 1) before[1] = last
      else seeds.push([first, last])
    }
    return { commit, seeds, runs: own.reduce((total, part) => total + part.runs, 0) }
  })
}

async function runHere(): Promise<Suite> {
  // As it is now: by the end somebody may have gone on.
  const commit = commitOf()
  const until = minutes === undefined ? undefined : performance.now() + minutes * 60_000
  const { reached, failed } = await runAll({
    seeds: from(seed, runs),
    ...settings,
    ...(until !== undefined && { until }),
    onRun: (at) => {
      if (process.stderr.isTTY) process.stderr.write(`\rseed ${at} `)
    },
  })
  const { user, system } = process.cpuUsage()
  if (failed !== undefined) await tell(failed)
  return {
    parts: [{ commit, seeds: [[seed, seed + reached.runs - 1]], runs: reached.runs }],
    runs: reached.runs,
    failed: failed === undefined ? 0 : 1,
    crashes: reached.crashes,
    processorSeconds: (user + system) / 1e6,
    reached: reached.all,
  }
}

/** Each takes the seeds that follow those of the one before it. */
async function runInProcesses(): Promise<Suite> {
  const share = Math.ceil(runs / processes)
  return sumOf(await Promise.all(Array.from({ length: processes }, (_, i) => inProcess(seed + i * share, share))))
}

async function inProcess(first: number, count: number): Promise<Suite> {
  const args = ['--part', '--seed', String(first), '--runs', String(count), '--steps', values.steps]
  if (minutes !== undefined) args.push('--for', String(minutes))
  if (settings.hasOneOutcome === true) args.push('--one-outcome')
  const script = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) output += String(text)
  return JSON.parse(output) as Suite
}

async function tell({ seed, outcome }: Failed): Promise<void> {
  const { failure, tracks } = outcome
  if (failure === undefined) return
  console.error(`Seed ${seed} fails “${failure.check}”: ${failure.what}\n${failure.stack}`)
  const shorter = await shrunk(tracks, failure.check, settings)
  mkdirSync(FOLDER, { recursive: true })
  const file = `${FOLDER}/${seed}.json`
  writeFileSync(file, JSON.stringify({ seed, ...settings, check: failure.check, tracks: shorter.tracks }))
  const outcomes = settings.hasOneOutcome === true ? ' --one-outcome' : ''
  console.error(
    `Made shorter with ${shorter.tries} runs: npm run sim -- --steps ${settings.steps}${outcomes} --log --tape ${file}`,
  )
}

async function replay(file: string): Promise<void> {
  const { tracks } = JSON.parse(readFileSync(file, 'utf8')) as { readonly tracks: Tracks }
  const { failure, log } = await runOnce(tracks, settings, true)
  if (values.log) console.log(log.join('\n'))
  console.log(`log ${digestOf(log)}, ${log.length} lines`)
  if (failure === undefined) console.log('It does not fail.')
  else console.log(`It fails “${failure.check}”: ${failure.what}`)
  if (failure !== undefined) process.exitCode = 1
}

function print({ parts, reached, ...figures }: ReturnType<typeof resultOf>): void {
  for (const { commit, seeds, runs: count } of parts) {
    const text = seeds.map(([first, last]) => `${first} to ${last}`).join(', ')
    console.log(`seeds ${text} at ${commit}: ${count} runs`)
  }
  for (const [name, value] of [...Object.entries(figures), ...Object.entries(reached)]) {
    console.log(`${name.padEnd(28)} ${String(value)}`)
  }
}

function* from(seed: number, runs: number): Generator<number> {
  for (let i = 0; i < runs; i++) yield seed + i
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
