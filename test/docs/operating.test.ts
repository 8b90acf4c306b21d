/** docs/operating.md does what it says: its walk through a loss runs, its alerts and its board are of figures that exist, its settings are those of the server. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeProgram } from '../../src/cli/program.ts'
import { BODY_MAX, DRAIN_TIME_MAX, IDLE_TIME_MAX, LISTENERS_OF_ADDRESS_MAX } from '../../src/limits.ts'
import { served } from '../server/served.ts'
import { requireBuild } from '../support/built.ts'
import { run } from '../support/cli.ts'

const read = (name: string): string => readFileSync(join('docs', name), 'utf8')
const text = read('operating.md')

it('walks through a backup, a loss, both ways back, and a move', async () => {
  requireBuild()
  const folder = mkdtempSync(join(tmpdir(), 'cairn-operating-'))
  try {
    const snippets = Array.from(text.matchAll(/^```sh\n(.*?)^```/gms), ([, code]) => code)
    expect(snippets).toHaveLength(5)
    const cairn = `cairn() { "${process.execPath}" "${resolve('dist/cli/main.js')}" "$@"; }`
    const script = [cairn, ...snippets].join('\n')
    const { code, stdout, stderr } = await run(['sh', '-e', '-c', script], { cwd: folder })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    const appended = Array.from(stdout.matchAll(/^100|refused|^height (\d+) {2}(?:seq|hash)/gm), ([found]) => found)
    // Made; lost; seen; read; refused; gone on with the old disk's; given up; moved.
    const told = appended.map((each) => each.replace(/^height (\d+) {2}/, '$1 '))
    expect(told.join(', ')).toBe('0 seq, 1 seq, 2 seq, 2 hash, 100, refused, 3 seq, 2 seq, 3 seq')
    const reports = ['backup', 'found'].map(
      (name) => JSON.parse(readFileSync(join(folder, `${name}.report`), 'utf8')) as unknown,
    )
    for (const report of reports) expect(report).toMatchObject({ ok: true, head: { height: '1' } })
    expect(readFileSync(join(folder, 'moved.report'), 'utf8')).toContain('Holds at the level roots: 3 blocks')
  } finally {
    rmSync(folder, { recursive: true })
  }
  // Twenty processes, one after the other.
}, 120_000)

interface Alert {
  readonly name: string
  readonly expr: string
}

/** As much of YAML as the file uses: each rule with its members in one order. What stands there otherwise is an error. */
function alertsIn(file: string): readonly Alert[] {
  const [head = '', ...rules] = file.replace(/^ *#.*\n/gm, '').split(/^ {6}- alert: /m)
  expect(head).toBe('groups:\n  - name: cairn\n    rules:\n')
  return rules.map((rule) => {
    const form =
      /^(Cairn\w+)\n {8}expr: (.+)\n(?: {8}for: \d+[mh]\n)? {8}labels:\n {10}severity: (?:page|ticket)\n {8}annotations:\n {10}summary: "[^"\n]+"\n\n?$/
    const [, name = '', expr = ''] = form.exec(rule) ?? []
    expect([rule, name]).not.toContain('')
    return { name, expr }
  })
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly targets: readonly { readonly expr: string }[]
}

function panels(): readonly Panel[] {
  return (JSON.parse(read('operating/grafana.json')) as { readonly panels: readonly Panel[] }).panels
}

/** The names of figures in a query: what is no function, no label and no word of the language. */
function figuresIn(query: string): readonly string[] {
  const bare = query
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\b(?:by|without) \([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '')
  const words = bare.match(/\b[a-z_]\w*(?!\w*\s*\()/g) ?? []
  // What Prometheus itself knows of whom it asks is no figure of a server.
  return words.filter((word) => !['and', 'or', 'sum', 'up'].includes(word))
}

describe('alerts and the board', () => {
  it('ask for figures that a server tells', async () => {
    const { get, post } = await served()
    await post({ type: 'put', payload: { key: 'a', value: '1' } })
    await get('/v1/blocks/7')
    const metrics = await (await get('/metrics')).text()
    const samples = new Set(Array.from(metrics.matchAll(/^([a-z]\w*)/gm), ([name]) => name))
    const queries = [
      ...alertsIn(read('operating/alerts.yml')).map(({ expr }) => expr),
      ...panels().flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ]
    const asked = new Set(queries.flatMap(figuresIn))
    expect(asked.size).toBeGreaterThan(20)
    expect([...asked].filter((name) => !samples.has(name))).toEqual([])
    expect(queries.filter((query) => figuresIn(query).length === 0)).toEqual(['up{job="cairn"} == 0'])
    for (const query of queries)
      for (const [open, close] of ['()', '{}', '[]'])
        expect(query.split(open ?? '')).toHaveLength(query.split(close ?? '').length)
  })

  it('are each told what to do about', () => {
    const names = alertsIn(read('operating/alerts.yml')).map(({ name }) => name)
    expect(names.length).toBeGreaterThan(10)
    expect(new Set(names).size).toBe(names.length)
    const [table = ''] = text.split('\n## How it runs')
    const told = new Set(Array.from(table.matchAll(/`(Cairn\w+)`/g), ([, name]) => name))
    expect(told).toEqual(new Set(names))
  })

  it('has panels of their own, side by side', () => {
    const all = panels()
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const taken = new Set<string>()
    for (const { title, description, targets, gridPos } of all) {
      expect([title.length > 3, description.length > 3, targets.length > 0]).toEqual([true, true, true])
      const { x, y, w, h } = gridPos
      expect(x + w).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect([title, taken.has(`${column} ${row}`)]).toEqual([title, false])
          taken.add(`${column} ${row}`)
        }
      }
    }
  })
})

describe('settings', () => {
  const unit = read('operating/cairn.service')
  const proxy = read('operating/nginx.conf')
  const number = (file: string, name: string): number => Number(new RegExp(`${name}[ =](\\d+)`).exec(file)?.[1])

  it('of the unit are options of cairn serve, and leave it the time that it takes', () => {
    const [, command = ''] = /^ExecStart=\/usr\/bin\/cairn serve (.*)$/m.exec(unit) ?? []
    const serve = makeProgram().commands.find((each) => each.name() === 'serve')
    const options = serve?.options.map(({ long }) => long)
    const given = command.match(/--[\w-]+/g) ?? []
    expect(given).toHaveLength(3)
    for (const option of given) expect(options).toContain(option)
    expect(number(unit, 'TimeoutStopSec') * 1000).toBeGreaterThan(DRAIN_TIME_MAX)
  })

  it('of the proxy are those of the server, and a little wider', () => {
    expect(number(proxy, 'client_max_body_size') * 2 ** 20).toBe(BODY_MAX)
    for (const name of ['proxy_read_timeout', 'proxy_send_timeout'])
      expect(number(proxy, name) * 1000).toBeGreaterThan(IDLE_TIME_MAX)
    expect(number(proxy, 'limit_conn cairn_address')).toBeLessThan(LISTENERS_OF_ADDRESS_MAX)
  })
})
