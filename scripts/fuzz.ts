/**
 * `npm run fuzz -- [--inputs N] [--seed S] [--decoder NAME] [--json] [--out FILE]`: so many inputs in all, a million where it is not said, shared by all
 * decoders or given to one. The corpus comes first, whatever the seed. An input that breaks a promise is written to a file, and the exit code is 1.
 */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Fault, fuzz, type Tally, tellFault, tryCorpus } from '../test/fuzz/fuzz.ts'
import { targets } from '../test/fuzz/targets/index.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    decoder: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const inputs = numberOf('inputs', values.inputs)
const seed = numberOf('seed', values.seed)
const chosen = targets.filter(({ name }) => values.decoder === undefined || name === values.decoder)
if (chosen.length === 0) {
  console.error(`--decoder takes one of ${targets.map(({ name }) => name).join(', ')}, not ${values.decoder}`)
  process.exit(2)
}

console.error(`seed ${seed}`)
const commit = commitOf()
const begin = performance.now()
const faults: Fault[] = []
const tallies: [string, Tally][] = []
for (const target of chosen) {
  const corpus = await tryCorpus(target)
  const { tally, fault } = await fuzz(target, { inputs: Math.ceil(inputs / chosen.length), seed })
  tallies.push([target.name, tally])
  faults.push(...corpus.faults, ...(fault === undefined ? [] : [fault]))
  if (!values.json) console.log(`${target.name.padEnd(18)} ${shown(tally)}`)
}
for (const fault of faults) console.error(tellFault(fault, seed))

const { user, system } = process.cpuUsage()
const result = {
  commit,
  command: `npm run fuzz -- --inputs ${inputs} --seed ${seed}${values.decoder === undefined ? '' : ` --decoder ${values.decoder}`} --json`,
  seed,
  inputs: tallies.reduce((sum, [, tally]) => sum + tally.inputs, 0),
  faults: faults.length,
  seconds: Math.round((performance.now() - begin) / 1000),
  processorSeconds: Math.round((user + system) / 1e6),
  slowest: extremeOf('slowest'),
  largest: extremeOf('largest'),
  decoders: Object.fromEntries(tallies.map(([name, tally]) => [name, told(tally)])),
}
if (values.json) console.log(JSON.stringify(result, null, 2))
else console.log(`${result.inputs} inputs, ${faults.length} faults, ${result.processorSeconds} s of processor time`)
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
// A server's timers would keep the process.
process.exit(faults.length > 0 ? 1 : 0)

function extremeOf(what: 'slowest' | 'largest'): object {
  const [first = ['', undefined]] = tallies.toSorted(([, a], [, b]) => b[what].value - a[what].value)
  const [decoder, tally] = first
  return { decoder, ...(tally && told(tally)[what]) }
}

function told({ inputs, decoded, ways, codes, slowest, largest }: Tally) {
  return {
    inputs,
    decoded,
    ways,
    slowest: { milliseconds: Math.round(slowest.value * 10) / 10, bytes: slowest.bytes },
    largest: { mebibytes: Math.round((largest.value / (1 << 20)) * 10) / 10, bytes: largest.bytes },
    codes: Object.fromEntries(Object.entries(codes).sort(([, a], [, b]) => b - a)),
  }
}

function shown(tally: Tally): string {
  const { slowest, largest } = told(tally)
  const columns = [
    `${tally.inputs} inputs`,
    `${tally.decoded} decoded`,
    `${tally.ways} ways`,
    `${slowest.milliseconds} ms`,
    `${largest.mebibytes} MiB`,
  ]
  return columns.map((column) => column.padEnd(15)).join(' ')
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  console.error(`--${name} takes a whole number, not ${text}`)
  process.exit(2)
}

function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
