/** `cairn log`: what is in a chain, for people and for programs, and as it comes, whatever the process that makes it does meanwhile. */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Chain, kv } from '../../src/index.ts'
import { run } from '../support/cli.ts'
import { Producing } from '../support/producing.ts'
import { CAIRN, chainFolder, put, Running } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, cairnWith, newChain } = folder

interface Logged {
  readonly hash: string
  readonly header: { readonly height: string; readonly parentHash: string }
  readonly commands: readonly {
    readonly seq: string
    readonly client: string
    readonly request: string
    readonly payload: string
  }[]
  readonly seal: object | null
}

const parsed = (lines: readonly string[]): Logged[] => lines.map((line) => JSON.parse(line) as Logged)

describe('the log of a chain', () => {
  it('has its blocks and commands a line each, the newest last', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'greeting', 'hello')
    await cairn('append', name, 'put', 'a', 'b', '--client', 'desk 7', '--request', '12')
    await cairn('append', name, '{"key":"a","expected":null,"value":"c"}', '--type', 'cas')
    const { code, stdout, stderr } = await cairn('log', name)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.replace(/\d{4}-\S+Z/g, 'TIME').replace(/0x[0-9a-f]{16}…/g, 'HASH')).toBe(
      [
        'block 0  TIME  1 command  HASH  sealed under index 0',
        '  first seen: the delegation of index 0',
        '  seq 0  -  put  accepted  {"key":"greeting","value":"hello"}',
        'block 1  TIME  1 command  HASH  sealed under index 0',
        '  seq 1  “desk 7”/12  put  accepted  {"key":"a","value":"b"}',
        'block 2  TIME  1 command  HASH  sealed under index 0',
        '  seq 2  -  cas  rejected  {"key":"a","expected":null,"value":"c"}',
        '',
      ].join('\n'),
    )
    const some = await cairn('log', name, '--from', '1', '--to', '1')
    expect(some.stdout.match(/^block \d+/gm)).toEqual(['block 1'])
    const none = { code: 0, stdout: '', stderr: 'There is no block 9 yet.\n' }
    expect(await cairn('log', name, '--from', '9')).toMatchObject(none)
    expect(await cairn('log', name, '--from', '9', '--json')).toMatchObject(none)
  })

  it('is JSON in the words of the format', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'greeting', 'hello', '--client', 'c', '--request', '1')
    const { stdout } = await cairn('log', name, '--json')
    const [block] = parsed(stdout.trim().split('\n'))
    expect(Object.keys(block ?? {})).toEqual(['hash', 'header', 'roots', 'commands', 'notes', 'authority', 'seal'])
    await cairn('prove', name, '--command', '0', '--out', 'log-proof.json')
    const proof = JSON.parse(readFileSync(at('log-proof.json'), 'utf8')) as {
      block: object
      roots: object
      seal: object
    }
    expect(block).toMatchObject({ header: proof.block, roots: proof.roots, seal: proof.seal })
    expect(block?.commands).toMatchObject([
      {
        seq: '0',
        client: 'c',
        request: '1',
        payload: `0x${Buffer.from('{"key":"greeting","value":"hello"}').toString('hex')}`,
      },
    ])
  })

  it('shows what a stranger wrote with nothing in it that steers a terminal, and no wider than it is', async () => {
    const name = await newChain()
    await cairn('append', name, JSON.stringify({ key: '\u001b[2J\u202e', value: 'x'.repeat(5000) }))
    const raw = JSON.stringify({ key: 'é\u001b[31m', value: '漢'.repeat(500) }).replace('\\u001b', '\\u001b')
    await cairnWith({ input: `${raw}\n` }, 'append', name)
    const { stdout } = await cairn('log', name)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(stdout).toContain('…')
  })

  it('says of a newest block whose seal was lost that it has none', async () => {
    const name = await newChain()
    const appending = new Running(folder.path, 'append', name)
    appending.child.stdin.write(put('a', '1'))
    await appending.printed(1)
    appending.child.kill('SIGKILL')
    await appending.ended()
    const { stdout } = await cairn('log', name)
    expect(stdout).toMatch(/^block 0 .*(?:no seal of its own|sealed under index 0)$/m)
  })

  it('ends where a journal is damaged, with what stands before it and the place', async () => {
    const name = await newChain()
    for (const value of ['1', '2', '3']) await cairn('append', name, 'put', 'a', value)
    cpSync(at(name), at('damaged'), { recursive: true })
    const wal = 'damaged/journal/0000000000000000.wal'
    const bytes = readFileSync(at(wal))
    bytes[2560 + 300] = (bytes[2560 + 300] as number) ^ 1
    folder.write(wal, bytes)
    const ended = await cairn('log', 'damaged')
    expect(ended.code).toBe(1)
    expect(ended.stdout.match(/^block \d+/gm)).toEqual(['block 0'])
    expect(ended.stderr).toMatch(/^The journal is damaged in 0000000000000000\.wal at byte 2560: /)
  })
})

