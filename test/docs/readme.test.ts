/** Every file, folder and script that the README names is there, and what docs/store.md shows runs. The README's own snippets are run by test/package. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const readme = readFileSync('README.md', 'utf8')

function snippets(language: string, text = readme): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code as string)
}

describe('programs', () => {
  let folder = ''
  // Inside the package, where `cairn-log/verify` is the package itself as it was built.
  beforeAll(() => {
    mkdirSync('.cache', { recursive: true })
    folder = mkdtempSync(join('.cache', 'readme-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const programs = snippets('ts', readFileSync('docs/store.md', 'utf8'))
  it.each(programs.map((code, i) => [i + 1, code] as const))('program %d prints that the proof holds', (i, code) => {
    const file = join(folder, `${i}.mjs`)
    writeFileSync(file, transformSync(code, { loader: 'ts', format: 'esm' }).code)
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^true$/m)
    expect(status).toBe(0)
  })
})

it('names the two commands, every npm script once in its table, and none that is not there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm (?:run ([\w:-]+)|(start|test))/g)].map(([, script, short]) => script ?? short)
  expect(named).toEqual(expect.arrayContaining(['start', 'test']))
  for (const name of named) expect(Object.keys(scripts)).toContain(name)
  const [, table = ''] = readme.split('## Every command of the repository')
  const rows = Array.from(table.matchAll(/^\| `npm (?:run )?([\w:-]+)/gm), ([, name = '']) => name)
  expect(rows.toSorted()).toEqual(Object.keys(scripts).toSorted())
})

it('says of every folder that it names what is there', () => {
  const listed = snippets('text').flatMap((block) =>
    [...block.matchAll(/^((?:src|test|scripts)\S*)/gm)].map(([path]) => path),
  )
  expect(listed.length).toBeGreaterThan(4)
  for (const path of listed) expect([path, existsSync(path)]).toEqual([path, true])
})
