/** With `--json` every command prints one object of JSON, also of what went wrong: u64 as decimal text, bytes as hex. */
import { expect, it } from 'vitest'
import { chainFolder } from './chain-folder.ts'

const { at, cairn, newChain } = chainFolder()

it('prints what came of each command', async () => {
  const hex = (digits: number): unknown => expect.stringMatching(new RegExp(`^0x[0-9a-f]{${digits}}$`))
  const printed = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, stdout } = await cairn(...args)
    expect(code).toBe(0)
    return JSON.parse(stdout) as Record<string, unknown>
  }
  const made = await printed('init', 'demo', '--json')
  expect(made).toEqual({
    chainId: hex(64),
    genesis: {
      name: 'dev-demo',
      coldKey: hex(40),
      machine: 'kv@1',
      createdAt: expect.stringMatching(/^\d+$/) as string,
      nonce: hex(64),
    },
    data: at('demo'),
    keys: at('demo.keys'),
    guard: at('demo.keys', 'guard'),
    asked: [],
  })
  const { chainId, genesis } = made
  expect(await printed('id', 'demo', '--json')).toEqual({ chainId, genesis })
  expect(await printed('append', 'demo', 'put', 'a', 'b', '--json')).toMatchObject({ height: '0', seq: '0' })
  expect(await printed('get', 'demo', 'a', '--json')).toEqual({
    tree: 'state',
    key: '0x61',
    height: '0',
    value: '0x62',
  })
  expect(await printed('prove', 'demo', '--json')).toMatchObject({ format: 'cairn.proof/v1' })
  expect(await printed('prove', 'demo', '--json', '-o', 'proof.json')).toEqual({ file: 'proof.json', chainId })
  expect(await printed('verify', 'proof.json', '--chain-id', String(chainId), '--json')).toMatchObject({ ok: true })
  expect(await printed('guard', 'show', 'demo', '--json')).toMatchObject({ guard: { head: { height: '0' } } })
})

it('and tells errors with their code, on standard error', async () => {
  await cairn('init', 'errors')
  await cairn('append', 'errors', 'put', 'a', 'b')
  const refused = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await cairn(...args, '--json')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    return JSON.parse(stderr) as unknown
  }
  expect(await refused('get', 'errors', 'none')).toEqual({
    error: {
      code: 'key_absent',
      message: 'There is no key “none” in the state tree, as of block 0.',
      details: { tree: 'state', height: '0' },
    },
  })
  expect(await refused('init', 'errors')).toMatchObject({ error: { code: 'chain_exists' } })
  expect(await refused('id', 'nowhere')).toMatchObject({ error: { code: 'no_chain' } })
  expect(await refused('prove', 'errors', '--command', '7')).toMatchObject({ error: { code: 'unknown_entry' } })
  expect(await refused('guard', 'show', 'nowhere')).toMatchObject({ error: { code: 'no_chain' } })
  expect(await refused('verify', 'none.json', '--chain-id', `0x${'0'.repeat(64)}`)).toMatchObject({
    error: { code: 'file_unreadable' },
  })
  // What follows -- is no option.
  const plain = await cairn('get', 'errors', '--', '--json')
  expect(plain.stderr).toBe('There is no key “--json” in the state tree, as of block 0.\n')
})

it('and of a command line that is wrong nothing else', async () => {
  const name = await newChain()
  for (const args of [
    ['prove', name, '--command', 'x'],
    ['get', name],
    ['append', name, 'put', 'a'],
    ['no-such-command'],
    ['log', name, '--no-such-option'],
    ['token'],
  ]) {
    const { code, stdout, stderr } = await cairn(...args, '--json')
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
    expect([args, JSON.parse(stderr)]).toMatchObject([args, { error: { code: 'wrong_usage' } }])
  }
  expect((await cairn('get', name, '--help', '--json')).stdout).toContain('Usage: cairn get')
})
