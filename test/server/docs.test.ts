/** docs/server.md: its program does what it says, against a server. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, expect, it } from 'vitest'
import { toHex } from '../../src/verify/bytes.ts'
import { chainFolder } from '../cli/chain-folder.ts'
import { serving } from '../cli/serving.ts'
import { requireBuild } from '../support/built.ts'
import { run } from '../support/cli.ts'
import { served } from './served.ts'

requireBuild()
const text = readFileSync('docs/server.md', 'utf8')
mkdirSync('.cache', { recursive: true })
// Inside the package, where `cairn-log` is the package itself as it was built.
const folder = mkdtempSync(join('.cache', 'server-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('shows commands that work on a server, of which every one is checked', async () => {
  const commands = chainFolder()
  const name = await commands.newChain()
  const { url } = await serving(commands.path, name)
  const [, code = ''] = /^## From a shell$.*?^```sh\n(.*?)^```/ms.exec(text) ?? []
  const script = `cairn() { "${process.execPath}" "${join(process.cwd(), 'dist/cli/main.js')}" "$@"; }\n${code}`
  const ended = await run(['sh', '-e', '-c', script.replaceAll('http://127.0.0.1:4270', url)], { cwd: commands.path })
  expect(ended.code).toBe(0)
  expect(ended.stdout).toMatch(
    /^height 0 .*\nhelloblock 0 .*\nBlock 0 in \d+ bytes.*Holds at the level roots: 1 blocks, 1 commands/s,
  )
  expect(ended.stderr).toContain('Trusted on first use')
}, 60_000)

it('shows a program that appends, reads and follows', async () => {
  const { url, chain } = await served()
  const [, code = ''] = /^```ts\n(.*?)^```/ms.exec(text) ?? []
  const source = code
    .replace('http://127.0.0.1:4270', url)
    .replace('0x5e1f…', toHex(chain.id))
    // The text goes on for ever: here it ends with the next block.
    .replace(
      'for await',
      "setTimeout(() => client.submit({ type: 'delete', payload: { key: 'greeting' } }), 200)\nfor await",
    )
    .replace('console.log(header.height)', '{ console.log(header.height); process.exit(0) }')
  const program = transformSync(source, { loader: 'ts', format: 'esm' }).code
  const file = join(folder, 'program.mjs')
  writeFileSync(file, program)
  const ended = await run([process.execPath, file])
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(ended.stdout).toMatch(/^0n Uint8Array\(5\).*\n1n\n$/s)
})
