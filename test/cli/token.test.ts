/** `cairn token` of a chain that lies here, and of one that does not. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { chainFolder } from './chain-folder.ts'
import { serving } from './serving.ts'

const { at, cairn, newChain, path } = chainFolder()

it('lists tokens as JSON with all that is promised of each', async () => {
  const name = await newChain()
  await cairn('token', 'new', name, '--name', 'dash')
  await cairn('token', 'new', name, '--name', 'desk', '--client', 'desk-7', '--scope', 'append,read')
  const { stdout } = await cairn('token', 'list', name, '--json')
  const createdAt: unknown = expect.stringMatching(/^\d+$/)
  expect(JSON.parse(stdout)).toEqual({
    tokens: [
      { name: 'dash', scopes: ['read'], clients: null, createdAt },
      { name: 'desk', scopes: ['append', 'read'], clients: ['desk-7'], createdAt },
    ],
  })
})

it('says that there is no chain in a directory that was mistyped, and makes nothing beside it', async () => {
  for (const args of [['new', '--name', 'x'], ['list'], ['remove', '--name', 'x']]) {
    const [command = '', ...options] = args
    const refused = await cairn('token', command, 'mistyped', ...options)
    expect({ args, ...refused }).toMatchObject({ args, code: 1, stdout: '' })
    expect(refused.stderr).toContain('There is no chain in')
  }
  expect(existsSync(at('mistyped.keys'))).toBe(false)
})

it('opens no server to everybody because a file of tokens was mistyped, or its last token removed', async () => {
  const name = await newChain()
  const mistyped = await cairn('serve', name, '--port', '0', '--tokens', 'mistyped.json', '--json')
  expect(mistyped).toMatchObject({ code: 1, stdout: '' })
  expect(mistyped.stderr).toContain('tokens_needed')
  expect((await cairn('token', 'remove', name, '--name', 'x')).stdout).toBe('0 removed.\n')
  expect(existsSync(at(`${name}.keys/tokens.json`))).toBe(false)
  expect((await cairn('token', 'new', name, '--name', 'x')).stderr).toContain('from its next start on')
  const removed = await cairn('token', 'remove', name, '--name', 'x')
  expect(removed).toEqual({
    code: 0,
    stdout: '1 removed.\n',
    stderr: 'A server that is running takes them until it is started again.\n',
  })
  const emptied = await cairn('serve', name, '--port', '0')
  expect(emptied).toMatchObject({ code: 1, stdout: '' })
  expect(emptied.stderr).toContain('remove the file to serve without any on loopback')
  await rm(at(`${name}.keys/tokens.json`))
  const server = await serving(path, name)
  expect((await fetch(`${server.url}/v1/chain`)).status).toBe(200)
  expect(await server.stop()).toBe(0)
})

it('makes every token of several commands that come at once, and says of one that never ends that it is changing them', async () => {
  const name = await newChain()
  const made = await Promise.all(Array.from({ length: 6 }, (_, i) => cairn('token', 'new', name, '--name', `t${i}`)))
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0])
  const { stdout } = await cairn('token', 'list', name, '--json')
  expect((JSON.parse(stdout) as { tokens: unknown[] }).tokens).toHaveLength(6)
  const unlock = await nodeDisk.lock(at(`${name}.keys/tokens.json.lock`))
  const refused = await cairn('token', 'new', name, '--name', 'late')
  await unlock()
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toContain(`The process ${process.pid} is changing the tokens in `)
})
