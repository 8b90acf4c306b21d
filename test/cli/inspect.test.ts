/** `cairn inspect`: somebody with one file, or half of one, sees what is in it; and of a directory what a start would find. */
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { readVectors } from '../vectors/read.ts'
import { chainFolder, put, Running } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, newChain } = folder
const WAL = '0000000000000000.wal'
let chain = ''

beforeAll(async () => {
  chain = await newChain()
  await cairn('append', chain, 'put', 'a', '1')
  await cairn('append', chain, 'put', 'a', '2')
  await cairn('export', chain, '-o', 'whole.cairn')
})

const lines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('a journal', () => {
  it('is shown frame by frame, with what a start would find', async () => {
    const { code, stdout, stderr } = await cairn('inspect', chain)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${WAL}  67108864 bytes  cairn.journal/1\n  0         header  first height 0  salt 0x`)
    expect(stdout).toMatch(
      /\n {2}512 {7}frame {2}1024 bytes, payload \d+ {2}zero sectors 0 {2}head CRC ok {2}payload CRC ok\n {12}block 0 {2}1 command {2}\d+ bytes\n/,
    )
    expect(stdout).toMatch(/\n {2}\d+ +end: clean: it was closed at block 1; block 2 comes next\n/)
    expect(stdout).toMatch(/ahead\.tmp {2}67108864 bytes\nA start would find it clean, with block 1 as its newest\.\n$/)
    expect((await cairn('inspect', `${chain}/journal`)).stdout).toBe(stdout)
  })

  it('is shown as JSON, a line for each part', async () => {
    const parts = lines((await cairn('inspect', chain, '--json')).stdout)
    expect(parts.map(({ kind }) => kind)).toEqual([
      'header',
      ...Array.from({ length: 6 }, () => 'frame'),
      'zeros',
      'end',
      'journal',
    ])
    expect(parts[1]).toMatchObject({
      file: WAL,
      offset: 512,
      headCrc: true,
      payloadCrc: true,
      zeroSectors: { said: 0, found: 0 },
      records: [{ k: 'block', height: '0', commands: 1 }],
    })
    expect(parts.at(-1)).toMatchObject({ state: 'clean', height: '1', others: [{ name: 'ahead.tmp' }] })
  })

  it('is not made up where a directory has none', async () => {
    const { code, stdout, stderr } = await cairn('inspect', `${chain}.keys`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `There is no journal in ${chain}.keys: name the directory of a chain, a journal, a .wal file or an export.\n`,
    )
  })

  it('is shown beside the process that writes it, and nothing is changed', async () => {
    const name = await newChain()
    const appending = new Running(folder.path, 'append', name)
    appending.child.stdin.write(put('a', '1'))
    await appending.printed(1)
    // The next file is made behind its back, and has another name meanwhile.
    await vi.waitFor(() => expect(existsSync(at(name, 'journal', 'ahead.tmp'))).toBe(true), 10_000)
    const before = readdirSync(at(name), { recursive: true })
    const { code, stdout } = await cairn('inspect', name)
    expect(code).toBe(0)
    expect(stdout).toContain('end: open: no close record')
    expect(readdirSync(at(name), { recursive: true })).toEqual(before)
    appending.child.stdin.end()
    expect(await appending.ended()).toBe(0)
  })

  it('has the records of a frame in full', async () => {
    const { stdout } = await cairn('inspect', `${chain}/journal/${WAL}`, '--frame', '512')
    expect(JSON.parse(stdout)).toMatchObject({
      offset: 512,
      records: [{ k: 'block', v: 1, header: { height: '0' }, commands: [{ seq: '0', type: 'put' }] }],
    })
    const none = await cairn('inspect', `${chain}/journal/${WAL}`, '--frame', '1024')
    expect(none.code).toBe(3)
    expect(JSON.parse(none.stdout)).toMatchObject({ offset: 1024, problem: expect.any(String) as string })
  })
})

/** All of them are looked at in test/journal. */
const EXAMPLES: readonly string[] = [
  'clean',
  'newest frame lost its last sector',
  'older frame lost a sector',
  'header damaged',
]

describe('a broken one', () => {
  it('as a single file under any name is shown to its end', async () => {
    copyFileSync(at(chain, 'journal', WAL), at('copied'))
    const bytes = readFileSync(at('copied'))
    bytes[700] = (bytes[700] as number) ^ 1
    writeFileSync(at('copied'), bytes)
    const { code, stdout, stderr } = await cairn('inspect', 'copied')
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(stdout).toContain(`✗ by its header its name is ${WAL}\n`)
    expect(stdout).toContain('head CRC ok  payload CRC wrong\n            ✗ the CRC of the payload is another\n')
    expect(stdout).toContain('close 1  ')
    expect(stdout).toMatch(/512 {7}end: corrupt: the CRC of the payload is another, and no power cut leaves it so/)
  })

  it('in a directory says which file, and what a start would say', async () => {
    cpSync(at(chain), at('damaged'), { recursive: true })
    writeFileSync(at('damaged/journal/3.wal'), 'no journal')
    const { code, stdout } = await cairn('inspect', 'damaged', '--json')
    expect(code).toBe(3)
    const parts = lines(stdout)
    expect(parts.find(({ file, kind }) => file === '3.wal' && kind === 'end')).toMatchObject({ state: 'corrupt' })
    expect(parts.at(-1)).toMatchObject({ kind: 'journal', error: { code: 'journal_gap' } })
  })

  it.each(
    readVectors<{ cases: { name: string; state: string; offset: number; bytes: string }[] }>('journal').cases.filter(
      ({ name }) => EXAMPLES.includes(name),
    ),
  )('as in the example “$name”', async ({ state, offset, bytes }) => {
    folder.write('example.wal', gunzipSync(Buffer.from(bytes, 'base64')))
    const { code, stdout } = await cairn('inspect', 'example.wal', '--json')
    const end = lines(stdout).at(-1)
    expect(end).toMatchObject({ kind: 'end', offset })
    expect(state === 'clean' ? ['clean', 'open', 'empty'] : [state]).toContain(end?.state)
    expect(code).toBe(state === 'corrupt' ? 3 : 0)
  })
})

describe('an export', () => {
  it('is shown piece by piece', async () => {
    const { code, stdout } = await cairn('inspect', 'whole.cairn')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^whole\.cairn {2}\d+ bytes {2}cairn\.export\/v1\n {2}15 {8}piece/)
    expect(stdout).toContain('"from":0,"to":1,')
    expect(stdout).toMatch(/end: whole: it has its end, and 2 blocks\n$/)
    const pieces = lines((await cairn('inspect', 'whole.cairn', '--json')).stdout)
    const { offset } = pieces[1] as { offset: number }
    const frame = await cairn('inspect', 'whole.cairn', '--frame', `${offset}`)
    expect((JSON.parse(frame.stdout) as { records: { k: string }[] }).records.map(({ k }) => k)).toEqual([
      'block',
      'seal',
      'block',
      'seal',
    ])
  })

  it('that is cut short or damaged is shown as far as it goes', async () => {
    const whole = readFileSync(at('whole.cairn'))
    folder.write('cut.cairn', whole.subarray(0, -30))
    const cut = await cairn('inspect', 'cut.cairn')
    expect(cut.code).toBe(3)
    expect(cut.stdout).toContain('block 1  1 command')
    expect(cut.stdout).toContain('end: cut short: ')
    for (const at of [20, 400, whole.length - 3]) {
      const bytes = Uint8Array.from(whole)
      bytes[at] = (bytes[at] as number) ^ 1
      folder.write('damaged.cairn', bytes)
      const damaged = await cairn('inspect', 'damaged.cairn')
      expect(damaged.code).toBe(3)
      expect(damaged.stdout).toContain('end: corrupt: ')
    }
  })
})

it.each([
  ['nothing', ''],
  ['text', 'not a journal, and nothing else either\n'],
])('a file of %s is shown as what it is not', async (_, content) => {
  folder.write('stranger', content)
  const { code, stdout, stderr } = await cairn('inspect', 'stranger')
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(stdout).toContain('end: corrupt: its header is not whole')
})
