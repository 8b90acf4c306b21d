/** docs/evm.md does what it says: its commands exit as promised against a real EVM, its program runs, its line of Solidity compiles. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, expect, it } from 'vitest'
import { compile } from '../../scripts/lib/solc.mjs'
import { encryptKeystore } from '../../src/keys/keystore.ts'
import { fromHex, nobleEngine } from '../../src/verify/index.ts'
import { CAIRN, chainFolder } from '../cli/chain-folder.ts'
import { run } from '../support/cli.ts'
import { Anvil, RICH_KEY } from '../support/evm/anvil.ts'

const text = readFileSync('docs/evm.md', 'utf8')
const { at, cairn, path } = chainFolder()
const anvil = await Anvil.start()
afterAll(() => anvil.stop())

function snippets(language: string): readonly string[] {
  return Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')), ([, code = '']) => code)
}

it('shows commands that anchor a chain, check the receipt, and bring a light client a head', async () => {
  const rng = { bytes: (size: number) => new Uint8Array(size).fill(7) }
  const options = { rng, engine: nobleEngine, scrypt: { n: 1024, r: 8, p: 1 } }
  const key = fromHex(RICH_KEY) as Uint8Array
  writeFileSync(at('payer.json'), await encryptKeystore(key, Buffer.from('x'), options), { mode: 0o600 })
  writeFileSync(at('passphrase'), 'x\n', { mode: 0o600 })
  await cairn('init', 'demo')
  await cairn('append', 'demo', 'put', 'greeting', 'hello')
  const ID = (await cairn('id', 'demo')).stdout.trim()
  // Their addresses are known before they are there: by the account and its nonce.
  const [anchors, client] = ['0x5fbdb2315678afecb367f032d93f642f64180aa3', '0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9']
  const env = { RPC: anvil.url, ID, ANCHORS: anchors, CLIENT: client, RECEIPT: `${ID}-0.anchor.json` }
  const script = (code: string): string => `cairn() { "${CAIRN.join('" "')}" "$@" --confirmations 1; }
verify() { "${CAIRN.join('" "')}" "$@"; }
${code.replaceAll(/^cairn (verify|prove|evm verify)/gm, 'verify $1')}`
  const mining = setInterval(() => void anvil.chain.mine({ blocks: 3 }), 500)
  try {
    const [anchoring = '', following = ''] = snippets('sh')
    const anchored = await run(['sh', '-e', '-c', script(anchoring)], { cwd: path, env })
    expect({ code: anchored.code, stderr: anchored.code === 0 ? '' : anchored.stderr }).toEqual({ code: 0, stderr: '' })
    expect(anchored.stderr).toContain('Nothing was sent.')
    expect(anchored.stdout).toContain('Anchored in block')
    expect(anchored.stdout).toContain('✓ transaction')
    expect(anchored.stdout).toContain('✓ anchor.head')
    // The nonce that the address of the client was taken from: two transactions were sent, and one more is.
    await anvil.chain.setNonce({ address: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', nonce: 3 })
    const followed = await run(['sh', '-e', '-c', script(following)], { cwd: path, env })
    expect({ code: followed.code, stderr: followed.code === 0 ? '' : followed.stderr }).toEqual({ code: 0, stderr: '' })
    expect(followed.stdout).toContain('Block 0 is the head of the light client')
    expect(followed.stdout).toContain('✓ claims[0]')
  } finally {
    clearInterval(mining)
  }
}, 120_000)

it('has a program that encodes a call', () => {
  mkdirSync('.cache', { recursive: true })
  // Inside the package, where `cairn-log` is the package itself as it was built.
  const folder = mkdtempSync(join('.cache', 'evm-docs-'))
  try {
    const file = join(folder, 'call.mjs')
    writeFileSync(file, transformSync(snippets('ts')[0] ?? '', { loader: 'ts', format: 'esm' }).code)
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe('verifyCommand true\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('has a line of Solidity that a contract may hold', () => {
  const folder = mkdtempSync(join('.cache', 'evm-solidity-'))
  try {
    const file = join(folder, 'Asking.sol')
    writeFileSync(
      file,
      `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {CairnLightClient} from "./CairnLightClient.sol";
contract Asking {
  function ask(CairnLightClient client, CairnLightClient.Ground calldata ground, CairnLightClient.Descent[] calldata under,
    bytes calldata key, bytes calldata value, bytes32[] calldata siblings) external view returns (uint256) {
    ${snippets('solidity')[0]}
    return acceptedAt;
  }
}`,
    )
    expect(compile([file]).get('Asking')?.size).toBeGreaterThan(100)
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 120_000)

it('names every contract that is there', () => {
  const contracts = readdirSync('contracts-abi').filter((name) => name.endsWith('.sol'))
  for (const name of contracts) expect(text).toContain(`| \`${name.replace('.sol', '')}\` |`)
  expect(contracts).toHaveLength(6)
})
