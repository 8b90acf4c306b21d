/**
 * `npm run sim:mutants [-- [--runs K] [--seed N] [--out FILE] [NUMBERS…]]`: puts each fault of test/mutants/simulation-list.ts into src, one at a time, and
 * runs the simulator against it, seed after seed, until it finds it. It lists which check found each after how many runs, and fails where one was
 * not found. Each runs in a process of its own: a fault may be one that does not end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { type Fault, faults } from '../test/mutants/simulation-list.ts'
import type { Said } from '../test/simulation/whole/hunt.ts'
import { wholeNumberOf } from './lib/arguments.mjs'
import { commitOf } from './lib/commit.mjs'

/** How long the hunt for one fault may take, in milliseconds: then it was not found. */
const TIME_MAX = 1_800_000
/** How long one run may take: nothing turns any more where one does not end, and only from outside it is seen. */
const RUN_TIME_MAX = 180_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
})
const [runs, seed] = [wholeNumberOf('runs', values.runs), wholeNumberOf('seed', values.seed)]
const cache = join('node_modules', '.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'sim-mutants-'))

interface Row {
  readonly fault: string
  readonly file: string
  readonly check: string | undefined
  readonly runs: number
  readonly what: string
}

const rows = new Map<number, Row>()
try {
  const waiting = positionals.length > 0 ? positionals.map(Number) : faults.map((_, i) => i)
  await Promise.all(Array.from({ length: availableParallelism() }, () => work(waiting)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const found = [...rows].sort(([a], [b]) => a - b).map(([, row]) => row)
const missed = found.filter(({ check }) => check === undefined)
console.log(`${found.length - missed.length} of ${found.length} found`)
if (values.out !== undefined) {
  const figures = { commit: commitOf(), seed, runs, found: found.length - missed.length, faults: found }
  writeFileSync(values.out, `${JSON.stringify(figures, null, 2)}\n`)
}
if (missed.length > 0) process.exitCode = 1

async function work(waiting: number[]): Promise<void> {
  for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
    const fault = faults[number]
    if (fault === undefined) throw new Error(`there is no fault ${number}`)
    const row = await hunted(fault, number)
    rows.set(number, row)
    const { check, what } = row
    const by = check === undefined ? 'NOT FOUND' : `${check}, after ${row.runs} runs: ${what.slice(0, 100)}`
    console.log(`${check === undefined ? '✗' : '✓'} ${String(number).padStart(2)} ${fault.what}  ${by}`)
  }
}

async function hunted(fault: Fault, number: number): Promise<Row> {
  const program = join(folder, `${number}.mjs`)
  await build({
    entryPoints: ['test/simulation/whole/hunt.ts'],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [
      {
        name: 'fault',
        setup(build) {
          build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (path !== resolve('src', fault.file)) return undefined
            return { contents: spoiled(readFileSync(path, 'utf8'), fault), loader: 'ts' }
          })
        },
      },
    ],
  })
  const child = spawn(process.execPath, [program, String(seed), String(runs)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await heardOf(child)
  // What did not even begin found nothing: that is a fault of the list.
  if (said === undefined) throw new Error(`“${fault.what}” does not run`)
  return { fault: fault.what, file: fault.file, check: said.check, runs: said.runs, what: said.what ?? '' }
}

function spoiled(code: string, { find, put, what, file }: Fault): string {
  const parts = code.split(find)
  if (parts.length !== 2) throw new Error(`${file} holds the text of “${what}” ${parts.length - 1} times`)
  return parts.join(put)
}

/** The last line that it printed: one for each run that it begins, and what it found. A run that does not end is found by that. */
function heardOf(child: ChildProcess): Promise<Said | undefined> {
  let output = ''
  let isStuck = false
  const stuck = (): void => {
    isStuck = child.kill('SIGKILL')
  }
  let watch = setTimeout(stuck, RUN_TIME_MAX)
  const all = setTimeout(() => child.kill('SIGKILL'), TIME_MAX)
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    clearTimeout(watch)
    watch = setTimeout(stuck, RUN_TIME_MAX)
  })
  return new Promise((done) => {
    child.on('close', () => {
      clearTimeout(watch)
      clearTimeout(all)
      const last = output.trimEnd().split('\n').at(-1)
      const said = last ? (JSON.parse(last) as Said) : undefined
      done(said && isStuck ? { ...said, check: 'no-end', what: 'a run does not end' } : said)
    })
  })
}
