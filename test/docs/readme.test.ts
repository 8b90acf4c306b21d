/** The README's snippets do what it says: programs run, commands exit as promised, and every file that it names is there. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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

  const programs = [...snippets('ts'), ...snippets('ts', readFileSync('docs/store.md', 'utf8'))]
  it.each(programs.map((code, i) => [i + 1, code] as const))('program %d prints that the proof holds', (i, code) => {
    const file = join(folder, `${i}.mjs`)
    writeFileSync(file, transformSync(code, { loader: 'ts', format: 'esm' }).code)
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^true$/m)
    expect(status).toBe(0)
  })
})

it('shows a verify command that exits with 0', () => {
  const command = snippets('sh').find((code) => code.includes(' verify '))
  const { status, stdout } = spawnSync('sh', ['-c', command ?? 'false'], { encoding: 'utf8' })
  expect(stdout).toContain('Holds: 12 checks ok.')
  expect(status).toBe(0)
})

it('shows commands that make a chain, append to it, prove and verify', () => {
  const commands = snippets('sh').find((code) => code.includes(' init demo')) ?? 'false'
  const folder = mkdtempSync(join(tmpdir(), 'cairn-readme-'))
  try {
    const cli = join(process.cwd(), 'dist/cli/main.js')
    const script = commands.replaceAll('dist/cli/main.js', cli)
    const { status, stdout } = spawnSync('sh', ['-e', '-c', script], { encoding: 'utf8', cwd: folder })
    expect(stdout).toMatch(/^hello/m)
    expect(stdout).toContain('Holds: ')
    expect(status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('names the two commands, and every npm script that it names is there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm (?:run ([\w:]+)|(start|test))/g)].map(([, script, short]) => script ?? short)
  expect(named).toEqual(expect.arrayContaining(['start', 'test']))
  for (const name of named) expect(Object.keys(scripts)).toContain(name)
})

it('links to files that are there, and so do the docs', () => {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
  const missing = ['README.md', ...docs.map((name) => join('docs', name))].flatMap((page) =>
    Array.from(readFileSync(page, 'utf8').matchAll(/\]\(((?!https?:)[^)#]+)/g), ([, target = '']) =>
      join(dirname(page), target),
    )
      .filter((target) => !existsSync(target))
      .map((target) => `${page}: ${target}`),
  )
  expect(missing).toEqual([])
})

it('says of every folder that it names what is there', () => {
  const listed = snippets('text').flatMap((block) =>
    [...block.matchAll(/^((?:src|test|scripts)\S*)/gm)].map(([path]) => path),
  )
  expect(listed.length).toBeGreaterThan(4)
  for (const path of listed) expect([path, existsSync(path)]).toEqual([path, true])
})
