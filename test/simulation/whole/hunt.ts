/**
 * A program that hunts for one fault, for `npm run sim:mutants`: runs from a seed on, so many. It prints a line for each that it begins, by which is seen
 * that it goes on, and in the last which check found the fault, and after how many of them.
 */
import { runAll } from './suite.ts'

const [seed = 1, runs = 1] = process.argv.slice(2).map(Number)
const STEPS = 60
let begun = 1

export interface Said {
  readonly runs: number
  readonly check?: string
  readonly what?: string
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`)
}

function end(said: Said): never {
  say(said)
  process.exit(0)
}

// What nobody awaits may be what breaks.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error: unknown) => end({ runs: begun, check: 'unexpected', what: String(error) }))
}

const seeds = Array.from({ length: runs }, (_, i) => seed + i)
say({ runs: begun })
function onRun(): void {
  begun++
  if (begun <= runs) say({ runs: begun })
}

const { reached, failed } = await runAll({ seeds, steps: STEPS, onRun })
const failure = failed?.outcome.failure
end({ runs: reached.runs, ...(failure && { check: failure.check, what: failure.what }) })
