/** docs/keys.md: its program signs what the library asks for, and it names every code. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { codesUnder } from '../../scripts/lib/codes.mjs'
import { importSignature } from '../../src/keys/cold-signature.ts'
import { type ColdRequest, typedDataOf } from '../../src/keys/typed-data.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { chainKeys } from '../support/chain-keys.ts'

const text = readFileSync('docs/keys.md', 'utf8')
mkdirSync('.cache', { recursive: true })
// Inside the package, where viem is found.
const folder = mkdtempSync(join('.cache', 'keys-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('shows a program whose signature is imported as it comes', () => {
  const [, code = ''] = /^```js\n(.*?)^```/ms.exec(text) ?? []
  const { identity, coldKey, hotKey } = chainKeys()
  const window = { index: 1n, validFrom: 1n, validUntil: 2n }
  const requests: readonly ColdRequest[] = [
    { k: 'delegation', delegate: hotKey.slice(12), ...window },
    { k: 'revocation', index: 0n, fromHeight: 1n, parentHash: hotKey },
  ]
  const program = join(folder, 'sign.mjs')
  writeFileSync(program, code)
  for (const request of requests) {
    const file = join(folder, 'typed-data.json')
    writeFileSync(file, JSON.stringify(typedDataOf(identity, request), undefined, 2))
    const input = `${toHex(coldKey)}\n`
    const { stdout, stderr } = spawnSync(process.execPath, [program, file], { input, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(importSignature(identity, request, stdout, nobleEngine)).toMatchObject(request)
  }
})

it('says what every code of the keys means', () => {
  const files = readdirSync('src/keys').filter((name) => !['guard.ts', 'dev-keys.ts'].includes(name))
  const codes = [...codesUnder(...files.map((name) => join('src/keys', name))).keys()]
  expect(codes.length).toBeGreaterThan(20)
  // An option is named by its error.
  expect(codes.filter((code) => code !== 'invalid_option' && !text.includes(`\`${code}\``))).toEqual([])
})
