/** docs/cli.md does what it says: its commands run in order, its machine counts, its config file is one. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { requireBuild } from '../support/built.ts'

requireBuild()
const text = readFileSync('docs/cli.md', 'utf8')
const snippets = (language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code as string)

let folder = ''
// Inside the package, where `cairn-log/machine` is the package itself as it was built.
beforeAll(() => {
  mkdirSync('.cache', { recursive: true })
  folder = mkdtempSync(join('.cache', 'cli-docs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cairn = `cairn() { "${process.execPath}" "${resolve('dist/cli/main.js')}" "$@"; }`
const sh = (script: string) =>
  spawnSync('sh', ['-e', '-c', `${cairn}\n${script}`], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
  })

it('shows commands that find their chain', () => {
  const [where = ''] = snippets('sh')
  const { status, stdout } = sh(where)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^hello/m)
  expect(stdout).toContain('{"replaced":true}')
  expect(stdout).toMatch(/^0x[0-9a-f]{64}$/m)
})

it('shows a machine that a chain runs, and that is executed again', () => {
  const [module = ''] = snippets('js')
  writeFileSync(join(folder, 'my-machine.js'), module)
  const [, machine = ''] = snippets('sh')
  const { status, stdout } = sh(machine)
  expect(status).toBe(0)
  expect(stdout).toContain('with the machine counter@1 is made')
  expect(stdout).toMatch(/^42 {2}✓ genesis/m)
  expect(stdout).toContain('✓ outcomes    Executed again, every command has the outcome that was recorded.')
  expect(stdout).toContain('with the machine ledger@1 is made')
})

it('shows a config file that is one', () => {
  writeFileSync(join(folder, 'cairn.config.json'), snippets('json')[0] ?? '')
  const { status, stdout } = sh('cairn config show --json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    settings: { port: { value: 8080, source: 'config file' }, machine: { value: ['./my-machine.js'] } },
  })
  rmSync(join(folder, 'cairn.config.json'))
})

it('says what the codes of the command line mean', () => {
  const documented = [text, readFileSync('docs/chain.md', 'utf8'), readFileSync('docs/keys.md', 'utf8')].join('\n')
  const sources = ['src/cli/machines.ts', 'src/cli/place.ts', 'src/cli/settings/config-file.ts']
  const code = sources.map((path) => readFileSync(path, 'utf8')).join('\n')
  const codes = Array.from(code.matchAll(/CairnError\(\s*'([a-z_]+)'/g), ([, each]) => each as string)
  expect(codes.length).toBeGreaterThan(4)
  for (const each of codes) expect(documented).toContain(`\`${each}\``)
  expect(readdirSync('docs')).toContain('cli.md')
})
