/**
 * Withdrawals as intents: the ledger decides that money is to leave, once; a bank outside pays what is proved to it, once; and everything in between may
 * fail at any moment.
 *
 *     npm run example withdrawals
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chain, developmentKeys, ledger } from 'cairn-log'
import { Bank } from './bank.ts'
import { payOut } from './payouts.ts'

const folder = mkdtempSync(join(tmpdir(), 'withdrawals-'))
const keys = join(folder, 'data.keys')
const { genesis, signer } = await developmentKeys(keys, { name: 'payments', machine: ledger.name })
const chain = await Chain.create(join(folder, 'data'), genesis, { machine: ledger, signer, guard: join(keys, 'guard') })

let request = 0n
async function order(type: string, members: object): Promise<string> {
  request++
  const payload = Buffer.from(JSON.stringify({ id: `op-${request}`, currency: 'EUR', ...members }))
  const { status, reply } = await chain.submit({ client: 'desk', request, type, payload })
  return `${status === 0 ? 'accepted' : 'rejected'} ${new TextDecoder().decode(reply)}`
}

await order('open', { account: 'ada', limit: '0' })
await order('deposit', { account: 'ada', amount: '1000' })
for (let i = 1; i <= 9; i++) {
  await order('withdraw', { account: 'ada', amount: '100', destination: `account ${i}` })
}
console.log('One that is over the limit leaves no intent:')
console.log(' ', await order('withdraw', { account: 'ada', amount: '101', destination: 'account 10' }))

const bank = new Bank(chain.id)
const proof = await chain.prove({ intent: 0n })
try {
  bank.pay(proof.replace('withdraw', 'withdraW'))
} catch (error) {
  console.log(`A bank that is shown something else pays nothing:\n  ${String(error)}`)
}

console.log('The line to the bank goes dead after every fourth payment, and the payouts begin again each time:')
for (let run = 1; ; run++) {
  try {
    await payOut(chain, bank, join(folder, 'position'))
    break
  } catch (error) {
    console.log(`  run ${run}: ${String(error)}; ${bank.payments.size} are paid`)
  }
}
await payOut(chain, bank, join(folder, 'position')) // and once more: nothing is left
const total = [...bank.payments.values()].reduce((sum, { amount }) => sum + BigInt(amount), 0n)
console.log(`${bank.payments.size} withdrawals were ordered, ${bank.payments.size} paid, each once: ${total} EUR.`)

await chain.close()
rmSync(folder, { recursive: true })
