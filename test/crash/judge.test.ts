/** The judge of the killed programs can say no: to a receipt that nobody gave, to one that was changed, to one whose block is gone. And power cuts say what they need. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Chain } from '../../src/index.ts'
import { missingForCuts } from './cut-disk.ts'
import { judge, receiptsIn } from './judge.ts'
import { crashOptions, keys } from './options.ts'
import { commandOf, lineOf } from './traffic.ts'

let folder: string
let told: readonly string[]
const at = (name: string): string => join(folder, name, 'data')
const judged = (name: string, lines: readonly string[]): Promise<bigint> =>
  judge(at(name), { told: lines, commandOf, options: crashOptions(at(name)) })

/** Three commands, a block each, and the data and keys as they were after the first of them. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-judge-'))
  const lines: string[] = []
  for (const request of [1n, 2n, 3n]) {
    const directory = at('whole')
    const options = crashOptions(directory)
    const chain =
      request === 1n ? await Chain.create(directory, keys.genesis, options) : await Chain.open(directory, options)
    lines.push(lineOf(await chain.submit(commandOf('c0', request))))
    await chain.close()
    if (request === 1n) await cp(join(folder, 'whole'), join(folder, 'older'), { recursive: true })
  }
  told = lines
})
afterAll(() => rm(folder, { recursive: true }))

describe('the judge', () => {
  it('gives the blocks of a chain that keeps what was told, and of one that was never made', async () => {
    expect(await judged('whole', told)).toBe(4n)
    expect(await judged('nothing', [])).toBe(1n)
  })

  it('says no to receipts that do not hold', async () => {
    const [first = '', second = ''] = told
    await expect(judged('whole', [first.replace(/.$/, 'f')])).rejects.toThrow('it was told')
    await expect(judged('whole', ['c9 1 0 0 0x00 0 ok 0x'])).rejects.toThrow('it was told')
    await expect(judged('older', [first, second])).rejects.toThrow('it was told')
    await expect(judged('none', [first])).rejects.toThrow('receipts and no chain')
  })

  it('takes whole lines only for receipts', () => {
    expect(receiptsIn('open\nc0 1 2 3\nc1 1')).toEqual(['c0 1 2 3'])
    expect(receiptsIn('c1 1')).toEqual([])
  })
})

it('a machine without the tools for a power cut says which', () => {
  const { PATH } = process.env
  process.env.PATH = folder
  try {
    expect(missingForCuts()).toMatch(/mkfs\.ext4|^root|^Linux/)
  } finally {
    process.env.PATH = PATH
  }
})
