/**
 * An exchange keeps its matching engine as it is, and ships the engine's journal into a chain: then a trader proves a trade and a position to anyone.
 *
 *     npm run example exchange
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chain, developmentKeys, external, verifyChain } from 'cairn-log'
import { verifyProof } from 'cairn-log/verify'
import { MatchingEngine } from './engine.ts'
import { Shipping } from './shipping.ts'

const folder = mkdtempSync(join(tmpdir(), 'exchange-'))
const [data, keys] = [join(folder, 'data'), join(folder, 'data.keys')]
const { genesis, signer } = await developmentKeys(keys, { name: 'exchange', machine: external.name })
const options = { machine: external, signer, guard: join(keys, 'guard') }

const engine = new MatchingEngine()
const traders = ['ada', 'bob', 'cyd', 'dan']
for (let i = 0; i < 2000; i++) {
  if (i % 50 === 0) engine.heartbeat(1_700_000_000_000 + i)
  const [side, trader] = [i % 2 === 0 ? 'buy' : 'sell', traders[(i * 7) % 4] as string] as const
  engine.place(
    { id: `o${i}`, trader, side, price: 100 + ((i * 13) % 9), quantity: (i * 5) % 11 },
    1_700_000_000_000 + i,
  )
}
console.log(`The engine wrote ${engine.journal.length} lines.`)

let chain = await Chain.create(data, genesis, options)
await new Shipping(chain).ship(engine.journal.slice(0, 1300))
console.log(
  `1300 of them were shipped, into ${Number(chain.head?.height) + 1} blocks. Then whoever shipped them forgot how far it came:`,
)
await chain.close()
chain = await Chain.open(data, options)
const before = chain.head?.header.firstSeq as bigint
await new Shipping(chain).ship(engine.journal) // from the first line
const commands = (chain.head?.header.firstSeq as bigint) + (chain.head?.header.commandCount as bigint)
console.log(
  `all of them were shipped again, and ${commands} orders are in the chain, each once (${before} were before).`,
)

let heartbeats = 0
for await (const { record } of chain.blocks()) heartbeats += record.notes.length
console.log(`${heartbeats} heartbeats rode along.`)

const utf8 = (text: string) => new TextEncoder().encode(text)
const proof = await chain.prove({ obligation: 0n, state: [utf8('position/ada')] })
console.log(
  `A trade and a position of ada: a proof of ${proof.length} bytes, which ${verifyProof(proof, { chainId: chain.id }).ok ? 'holds' : 'does not hold'}.`,
)
const chainId = chain.id
await chain.close()

const { ok, commands: checked } = await verifyChain(data, { chainId, level: 'roots' })
console.log(`An auditor recomputes every root of ${checked} commands: ${ok ? 'the chain is whole' : 'it is not'}.`)
rmSync(folder, { recursive: true })