describe('a log that follows', () => {
  it('has every block of lives that end well or not, over many files, once and with its seal', {
    timeout: 60_000,
  }, async () => {
    const first = new Producing(at('followed'), 0, 800)
    await first.open()
    const log = new Running(folder.path, 'log', 'followed', '--follow', '--json')
    await first.ended()
    const second = new Producing(at('followed'), 1, 60_000)
    await second.open()
    await sleep(700)
    second.child.kill('SIGKILL')
    await second.ended()
    const third = new Producing(at('followed'), 2, 500)
    await third.ended()

    const receipts = [...first.receipts, ...second.receipts, ...third.receipts]
    const newest = Math.max(...receipts.map((line) => Number(line.split(' ')[3])))
    await log.printed(newest + 1)
    log.child.kill('SIGINT')
    expect(await log.ended()).toBe(0)
    expect(log.stderr).toBe('')
    const blocks = parsed(log.receipts)
    expect(blocks.map(({ header }) => header.height)).toEqual(blocks.map((_, i) => String(i)))
    expect(blocks.length).toBeGreaterThan(newest)
    expect(blocks.filter(({ header }, i) => i > 0 && header.parentHash !== blocks[i - 1]?.hash)).toEqual([])
    expect(blocks.filter(({ seal }) => seal === null)).toEqual([])
    const commands = blocks.flatMap(({ header, commands }) =>
      commands.map(({ client, request, seq }) => `${client} ${request} ${seq} ${header.height}`),
    )
    const seen = new Set(commands)
    expect(receipts.filter((line) => !seen.has(line.split(' ').slice(0, 4).join(' ')))).toEqual([])
    rmSync(at('followed'), { recursive: true })
  })

  it('begins where it is told, waits for what is not there, and ends at its end', async () => {
    const name = await newChain()
    const log = new Running(folder.path, 'log', name, '-f', '--from', '1', '--to', '2')
    for (const value of ['1', '2', '3', '4']) await cairn('append', name, 'put', 'a', value)
    expect(await log.ended()).toBe(0)
    expect(log.stdout.match(/^block \d+/gm)).toEqual(['block 1', 'block 2'])
  })

  it('ends when nobody reads it any more', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'a', '1')
    const following = run(['sh', '-c', '"$@" | head -1', 'sh', ...CAIRN, 'log', name, '--follow'], { cwd: folder.path })
    const state = { isOver: false }
    const ended = following.finally(() => {
      state.isOver = true
    })
    for (let i = 0; !state.isOver && i < 20; i++) await cairn('append', name, 'put', 'a', `${i}`)
    expect(await ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^block 0 .*\n$/) as string,
      stderr: '',
    })
  })

  it('needs no right to write', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'a', '1')
    // It is open in this process: a lock would be met.
    const chain = await Chain.open(at(name), { machine: kv, guard: at(`${name}.keys`, 'guard') })
    expect((await cairn('log', name)).stdout).toMatch(/^block 0 /)
    await chain.close()
  })
})
