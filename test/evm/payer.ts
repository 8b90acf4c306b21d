/** The account that pays on a test's EVM chain, as the command line takes it: a keystore and a file with its passphrase. */
import { writeFileSync } from 'node:fs'
import { encryptKeystore } from '../../src/keys/keystore.ts'
import { fromHex, nobleEngine } from '../../src/verify/index.ts'
import { RICH_KEY } from '../support/evm/anvil.ts'

const PASSPHRASE = 'pay for it'

/** What to say on the command line for it, where `writePayer` wrote. */
export const PAYER_OPTIONS = ['--keystore', 'payer.json', '--passphrase-file', 'passphrase']

export async function writePayer(at: (file: string) => string): Promise<void> {
  const key = fromHex(RICH_KEY) as Uint8Array
  const rng = { bytes: (size: number) => new Uint8Array(size).fill(7) }
  const options = { rng, engine: nobleEngine, scrypt: { n: 1024, r: 8, p: 1 } }
  writeFileSync(at('payer.json'), await encryptKeystore(key, Buffer.from(PASSPHRASE), options), { mode: 0o600 })
  writeFileSync(at('passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 })
}
