/** A proxy that lies before a real server: every command that prints what a server says ends with 3, and says the name of the lie. */
import { existsSync, readdirSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Ended } from '../support/cli.ts'
import { chainFolder, put } from './chain-folder.ts'
import { type Change, proxy, type Serving, serving } from './serving.ts'

const folder = chainFolder()
const { at, cairn, cairnWith } = folder
let server: Serving
let id = ''
const hex = (text: string): string => Buffer.from(text).toString('hex')

beforeAll(async () => {
  const name = await folder.newChain()
  id = await folder.idOf(name)
  for (const value of ['hello', 'world']) await cairn('append', name, 'put', 'greeting', value)
  await cairn('append', name, 'put', 'other', 'thing')
  server = await serving(folder.path, name)
}, 60_000)

const liar = (options: { change?: Change; path?: (asked: string) => string }): Promise<string> =>
  proxy(() => server.url, options).then(({ url }) => url)
/** Changes the text of what comes back for paths that begin so. */
const changing =
  (begin: string, from: string | RegExp, to: string): Change =>
  (answer, path) => {
    if (!path.startsWith(begin)) return answer
    // Bytes that are no text stay as they are.
    return Buffer.from(answer.toString('latin1').replace(from, to), 'latin1')
  }
const through = (url: string, ...args: string[]): Promise<Ended> => cairn(...args, '--url', url, '--chain-id', id)

function expectLie({ code, stdout, stderr }: Ended, name: string): void {
  expect({ code, stdout, stderr: stderr.slice(0, name.length + 2) }).toEqual({
    code: 3,
    stdout: '',
    stderr: `${name}: `,
  })
}

