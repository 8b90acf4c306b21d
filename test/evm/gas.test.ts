/** The gas table that is committed is what the contracts cost, and within what was promised. */
import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { Anvil } from '../support/evm/anvil.ts'
import { type Gas, measureGas } from '../support/evm/gas.ts'

const anvil = await Anvil.start()
afterAll(() => anvil.stop())

it('the committed table is what a real EVM says (npm run bench:evm -- --write)', async () => {
  const committed = JSON.parse(readFileSync('docs/figures/gas.json', 'utf8')) as readonly Gas[]
  const measured = await measureGas(anvil)
  expect(measured.map(({ name }) => name)).toEqual(committed.map(({ name }) => name))
  const table = readFileSync('docs/figures/gas.md', 'utf8')
  for (const [i, { name, gas, atMost = Number.POSITIVE_INFINITY }] of measured.entries()) {
    const kept = committed[i] as Gas
    // Addresses and hashes with a zero byte more or less make calldata that costs a few units more or less.
    expect(Math.abs(gas - kept.gas) / kept.gas, name).toBeLessThan(0.005)
    expect(gas, name).toBeLessThanOrEqual(atMost)
    expect(table).toContain(`| ${name} | ${kept.gas.toLocaleString('en')} | ${kept.checks ?? ''}`)
  }
})
