/** `cairn guard`: a chain that may be an older copy takes commands again once its operator named its newest block, and not before. */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it, test, vi } from 'vitest'
import { chainFolder, Running } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, newChain } = folder

interface Head {
  readonly height: string
  readonly hash: string
}

const OTHER = `0x${'ab'.repeat(32)}`
const READ_ONLY = expect.stringMatching(/^Read only: .*cairn guard accept/) as string
/** As the command line says `chain_rolled_back`. */
const ROLLED_BACK = {
  code: 1,
  stdout: '',
  stderr: expect.stringMatching(/accept what may be lost: cairn guard accept/) as string,
}
const APPENDED = { code: 0, stderr: '' }

const guardOf = (name: string): string => at(`${name}.keys`, 'guard')

async function append(name: string, value: string): Promise<Head> {
  const { stdout, stderr } = await cairn('append', name, 'put', 'a', value, '--json')
  if (stdout === '') throw new Error(stderr)
  const { height, blockHash } = JSON.parse(stdout) as { height: string; blockHash: string }
  return { height, hash: blockHash }
}

const accept = (name: string, { height, hash }: Head, ...more: string[]) =>
  cairn('guard', 'accept', name, '--height', height, '--hash', hash, ...more)

async function shown(name: string): Promise<unknown> {
  return JSON.parse((await cairn('guard', 'show', name, '--json')).stdout) as unknown
}

/** A chain of which an older copy was put back: where it stands, and where its guard does. */
async function putBack(): Promise<{ name: string; old: Head; newest: Head }> {
  const name = await newChain()
  const old = await append(name, 'old')
  cpSync(at(name), at(`${name}-older`), { recursive: true })
  await append(name, 'new')
  const newest = await append(name, 'newer')
  rmSync(at(name), { recursive: true })
  renameSync(at(`${name}-older`), at(name))
  return { name, old, newest }
}

describe('a chain that lost its guard', () => {
  it('is read only until its newest block is accepted', async () => {
    const name = await newChain()
    await append(name, 'first')
    const head = await append(name, 'second')
    rmSync(guardOf(name))
    expect(await cairn('get', name, 'a')).toEqual({ code: 0, stdout: 'second', stderr: READ_ONLY })
    expect(await cairn('append', name, 'put', 'a', 'third')).toMatchObject(ROLLED_BACK)

    for (const wrong of [
      { height: '1', hash: OTHER },
      { height: '0', hash: head.hash },
      { height: '2', hash: head.hash },
    ]) {
      const refused = await accept(name, wrong)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain(
        `The newest block of the chain is 1 (${head.hash}), not ${wrong.height} (${wrong.hash}).`,
      )
      expect(refused.stderr.trim().split('\n')).toHaveLength(1)
      expect(existsSync(guardOf(name))).toBe(false)
    }
    expect(await cairn('append', name, 'put', 'a', 'third')).toMatchObject(ROLLED_BACK)

    const accepted = await accept(name, head)
    expect(accepted.code).toBe(0)
    expect(accepted.stdout).toContain(`Accepted: the guard names block 1 (${head.hash}).\n`)
    expect(accepted.stdout).toContain(`  cairn append ${name} put greeting hello\n`)
    const told = accepted.stderr.replaceAll('\n', ' ')
    expect(told).toMatch(/^THIS GIVES SOMETHING UP\. There is no guard, so nobody can tell/)
    expect(told).toContain('Commands that were acknowledged above block 1 may be lost for good')
    expect(told).toContain('two blocks will be sealed at one height')
    expect(await shown(name)).toEqual({ guard: { head } })
    expect(statSync(guardOf(name)).mode & 0o777).toBe(0o600)
    expect(await cairn('append', name, 'put', 'a', 'third')).toMatchObject(APPENDED)
    expect(await cairn('get', name, 'a')).toEqual({ code: 0, stdout: 'third', stderr: '' })
  })

  it('and was killed keeps what was acknowledged, though the guard names the newest block that has a seal', async () => {
    const name = await newChain()
    await append(name, 'first')
    const running = new Running(folder.path, 'append', name)
    for (const value of ['second', 'third', 'fourth']) {
      running.child.stdin.write(`${JSON.stringify({ key: 'a', value })}\n`)
      await running.printed(['second', 'third', 'fourth'].indexOf(value) + 1)
    }
    running.child.kill('SIGKILL')
    await running.ended()
    rmSync(guardOf(name))
    const refused = await accept(name, { height: '0', hash: OTHER })
    const [, height = '', hash = ''] =
      /newest block of the chain is (\d+) \((0x[0-9a-f]{64})\)/.exec(refused.stderr) ?? []
    expect(await accept(name, { height, hash })).toMatchObject({ code: 0 })
    expect(await append(name, 'fifth')).toMatchObject({ height: '4' })
    expect(await cairn('get', name, 'a', '--height', '3')).toMatchObject({ code: 0, stdout: 'fourth' })
  })
})

