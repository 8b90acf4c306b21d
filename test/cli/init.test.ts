/** `cairn init`: what it refuses, and that one that was cut short is repaired by the next. */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { chainFolder } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, newChain, idOf } = folder

describe('init', () => {
  it('refuses where there is a chain, or anything else', async () => {
    const name = await newChain()
    const again = await cairn('init', name)
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toBe(`There is a chain in ${name} already: use it, or choose another directory.\n`)
    mkdirSync(at('full'))
    folder.write('full/letter.txt', 'Dear Ann')
    expect(await cairn('init', 'full')).toMatchObject({
      code: 1,
      stderr: 'full is not empty, “letter.txt” lies there: choose a directory of its own.\n',
    })
    expect(await cairn('init', 'full/letter.txt')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it is no directory') as string,
    })
  })

  it('shows a directory that begins with a dash so that it can be typed again', async () => {
    const made = await cairn('init', '--', '--x')
    expect(made.stdout).toContain('cairn append ./--x put')
    expect(await cairn('append', './--x', 'put', 'a', 'b')).toMatchObject({ code: 0 })
  })

  it.each([
    ['the keys were written', ['lock', 'journal', 'genesis.json'], ['guard']],
    ['the guard was written', ['genesis.json'], []],
  ])('that was cut short after %s goes on with the same keys', async (_, data, keys) => {
    const name = await newChain()
    const id = await idOf(name)
    for (const each of data) rmSync(at(name, each), { recursive: true })
    for (const each of keys) rmSync(at(`${name}.keys`, each))
    expect(await cairn('init', name, '--name', 'other')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`An earlier init made keys for the name “dev-${name}”`) as string,
    })
    expect(await cairn('init', name)).toMatchObject({ code: 0 })
    expect(await idOf(name)).toBe(id)
    expect(await cairn('append', name, 'put', 'a', 'b')).toMatchObject({ code: 0, stderr: '' })
  })

  it('never begins a second chain with keys that sealed blocks', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'a', 'b')
    renameSync(at(name), at('away'))
    const refused = { code: 1, stdout: '', stderr: expect.stringContaining('are in use') as string }
    expect(await cairn('init', name)).toMatchObject(refused)
    renameSync(at(`${name}.keys/dev-keys.json`), at('dev-keys.json'))
    expect(await cairn('init', name)).toMatchObject(refused)
    renameSync(at('dev-keys.json'), at(`${name}.keys/dev-keys.json`))
    rmSync(at(name), { recursive: true, force: true })
    renameSync(at('away'), at(name))
    expect(await cairn('get', name, 'a')).toMatchObject({ code: 0, stdout: 'b' })
  })

  it('twice at once makes one chain, which has its keys', async () => {
    const ended = await Promise.all([cairn('init', 'both'), cairn('init', 'both')])
    expect(new Set(ended.map(({ code }) => code))).toEqual(new Set([0, 1]))
    expect(await cairn('append', 'both', 'put', 'a', 'b')).toMatchObject({ code: 0, stderr: '' })
  })
})
