/** The commands with --url, against a real server in a process of its own: each says of the chain what it says of its directory. */

import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Ended } from '../support/cli.ts'
import { chainFolder, put, Running } from './chain-folder.ts'
import { type Serving, serving } from './serving.ts'

const folder = chainFolder()
const { at, cairn, cairnWith } = folder
let server: Serving
let id = ''
/** The same chain in a directory that nobody has open. */
const COPY = 'copy'

beforeAll(async () => {
  const name = await folder.newChain()
  id = await folder.idOf(name)
  await cairn('append', name, 'put', 'greeting', 'hello')
  const values = [put('a', '1'), put('a', '2'), `${JSON.stringify({ stream: 's', entry: 'e' })}\n`]
  await cairnWith({ input: values.slice(0, 2).join('') }, 'append', name, '--client', 'desk 7', '--request', '1')
  await cairnWith({ input: values[2] ?? '' }, 'append', name, '--type', 'append')
  await cairn('append', name, '{"key":"a","expected":null,"value":"c"}', '--type', 'cas')
  folder.copyChain(name, COPY)
  server = await serving(folder.path, name)
}, 60_000)

const there = (command: string, ...args: string[]): Promise<Ended> =>
  cairn(command, '--url', server.url, '--chain-id', id, ...args)
const here = (command: string, ...args: string[]): Promise<Ended> => cairn(command, COPY, ...args)

