/** `cairn bench`: figures of a chain that is made for it and taken away again, or of a server; and what they are made with. */
import { mkdirSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Latencies } from '../../src/cli/bench/latencies.ts'
import { Meter } from '../../src/cli/bench/meter.ts'
import { Random, seed } from '../support/seed.ts'
import { chainFolder, Running } from './chain-folder.ts'
import { proxy, serving } from './serving.ts'

const folder = chainFolder()
const { at, cairn } = folder
const SMALL = ['--seconds', '1', '--keys', '500', '--in-flight', '50'] as const

interface Printed {
  readonly machine: Readonly<Record<string, unknown>>
  readonly figures: readonly {
    name: string
    value: number
    unit: string
    min: number
    max: number
    target: null
    ok: null
  }[]
}

describe('a chain of its own', () => {
  it('is measured and taken away again, and the figures have the shape of all figures', {
    timeout: 60_000,
  }, async () => {
    mkdirSync(at('disk'))
    const { code, stdout } = await cairn('bench', ...SMALL, '--dir', 'disk', '--json')
    expect(code).toBe(0)
    const { machine, figures } = JSON.parse(stdout) as Printed
    expect(Object.keys(machine)).toEqual(['cpu', 'cores', 'platform', 'node', 'engine'])
    for (const each of figures) {
      expect(Object.keys(each)).toEqual(['name', 'value', 'unit', 'min', 'max', 'target', 'ok'])
      expect(each.min).toBeLessThanOrEqual(each.value)
      expect(each.value).toBeLessThanOrEqual(each.max)
      expect(each.value).toBeGreaterThan(0)
    }
    const figureOf = (name: string): number => figures.find((each) => each.name === name)?.value ?? Number.NaN
    expect(figureOf('acknowledged within, 50 in flight: half')).toBeLessThanOrEqual(
      figureOf('acknowledged within, 50 in flight: 999 of 1,000'),
    )
    expect(figureOf('commands a block')).toBeLessThanOrEqual(50)
    // A put of 100 bytes with its key, its write and what belongs to a record.
    expect(figureOf('journal, a command')).toBeGreaterThan(200)
    expect(figureOf('journal, a command')).toBeLessThan(5000)
    expect(readdirSync(at('disk'))).toEqual([])
    expect((await cairn('bench', ...SMALL, '--dir', 'disk')).stdout).toMatch(/\nacknowledged commands +[\d,.]+ \/s/)
  })

  it('is taken away at Ctrl-C', { timeout: 60_000 }, async () => {
    mkdirSync(at('cut'))
    const running = new Running(folder.path, 'bench', '--seconds', '600', '--keys', '500', '--dir', 'cut')
    while (readdirSync(at('cut')).length === 0) await sleep(20)
    await sleep(1000)
    running.child.kill('SIGINT')
    expect(await running.ended()).toBe(1)
    expect(running.stderr).toContain('Interrupted: nothing was measured to its end.')
    expect(running.stdout).toBe('')
    expect(readdirSync(at('cut'))).toEqual([])
  })

  it.each([
    ['--seconds', '0'],
    ['--in-flight', '100000'],
    ['--keys', 'many'],
    ['--size', '-1'],
    ['--dir', ''],
  ])('2 for %s %s', async (option, value) => {
    expect(await cairn('bench', `${option}=${value}`)).toMatchObject({ code: 2, stdout: '' })
  })

  it('1 where there is no such directory', async () => {
    expect(await cairn('bench', '--dir', 'nowhere')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no such file or directory') as string,
    })
  })
})

describe('a server', () => {
  it('is measured with real commands, where that is meant; and a lie ends it', { timeout: 60_000 }, async () => {
    const name = await folder.newChain()
    const id = await folder.idOf(name)
    const server = await serving(folder.path, name)
    const asked = ['bench', ...SMALL, '--chain-id', id]
    expect(await cairn(...asked, '--url', server.url)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('writes real commands') as string,
    })
    expect(await cairn(...asked, '--url', server.url, '--yes', '--dir', '.')).toMatchObject({ code: 2 })
    const { code, stdout } = await cairn(...asked, '--url', server.url, '--yes', '--json')
    expect(code).toBe(0)
    const { figures } = JSON.parse(stdout) as Printed
    expect(figures.map((each) => each.name)).toContain('acknowledged within, one in flight: 99 of 100')
    expect(figures.some((each) => each.name.includes('fdatasync'))).toBe(false)
    const log = await cairn('log', '--url', server.url, '--chain-id', id, '--to', '0')
    expect(log.stdout).toMatch(/cli-[0-9a-f]+\/\d+ {2}put {2}accepted {2}\{"key":"bench\/0000000\d+"/)
    const liar = await proxy(() => server.url, {
      change: (answer, path) =>
        path === '/v1/commands' ? answer.toString().replace('"status":0', '"status":1') : answer,
    })
    expect(await cairn(...asked, '--url', liar.url, '--yes')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^proof_invalid: /) as string,
    })
    await server.stop()
  })
})

describe(`what it counts with (CAIRN_SEED=${seed})`, () => {
  it('says of latencies what sorting them says, and at most a step of one percent more', () => {
    const random = new Random()
    const all = Array.from({ length: 5000 }, () => Math.exp(random.below(1_000_000) / 70_000) / 1000)
    const latencies = new Latencies()
    for (const each of all) latencies.add(each)
    all.sort((a, b) => a - b)
    for (const part of [0.001, 0.5, 0.99, 0.999, 1]) {
      const exact = all[Math.ceil(part * all.length) - 1] as number
      expect(latencies.within(part)).toBeGreaterThanOrEqual(exact * 0.999_999)
      expect(latencies.within(part)).toBeLessThanOrEqual(exact * 1.010_001)
    }
    const longest = new Latencies()
    longest.add(10_000_000)
    expect(longest.within(0.5)).toBeLessThanOrEqual(10_000_000)
    expect(new Latencies().within(0.5)).toBeNaN()
  })

  it('counts in the window in which it was acknowledged, and what comes late in the last one', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000)
    const meter = new Meter(0.2, 0.1)
    meter.acknowledged(3, 1000)
    now.mockReturnValue(1120)
    meter.acknowledged(2, 1070)
    now.mockReturnValue(1240)
    expect(meter.open).toBe(false)
    meter.acknowledged(1, 1240)
    const { rate, p99, windows } = meter.pace()
    expect(meter.count).toBe(6)
    expect(windows).toHaveLength(2)
    expect(windows[0]?.rate).toBeCloseTo(30, 5)
    now.mockRestore()
    expect(rate).toBeCloseTo(6 / 0.24, 5)
    expect(p99).toBeGreaterThanOrEqual(50)
  })
})
