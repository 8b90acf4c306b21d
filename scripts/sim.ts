/**
 * `npm run sim -- [--seed N] [--steps M] [--runs K] [--for MINUTES] [--tape FILE] [--log] [--json] [--out FILE]`: runs of the simulator from this seed on, so
 * many or for so long. It prints what was reached. A run that fails is made shorter, and its tape is written to a file that `--tape` plays again; a suite
 * in which something was never reached fails too, where it is long enough to say so.
 */
import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Tracks } from '../test/simulation/tape.ts'
import { digestOf, runOnce } from '../test/simulation/whole/run.ts'
import { type Failed, runAll, shrunk } from '../test/simulation/whole/suite.ts'
import { commitOf } from './lib/commit.mjs'

/** Fewer runs say nothing of what is rare. */
const RUNS_THAT_REACH_ALL = 300
const FOLDER = '.cache/simulation'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    steps: { type: 'string', default: '60' },
    runs: { type: 'string' },
    for: { type: 'string' },
    tape: { type: 'string' },
    log: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const steps = numberOf('steps', values.steps)
if (values.tape === undefined) await runSuite()
else await replay(values.tape)

async function runSuite(): Promise<void> {
  const seed = numberOf('seed', values.seed)
  const minutes = values.for === undefined ? undefined : numberOf('for', values.for)
  const runs =
    values.runs === undefined ? (minutes === undefined ? 100 : Number.MAX_SAFE_INTEGER) : numberOf('runs', values.runs)
  const begin = performance.now()
  const until = minutes === undefined ? undefined : begin + minutes * 60_000
  const { reached, failed } = await runAll({
    seeds: from(seed, runs),
    steps,
    ...(until !== undefined && { until }),
    onRun: (at) => {
      if (process.stderr.isTTY) process.stderr.write(`\rseed ${at} `)
    },
  })
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage()
  const never = reached.runs < RUNS_THAT_REACH_ALL ? [] : reached.never
  const result = {
    commit: commitOf(),
    seeds: [seed, seed + reached.runs - 1],
    steps,
    runs: reached.runs,
    failed: failed === undefined ? 0 : 1,
    acknowledged: reached.of('acknowledged'),
    crashes: reached.crashes,
    acknowledgedPerRun: rounded(reached.of('acknowledged') / reached.runs),
    crashesPerRun: rounded(reached.crashes / reached.runs),
    seconds: rounded(seconds),
    crashesPerSecond: rounded(reached.crashes / seconds),
    crashesPerProcessorSecond: rounded((reached.crashes * 1e6) / (user + system)),
    reached: reached.all,
    never,
  }
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else print(result)
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
  if (never.length > 0) console.error(`Never reached: ${never.join(', ')}`)
  if (failed !== undefined) await tell(failed)
  if (never.length > 0 || failed !== undefined) process.exitCode = 1
}

async function tell({ seed, outcome }: Failed): Promise<void> {
  const { failure, tracks } = outcome
  if (failure === undefined) return
  console.error(`Seed ${seed} fails “${failure.check}”: ${failure.what}\n${failure.stack}`)
  const shorter = await shrunk(tracks, failure.check, steps)
  mkdirSync(FOLDER, { recursive: true })
  const file = `${FOLDER}/${seed}.json`
  writeFileSync(file, JSON.stringify({ seed, steps, check: failure.check, tracks: shorter.tracks }))
  console.error(`Made shorter with ${shorter.tries} runs: npm run sim -- --steps ${steps} --log --tape ${file}`)
}

async function replay(file: string): Promise<void> {
  const { tracks } = JSON.parse(readFileSync(file, 'utf8')) as { readonly tracks: Tracks }
  const { failure, log } = await runOnce(tracks, steps, true)
  if (values.log) console.log(log.join('\n'))
  console.log(`log ${digestOf(log)}, ${log.length} lines`)
  if (failure === undefined) console.log('It does not fail.')
  else console.log(`It fails “${failure.check}”: ${failure.what}`)
  if (failure !== undefined) process.exitCode = 1
}

function print({ reached, ...figures }: { readonly reached: Readonly<Record<string, number>> }): void {
  for (const [name, value] of [...Object.entries(figures), ...Object.entries(reached)]) {
    console.log(`${name.padEnd(28)} ${String(value)}`)
  }
}

function* from(seed: number, runs: number): Generator<number> {
  for (let i = 0; i < runs; i++) yield seed + i
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number >= 0) return number
  console.error(`--${name} takes a number, not ${text}`)
  process.exit(2)
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