describe('an older copy of the data', () => {
  it('is read only until its newest block is accepted, and not that of the guard', async () => {
    const { name, old, newest } = await putBack()
    expect(await cairn('get', name, 'a')).toEqual({ code: 0, stdout: 'old', stderr: READ_ONLY })
    expect(await cairn('append', name, 'put', 'a', 'b')).toMatchObject(ROLLED_BACK)
    const before = readFileSync(guardOf(name))
    const refused = await accept(name, newest)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain(`The newest block of the chain is 0 (${old.hash}), not 2 (${newest.hash}).`)
    expect(readFileSync(guardOf(name))).toEqual(before)

    const accepted = await accept(name, old, '--json')
    expect(accepted.code).toBe(0)
    expect(JSON.parse(accepted.stdout)).toEqual({ written: true, head: old })
    expect(accepted.stderr.replaceAll('\n', ' ')).toContain('The guard names block 2; the chain ends at block 0')
    expect(await append(name, 'again')).toMatchObject({ height: '1' })
    expect(await cairn('get', name, 'a')).toEqual({ code: 0, stdout: 'again', stderr: '' })
  })

  it('that went on by itself is told from the chain that was guarded', async () => {
    const { name, old, newest } = await putBack()
    const guarded = readFileSync(guardOf(name))
    await accept(name, old)
    await append(name, 'b')
    const other = await append(name, 'c')
    writeFileSync(guardOf(name), guarded)
    expect(other).toMatchObject({ height: newest.height })
    expect(await cairn('append', name, 'put', 'a', 'd')).toMatchObject(ROLLED_BACK)
    expect(await accept(name, newest)).toMatchObject({ code: 1 })
    const accepted = await accept(name, other)
    expect(accepted.code).toBe(0)
    expect(accepted.stderr.replaceAll('\n', ' ')).toContain('The guard names another block at height 2')
    expect(await cairn('append', name, 'put', 'a', 'd')).toMatchObject(APPENDED)
  })
})

