/** `cairn append` from standard input: order, bounds, refusals, and what holds after an end of any kind. */
import { describe, expect, it } from 'vitest'
import { run } from '../support/cli.ts'
import { CAIRN, chainFolder, put, Running } from './chain-folder.ts'

const folder = chainFolder()
const { cairn, cairnWith, newChain, idOf } = folder

describe('append from standard input', () => {
  const lines = (count: number): string => Array.from({ length: count }, (_, i) => put(`k${i}`, `v${i}`)).join('')

  it('a thousand lines have a thousand receipts, in their order', async () => {
    const name = await newChain()
    const ended = await cairnWith({ input: `${lines(1000)}\r\n  \n${put('last', 'one').trim()}` }, 'append', name, '-')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const seqs = [...ended.stdout.matchAll(/^height \d+ {2}seq (\d+) {2}accepted /gm)].map(([, seq]) => Number(seq))
    expect(seqs).toEqual(Array.from({ length: 1001 }, (_, i) => i))
    expect((await cairn('get', name, 'k999')).stdout).toBe('v999')
    expect((await cairn('get', name, 'last')).stdout).toBe('one')
  })

  it('many megabytes wait for their turn', async () => {
    const name = await newChain()
    const large = put('large', 'x'.repeat(1_000_000))
    const ended = await cairnWith({ input: large.repeat(90) }, 'append', name)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout.match(/accepted/g)).toHaveLength(90)
  })

  it('a line that is refused is named; those before it are in the chain, those after it are not', async () => {
    const name = await newChain()
    const input = `${put('a', '1')}\n{"key":"b"}\n${put('c', '3')}`
    const ended = await cairnWith({ input }, 'append', name)
    expect(ended).toMatchObject({ code: 1, stdout: 'height 0  seq 0  accepted  {"replaced":false}\n' })
    expect(ended.stderr).toBe('line 3: The payload of put is refused: $.value: the member is missing\n')
    expect(await cairn('get', name, 'c')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no key “c” in the state tree, as of block 0.\n',
    })
  })

  it('a line without an end is refused, and takes no memory', async () => {
    const name = await newChain()
    function* endless(): Iterable<Uint8Array> {
      yield Buffer.from(put('a', '1'))
      for (;;) yield Buffer.alloc(1 << 16, 'x')
    }
    const ended = await cairnWith({ input: endless() }, 'append', name)
    expect(ended.code).toBe(1)
    expect(ended.stdout).toMatch(/^height 0 [^\n]+\n$/)
    expect(ended.stderr).toMatch(/^line 2: it is longer than the \d+ bytes that a line may have\n$/)
  })

  it('what the machine rejects is in the chain, and is no error', async () => {
    const name = await newChain()
    const input = '{"key":"a","expected":"b","value":"c"}\n'
    const ended = await cairnWith({ input }, 'append', name, '--type', 'cas')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(/^height 0 {2}seq 0 {2}rejected {2}\{"error":\{"code":"cas_mismatch"/)
  })

  it('with a client and a number, what is sent again is executed once', async () => {
    const name = await newChain()
    const send = (text: string) =>
      cairnWith({ input: text }, 'append', name, '--client', 'a', '--request', '7', '--json')
    const first = await send(lines(3))
    const more = await send(lines(5))
    expect(more.stdout.startsWith(first.stdout)).toBe(true)
    const receipts = more.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    expect(receipts.map(({ seq, request }) => [seq, request])).toEqual([0, 1, 2, 3, 4].map((i) => [`${i}`, `${i + 7}`]))
    const other = await send(put('k0', 'another'))
    expect(other).toMatchObject({ code: 1, stdout: '' })
    const { error } = JSON.parse(other.stderr) as { error: object }
    expect(error).toMatchObject({
      code: 'request_conflict',
      message: expect.stringMatching(/^line 1: This client’s request number names another command already/) as string,
      details: { client: 'a', request: '7', line: 1 },
    })
  })

  it('has the chain for itself while it reads', async () => {
    const name = await newChain()
    const appending = new Running(folder.path, 'append', name)
    appending.child.stdin.write(put('a', '1'))
    await appending.printed(1)
    const pattern = `is held by process ${appending.child.pid} on \\S+ since [^\n]+: let it come to its end or stop it`
    for (const args of [
      ['append', name, 'put', 'b', '2'],
      ['get', name, 'a'],
      ['prove', name],
    ]) {
      const ended = await cairn(...args)
      expect(ended).toMatchObject({ code: 1, stdout: '' })
      expect(ended.stderr).toMatch(new RegExp(pattern))
    }
    expect(await cairn('id', name)).toMatchObject({ code: 0, stderr: '' })
    appending.child.stdin.end(put('b', '2'))
    expect(await appending.ended()).toBe(0)
    expect(appending.receipts).toHaveLength(2)
    expect((await cairn('get', name, 'b')).stdout).toBe('2')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it in good order', async (signal) => {
    const name = await newChain()
    const appending = new Running(folder.path, 'append', name)
    appending.child.stdin.write(`${put('a', '1')}{"key":"half`)
    await appending.printed(1)
    appending.child.kill(signal)
    expect(await appending.ended()).toBe(1)
    expect(appending.stderr).toBe('Interrupted: what has a receipt is in the chain, and nothing after it.\n')
    expect(await cairn('get', name, 'a')).toEqual({ code: 0, stdout: '1', stderr: '' })
  })

  it('after kill -9 every receipt that was printed holds, and the same input goes on', async () => {
    const name = await newChain()
    const args = ['append', name, '--client', 'a', '--request', '1']
    const input = lines(2000)
    const appending = new Running(folder.path, ...args)
    const all = input.split('\n')
    for (let from = 0; from < 1000; from += 100) {
      appending.child.stdin.write(`${all.slice(from, from + 100).join('\n')}\n`)
      await appending.printed(from + 1)
    }
    appending.child.kill('SIGKILL')
    await appending.ended()
    const printed = appending.receipts
    expect(printed.length).toBeGreaterThan(900)
    expect((await cairn('get', name, `k${printed.length - 1}`)).stdout).toBe(`v${printed.length - 1}`)
    const again = await cairnWith({ input }, ...args)
    expect(again.code).toBe(0)
    const receipts = again.stdout.split('\n').slice(0, -1)
    expect(receipts.slice(0, printed.length)).toEqual(printed)
    expect(receipts.map((line) => Number(/seq (\d+)/.exec(line)?.[1]))).toEqual(receipts.map((_, i) => i))
    expect(receipts).toHaveLength(2000)
    await cairn('prove', name, '--command', `${printed.length - 1}`, '--out', 'killed.json')
    expect(await cairn('verify', 'killed.json', '--chain-id', await idOf(name))).toMatchObject({ code: 0 })
  })

  it('goes on when nobody reads the receipts any more', async () => {
    const name = await newChain()
    const script = '"$@" | head -1'
    const ended = await run(['sh', '-c', script, 'sh', ...CAIRN, 'append', name], {
      cwd: folder.path,
      input: lines(5000),
    })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect((await cairn('get', name, 'k4999')).stdout).toBe('v4999')
  })
})
