/** Every decoder under hostile inputs: those that are kept, and 20,000 that nobody has seen. A million: `npm run fuzz`. */
import { describe, expect, it } from 'vitest'
import { seed } from '../support/seed.ts'
import { corpusDecoders, fuzz, tellFault, tryCorpus } from './fuzz.ts'
import { targets } from './targets/index.ts'

const INPUTS = 20_000

describe('what is kept in the corpus', () => {
  it('is of decoders that there are', () => {
    const names = targets.map(({ name }) => name)
    expect(corpusDecoders().filter((name) => !names.includes(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(targets)('$name ends as it has to', async (target) => {
    const { faults } = await tryCorpus(target)
    expect(faults.map((fault) => tellFault(fault, seed))).toEqual([])
  })
})

describe(`inputs that nobody has seen (CAIRN_SEED=${seed})`, () => {
  it.each(targets)('$name', async (target) => {
    const { tally, fault } = await fuzz(target, { inputs: Math.ceil(INPUTS / targets.length), seed })
    expect(fault && tellFault(fault, seed)).toBeUndefined()
    // Else nothing but the first check would be reached.
    expect([tally.decoded > 0, tally.ways > 1]).toEqual([true, true])
  })
})