describe('with --url', () => {
  it.each([
    ['get', ['greeting']],
    ['get', ['greeting', '--json']],
    ['get', ['a', '--height', '1', '--json']],
    ['get', ['0x6161', '--hex']],
    ['get', ['greeting', '--tree', 'risk']],
    ['prove', []],
    ['prove', ['--command', '1', '--state', 'a', '--absent', 'x', '--since', '0']],
    ['prove', ['--state', 'a', '--height', '1', '--json']],
    ['prove', ['--state', 'x']],
    ['prove', ['--command', '99']],
    ['id', []],
    ['id', ['--json']],
    ['log', []],
    ['log', ['--from', '1', '--to', '2']],
    ['log', ['--from', '9']],
    ['export', ['--json']],
    ['export', ['--from', '1', '--to', '2', '--json']],
    ['export', ['--from', '3', '--to', '99']],
  ])('%s %j prints and ends as it does of the directory', async (command, args) => {
    const [a, b] = await Promise.all([here(command, ...args), there(command, ...args)])
    const { code, stdout, stderr } = b
    expect({ code, stdout, stderr }).toEqual(a)
  })

  it('log prints JSON as it does of the directory, but for what no proof shows of a block alone', async () => {
    const [a, b] = await Promise.all([here('log', '--json'), there('log', '--json')])
    const lines = a.stdout.trim().split('\n')
    const provable = lines.map((line) =>
      JSON.stringify(JSON.parse(line), (name, value: unknown) => (name === 'writes' ? undefined : value)),
    )
    expect(b).toEqual({ ...a, stdout: `${provable.join('\n')}\n` })
  })

  it('verify says of the export what it says of the directory, on every level', async () => {
    for (const level of ['seals', 'roots', 'replay']) {
      const [a, b] = await Promise.all([
        cairn('verify', COPY, '--chain-id', id, '--level', level, '--json'),
        there('verify', '--level', level, '--json'),
      ])
      const read = ({ stdout }: Ended): object => Object.assign(JSON.parse(stdout) as object, { seconds: 0 })
      const [local, remote] = [read(a), read(b)]
      expect([b.code, remote]).toEqual([0, local])
    }
    const head = JSON.parse((await there('log', '--from', '2', '--to', '2', '--json')).stdout) as { hash: string }
    folder.write('head.json', JSON.stringify({ height: '2', blockHash: head.hash }))
    await there('prove', '--out', 'start.json')
    const behind = await there('verify', '--from-proof', 'start.json', '--json')
    expect(JSON.parse(behind.stdout)).toMatchObject({ ok: true, level: 'seals', blocks: '0' })
    const known = await there('verify', '--head', 'head.json', '--json')
    expect(known.stderr).toBe('')
    expect(JSON.parse(known.stdout)).toMatchObject({
      ok: true,
      verdicts: expect.arrayContaining([{ check: 'head', verdict: 'ok' }]) as unknown,
    })
  })

  it('export writes a file as a whole, never over another, that verifies', async () => {
    const written = await there('export', '-o', 'remote.cairn')
    await cairn('export', COPY, '-o', 'local.cairn')
    expect(written).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(at('remote.cairn'))).toEqual(readFileSync(at('local.cairn')))
    expect(await there('export', '-o', 'remote.cairn')).toMatchObject({ code: 1, stdout: '' })
    expect(existsSync(at('remote.cairn.tmp'))).toBe(false)
    // What begins in the middle goes on from a block that a proof carries.
    await there('export', '--from', '2', '-o', 'middle.cairn')
    await there('prove', '--height', '1', '--out', 'before.json')
    const verified = await cairn('verify', 'middle.cairn', '--chain-id', id, '--from-proof', 'before.json')
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('seals: 3 blocks,') as string })
  })

  it('evidence asks the server for the other proof, and finds nothing in a chain that agrees with itself', async () => {
    await cairn('prove', COPY, '--command', '0', '--out', 'mine.json')
    const found = await there('evidence', 'mine.json', '--json')
    expect(found).toMatchObject({ code: 3, stdout: expect.stringContaining('they say the same') as string })
  })

  it('append gives the receipts that the chain has, and the same when it is sent again', async () => {
    const args = ['--client', 'remote', '--request', '5', '--json']
    const sent = await cairnWith(
      { input: put('r', '1') + put('r', '2') },
      'append',
      '--url',
      server.url,
      '--chain-id',
      id,
      ...args,
    )
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    const again = await cairnWith(
      { input: put('r', '1') + put('r', '2') },
      'append',
      '--url',
      server.url,
      '--chain-id',
      id,
      ...args,
    )
    expect(again).toEqual(sent)
    const [first, second] = sent.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    expect([first?.request, second?.request]).toEqual(['5', '6'])
    expect((await there('append', 'put', 'r', '3')).stdout).toMatch(/^height \d+ {2}seq \d+ {2}accepted/)
    expect((await there('append', 'put', 'x', '1', '--type', 'cas')).code).toBe(2)
    expect((await there('append', 'put', 'x', '1', '--request', '1')).code).toBe(2)
    expect(await there('append', '{}', '--type', 'no')).toMatchObject({ code: 1, stdout: '' })
    const stopped = await cairnWith({ input: `${put('r', '4')}{}\n` }, 'append', '--url', server.url, '--chain-id', id)
    expect(stopped.stdout).toMatch(/^height/)
    expect(stopped).toMatchObject({ code: 1, stderr: expect.stringMatching(/^line 2: /) as string })
  })

  it('keys list says what the cold key signed', async () => {
    const listed = await cairn('keys', 'list', '--url', server.url, '--chain-id', id, '--json')
    const delegation = { index: '0', state: 'usable', keystore: null, seals: true }
    expect(JSON.parse(listed.stdout)).toMatchObject({ keys: [delegation], pendingDelegations: [] })
    expect((await cairn('keys', 'list', '--url', server.url, '--chain-id', id)).stdout).toMatch(
      /0 {2}0x\w{40} {2}for \d+ days more, sealed the newest block\n$/,
    )
  })

  it.each([
    ['init', []],
    ['serve', ['x']],
    ['demo', []],
    ['inspect', ['x']],
    ['token', ['new', 'x']],
    ['keys', ['rotate', 'x']],
    ['keys', ['import', 'x']],
    ['guard', ['accept', 'x']],
    ['guard', ['show', 'x']],
  ])('%s %j says that it is for directories', async (command, args) => {
    expect(await cairn(command, ...args, '--url', 'http://user:secret@127.0.0.1')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: there is no --url here: (?!.*secret)/) as string,
    })
  })

  it.each([
    ['no chain id', ['get', 'a'], 'give --chain-id'],
    ['a directory', ['get', 'demo', 'a', '--chain-id', `0x${'0'.repeat(64)}`], 'too many arguments'],
    ['no key', ['get', '--chain-id', `0x${'0'.repeat(64)}`], "missing required argument 'key'"],
    [
      'a passphrase',
      ['append', '--passphrase-file', 'p', '--chain-id', `0x${'0'.repeat(64)}`],
      'for a chain in a directory',
    ],
    ['a file to verify', ['verify', 'x', '--chain-id', `0x${'0'.repeat(64)}`], 'takes the place of the file'],
    [
      'another proof',
      ['evidence', 'x', 'y', '--chain-id', `0x${'0'.repeat(64)}`],
      'takes the place of the other proof',
    ],
    ['no seconds', ['get', 'a', '--timeout', '0'], 'a whole number from 1'],
  ])('2 for %s', async (_, args, said) => {
    const ended = await cairn(...args, '--url', 'http://127.0.0.1:1')
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain(said)
  })

  it('2 for what goes with it, without it', async () => {
    for (const option of [
      ['--pin', 'p'],
      ['--token-file', 't'],
      ['--chain-id', `0x${'0'.repeat(64)}`],
      ['--timeout', '1'],
    ]) {
      const ended = await here('get', 'a', ...option)
      expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('goes with --url') as string })
    }
  })

  it('1 where nobody answers', async () => {
    const ended = await cairn('get', 'a', '--url', 'http://127.0.0.1:1', '--chain-id', id, '--json')
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code: 'server_unreachable' } })
  })
})

