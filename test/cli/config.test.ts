/** `cairn.config.json` and CAIRN_*: where a value comes from, what is refused, and that file, variables, options, help, schema and docs say the same. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Command } from 'commander'
import Fastify from 'fastify'
import { describe, expect, it, test } from 'vitest'
import { makeProgram } from '../../src/cli/program.ts'
import { SettingOption } from '../../src/cli/settings/option.ts'
import { configSchemaText } from '../../src/cli/settings/schema.ts'
import { flagOf, SETTING_NAMES, variableOf } from '../../src/cli/settings/settings.ts'
import { chainFolder, Running } from './chain-folder.ts'

const { at, cairnWith, newChain, path } = chainFolder()

interface Place {
  readonly file?: unknown
  readonly env?: Readonly<Record<string, string>>
}

let count = 0

/** Runs it in a folder of its own, with a config file where one is given. */
async function cairn({ file, env = {} }: Place, ...args: string[]) {
  const cwd = at(`folder-${count++}`)
  mkdirSync(cwd)
  if (file !== undefined)
    writeFileSync(`${cwd}/cairn.config.json`, typeof file === 'string' ? file : JSON.stringify(file))
  return cairnWith({ cwd, env }, ...args)
}

interface Shown {
  readonly file: string | null
  readonly settings: Readonly<Record<string, { readonly value: unknown; readonly source: string }>>
  readonly unknownVariables: readonly string[]
}

async function shown(place: Place, ...args: string[]): Promise<Shown> {
  const { code, stdout, stderr } = await cairn(place, 'config', 'show', '--json', ...args)
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Shown
}

test.each<[what: string, Place, args: string[], value: unknown, source: string]>([
  ['nobody says it', {}, [], 4270, 'default'],
  ['the file', { file: { port: 1 } }, [], 1, 'config file'],
  ['the environment', { file: { port: 1 }, env: { CAIRN_PORT: '2' } }, [], 2, 'environment'],
  ['the command line', { file: { port: 1 }, env: { CAIRN_PORT: '2' } }, ['--port', '3'], 3, 'command line'],
  ['the default, said', { file: { port: 1 } }, ['--port', '4270'], 4270, 'command line'],
  ['a variable that is empty is none', { file: { port: 1 }, env: { CAIRN_PORT: '' } }, [], 1, 'config file'],
  ['a file that is not to be read', { file: { port: 1 } }, ['--no-config'], 4270, 'default'],
])('of a port: %s', async (_, place, args, value, source) => {
  const { settings } = await shown(place, ...args)
  expect(settings.port).toMatchObject({ value, source })
})

test.each<[what: string, Place, args: string[], value: readonly string[]]>([
  ['a text in the file', { file: { machine: './a.js' } }, [], ['./a.js']],
  ['an array in the file', { file: { machine: ['./a.js', 'kv'] } }, [], ['./a.js', 'kv']],
  ['a variable with a comma', { file: { machine: 'kv' }, env: { CAIRN_MACHINE: 'a,b' } }, [], ['a', 'b']],
  ['an option that is repeated', { file: { machine: 'kv' } }, ['--machine', 'a', '--machine', 'b,c'], ['a', 'b', 'c']],
])('of several machines: %s, and nothing of a place that counts less', async (_, place, args, value) => {
  expect((await shown(place, ...args)).settings.machine?.value).toEqual(value)
})

it('says in words what is in force, and of which variable there is no setting', async () => {
  const { stdout } = await cairn(
    { file: { log: 'warn' }, env: { CAIRN_PROT: '1', CAIRN_HOST: '::1' } },
    'config',
    'show',
  )
  expect(stdout).toContain('The config file cairn.config.json is read.')
  expect(stdout).toMatch(/ {2}log +warn {2}\(cairn\.config\.json\)/)
  expect(stdout).toMatch(/ {2}host +::1 {2}\(CAIRN_HOST\)/)
  expect(stdout).toContain('There is no setting for the variable CAIRN_PROT.')
})

it('reads the file that --config or CAIRN_CONFIG names, wherever it stands on the command line', async () => {
  writeFileSync(at('other.json'), '{"port":7}')
  const args = ['--config', at('other.json')]
  expect((await shown({ file: { port: 1 } }, ...args)).settings.port?.value).toBe(7)
  expect((await shown({ env: { CAIRN_CONFIG: at('other.json') } })).file).toBe(at('other.json'))
  const before = await cairn({}, ...args, 'config', 'show', '--json')
  expect((JSON.parse(before.stdout) as Shown).settings.port?.value).toBe(7)
})

