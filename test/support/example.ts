/** The shipped example: three days of a small exchange, and the proof that one transfer was executed with this result. */
import { encodeHead, encodeProof, encodeRevocations, toHex } from '../../src/verify/index.ts'
import { ChainMaker, type Order } from './maker.ts'
import { Random } from './seed.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))

const pretty = (text: string): string => `${JSON.stringify(JSON.parse(text), null, 2)}\n`

function transfer(client: string, from: string, to: string, amount: string, balances: Record<string, string>): Order {
  return {
    client,
    type: 'transfer',
    payload: json({ from, to, amount, currency: 'EUR' }),
    reply: json({ ok: true }),
    obligations: [{ topic: 'transferred', data: json({ from, to, amount, currency: 'EUR' }) }],
    writes: Object.entries(balances).map(([account, balance]) => [
      'state',
      utf8(`balance/${account}/EUR`),
      utf8(balance),
    ]),
  }
}

function withdrawal(client: string, from: string, amount: string, balance: string): Order {
  return {
    client,
    type: 'withdraw',
    payload: json({ from, amount, currency: 'EUR' }),
    reply: json({ ok: true }),
    intents: [{ kind: 'withdraw', data: json({ from, amount, currency: 'EUR' }) }],
    writes: [['state', utf8(`balance/${from}/EUR`), utf8(balance)]],
  }
}

/** The files by name, and always the same. */
export function exampleFiles(): Readonly<Record<string, string>> {
  const random = new Random(7)
  const maker = new ChainMaker(random, undefined, { name: 'example exchange', machine: 'ledger@1' })
  const salted = (order: Order): Order => ({ ...order, salt: random.bytes(32) })
  maker.block([salted(transfer('treasury', 'mint', 'alice', '1000.00', { alice: '1000.00' }))])
  maker.block([salted(transfer('desk-7', 'alice', 'bob', '250.00', { alice: '750.00', bob: '250.00' }))])
  const accepted = maker.head
  maker.block([salted(withdrawal('desk-2', 'bob', '50.00', '200.00'))])
  maker.block([
    salted(transfer('desk-7', 'alice', 'carol', '125.50', { alice: '624.50', carol: '125.50' })),
    salted(transfer('desk-2', 'bob', 'alice', '20.00', { bob: '180.00', alice: '644.50' })),
  ])
  const { height, epoch, timestamp } = accepted.header
  const proof = maker.proof([
    maker.commandClaim(3n),
    maker.obligationClaim(2n),
    maker.stateClaim('state', utf8('balance/carol/EUR')),
    maker.stateClaim('state', utf8('balance/mallory/EUR')),
    maker.blockClaim(height),
  ])
  return {
    'proof.json': pretty(encodeProof(proof)),
    'revocations.json': `${encodeRevocations([])}\n`,
    'head.json': pretty(encodeHead({ height, blockHash: accepted.hash, epoch, timestamp })),
    'chain-id.txt': `${toHex(maker.chainId)}\n`,
  }
}