describe('what is set for good', () => {
  const set = (env: Record<string, string>, ...args: string[]): Promise<Ended> => cairnWith({ env }, ...args)

  it('names a server where no directory is named on the command line, and what is trusted is trusted of every server', async () => {
    const env = { CAIRN_URL: server.url, CAIRN_CHAIN_ID: id }
    expect(await set(env, 'get', 'greeting')).toMatchObject({ code: 0, stdout: 'hello' })
    expect(await set(env, 'log', '--to', '0')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^block 0/) as string,
    })
    expect(await set(env, 'verify')).toMatchObject({ code: 0 })
    expect(await set(env, 'append', 'put', 'env', '1')).toMatchObject({ code: 0 })
    // Nobody listens there: it is the directory that is read.
    const gone = { CAIRN_URL: 'http://127.0.0.1:1', CAIRN_CHAIN_ID: `0x${'0'.repeat(64)}` }
    expect(await set(gone, 'get', COPY, 'greeting')).toMatchObject({ code: 0, stdout: 'hello' })
    expect(await set(gone, 'get', '--data', COPY, 'greeting')).toMatchObject({ code: 0, stdout: 'hello' })
    expect(await set(gone, 'get', 'greeting')).toMatchObject({ code: 1, stdout: '' })
    // What is trusted is trusted of every server.
    const wrong = await set(gone, 'get', 'greeting', '--url', server.url)
    expect(wrong).toMatchObject({ code: 3, stderr: expect.stringMatching(/^wrong_chain: /) as string })
    expect(await set({ ...env, CAIRN_DATA: COPY }, 'get', 'greeting')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('both a directory and a server') as string,
    })
    folder.write('server.config.json', JSON.stringify({ url: server.url, chainId: id }))
    expect(await cairn('get', '--config', 'server.config.json', 'greeting')).toMatchObject({ code: 0, stdout: 'hello' })
    expect(await cairn('get', '--config', 'server.config.json', COPY, 'greeting')).toMatchObject({
      code: 0,
      stdout: 'hello',
    })
  })
})

describe('a pin', () => {
  it('is the chain that was seen: it takes the place of the id, and of another chain it knows', async () => {
    const taken = await cairn('get', 'greeting', '--url', server.url, '--pin', 'pin.json')
    expect(taken).toMatchObject({ code: 0, stdout: 'hello' })
    expect(taken.stderr).toMatch(/^Trusted on first use, .*“dev-chain-0” 0x[0-9a-f]{64}\. Kept in pin\.json\.\n$/)
    expect(taken.stderr).toContain(id)
    expect(await cairn('get', 'greeting', '--url', server.url, '--pin', 'pin.json')).toEqual({ ...taken, stderr: '' })
    const other = await folder.newChain()
    await cairn('append', other, 'put', 'greeting', 'hello')
    const second = await serving(folder.path, other)
    const wrong = await cairn('get', 'greeting', '--url', second.url, '--pin', 'pin.json')
    expect(wrong).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(/^wrong_chain: /) as string })
    const both = await cairn(
      'get',
      'a',
      '--url',
      second.url,
      '--pin',
      'pin.json',
      '--chain-id',
      await folder.idOf(other),
    )
    expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining('of another chain') as string })
    await second.stop()
  })

  it('is made with the id that was given, and of a chain that is not for development it is not made without', async () => {
    const name = 'production'
    await cairn('init', name, '--name', 'ledger')
    const production = await serving(folder.path, name)
    const refused = await cairn('id', '--url', production.url, '--pin', 'ledger.pin', '--json')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'chain_id_needed' } })
    expect(await cairn('id', '--url', production.url)).toMatchObject({ code: 1, stdout: '' })
    expect(existsSync(at('ledger.pin'))).toBe(false)
    const args = ['--url', production.url, '--pin', 'ledger.pin']
    expect(await cairn('id', ...args, '--chain-id', await folder.idOf(name))).toMatchObject({ code: 0, stderr: '' })
    expect(await cairn('get', 'a', ...args)).toMatchObject({
      code: 1,
      stderr: 'There is no key “a” in the state tree, the chain has no block yet.\n',
    })
    await production.stop()
  })

  it('that others may write, or that is none, is refused', async () => {
    folder.write('open.pin', '{}')
    const refused = async (): Promise<unknown> => {
      const { code, stderr } = await cairn('get', 'a', '--url', server.url, '--pin', 'open.pin', '--json')
      return [code, (JSON.parse(stderr) as { error: { code: string } }).error.code]
    }
    expect(await refused()).toEqual([1, 'pin_invalid'])
    chmodSync(at('open.pin'), 0o666)
    expect(await refused()).toEqual([1, 'pin_exposed'])
    expect(statSync(at('open.pin')).size).toBe(2)
  })

  it('the id of a development chain on this machine is shown without one, and it is said that nobody vouches for it', async () => {
    expect(await cairn('id', '--url', server.url)).toEqual({
      code: 0,
      stdout: `${id}\n`,
      stderr: 'It is what the server says, and nobody has vouched for it.\n',
    })
  })
})

