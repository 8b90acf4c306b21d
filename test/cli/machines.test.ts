/** The machine of a chain, wherever one is needed: by its name, or a module; and what is said where it is not the chain's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it, test } from 'vitest'
import { machineOfNew, machinesOf } from '../../src/cli/machines.ts'
import { SETTINGS } from '../../src/cli/settings/settings.ts'
import { requireBuild } from '../support/built.ts'
import { type Ended, run } from '../support/cli.ts'
import { CAIRN, Running } from './chain-folder.ts'

requireBuild()
mkdirSync('.cache', { recursive: true })
// Inside the package, where `cairn-log/machine` is the package itself as it was built.
const folder = resolve(mkdtempSync(join('.cache', 'cli-machines-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cairn = (...args: string[]): Promise<Ended> => run([...CAIRN, ...args], { cwd: folder })
const counter = (version: number): string => `defineMachine({ id: 'counter', version: ${version}, commands: { add: {
  validate: (payload) => BigInt(new TextDecoder().decode(payload)),
  execute({ payload }, tx) {
    const key = new TextEncoder().encode('sum')
    const sum = BigInt(new TextDecoder().decode(tx.get('state', key)) || '0') + payload * ${version}n
    tx.put('state', key, new TextEncoder().encode(String(sum)))
  },
} } })`
const write = (name: string, code: string): string => {
  writeFileSync(join(folder, name), `import { defineMachine } from 'cairn-log/machine'\n${code}\n`)
  return `./${name}`
}
const one = write('one.mjs', `export default ${counter(1)}`)
const both = write('both.mjs', `export default [${counter(1)}, ${counter(2)}]`)
const named = write(
  'named.mjs',
  `export const first = ${counter(1)}\nexport const again = first\nexport const other = 7`,
)
const none = write('none.mjs', 'export default { id: "counter", version: 1, commands: {} }')
const broken = write('broken.mjs', 'throw new Error("it is \\u001b[31mbroken")')

describe('a module', () => {
  it('is what every command on the chain runs', async () => {
    expect((await cairn('init', 'c', '--machine', one, '--json')).stdout).toContain('"machine":"counter@1"')
    expect((await cairn('append', 'c', '--machine', one, '--type', 'add', '40')).stdout).toContain('seq 0  accepted')
    expect((await cairn('append', 'c', '--machine', named, '--type', 'add', '2')).stdout).toContain('seq 1  accepted')
    expect((await cairn('get', 'c', 'sum', '--machine', one)).stdout).toBe('42')
    const chainId = (await cairn('id', 'c')).stdout.trim()
    const proof = await cairn('prove', 'c', '--state', 'sum', '--machine', one, '-o', 'proof.json')
    expect(proof.code).toBe(0)
    expect((await cairn('verify', 'proof.json', '--chain-id', chainId)).code).toBe(0)
    const replay = ['verify', 'c', '--chain-id', chainId, '--level', 'replay']
    expect((await cairn(...replay, '--machine', one)).stdout).toContain('✓ outcomes')
    // Another machine of that name executes otherwise: the audit sees it.
    const liar = write('liar.mjs', `export default ${counter(1).replace('* 1n', '+ 1n')}`)
    expect((await cairn(...replay, '--machine', liar)).code).toBe(3)
    expect(await cairn(...replay)).toMatchObject({ code: 1, stderr: expect.stringContaining('--machine') as string })
    expect((await cairn('guard', 'accept', 'c', '--height', '1', '--hash', chainId, '--machine', one)).code).toBe(0)
  })

  it('is served', async () => {
    const server = new Running(folder, 'serve', 'c', '--machine', one, '--port', '0', '--log', 'error')
    try {
      while (!server.stdout.includes('http://')) {
        if (server.child.exitCode !== null) throw new Error(server.stderr)
        await sleep(20)
      }
      const [url = ''] = /http:\S+/.exec(server.stdout) ?? []
      const answer = await fetch(`${url}/v1/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"type":"add","payload":{"hex":"0x31"}}',
      })
      expect(await answer.json()).toMatchObject({ seq: '2', status: 0 })
    } finally {
      server.child.kill('SIGTERM')
    }
    expect(await server.ended()).toBe(0)
  })

  it('with several versions makes a new chain with the newest, and opens an old one', async () => {
    expect((await cairn('init', 'v', '--machine', both, '--json')).stdout).toContain('"machine":"counter@2"')
    expect((await cairn('get', 'c', 'sum', '--machine', both)).stdout).toBe('43')
    expect((await cairn('get', 'c', 'sum', '--machine', one, '--machine', both)).code).toBe(1)
  })
})

describe('a machine that was made by another copy of the package, or by hand,', () => {
  const foreign = write(
    'foreign.mjs',
    `const own = ${counter(1)}
class CairnError extends Error { constructor(code, message, details) { super(message); this.code = code; this.details = details } }
const rethrown = (make) => { try { return make() } catch ({ code, message, details }) { throw new CairnError(code, message, details) } }
export default { ...own, validate: (type, payload) => rethrown(() => own.validate(type, payload)) }`,
  )
  const byHand = write(
    'by-hand.mjs',
    `export default { name: 'hand@1', isExternal: false, execute() {}, validate() { throw 'never\\u001b[31m' } }`,
  )

  it('refuses as any other does', async () => {
    expect((await cairn('init', 'f', '--machine', foreign)).code).toBe(0)
    const append = (...args: string[]) => cairn('append', 'f', '--machine', foreign, '--json', ...args)
    expect((await append('--type', 'add', '40')).code).toBe(0)
    expect(JSON.parse((await append('--type', 'sub', '40')).stderr)).toMatchObject({
      error: { code: 'unknown_type', message: 'The machine counter@1 has no command of this type; it has add.' },
    })
    expect(JSON.parse((await append('--type', 'add', 'x')).stderr)).toMatchObject({
      error: { code: 'invalid_payload', message: 'The payload of add is refused: Cannot convert x to a BigInt' },
    })
    expect((await cairn('get', 'f', 'sum', '--machine', one)).stdout).toBe('40')
    expect((await cairn('init', 'h', '--machine', byHand)).code).toBe(0)
    expect(await cairn('append', 'h', '--machine', byHand, '{}')).toMatchObject({
      code: 1,
      stderr: 'The payload of put is refused: never\\u{1b}[31m\n',
    })
  })
})

describe('by name', () => {
  it('are those that are proposed', async () => {
    const names = SETTINGS.machine.proposed ?? []
    for (const name of names) expect((await machineOfNew({ machine: [name] })).name).toBe(`${name}@1`)
    expect(names).toHaveLength((await machinesOf({})).length)
  })

  it('a chain of another machine than kv is made, and opened without a word', async () => {
    expect((await cairn('init', 'l', '--machine', 'ledger')).stdout).toContain('with the machine ledger@1')
    // What a new chain is told to begin with is something that its machine takes.
    const made = await cairn('init', 'begun', '--machine', 'ledger')
    const [, first = ''] = /^ {2}cairn (append .*)$/m.exec(made.stdout) ?? []
    const words = (/^(.*) '(.*)'$/.exec(first) ?? []).slice(1)
    const begun = await cairn(...(words[0] ?? '').split(' '), words[1] ?? '')
    expect(begun).toMatchObject({ code: 0, stdout: 'height 0  seq 0  accepted  {"balance":"0","limit":"0"}\n' })
    const engine = await cairn('init', 'engine', '--machine', 'external')
    expect(engine.stdout).toContain('\nNow append to it.\n')
    const open = '{"id":"o-1","account":"alice","currency":"EUR","limit":"0"}'
    expect((await cairn('append', 'l', '--type', 'open', open)).stdout).toContain('accepted')
    expect((await cairn('get', 'l', 'account/EUR/alice')).stdout).toContain('"balance":"0"')
    expect((await cairn('init', 'e', '--machine', 'external')).stdout).toContain('with the machine external@1')
    expect((await cairn('append', 'e', '{}', '--type', 'any')).stderr).toContain('bring the outcome')
  })

  it('an init that was cut short goes on with the machine that its keys are for', async () => {
    mkdirSync(join(folder, 'l2.keys'), { mode: 0o700 })
    await cairn('init', 'l3', '--machine', 'ledger')
    rmSync(join(folder, 'l3'), { recursive: true })
    expect(await cairn('init', 'l3')).toMatchObject({ code: 1 })
    expect(await cairn('init', 'l3', '--machine', 'ledger')).toMatchObject({ code: 0 })
  })
})

test.each<[what: string, args: string[], code: string, said: string]>([
  ['a module that is not there', ['init', 'x', '--machine', './none-here.js'], 'machine_unloadable', 'none-here.js'],
  ['a name that is none', ['init', 'x', '--machine', 'redis'], 'machine_unloadable', 'kv, ledger, external'],
  ['one on the network', ['init', 'x', '--machine', 'https://example.org/m.js'], 'machine_unloadable', 'example.org'],
  ['one in the text itself', ['init', 'x', '--machine', 'data:text/javascript;export'], 'machine_unloadable', 'data'],
  ['a module of Node', ['init', 'x', '--machine', 'node:fs'], 'machine_unloadable', 'node:fs'],
  ['a module that throws', ['init', 'x', '--machine', broken], 'machine_unloadable', 'broken'],
  ['a module without a machine', ['init', 'x', '--machine', none], 'machine_missing', 'defineMachine'],
  ['two machines for a new chain', ['init', 'x', '--machine', 'kv,ledger'], 'machine_ambiguous', 'kv@1, ledger@1'],
  ['another machine than the chain’s', ['get', 'c', 'sum', '--machine', 'kv'], 'machine_differs', 'counter@1'],
  ['no machine where none comes with us', ['get', 'c', 'sum'], 'machine_differs', '--machine ./my-machine.js'],
  ['another version', ['append', 'v', '1', '--type', 'add', '--machine', one], 'machine_differs', 'counter@2'],
  ['no machine to serve', ['serve', 'c', '--port', '0'], 'machine_differs', 'counter@1'],
])('%s is told with its code', async (_, args, code, said) => {
  const ended = await cairn(...args, '--json')
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain(said)
  expect(ended.stderr).not.toContain('\u001b')
  expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code } })
})
