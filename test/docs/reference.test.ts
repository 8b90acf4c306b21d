/** docs/reference says what is: every name that a program can import, every code with what it means, and links that lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codesUnder } from '../../scripts/lib/codes.mjs'
import { meanings, unexplainedCodes } from '../../scripts/reference/errors.ts'
import { problemOf } from '../../src/server/problem.ts'
import { CairnError } from '../../src/verify/error.ts'
import { requireBuild } from '../support/built.ts'

const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
const pages = ['README.md', 'src/verify/FORMAT.md', ...docs.map((name) => join('docs', name))]

describe('codes', () => {
  it('are found in the sources, wherever they are made', () => {
    const codes = [...codesUnder('src').keys()]
    const known = [
      'outcome_unknown',
      'journal_truncated',
      'malformed',
      'key_present',
      'headers_too_large',
      'proof_needed',
    ]
    expect(codes).toEqual(expect.arrayContaining(known))
    expect(codes.length).toBeGreaterThan(120)
  })

  it('each mean something, and what to do is written', () => expect(unexplainedCodes()).toEqual([]))

  it('have the statuses that docs/server.md tells', () => {
    const told = meanings().filter(({ status }) => status !== undefined && /^\d+$/.test(status))
    expect(told.length).toBeGreaterThan(10)
    for (const { code, status } of told)
      expect([code, problemOf(new CairnError(code, '')).problem.status]).toEqual([code, Number(status)])
  })
})

it('tells the usual value of an option in the unit in which it is given', () => {
  const page = readFileSync('docs/reference/cli.md', 'utf8')
  const rows = Array.from(page.matchAll(/^\| `--max-fee-gwei <n>` \| .* \| `(\d+)` \| {2}\|$/gm), ([, usual]) => usual)
  expect(new Set(rows)).toEqual(new Set(['500']))
})

it('names exactly what programs can import', async () => {
  requireBuild()
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> }
  const entries = Object.keys(exports).filter((path) => !path.endsWith('.json'))
  expect(entries.length).toBeGreaterThan(5)
  for (const path of entries) {
    const specifier = path.replace('.', 'cairn-log')
    const page = readFileSync(`docs/reference/api/${specifier.replaceAll('/', '-')}.md`, 'utf8')
    const [values = ''] = page.split('## Types')
    const told = Array.from(values.matchAll(/^### `(\w+)`$/gm), ([, name = '']) => name)
    const given = Object.keys((await import(/* @vite-ignore */ specifier)) as object)
    expect([specifier, new Set(told)]).toEqual([specifier, new Set(given)])
  }
})

it.each(pages)('%s links to what is there', (path) => {
  const bare = readFileSync(path, 'utf8')
    .replace(/^```.*?^```/gms, '')
    .replace(/`[^`\n]*`/g, 'code')
  for (const [, target = ''] of bare.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)) {
    const [file = '', anchor] = target.split('#')
    const there = file === '' ? path : join(dirname(path), file)
    expect([target, existsSync(there)]).toEqual([target, true])
    if (anchor === undefined || /^L\d+$/.test(anchor)) continue
    expect([target, anchorsOf(readFileSync(there, 'utf8')).has(anchor)]).toEqual([target, true])
  }
})

/** As they are made of headings, and those that stand in a text. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = Array.from(text.matchAll(/^#+ (.*)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
  return new Set([...headings, ...Array.from(text.matchAll(/<a id="([\w-]+)">/g), ([, id = '']) => id)])
}
