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
  const own = measured.flatMap(({ name, gas, atMost, checks }) =>
    checks === undefined ? [`| ${name} | ${gas.toLocaleString('en')} | ${target(atMost)} |`] : [],
  )
  const others = measured.flatMap(({ name, gas, checks }) =>
    checks === undefined ? [] : [`| ${name} | ${gas.toLocaleString('en')} | ${checks} |`],
  )
  return `# Gas

Made by \`npm run bench:evm -- --write\`, and checked by a test: whoever changes what something costs sees it here. Transactions are whole (with the 21,000 that each
costs and its calldata); questions (\`verify…\`, \`timeOf\`, \`is…\`) are what a contract that asks pays, the call with a cold account included.

| | gas | target |
|---|---:|---:|
${own.join('\n')}

## What others cost

Light clients and verifiers of Merkle proofs that npm has, in the same run, on the same EVM, at the same size: exact versions in [test/peers](../../test/peers/package.json). Bytecode
that a package ships is taken as it is (Snowbridge, Rainbow Bridge); the others are libraries and compiled as ours. A light client's update is a whole transaction, and not its
first; all else is a question. \`verifyIntent\`, \`verifyState\` and \`verifyAbsence\` above also hash the block, its roots and the entry, and ask whether its head stands:
beside a bare verifier belong \`isIncluded\`, \`isPresent\` and \`isAbsent\`.

| | gas | what it checks, and what not |
|---|---:|---|
${others.join('\n')}
`
}

function target(atMost: number | undefined): string {
  return atMost === undefined ? '' : `≤ ${atMost.toLocaleString('en')}`
}
