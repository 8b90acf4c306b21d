/**
 * A chain whose hot key is never in its own process: it is started with the command of the signer.
 *
 *     producer DATA GUARD SIGNER [ARGUMENT…]
 *
 * Each line of standard input is a value that is kept under the key `line`; each line of output says where it is in the chain. SIGHUP takes up what the
 * signer was given since.
 */
import { createInterface } from 'node:readline'
import { Chain, kv, processSigner } from 'cairn-log'
import { loadEngine } from 'cairn-log/hash'

const [data = '', guard = '', program = '', ...rest] = process.argv.slice(2)
const engine = await loadEngine()
const signer = await processSigner([program, ...rest], { engine })
const chain = await Chain.open(data, { machine: kv, signer, guard, engine })

process.on('SIGHUP', () => {
  signer
    .refresh()
    .then(() => chain.importAuthority())
    .then(() => console.error('The signer’s delegations are taken up.'))
    .catch((error: unknown) => console.error(String(error)))
})

try {
  for await (const value of createInterface({ input: process.stdin })) {
    const payload = new TextEncoder().encode(JSON.stringify({ key: 'line', value }))
    const receipt = await chain.submit({ type: 'put', payload })
    console.log(`block ${receipt.block.height} seq ${receipt.seq}`)
  }
} finally {
  await chain.close()
  await signer.close()
}
