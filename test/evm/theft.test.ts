/** The command line after a hot key was stolen: what its thief brought to a light client is left behind. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Hex, TypedDataDefinition } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chainFolder } from '../cli/chain-folder.ts'
import { Anvil, RICH_KEY } from '../support/evm/anvil.ts'
import { PAYER_OPTIONS, writePayer } from './payer.ts'

const { at, cairn, copyChain } = chainFolder()
const anvil = await Anvil.start()
afterAll(() => anvil.stop())
beforeAll(() => writePayer(at))

const paid = ['--rpc', anvil.url, ...PAYER_OPTIONS, '--confirmations', '1', '--yes']
const hot = ['--passphrase-file', 'hot']
const wallet = privateKeyToAccount(RICH_KEY)

async function ok(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cairn(...args)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

/** The cold key signs all that it is asked for. */
async function signed(name: string): Promise<void> {
  const asked = readdirSync(at(`${name}.keys`)).filter((file) => file.startsWith('pending-'))
  const signatures = asked.map((file) =>
    wallet.signTypedData(JSON.parse(readFileSync(at(`${name}.keys`, file), 'utf8')) as TypedDataDefinition),
  )
  await ok('keys', 'import', name, ...(await Promise.all(signatures)), ...hot)
}

it('goes on from the newest head that the chain has, though the thief’s is in doubt as well', async () => {
  writeFileSync(at('hot'), 'the hot key\n', { mode: 0o600 })
  await ok('init', 'ledger', '--cold-key', wallet.address, ...hot)
  await signed('ledger')
  const put = (name: string, key: string) => ok('append', name, 'put', key, name, ...hot)
  await put('ledger', 'a')
  const deploy = ['evm', 'deploy', 'client', '--genesis', 'ledger/genesis.json', ...paid, '--json']
  const { contract } = JSON.parse(await ok(...deploy)) as { contract: Hex }
  const bring = (name: string) => ['evm', 'submit', '--chain', name, '--client', contract, ...paid]
  await ok(...bring('ledger'))
  copyChain('ledger', 'thief')
  await put('thief', 'b')
  expect(await ok(...bring('thief'))).toContain('Block 1 is the head')

  await put('ledger', 'b')
  await put('ledger', 'c')
  const refused = await cairn(...bring('ledger'))
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('Somebody sealed another branch')
  // The revocation names the block 2: the thief's block 1 may be of its history, for all that it says.
  await ok('keys', 'rotate', 'ledger', ...hot)
  await signed('ledger')
  await put('ledger', 'd')
  await ok('evm', 'revoke', '--revocations', 'ledger.keys/revocations.json', '--client', contract, ...paid)
  expect((await cairn(...bring('thief'))).code).toBe(1)
  expect(await ok(...bring('ledger'))).toContain('Block 3 is the head')
}, 240_000)