describe('a server that lies', () => {
  it.each([
    ['about a value', '/v1/proof', hex('world'), hex('w0rld')],
    ['about a seal', '/v1/proof', /("seal":.*"signature":"0x)..../, '$1abcd'],
    ['about its form', '/v1/proof', '"claims":', '"claim":'],
  ])('to get, %s', async (_, begin, from, to) => {
    expectLie(await through(await liar({ change: changing(begin, from, to) }), 'get', 'greeting'), 'proof_invalid')
  })

  it('to get, with an older value, with that of another key, or by saying that there is none', async () => {
    const older = await liar({ path: (asked) => asked.replace('?key=', '?block=0&key=') })
    expectLie(await through(older, 'get', 'greeting'), 'proof_invalid')
    const other = await liar({ path: (asked) => asked.replace(hex('greeting'), hex('other')) })
    expectLie(await through(other, 'get', 'greeting'), 'proof_invalid')
    const none = await liar({ path: (asked) => asked.replace(`key=0x${hex('greeting')}`, `key=0x${hex('none')}`) })
    expectLie(await through(none, 'get', 'greeting'), 'proof_invalid')
  })

  it('to prove: nothing is written', async () => {
    const reply = await liar({ change: changing('/v1/proof', /"reply":"0x../, '"reply":"0x00') })
    expectLie(await through(reply, 'prove', '--command', '0', '-o', 'lie.json'), 'proof_invalid')
    const other = await liar({ path: (asked) => asked.replace('command=0', 'command=1') })
    expectLie(await through(other, 'prove', '--command', '0', '-o', 'lie.json'), 'proof_invalid')
    expect(existsSync(at('lie.json'))).toBe(false)
  })

  it.each([
    ['a payload', hex('hello'), hex('jello')],
    ['an outcome', '"status":0', '"status":1'],
    ['a header', /"timestamp":"\d/, '"timestamp":"9'],
  ])('to log, about %s of the first block', async (_, from, to) => {
    expectLie(await through(await liar({ change: changing('/v1/blocks/0', from, to) }), 'log'), 'proof_invalid')
  })

  it('to log --follow, about a seal', async () => {
    const url = await liar({
      change: changing('/v1/stream', /"signature":"0x....(?=[0-9a-f]*"\}\}\n)/, '"signature":"0xabcd'),
    })
    expectLie(await through(url, 'log', '--follow'), 'proof_invalid')
  })

  it('to append: the receipt is not printed', async () => {
    const url = await liar({ change: changing('/v1/commands', '"status":0', '"status":1') })
    expectLie(await through(url, 'append', 'put', 'a', '1'), 'proof_invalid')
    const none = await liar({ change: (answer, path) => (path === '/v1/commands' ? '{}' : answer) })
    expectLie(await through(none, 'append', 'put', 'a', '1', '--client', 'c', '--request', '1'), 'answer_invalid')
  })

  it('to keys list, about what the cold key signed', async () => {
    const url = await liar({ change: changing('/v1/delegations', /"validUntil":"\d/, '"validUntil":"9') })
    expectLie(await through(url, 'keys', 'list'), 'proof_invalid')
  })

  const changedByte: Change = (answer, path) => {
    if (!path.startsWith('/v1/export')) return answer
    const changed = Buffer.from(answer)
    changed[answer.length >> 1] = (changed[answer.length >> 1] as number) ^ 1
    return changed
  }
  const cutShort: Change = (answer, path) =>
    path.startsWith('/v1/export') ? answer.subarray(0, answer.length - 20) : answer

  it('to export: no file is left, of a stream the exit code says it', async () => {
    for (const [options, name] of [
      [{ change: changedByte }, 'proof_invalid'],
      [{ change: cutShort }, 'proof_invalid'],
      [{ path: (asked: string) => asked.replace('to=1', 'to=0') }, 'proof_invalid'],
    ] as const) {
      expectLie(await through(await liar(options), 'export', '--to', '1', '-o', 'lie.cairn'), name)
      const streamed = await through(await liar(options), 'export', '--to', '1')
      expect(streamed).toMatchObject({ code: 3, stderr: expect.stringMatching(new RegExp(`^${name}: `)) as string })
    }
    const middle = await liar({ path: (asked) => asked.replace('from=1', 'from=0') })
    expectLie(await through(middle, 'export', '--from', '1', '--to', '1', '-o', 'lie.cairn'), 'proof_invalid')
    expect(readdirSync(folder.path).filter((each) => each.startsWith('lie'))).toEqual([])
  })

  it('to verify: it says which check found it', async () => {
    for (const change of [changedByte, cutShort]) {
      const ended = await through(await liar({ change }), 'verify', '--json')
      expect(ended.code).toBe(3)
      expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, fault: { check: 'frames' } })
    }
  })

  it('about which chain it has, to every command', async () => {
    const other = `0x${'ab'.repeat(32)}`
    for (const args of [
      ['get', 'a'],
      ['prove'],
      ['log'],
      ['verify'],
      ['export', '-o', 'lie.cairn'],
      ['append', 'put', 'a', '1'],
      ['id'],
      ['keys', 'list'],
    ])
      expectLie(await cairn(...args, '--url', server.url, '--chain-id', other), 'wrong_chain')
  })
})

describe('a server that goes back', () => {
  it('is caught by what a pin kept, whatever is asked', async () => {
    const name = await folder.newChain()
    await cairn('append', name, 'put', 'a', '1')
    folder.copyChain(name, 'older')
    await cairnWith({ input: put('a', '2') + put('a', '3') }, 'append', name)
    const newer = await serving(folder.path, name)
    const older = await serving(folder.path, 'older')
    let isSwitched = false
    const { url } = await proxy(() => (isSwitched ? older.url : newer.url), {})
    const pin = ['--url', url, '--pin', 'seen.json']
    expect(await cairn('get', 'a', ...pin)).toMatchObject({ code: 0, stdout: '3' })
    expect(await cairn('verify', ...pin, '--json')).toMatchObject({ code: 0 })
    expect(await cairn('prove', ...pin, '--out', 'newest.json')).toMatchObject({ code: 0 })
    isSwitched = true
    for (const args of [['get', 'a'], ['prove'], ['log'], ['verify'], ['export', '-o', 'older.cairn']])
      expectLie(await cairn(...args, ...pin), 'server_behind')
    // And by a proof that was kept.
    const kept = ['--url', url, '--chain-id', await folder.idOf(name), '--from-proof', 'newest.json']
    expectLie(await cairn('verify', ...kept), 'server_behind')
    await Promise.all([newer.stop(), older.stop()])
  })

  it('or exports another branch than it proves: both are sealed, and still it is told', async () => {
    const name = await folder.newChain()
    folder.copyChain(name, 'branch')
    for (const each of [name, 'branch']) await cairn('append', each, 'put', 'a', each)
    const [one, other] = [await serving(folder.path, name), await serving(folder.path, 'branch')]
    const { url } = await proxy((path) => (path.startsWith('/v1/export') ? other.url : one.url), {})
    const server2 = ['--url', url, '--chain-id', await folder.idOf(name)]
    expectLie(await cairn('verify', ...server2), 'proof_invalid')
    expectLie(await cairn('export', ...server2, '-o', 'branch.cairn'), 'proof_invalid')
    expect(existsSync(at('branch.cairn'))).toBe(false)
    await Promise.all([one.stop(), other.stop()])
  })

  it('and goes on as another chain is proved to have forked: the evidence is printed, and kept', async () => {
    const name = await folder.newChain()
    folder.copyChain(name, 'fork')
    await cairn('append', name, 'put', 'a', '1')
    for (const value of ['2', '3']) await cairn('append', 'fork', 'put', 'a', value)
    const [one, other] = [await serving(folder.path, name), await serving(folder.path, 'fork')]
    let isSwitched = false
    const { url } = await proxy(() => (isSwitched ? other.url : one.url), {})
    const chainId = await folder.idOf(name)
    const pin = ['--url', url, '--pin', 'forked.json']
    await cairn('prove', ...pin, '--out', 'mine.json')
    isSwitched = true
    const found = await cairn('get', 'a', ...pin, '--json')
    expect(found).toMatchObject({ code: 3, stdout: '' })
    const { error } = JSON.parse(found.stderr) as { error: { code: string; details: { evidence: object } } }
    expect(error.code).toBe('chain_forked')
    folder.write('evidence.json', JSON.stringify(error.details.evidence))
    expect(await cairn('verify', 'evidence.json', '--chain-id', chainId)).toMatchObject({ code: 0 })
    // It is remembered, whatever is shown afterwards.
    isSwitched = false
    expectLie(await cairn('get', 'a', ...pin), 'chain_forked')
    // And of a proof that was kept anybody makes it.
    const made = await cairn('evidence', 'mine.json', '--url', other.url, '--chain-id', chainId, '-o', 'made.json')
    expect(made).toMatchObject({ code: 0 })
    expect(await cairn('verify', 'made.json', '--chain-id', chainId)).toMatchObject({ code: 0 })
    await Promise.all([one.stop(), other.stop()])
  })
})