describe('nothing is written', () => {
  it('where the chain is not behind its guard', async () => {
    const name = await newChain()
    const empty = await accept(name, { height: '0', hash: OTHER })
    expect(empty).toMatchObject({ code: 0, stderr: '' })
    expect(empty.stdout).toContain('Nothing to accept, and nothing was written: the guard names no block.')
    const first = await append(name, 'first')
    const below = readFileSync(guardOf(name))
    const head = await append(name, 'second')
    writeFileSync(guardOf(name), below)
    for (const named of [head, first]) {
      const ended = await accept(name, named)
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(ended.stdout).toContain('the guard names block 0, which the chain has.')
      expect(ended.stdout).toContain(`Its newest block is 1 (${head.hash}).`)
    }
    expect(JSON.parse((await accept(name, head, '--json')).stdout)).toEqual({ written: false, head })
    expect(readFileSync(guardOf(name))).toEqual(below)
  })

  it('where another process has the chain', async () => {
    const name = await newChain()
    const head = await append(name, 'first')
    const running = new Running(folder.path, 'append', name)
    running.child.stdin.write('{"key":"a","value":"b"}\n')
    await running.printed(1)
    // The guard follows within a second, and then stays.
    const next = { guard: { head: { height: '1' } } }
    await vi.waitFor(async () => expect(await shown(name)).toMatchObject(next), 20_000)
    const before = readFileSync(guardOf(name))
    expect(await accept(name, head)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is held by process') as string,
    })
    expect(await cairn('guard', 'show', name)).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(guardOf(name))).toEqual(before)
    running.child.stdin.end()
    await running.ended()
  })

  it('where the guard is of another chain', async () => {
    const [name, other] = [await newChain(), await newChain()]
    const head = await append(name, 'first')
    cpSync(guardOf(other), guardOf(name))
    const before = readFileSync(guardOf(name))
    const refused = { code: 1, stdout: '', stderr: expect.stringContaining('is not one of this chain') as string }
    expect(await accept(name, head)).toMatchObject(refused)
    expect(await cairn('guard', 'show', name)).toMatchObject(refused)
    expect(readFileSync(guardOf(name))).toEqual(before)
  })

  it('where no block is left to name', async () => {
    const name = await newChain()
    cpSync(at(name), at(`${name}-empty`), { recursive: true })
    const head = await append(name, 'first')
    rmSync(at(name), { recursive: true })
    renameSync(at(`${name}-empty`), at(name))
    const ended = await accept(name, head)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('no block that is sealed')
  })
})

it('show prints what the guard names, or that there is none', async () => {
  const name = await newChain()
  expect(await cairn('guard', 'show', name)).toEqual({ code: 0, stdout: 'The guard names no block yet.\n', stderr: '' })
  expect(await shown(name)).toEqual({ guard: { head: null } })
  const head = await append(name, 'first')
  expect((await cairn('guard', 'show', name)).stdout).toBe(`height 0  hash ${head.hash}\n`)
  expect(await shown(name)).toEqual({ guard: { head } })
  rmSync(guardOf(name))
  const none = await cairn('guard', 'show', name)
  expect(none).toEqual({ code: 0, stdout: `There is no guard: no ${name}.keys/guard.\n`, stderr: '' })
  expect(await shown(name)).toEqual({ guard: null })
})

test.each([
  ['no command', ['guard'], 'accept'],
  ['no height', ['guard', 'accept', 'x', '--hash', OTHER], "'--height <n>' not specified"],
  ['no hash', ['guard', 'accept', 'x', '--height', '1'], "'--hash <0x…>' not specified"],
  ['a height that is none', ['guard', 'accept', 'x', '--height', '-1', '--hash', OTHER], 'a whole number from 0 on'],
  ['a short hash', ['guard', 'accept', 'x', '--height', '1', '--hash', '0xab'], '64 lower-case hex digits'],
  [
    'upper case',
    ['guard', 'accept', 'x', '--height', '1', '--hash', `0x${'AB'.repeat(32)}`],
    '64 lower-case hex digits',
  ],
  ['two heights', ['guard', 'accept', 'x', '--height', '1', '--height', '2', '--hash', OTHER], 'once only'],
  ['show without a directory', ['guard', 'show'], "missing required argument 'dir'"],
])('2 for %s', async (_, args, said) => {
  const ended = await cairn(...args)
  expect(ended).toMatchObject({ code: 2, stdout: '' })
  expect(ended.stderr).toContain(said)
  expect(existsSync(at('x'))).toBe(false)
})

test.each([
  ['show', []],
  ['accept', ['--height', '1', '--hash', OTHER]],
])('1 for %s where there is no chain', async (name, args) => {
  const ended = await cairn('guard', name, 'nowhere', ...args)
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain('There is no chain in')
  expect(existsSync(at('nowhere'))).toBe(false)
})

test.each(['guard', 'guard show', 'guard accept'])('%s --help has examples', async (name) => {
  const { code, stdout, stderr } = await cairn(...name.split(' '), '--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`\nExamples:\n  $ cairn ${name} `)
})
