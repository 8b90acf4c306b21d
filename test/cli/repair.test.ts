/** `cairn repair`: a journal that rotted comes back out of an export, a copy, or a server; what is of another chain brings back nothing. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { run } from '../support/cli.ts'
import { CAIRN, chainFolder, put } from './chain-folder.ts'

const { at, cairn, cairnWith, newChain, idOf, path } = chainFolder()

async function filled(): Promise<{ readonly name: string; readonly wal: string }> {
  const name = await newChain()
  const lines = Array.from({ length: 30 }, (_, i) => put(`k${i}`, `v${i}`))
  for (const input of [lines.slice(0, 10), lines.slice(10, 20), lines.slice(20)]) {
    expect((await cairnWith({ input: input.join('') }, 'append', name)).code).toBe(0)
  }
  return { name, wal: at(name, 'journal', '0000000000000000.wal') }
}

function damage(wal: string): Buffer {
  const bytes = readFileSync(wal)
  bytes[700] = (bytes[700] ?? 0) ^ 8
  writeFileSync(wal, bytes)
  return bytes
}

it('brings back what rotted, from an export, a copy and a server, and keeps what was there', async () => {
  const { name, wal } = await filled()
  const whole = readFileSync(wal)
  expect((await cairn('export', name, '-o', 'whole.cairn')).code).toBe(0)
  cpSync(at(name), at('copy'), { recursive: true, filter: (path) => !path.endsWith('/lock') })
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === 'Bearer cairn_geheim'
    if (!isKnown) response.statusCode = 401
    response.end(isKnown && request.url === '/v1/export' ? readFileSync(at('whole.cairn')) : undefined)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  writeFileSync(at('token'), 'cairn_geheim\n', { mode: 0o600 })
  for (const source of ['whole.cairn', 'copy', `http://127.0.0.1:${port}`]) {
    const damaged = damage(wal)
    expect((await cairn('inspect', name)).code).toBe(3)
    const token = source.startsWith('http') ? ['--token-file', 'token'] : []
    const { code, stdout, stderr } = await cairn('repair', name, '--from', source, ...token, '--json')
    expect([stderr, code]).toEqual(['', 0])
    const { repaired } = JSON.parse(stdout) as { repaired: { file: string; blocks: number; kept: string }[] }
    expect(repaired).toMatchObject([{ file: '0000000000000000.wal', blocks: 1 }])
    // Of 64 MiB: compared as bytes, not item by item.
    expect(readFileSync(at(name, 'journal', repaired[0]?.kept ?? '')).equals(damaged)).toBe(true)
    expect(readFileSync(wal).equals(whole)).toBe(true)
  }
  const again = await cairn('repair', name, '--from', 'copy')
  expect(again).toMatchObject({ code: 0, stdout: 'Nothing is damaged.\n' })
  expect((await cairn('verify', name, '--chain-id', await idOf(name), '--level', 'replay')).code).toBe(0)
  expect((await cairn('get', name, 'k29')).stdout).toContain('v29')
}, 240_000)

it('says what became of a server: an export that breaks off, one that it gives to nobody, and none', async () => {
  const { name } = await filled()
  const answers: Record<string, (response: ServerResponse) => void> = {
    '/broken/v1/export': (response) => {
      response.writeHead(200, { 'content-length': '100000' })
      response.write(Buffer.alloc(1000), () => response.destroy())
    },
    '/closed/v1/export': (response) => {
      response.writeHead(401, { 'content-type': 'application/problem+json' })
      response.end('{"code":"unauthorized","detail":"It asks for a token."}')
    },
    '/other/v1/export': (response) => response.writeHead(404).end('<html>'),
  }
  const server = createServer(({ url = '' }, response) => answers[url]?.(response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  for (const [path, code] of [
    ['broken', 'server_unreachable'],
    ['closed', 'unauthorized'],
    ['other', 'server_unreachable'],
  ] as const) {
    const ended = await cairn('repair', name, '--from', `http://127.0.0.1:${port}/${path}`, '--json')
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code } })
  }
}, 120_000)

it('refuses another chain, and says what is wrong with the use of it', async () => {
  const { name, wal } = await filled()
  const other = await filled()
  writeFileSync(at('token'), 'cairn_geheim\n', { mode: 0o600 })
  const damaged = damage(wal)
  const refused = await cairn('repair', name, '--from', other.name)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('is refused')
  expect(readFileSync(wal).equals(damaged)).toBe(true)
  expect(readdirSync(at(name, 'journal')).filter((each) => each.startsWith('damaged'))).toEqual([])
  for (const [source, code] of [
    ['http://user:geheim@127.0.0.1:1', 'invalid_option'],
    ['http://ledger.example.org', 'token_invalid'],
    ['http://127.0.0.1:1', 'server_unreachable'],
  ] as const) {
    const { stderr } = await cairn('repair', name, '--from', source, '--token-file', 'token', '--json')
    expect(JSON.parse(stderr)).toMatchObject({ error: { code } })
    expect(stderr).not.toContain('geheim')
  }
  rmSync(wal)
  expect((await cairn('repair', name, '--from', 'nowhere')).code).toBe(1)
  expect((await cairn('repair', name)).code).toBe(2)
  // A directory that was mistyped is not made, and nothing is fetched for it.
  for (const source of [other.name, 'http://127.0.0.1:1']) {
    expect((await cairn('repair', 'mistyped', '--from', source)).stderr).toContain('There is no chain in')
  }
  expect(existsSync(at('mistyped'))).toBe(false)
}, 120_000)

it('refuses an export that begins in the middle by what it needs, and not by an option that it has not', async () => {
  const { name } = await filled()
  expect((await cairn('export', name, '--from', '1', '-o', 'middle.cairn')).code).toBe(0)
  const refused = await cairn('repair', name, '--from', 'middle.cairn', '--json')
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.stderr)).toMatchObject({
    error: {
      code: 'repair_refused',
      message: expect.stringContaining('it begins at block 1: one that holds all') as string,
    },
  })
})

it('says where there is no room for what a server sends, and what to do', async () => {
  const { name } = await filled()
  await cairn('append', name, 'put', 'long', 'v'.repeat(100_000))
  expect((await cairn('export', name, '-o', 'large.cairn')).code).toBe(0)
  const server = createServer((_, response) => response.end(readFileSync(at('large.cairn'))))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const asked = ['repair', name, '--from', `http://127.0.0.1:${port}`, '--json']
  const { code, stderr } = await run(['sh', '-c', 'ulimit -f 64 && exec "$@"', 'sh', ...CAIRN, ...asked], { cwd: path })
  expect(code).toBe(1)
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: 'disk_full', message: expect.stringContaining('TMPDIR') as string },
  })
})

it('takes an export out of a pipe, which comes but once', async () => {
  const { name, wal } = await filled()
  const whole = readFileSync(wal)
  expect((await cairn('export', name, '-o', 'piped.cairn')).code).toBe(0)
  damage(wal)
  const script = 'cat piped.cairn | timeout 60 "$@" --from /dev/stdin'
  const { code, stderr } = await run(['sh', '-c', script, 'sh', ...CAIRN, 'repair', name], { cwd: path })
  expect([stderr, code]).toEqual(['', 0])
  expect(readFileSync(wal).equals(whole)).toBe(true)
})

it('leaves nothing among the temporary files when it is interrupted', async () => {
  const { name, wal } = await filled()
  const damaged = damage(wal)
  const temporary = at('temporary')
  mkdirSync(temporary)
  let isAsked = (): void => undefined
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve
  })
  const server = createServer((_, response) => response.write(Buffer.alloc(1000), () => isAsked()))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const command = [...CAIRN, 'repair', name, '--from', `http://127.0.0.1:${port}`, '--json']
  // The shell says which process it is, and becomes it.
  const script = 'echo $$ > pid && exec "$@"'
  const ended = run(['sh', '-c', script, 'sh', ...command], { cwd: path, env: { TMPDIR: temporary } })
  await asked
  expect(readdirSync(temporary)).toHaveLength(1)
  process.kill(Number(readFileSync(at('pid'), 'utf8')), 'SIGTERM')
  const { code, stderr } = await ended
  expect([code, JSON.parse(stderr)]).toMatchObject([1, { error: { code: 'interrupted' } }])
  expect([readdirSync(temporary), readFileSync(wal).equals(damaged)]).toEqual([[], true])
})
