/**
 * `npm run fuzz -- [--inputs N] [--seed S] [--decoder NAME] [--json] [--out FILE]`: so many inputs in all, a million where it is not said, shared by all
 * decoders or given to one. The corpus comes first, whatever the seed. An input that breaks a promise is written to a file, and the exit code is 1.
 */
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Fault, fuzz, type Tally, tellFault, tryCorpus } from '../test/fuzz/fuzz.ts'
import { targets } from '../test/fuzz/targets/index.ts'
import { refuse, wholeNumberOf } from './lib/arguments.mjs'
import { commitOf } from './lib/commit.mjs'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    decoder: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const inputs = wholeNumberOf('inputs', values.inputs)
const seed = wholeNumberOf('seed', values.seed)
const chosen = targets.filter(({ name }) => values.decoder === undefined || name === values.decoder)
if (chosen.length === 0)
  refuse(`--decoder takes one of ${targets.map(({ name }) => name).join(', ')}, not ${values.decoder}`)

console.error(`seed ${seed}`)
const commit = commitOf()
const begin = performance.now()
const faults: Fault[] = []
const tallies: [string, Tally][] = []
for (const target of chosen) {
  const corpus = await tryCorpus(target)
  const { tally, fault } = await fuzz(target, { inputs: Math.ceil(inputs / chosen.length), seed })
  tallies.push([target.name, tally])
  const found = [...corpus.faults, ...(fault === undefined ? [] : [fault])]
  faults.push(...found)
  for (const each of found) console.error(tellFault(each, seed))
  if (!values.json) console.log(`${target.name.padEnd(18)} ${shown(tally)}`)
  // What is known by now: a long run may be ended from outside.
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(resultNow(), null, 2)}\n`)
}
const result = resultNow()
if (values.json) console.log(JSON.stringify(result, null, 2))
else console.log(`${result.inputs} inputs, ${faults.length} faults, ${result.processorSeconds} s of processor time`)
// A server's timers would keep the process.
process.exit(faults.length > 0 ? 1 : 0)

function resultNow() {
  const { user, system } = process.cpuUsage()
  const one = values.decoder === undefined ? '' : ` --decoder ${values.decoder}`
  return {
    commit,
    command: `npm run fuzz -- --inputs ${inputs} --seed ${seed}${one} --json`,
    seed,
    inputs: tallies.reduce((sum, [, tally]) => sum + tally.inputs, 0),
    faults: faults.length,
    seconds: Math.round((performance.now() - begin) / 1000),
    processorSeconds: Math.round((user + system) / 1e6),
    slowest: extremeOf('slowest'),
    largest: extremeOf('largest'),
    decoders: Object.fromEntries(tallies.map(([name, tally]) => [name, told(tally)])),
  }
}

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
