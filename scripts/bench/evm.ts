/** `npm run bench:evm`: what the contracts cost in gas, beside what verifiers of others cost for the same. `--write` keeps it in docs/figures. */
import { writeFileSync } from 'node:fs'
import { figure } from '../../src/cli/bench/figures.ts'
import { Anvil } from '../../test/support/evm/anvil.ts'
import { type Gas, measureGas } from '../../test/support/evm/gas.ts'
import { report } from './report.ts'

const anvil = await Anvil.start()
try {
  const measured = await measureGas(anvil)
  report(
    measured.map(({ name, gas, atMost }) => figure(name, 'gas', [gas], atMost === undefined ? undefined : { atMost })),
  )
  if (process.argv.includes('--write')) {
    writeFileSync('docs/figures/gas.json', `${JSON.stringify(measured, undefined, 2)}\n`)
    writeFileSync('docs/figures/gas.md', tableOf(measured))
  }
} finally {
  await anvil.stop()
}

function tableOf(measured: readonly Gas[]): string {
  const rows = measured.map(({ name, gas, atMost }) => {
    const target = atMost === undefined ? '' : `≤ ${atMost.toLocaleString('en')}`
    return `| ${name} | ${gas.toLocaleString('en')} | ${target} |`
  })
  return `# Gas

Made by \`npm run bench:evm -- --write\`, and checked by a test: whoever changes what something costs sees it here. Transactions are whole (with the 21,000 that each
costs and its calldata); questions (\`verify…\`, \`timeOf\`, and those of others) are what a contract that asks pays, the call with a cold account included.

| | gas | target |
|---|---:|---:|
${rows.join('\n')}
`
}
