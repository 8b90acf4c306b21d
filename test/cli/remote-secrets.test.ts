/** Tokens on the command line's way to a server: they come out of private files or the environment, leave encrypted or not at all, and are shown nowhere. */
import { chmodSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { chainFolder } from './chain-folder.ts'
import { proxy, type Serving, serving } from './serving.ts'

const folder = chainFolder()
const { cairn, cairnWith, at } = folder
let server: Serving
let id = ''
let token = ''

beforeAll(async () => {
  const name = await folder.newChain()
  id = await folder.idOf(name)
  await cairn('append', name, 'put', 'a', '1')
  token = (
    await cairn('token', 'new', name, '--name', 'desk', '--scope', 'append,read', '--client', 'desk')
  ).stdout.trim()
  folder.write('token', `${token}\n`)
  chmodSync(at('token'), 0o600)
  server = await serving(folder.path, name)
}, 60_000)

const get = (...more: string[]): string[] => ['get', 'a', '--url', server.url, '--chain-id', id, ...more]

describe('a token', () => {
  it('is read from a file, or from the environment, and goes along as a header', async () => {
    expect(await cairn(...get())).toMatchObject({ code: 1, stderr: expect.stringContaining('Send a token') as string })
    for (const ended of [
      await cairn(...get('--token-file', 'token')),
      await cairnWith({ env: { CAIRN_TOKEN_FILE: 'token' } }, ...get()),
      await cairnWith({ env: { CAIRN_TOKEN: token } }, ...get()),
      await cairnWith({ env: { CAIRN_TOKEN: 'cairn_wrong' } }, ...get('--token-file', 'token')),
    ])
      expect(ended).toEqual({ code: 0, stdout: '1', stderr: '' })
    const before = await proxy(() => server.url, {})
    const args = ['--url', before.url, '--chain-id', id, '--token-file', 'token']
    const commands = [
      ['append', 'put', 'b', '1', '--client', 'desk'],
      ['log'],
      ['verify'],
      ['export', '-o', 'x.cairn'],
      ['keys', 'list'],
      ['id'],
      ['prove'],
    ]
    for (const command of commands) expect(await cairn(...command, ...args)).toMatchObject({ code: 0 })
    expect(before.asked.length).toBeGreaterThan(commands.length)
    for (const { url, headers } of before.asked)
      expect([url?.includes(token), headers.authorization]).toEqual([false, `Bearer ${token}`])
    expect(await cairn('append', 'put', 'b', '1', ...args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('bound to client names') as string,
    })
  })

  it('in a file that others may read, or that is none, is refused, and not shown', async () => {
    for (const [content, mode, code] of [
      [`${token}\n`, 0o644, 'secret_exposed'],
      [`${token}\nmore\n`, 0o600, 'token_invalid'],
      ['', 0o600, 'token_invalid'],
      [`${'x'.repeat(5000)}\n`, 0o600, 'token_invalid'],
    ] as const) {
      folder.write('bad', content)
      chmodSync(at('bad'), mode)
      const ended = await cairn(...get('--token-file', 'bad', '--json'))
      expect(ended).toMatchObject({ code: 1, stdout: '' })
      expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code } })
      expect(ended.stderr).not.toContain(token)
    }
    expect((await cairn(...get('--token-file', 'nothing'))).code).toBe(1)
    expect(await cairnWith({ env: { CAIRN_TOKEN: 'two words' } }, ...get())).toMatchObject({ code: 1, stdout: '' })
  })

  it('is not sent over plain http to another machine', async () => {
    const args = ['get', 'a', '--url', 'http://ledger.example.org', '--chain-id', id]
    for (const ended of [
      await cairn(...args, '--token-file', 'token'),
      await cairnWith({ env: { CAIRN_TOKEN: token } }, ...args),
      await cairnWith({ env: { CAIRN_TOKEN: token } }, 'id', '--url', 'http://127.0.0.1.example.org:4270'),
      await cairnWith({ env: { CAIRN_TOKEN: token } }, 'verify', '--url', 'http://10.0.0.1', '--chain-id', id),
    ]) {
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr).not.toContain(token)
    }
  })
})

describe('a token of the environment', () => {
  it('is for the server of the environment, and goes to no other', async () => {
    const other = await proxy(() => server.url, {})
    const env = { CAIRN_URL: 'http://127.0.0.1:1', CAIRN_CHAIN_ID: id, CAIRN_TOKEN: token, CAIRN_TOKEN_FILE: 'token' }
    const ended = await cairnWith({ env }, 'get', 'a', '--url', other.url, '--chain-id', id)
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('Send a token') as string })
    expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })
})

describe('a URL', () => {
  it.each([
    'http://user:geheim@127.0.0.1:4270',
    'https://geheim@ledger.example.org',
    'http://127.0.0.1:4270/?token=geheim',
    'http://127.0.0.1:4270/#geheim',
    'http://127.0.0.1:4270?',
    'https://ledger.example.org/cairn_geheim5678901234567890',
    'https://ledger.example.org/%63airn_geheim5678901234567890',
    'ftp://geheim.example.org',
    'geheim',
    '',
  ])('%s is refused, without being repeated', async (url) => {
    for (const command of [['get', 'a'], ['verify'], ['log'], ['id']]) {
      const ended = await cairn(...command, '--url', url, '--chain-id', id)
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr).toMatch(/^error: /)
      expect(ended.stderr).not.toContain('geheim')
    }
  })
})