describe('wrong is', () => {
  const long = JSON.stringify({ data: 'x'.repeat(64 << 10) })
  test.each<[what: string, file: unknown, said: string]>([
    ['a member that nobody knows', { prot: 1 }, '$.prot: nobody knows this member'],
    ['a wrong type', { port: '80' }, '$.port: It is a whole number from 0 to 65535.'],
    ['a number with a fraction', { port: 1.5 }, '$.port: It is a whole number'],
    ['a value out of range', { port: 65_536 }, '$.port: It is a whole number'],
    ['a bound that would be wider', { maxBody: 1 << 30 }, '$.maxBody: It is a whole number'],
    ['a choice that there is not', { level: 'all' }, '$.level: Allowed choices are seals, roots, replay.'],
    ['an empty name', { data: '' }, '$.data: It is empty.'],
    ['a chain id that is none', { chainId: '0x00' }, '$.chainId: It is 0x and 64'],
    ['a list with something else in it', { machine: ['kv', 1] }, '$.machine: It is a text or an array'],
    ['null', { host: null }, '$.host: It is a text.'],
    ['an object where none is', { data: { __proto__: 1 } }, '$.data: It is a text.'],
    ['__proto__', '{"__proto__":{"port":1}}', '$.__proto__: nobody knows this member'],
    ['constructor', '{"constructor":"x"}', '$.constructor: nobody knows this member'],
    ['a member with a strange name', { 'a\u001bb': 1 }, '$["a'],
    ['a member that stands twice', '{"port":1,"port":2}', 'a member stands twice'],
    ['one that is spelled in another way', '{"port":1,"p\\u006frt":2}', 'a member stands twice'],
    ['what is no object', [], '$: it is no object'],
    ['what is no JSON', '{', 'JSON'],
    ['what is too long', long, 'it has more than the 65536 bytes'],
    ['a passphrase', { passphrase: 'open sesame' }, 'no secret belongs here'],
    ['a token', { token: 'cairn_…' }, 'no secret belongs here'],
    ['a schema that is no text', { $schema: 1 }, '$["$schema"]: It is a text.'],
  ])('%s', async (_, file, said) => {
    const { code, stdout, stderr } = await cairn({ file }, 'id', 'nowhere')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^cairn\.config\.json: /)
    expect(stderr).toContain(said)
    expect(stderr).not.toContain('\u001b')
    expect(stderr).not.toContain('open sesame')
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('a file that is named and not there, or is no file', async () => {
    expect(await cairn({}, 'id', 'nowhere', '--config', 'none.json')).toMatchObject({
      code: 2,
      stderr: 'none.json: it cannot be read, or is not there\n',
    })
    expect(await cairn({}, 'id', 'nowhere', '--config', path)).toMatchObject({ code: 2 })
    expect(await cairn({}, 'id', 'nowhere', '--config', '/dev/zero')).toMatchObject({ code: 2 })
  })

  it('a variable with a value that the option would refuse', async () => {
    const { code, stderr } = await cairn({ env: { CAIRN_PORT: 'x' } }, 'config', 'show')
    expect(code).toBe(2)
    expect(stderr).toContain("value 'x' from env 'CAIRN_PORT' is invalid. It is a whole number from 0 to 65535.")
  })

  it('and told as JSON to whoever asks for JSON', async () => {
    const { stderr } = await cairn({ file: { prot: 1 } }, 'id', 'nowhere', '--json')
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'invalid_config', details: { path: '$.prot' } } })
  })

  it('no reason to refuse help, completion, or commands that take nothing from it', async () => {
    const file = { prot: 1 }
    expect((await cairn({ file }, 'serve', '--help')).code).toBe(0)
    expect((await cairn({ file }, 'help', 'serve')).code).toBe(0)
    expect((await cairn({ file }, 'completion', 'bash')).code).toBe(0)
    expect((await cairn({ file }, 'config', 'schema')).code).toBe(0)
    expect((await cairn({ file }, '--version')).code).toBe(0)
    expect((await cairn({ file }, '--no-config', 'id', 'nowhere')).code).toBe(1)
    // Where -h is a value, nothing is done in spite of it.
    expect((await cairn({ file }, 'init', 'made', '--name', '-h')).code).toBe(2)
  })
})

