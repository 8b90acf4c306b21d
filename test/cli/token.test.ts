/** `cairn token` of a chain that lies here, and of one that does not. */
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { chainFolder } from './chain-folder.ts'

const { at, cairn, newChain } = chainFolder()

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
