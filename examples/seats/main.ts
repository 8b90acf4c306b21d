/**
 * A machine of one's own on a chain: two desks sell the same seats at the same time, and a guest proves at the door, offline, whose seat it is.
 *
 *     npm run example seats
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chain, developmentKeys } from 'cairn-log'
import { verifyProof } from 'cairn-log/verify'
import { seats } from './machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'seats-'))
const keys = join(folder, 'data.keys')
const { genesis, signer } = await developmentKeys(keys, { name: 'seats', machine: seats.name })
// While a machine is being written: everything is executed twice and compared.
const options = { machine: seats, signer, guard: join(keys, 'guard'), twice: true }
const chain = await Chain.create(join(folder, 'data'), genesis, options)

const requests = new Map<string, bigint>()
async function ask(client: string, type: string, members: object): Promise<string> {
  const request = (requests.get(client) ?? 0n) + 1n
  requests.set(client, request)
  const payload = Buffer.from(JSON.stringify({ show: 'macbeth', ...members }))
  const { seq, status, reply } = await chain.submit({ client, request, type, payload })
  const text = new TextDecoder().decode(reply)
  console.log(`${String(seq).padStart(3)}  ${client.padEnd(8)} ${type} ${JSON.stringify(members)}: ${text}`)
  return status === 0 ? 'accepted' : 'rejected'
}

await ask('manager', 'open', { seats: 100 })
const answers = await Promise.all([
  ask('desk-1', 'reserve', { seat: 7 }),
  ask('desk-2', 'reserve', { seat: 7 }),
  ask('desk-1', 'reserve', { seat: 8 }),
  ask('desk-2', 'reserve', { seat: 101 }),
])
console.log(`Of four, ${answers.filter((answer) => answer === 'accepted').length} were accepted.`)

const utf8 = (text: string) => new TextEncoder().encode(text)
const proof = await chain.prove({ state: [utf8('seat/macbeth/7')], absent: [utf8('seat/macbeth/9')] })
const { ok } = verifyProof(proof, { chainId: chain.id })
console.log(
  `Seat 7 is taken and seat 9 is free, says a proof of ${proof.length} bytes that ${ok ? 'holds' : 'does not hold'}.`,
)

await chain.close()
rmSync(folder, { recursive: true })