describe('a chain', () => {
  it('lies where the file says, with its keys and its guard', async () => {
    const cwd = at('set')
    mkdirSync(cwd)
    const file = { $schema: 'x', data: 'd/data', keys: 'k', guard: 'g/guard' }
    writeFileSync(`${cwd}/cairn.config.json`, JSON.stringify(file))
    const run = (...args: string[]) => cairnWith({ cwd }, ...args)
    expect(await run('init')).toMatchObject({ code: 0 })
    for (const name of ['d/data/genesis.json', 'k/dev-keys.json', 'g/guard'])
      expect(existsSync(`${cwd}/${name}`)).toBe(true)
    expect(existsSync(`${cwd}/d/data.keys`)).toBe(false)
    expect((await run('append', 'put', 'a', 'b')).stdout).toContain('seq 0')
    // A word that is JSON is no directory.
    expect((await run('append', '5')).stderr).toContain('The payload of put is refused')
    expect((await cairnWith({ cwd, input: '{"key":"c","value":"d"}\n' }, 'append')).stdout).toContain('seq 1')
    expect((await run('get', 'a')).stdout).toBe('b')
    expect((await run('guard', 'show')).stdout).toMatch(/^height 1 /)
    expect((await run('log', '--json')).stdout.trim().split('\n')).toHaveLength(2)
    expect((await run('token', 'new', '--name', 'x', '--tokens', 't/tokens.json')).code).toBe(0)
    expect(existsSync(`${cwd}/t/tokens.json`)).toBe(true)
    expect((await run('token', 'list', '--tokens', 't/tokens.json')).stdout).toContain('“x”')
    // A second chain with the same keys and guard would be one with another's past.
    expect(await run('init', '--data', 'other')).toMatchObject({ code: 0 })
    expect(existsSync(`${cwd}/other.keys/dev-keys.json`)).toBe(true)
  })

  it('is served with the tokens and the bounds that are set', async () => {
    const name = await newChain()
    const token = await cairnWith({}, 'token', 'new', name, '--name', 'x', '--tokens', 'elsewhere/tokens.json')
    const args = [
      '--tokens',
      'elsewhere/tokens.json',
      '--max-listeners',
      '0',
      '--port',
      '0',
      '--log',
      'error',
      '--json',
    ]
    const server = new Running(path, 'serve', name, ...args)
    try {
      await server.printed(1)
      const { url } = JSON.parse(server.stdout) as { readonly url: string }
      expect((await fetch(`${url}/v1/chain`)).status).toBe(401)
      const headers = { authorization: `Bearer ${token.stdout.trim()}` }
      expect((await fetch(`${url}/v1/chain`, { headers })).status).toBe(200)
      expect((await fetch(`${url}/v1/stream`, { headers })).status).toBe(429)
    } finally {
      server.child.kill('SIGTERM')
    }
    expect(await server.ended()).toBe(0)
  })

  it('that is named comes first, and is never given what is said of another one', async () => {
    const [one, two] = [await newChain(), await newChain()]
    await cairnWith({}, 'append', one, 'put', 'of', 'one')
    await cairnWith({}, 'append', two, 'put', 'of', 'two')
    const env = { CAIRN_DATA: one, CAIRN_KEYS: `${one}.keys`, CAIRN_MACHINE: './not-there.js' }
    expect((await cairnWith({ env }, 'get', two, 'of')).stdout).toBe('two')
    expect((await cairnWith({ env }, 'append', two, 'put', 'again', 'two')).code).toBe(0)
    expect((await cairnWith({ env }, 'get', '--data', two, 'of')).stdout).toBe('two')
    expect((await cairnWith({ env }, 'get', 'of')).stderr).toContain('not-there.js')
    expect((await cairnWith({ env: { CAIRN_DATA: one } }, 'get', 'of')).stdout).toBe('one')
    // Without a directory beside them, they are about whatever chain is named.
    expect((await cairnWith({ env: { CAIRN_KEYS: `${one}.keys` } }, 'append', two, 'put', 'a', 'b')).code).toBe(1)
  })

  it('is named once', async () => {
    const one = await newChain()
    expect(await cairnWith({}, 'id', one, '--data', one)).toMatchObject({ code: 2 })
    expect((await cairnWith({}, 'get', '--data', one)).stderr).toContain("missing required argument 'key'")
    expect((await cairnWith({}, 'id')).stderr).toContain("missing required argument 'dir'")
    expect((await cairnWith({ env: { CAIRN_DATA: one } }, 'id', one, one)).stderr).toContain('too many arguments')
  })

  it('has no keys within its data', async () => {
    expect(await cairnWith({}, 'init', 'inside', '--keys', 'inside/keys')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('lies within the data of the chain') as string,
    })
    expect(existsSync(at('inside'))).toBe(false)
  })
})

