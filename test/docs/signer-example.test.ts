/** examples/signer: a chain whose hot key is in another process, run as its text says, with rotations, kills and a restored backup. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { transformSync } from 'esbuild'
import type { TypedDataDefinition } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, expect, it } from 'vitest'
import { chainFolder } from '../cli/chain-folder.ts'

const folder = chainFolder()
const { at, cairn } = folder
// Inside the package, where `cairn-log` is the package itself as it was built.
mkdirSync('.cache', { recursive: true })
const programs = mkdtempSync(join('.cache', 'signer-example-'))
afterAll(() => rmSync(programs, { recursive: true, force: true }))
for (const name of ['signer', 'producer']) {
  const code = readFileSync(`examples/signer/${name}.ts`, 'utf8')
  writeFileSync(join(programs, `${name}.mjs`), transformSync(code, { loader: 'ts', format: 'esm' }).code)
}

const wallet = privateKeyToAccount(generatePrivateKey())
const OPEN = ['--passphrase-file', 'passphrase']
const sign = (request: string): Promise<string> =>
  wallet.signTypedData(
    JSON.parse(readFileSync(at('data.keys', `pending-${request}.typed-data.json`), 'utf8')) as TypedDataDefinition,
  )

class Producer {
  readonly child: ChildProcessWithoutNullStreams
  stdout = ''
  stderr = ''

  constructor() {
    const signer = [
      process.execPath,
      resolve(programs, 'signer.mjs'),
      'data/genesis.json',
      'data.keys',
      'marks',
      'passphrase',
    ]
    const args = [resolve(programs, 'producer.mjs'), 'data', 'data.keys/guard', ...signer]
    this.child = spawn(process.execPath, args, { cwd: folder.path, env: { PATH: process.env.PATH ?? '' } })
    this.child.stdin.on('error', () => undefined)
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
  }

  async keep(value: string): Promise<void> {
    const before = this.stdout.length
    this.child.stdin.write(`${value}\n`)
    while (this.stdout.length === before) {
      if (this.child.exitCode !== null) throw new Error(this.stderr)
      await sleep(5)
    }
  }

  async end(): Promise<number | null> {
    this.child.stdin.end()
    if (!this.child.stdout.closed) await once(this.child, 'close')
    return this.child.exitCode
  }
}

it('seals, rotates without a restart, and signs no second block at a height, whatever is restored', async () => {
  writeFileSync(at('passphrase'), 'only the signer knows this\n', { mode: 0o600 })
  await cairn('init', 'data', '--cold-key', wallet.address, ...OPEN)
  await cairn('keys', 'import', 'data', await sign('delegation-0'))
  const first = new Producer()
  await first.keep('one')
  await first.keep('two')
  await cairn('keys', 'delegation', 'data', ...OPEN)
  const importing = cairn('keys', 'import', 'data', await sign('delegation-1'))
  // The signer looks every second, and nobody says when it has looked: the producer is told until it is in force.
  const telling = setInterval(() => first.child.kill('SIGHUP'), 1000)
  expect((await importing.finally(() => clearInterval(telling))).stdout).toContain('Delegation 1 is in force')
  await first.keep('three')
  expect(await first.end()).toBe(0)
  expect(first.stdout).toBe('block 0 seq 0\nblock 1 seq 1\nblock 2 seq 2\n')

  // All but the marks is copied, and put back after one more block: the guard does not know better.
  for (const name of ['data', 'data.keys']) cpSync(at(name), at('backup', name), { recursive: true })
  const second = new Producer()
  await second.keep('four')
  expect(await second.end()).toBe(0)
  for (const name of ['data', 'data.keys']) {
    rmSync(at(name), { recursive: true })
    cpSync(at('backup', name), at(name), { recursive: true })
  }
  // From Node 24 on a folder is copied without its mode.
  chmodSync(at('data.keys'), 0o700)
  const third = new Producer()
  await expect(third.keep('another')).rejects.toThrow(/signer/i)
  expect(await third.end()).not.toBe(0)
  expect(third.stderr).toMatch(/signed (height|block) 3|height 3/)
  expect(third.stdout).toBe('')
})