describe('what goes on', () => {
  it('log --follow goes on over a server that is killed and started again, with every block once, and ends at Ctrl-C', {
    timeout: 60_000,
  }, async () => {
    const name = await folder.newChain()
    const chainId = await folder.idOf(name)
    await cairn('append', name, 'put', 'a', '0')
    const first = await serving(folder.path, name)
    const port = new URL(first.url).port
    const log = new Running(folder.path, 'log', '--url', first.url, '--chain-id', chainId, '--follow', '--json')
    await log.printed(1)
    await cairn('append', '--url', first.url, '--chain-id', chainId, 'put', 'a', '1')
    await log.printed(2)
    first.process.child.kill('SIGKILL')
    await first.process.ended()
    await expect.poll(() => log.stderr, { timeout: 20_000 }).not.toBe('')
    const second = await serving(folder.path, name, '--port', port)
    for (const value of ['2', '3']) await cairn('append', '--url', second.url, '--chain-id', chainId, 'put', 'a', value)
    await log.printed(4)
    log.child.kill('SIGINT')
    expect(await log.ended()).toBe(0)
    // Once, however often it was asked meanwhile.
    expect(log.stderr).toMatch(/^The server cannot be reached: .*\. It is asked again until it answers\.\n$/)
    const blocks = log.receipts.map((line) => JSON.parse(line) as { header: { height: string }; seal: unknown })
    expect(blocks.map(({ header }) => header.height)).toEqual(['0', '1', '2', '3'])
    expect(blocks.filter(({ seal }) => seal === null)).toEqual([])
    await second.stop()
  })

  it('log --follow begins where it is told, also above what there is, and ends at its end', async () => {
    const name = await folder.newChain()
    const chainId = await folder.idOf(name)
    const own = await serving(folder.path, name)
    const log = new Running(
      folder.path,
      'log',
      '--url',
      own.url,
      '--chain-id',
      chainId,
      '-f',
      '--from',
      '1',
      '--to',
      '2',
    )
    for (const value of ['1', '2', '3', '4'])
      await cairn('append', '--url', own.url, '--chain-id', chainId, 'put', 'a', value)
    expect(await log.ended()).toBe(0)
    expect(log.stdout.match(/^block \d+/gm)).toEqual(['block 1', 'block 2'])
    await own.stop()
  })

  it('append reads standard input until Ctrl-C, and what was read has its receipt', async () => {
    const appending = new Running(folder.path, 'append', '--url', server.url, '--chain-id', id)
    appending.child.stdin.write(put('z', '1'))
    await appending.printed(1)
    appending.child.stdin.write(put('z', '2'))
    await appending.printed(2)
    appending.child.kill('SIGINT')
    expect(await appending.ended()).toBe(1)
    expect(appending.stderr).toContain('Interrupted: what has a receipt is in the chain')
  })
})

describe('a server that does not answer', () => {
  it('is given up after the time that it may take, or at Ctrl-C, and no file is left', async () => {
    const sockets = new Set<{ destroy(): void }>()
    const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = `http://127.0.0.1:${(silent.address() as { port: number }).port}`
    const before = performance.now()
    const ended = await cairn('get', 'a', '--url', url, '--chain-id', id, '--timeout', '1')
    expect(ended).toMatchObject({ code: 1, stderr: 'The server cannot be reached: it took too long.\n' })
    expect(performance.now() - before).toBeLessThan(10_000)
    const known = sockets.size
    const waiting = new Running(folder.path, 'export', '--url', url, '--chain-id', id, '-o', 'never.cairn')
    // By then it has begun, and waits.
    while (sockets.size === known) await sleep(20)
    await sleep(500)
    waiting.child.kill('SIGINT')
    const asked = performance.now()
    expect(await waiting.ended()).toBe(1)
    expect(performance.now() - asked).toBeLessThan(10_000)
    expect([existsSync(at('never.cairn')), existsSync(at('never.cairn.tmp'))]).toEqual([false, false])
    for (const each of sockets) each.destroy()
    silent.close()
  })
})
