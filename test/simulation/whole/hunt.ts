/** A program that hunts for one fault, for `npm run sim:mutants`: runs from a seed on, so many; it prints which check found it, and after how many of them. */
import { runAll } from './suite.ts'

const [seed = 1, runs = 1] = process.argv.slice(2).map(Number)
const STEPS = 60
const RUN_TIME_MAX = 180_000
let begun = 1

function end(found: { readonly runs: number; readonly check?: string; readonly what?: string }): never {
  process.stdout.write(`${JSON.stringify(found)}\n`)
  process.exit(0)
}

// What nobody awaits may be what breaks.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error: unknown) => end({ runs: begun, check: 'unexpected', what: String(error) }))
}

// A run that does not end is found by that, where anything still turns.
let since = performance.now()
setInterval(() => {
  if (performance.now() - since > RUN_TIME_MAX) end({ runs: begun, check: 'no-end', what: 'a run does not end' })
}, 1000).unref()

const seeds = Array.from({ length: runs }, (_, i) => seed + i)
function onRun(): void {
  begun++
  since = performance.now()
}

const { reached, failed } = await runAll({ seeds, steps: STEPS, onRun })
const failure = failed?.outcome.failure
end({ runs: reached.runs, ...(failure && { check: failure.check, what: failure.what }) })
