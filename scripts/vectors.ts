/**
 * `npm run vectors -- --out DIR [--seed N] [--chains K]`: worked examples in any number, in the form of test/vectors, a folder a
 * chain. The same seed writes the same files.
 */
import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeVectors, type Vectors } from '../test/support/vectors/index.ts'

const USAGE = 'Usage: npm run vectors -- --out DIR [--seed N] [--chains K]'

const { out, seed, chains } = read()
if (out === undefined || !Number.isSafeInteger(seed) || !Number.isSafeInteger(chains) || chains < 1) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  writeAll(out)
}

/** What was asked for; nothing where it cannot be understood. */
function read(): { out?: string | undefined; seed: number; chains: number } {
  try {
    const options = { seed: { type: 'string' }, out: { type: 'string' }, chains: { type: 'string' } } as const
    const { values } = parseArgs({ options })
    return { out: values.out, seed: Number(values.seed ?? randomInt(2 ** 31)), chains: Number(values.chains ?? 1) }
  } catch {
    return { seed: Number.NaN, chains: Number.NaN }
  }
}

function writeAll(out: string): void {
  const total = { good: 0, bad: 0 }
  for (let i = 0; i < chains; i++) {
    const vectors = makeVectors(seed + i)
    const folder = join(out, String(i))
    mkdirSync(folder, { recursive: true })
    for (const [name, content] of Object.entries(vectors)) {
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(content)}\n`)
    }
    const { good, bad, text } = countsOf(vectors)
    total.good += good
    total.bad += bad
    console.log(`${folder}: ${text}`)
  }
  console.log(`seed ${seed}: ${total.good} good and ${total.bad} bad examples`)
}

/** Roots and paths are all good; proofs and evidence are of both kinds. */
function countsOf({ chain, proofs, evidence, ranges, state }: Vectors): { good: number; bad: number; text: string } {
  const judged = [...proofs.cases, ...evidence.cases]
  const bad = judged.filter(({ ok }) => !ok).length
  const paths = ranges.inclusion.length + ranges.consistency.length
  const ofState = state.sets.reduce((count, { proofs }) => count + proofs.length, 0)
  const parts = [
    `${chain.blocks.length} blocks`,
    `${proofs.cases.length} proofs`,
    `${evidence.cases.length} pieces of evidence`,
    `${ranges.roots.length} range roots and ${paths} paths`,
    `${ofState} state proofs`,
  ]
  const good = chain.blocks.length + judged.length - bad + ranges.roots.length + paths + ofState
  return { good, bad, text: parts.join(', ') }
}
