/** docs/audit.md does what it says: its commands exit as promised, its program finds the chain whole. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { expect, it } from 'vitest'
import { LEVELS } from '../../src/audit/faults.ts'
import { requireBuild } from '../support/built.ts'

requireBuild()
const text = readFileSync('docs/audit.md', 'utf8')

function snippet(language: string): string {
  const [, code] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text) ?? []
  if (code === undefined) throw new Error(`docs/audit.md has no ${language}`)
  return code
}

it('shows commands that verify a chain on every level', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-audit-docs-'))
  try {
    const script = `cairn() { "${process.execPath}" "${join(process.cwd(), 'dist/cli/main.js')}" "$@"; }\n${snippet('sh')}`
    const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', script], { encoding: 'utf8', cwd: folder })
    expect({ status, loud: stderr.includes('rror') }).toEqual({ status: 0, loud: false })
    expect(stdout).toContain('Holds at the level roots: 2 blocks, 2 commands')
    expect(stdout).toContain('Holds at the level replay: 2 blocks, 2 commands')
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toMatchObject({ ok: true, level: 'roots' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

it('has a program that finds the chain whole', () => {
  mkdirSync('.cache', { recursive: true })
  // Inside the package, where `cairn-log` is the package itself as it was built.
  const folder = mkdtempSync(join('.cache', 'audit-docs-'))
  try {
    const file = join(folder, 'audit.mjs')
    writeFileSync(file, transformSync(snippet('ts'), { loader: 'ts', format: 'esm' }).code)
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^true\n0n genesis ok, frames ok, .*outcomes ok/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('names every level', () => {
  for (const level of LEVELS) expect(text).toContain(`| \`${level}\``)
})