it('what is set for chains does not stop the check of a document', async () => {
  const name = await newChain()
  await cairnWith({}, 'prove', name, '-o', 'proof.json')
  const chainId = (await cairnWith({}, 'id', name)).stdout.trim()
  const env = { CAIRN_LEVEL: 'seals', CAIRN_CORES: '1', CAIRN_CHAIN_ID: chainId }
  await cairnWith({}, 'append', name, 'put', 'a', 'b')
  await cairnWith({}, 'prove', name, '-o', 'proof.json')
  expect(await cairnWith({ env }, 'verify', 'proof.json')).toMatchObject({ code: 0 })
  expect((await cairnWith({ env }, 'verify', name)).stdout).toContain('Holds at the level seals')
  expect(await cairnWith({ env }, 'verify', 'proof.json', '--level', 'seals')).toMatchObject({ code: 2 })
  writeFileSync(at('cairn.config.json'), JSON.stringify({ chainId }))
  const trusting = await cairnWith({}, 'verify', 'proof.json')
  expect(trusting.code).toBe(0)
  expect(trusting.stderr).toContain('is named by the config file')
  expect((await cairnWith({}, 'verify', 'proof.json', '--chain-id', chainId)).stderr).toBe('')
  rmSync(at('cairn.config.json'))
  // What is trusted is said once in one place; a place that counts more may say another thing.
  expect((await cairnWith({ env }, 'verify', name, '--chain-id', `0x${'0'.repeat(64)}`)).code).toBe(3)
})

describe('one table', () => {
  const commands = [...walk(makeProgram())]
  const text = readFileSync('docs/cli.md', 'utf8')

  test.each(SETTING_NAMES)('%s is an option of a command, and in the docs', (name) => {
    const having = commands.filter(({ options }) =>
      options.some((each) => each instanceof SettingOption && each.setting === name && !each.hidden),
    )
    expect(having.length).toBeGreaterThan(0)
    for (const command of having) {
      const help = command.helpInformation().replace(/\s+/g, ' ')
      expect(help).toContain(flagOf(name))
      expect(help).toContain(`env: ${variableOf(name)}`)
    }
    expect(text).toContain(`\`${name}\``)
    expect(text).toContain(`\`${variableOf(name)}\``)
  })

  it('gives the schema that is shipped, under its name', () => {
    expect(readFileSync('dist/config.schema.json', 'utf8')).toBe(configSchemaText())
    const shipped = createRequire(import.meta.url).resolve('cairn-log/config.schema.json')
    expect(readFileSync(shipped, 'utf8')).toBe(configSchemaText())
  })

  it('and the schema takes and refuses what the commands do', async () => {
    const fastify = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } })
    fastify.post('/', { schema: { body: JSON.parse(configSchemaText()) as object } }, () => 'taken')
    const documents: readonly (readonly [boolean, unknown])[] = [
      [true, { $schema: './x.json', data: 'd', machine: ['a', 'b'], port: 0, level: 'replay', cores: 2 }],
      [true, { machine: 'kv', chainId: `0x${'0'.repeat(64)}`, maxListeners: 0 }],
      [false, { machine: [] }],
      [false, { port: 65_536 }],
      [false, { port: '1' }],
      [false, { level: 'x' }],
      [false, { nobody: 1 }],
      [false, { chainId: '0x' }],
      [false, { data: '' }],
    ]
    for (const [isTaken, file] of documents) {
      const { statusCode } = await fastify.inject({ method: 'POST', url: '/', payload: file as object })
      expect([file, statusCode]).toEqual([file, isTaken ? 200 : 400])
      expect([file, (await cairn({ file }, 'config', 'show')).code]).toEqual([file, isTaken ? 0 : 2])
    }
  })
})

function* walk(command: Command): Generator<Command> {
  yield command
  for (const each of command.commands) yield* walk(each)
}
