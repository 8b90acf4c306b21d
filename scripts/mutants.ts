/**
 * `npm run mutants`: takes each rule of test/mutants/list.ts out of the verifier, one at a time, and runs the tests of the verifier
 * against what is left. It lists the rules, and fails when one is missed by nobody. Numbers as arguments choose some of them.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { mutants } from '../test/mutants/list.ts'

// The worked examples first: they are quick, and find most.
const STAGES: readonly (readonly string[])[] = [
  ['test/verify/vectors.test.ts'],
  ['test/verify/generated-vectors.test.ts', 'test/verify/values.test.ts', 'test/verify/evidence.test.ts'],
  ['test/verify/oracles', 'test/verify/properties'],
]

const chosen = process.argv.slice(2).map(Number)
const numbers = chosen.length > 0 ? chosen : mutants.map((_, i) => i)
// With every rule in its place all must pass: else a failure would say nothing.
for (const files of STAGES) if (!(await passes(-1, files))) throw new Error(`${files.join(' ')} fails as it is`)

const waiting = [...numbers]
const unnoticed: number[] = []

await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const by = await noticedBy(number)
      if (by === undefined) unnoticed.push(number)
      console.log(
        `${by === undefined ? '✗' : '✓'} ${String(number).padStart(3)} ${mutants[number]?.rule}  ${by ?? 'NOBODY NOTICED'}`,
      )
    }
  }),
)
console.log(`${numbers.length - unnoticed.length} of ${numbers.length} noticed`)
if (unnoticed.length > 0) process.exitCode = 1

/** The tests that failed without the rule, or nothing where all still pass. */
async function noticedBy(number: number): Promise<string | undefined> {
  for (const files of STAGES) if (!(await passes(number, files))) return files.join(' ')
  return undefined
}

function passes(number: number, files: readonly string[]): Promise<boolean> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--reporter=dot', ...files]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CAIRN_MUTANT: String(number) },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      // A mutant that does not apply or compile is noticed by nothing: that is a fault of the list.
      if (/SyntaxError|Transform failed|holds the text of/.test(output))
        reject(new Error(`mutant ${number}:\n${output}`))
      else resolve(code === 0)
    })
  })
}
