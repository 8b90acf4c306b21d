/** Every code with which the producer refuses or stops is provoked by some test: a code that no test names fails here. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { codesUnder } from '../../scripts/lib/codes.mjs'

const root = new URL('../../', import.meta.url)

function filesIn(folder: string): string[] {
  const entries = readdirSync(new URL(folder, root), { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))
}

const codes = [...codesUnder('src/pipeline', 'src/keys', 'src/journal', 'src/chain.ts').keys()]
const tests = filesIn('test').filter((text) => text.includes('expect('))

it('finds the codes in the source', () => {
  expect(codes.length).toBeGreaterThan(35)
  expect(codes).toEqual(
    expect.arrayContaining(['outcome_unknown', 'journal_truncated', 'guard_invalid', 'store_ahead']),
  )
})

it.each(codes)('%s', (code) => {
  expect(tests.some((text) => new RegExp(`['"\`]${code}(?:\\\\n)?['"\`]`).test(text))).toBe(true)
})
