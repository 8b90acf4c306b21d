/**
 * A signer in a process of its own: it holds the hot keys, and the chain's process asks it block by block.
 *
 *     signer GENESIS KEYS MARKS PASSPHRASE
 *
 * GENESIS is the chain's genesis.json, KEYS a directory with its keystores and delegations, MARKS a directory on this signer's own disk, never restored
 * from a backup, PASSPHRASE a file that only its owner reads.
 */
import { readFileSync } from 'node:fs'
import { KeysDirectory, passphraseFromFile, serveSigner, UnlockedKeys } from 'cairn-log'
import { loadEngine } from 'cairn-log/hash'
import { decodeGenesis, identify } from 'cairn-log/verify'

const [genesis = '', keysDirectory = '', directory = '', passphrase = ''] = process.argv.slice(2)

// Ctrl-C on a terminal reaches this process too, and the producer still has blocks to seal. It ends when the producer does.
process.on('SIGINT', () => undefined)

const engine = await loadEngine()
const identity = identify(decodeGenesis(readFileSync(genesis)), engine.hasher)
const keys = await UnlockedKeys.open(
  new KeysDirectory(keysDirectory, identity, { engine }),
  await passphraseFromFile(passphrase),
  engine,
)

// What the cold key signed since: new delegations are used from now on, and nothing that was taken back.
const watch = setInterval(() => {
  keys.refresh().catch((error: unknown) => console.error(`signer: ${String(error)}`))
}, 1000)

await serveSigner({
  signer: keys.signer,
  directory,
  input: process.stdin,
  output: process.stdout,
  engine,
  chains: [identity.chainId],
})
clearInterval(watch)
keys.forget()
