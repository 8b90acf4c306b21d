/**
 * The border check is only worth something if it fails: every rule is broken in a copy, in every way to import. Each breach has a file of its own, and all are
 * looked for in one run.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Path → text. */
type Files = Readonly<Record<string, string>>

/** What the check says of a copy with these files. */
function checkWith(files: Files): { readonly failed: boolean; readonly lines: readonly string[] } {
  const copy = mkdtempSync(join(tmpdir(), 'cairn-borders-'))
  try {
    for (const folder of ['src', 'scripts']) cpSync(folder, join(copy, folder), { recursive: true })
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true })
      writeFileSync(join(copy, path), text)
    }
    const { status, stdout } = spawnSync(process.execPath, [join(copy, 'scripts/borders.mjs')], { encoding: 'utf8' })
    return { failed: status === 1, lines: stdout.trim().split('\n') }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const FINE: readonly (readonly [what: string, text: string])[] = [
  ['what is of the same part', "export * from './engine.ts'"],
  ['a comment', "// import '../hash/index.ts'"],
  ['a long comment', "/* import '../hash/index.ts' */"],
  ['a string', 'const text = "import \'../hash/index.ts\'"'],
  ['a template', "const text = `import '../hash/index.ts'`"],
  ['a regular expression', 'const quote = /["\'`]/; // process'],
]

/** Of `verify`, which imports nothing: each points up, in the second line. */
const UP: readonly (readonly [what: string, text: string])[] = [
  ['a static import', "import { a } from '../hash/index.ts'"],
  ['an import of many lines', "import {\n  a,\n  b,\n} from '../hash/index.ts'"],
  ['an import of types', "import type { A } from '../hash/index.ts'"],
  ['an import for its effect', "import '../hash/index.ts'"],
  ['a dynamic import', "const hash = await import('../hash/index.ts')"],
  ['the type of an import', "type A = import('../hash/index.ts').A"],
  ['a re-export', "export { a } from '../hash/index.ts'"],
  ['a re-export of all', "export * as hash from '../hash/index.ts'"],
]

/** A file is told from another one of its folder by a number. */
const BROKEN: readonly (readonly [path: string, text: string, complaint: string])[] = [
  ['src/hash/broken.ts', "import '../cli/main.ts'", 'hash may not import cli'],
  ['src/journal/broken.ts', "import '../pipeline/commit.ts'", 'journal may not import pipeline'],
  ['src/pipeline/broken.ts', "import '../replica/follower.ts'", 'pipeline may not import replica'],
  ['src/store/broken.ts', "import '../chain.ts'", 'store may not import chain'],
  ['src/web/broken-1.ts', "import '../server/index.ts'", 'web may not import server'],
  ['src/web/broken-2.ts', "import '../journal/export-write.ts'", 'web may not import journal'],
  ['src/cli/broken-1.ts', "import '../../scripts/lib/run.mjs'", 'cli may not import scripts'],
  ['src/cli/broken-2.ts', "import 'cairn-log/verify'", 'cairn-log/verify is this package'],
  ['src/verify/broken-1.ts', "import 'node:fs'", 'not node:fs'],
  ['src/verify/broken-2.ts', "import 'viem'", 'not viem'],
  ['src/verify/broken-3.ts', 'await import(name)', 'not a name that is computed'],
  ['src/verify/broken-4.ts', 'const now = Date.now()', 'may not use Date'],
  ['src/verify/broken-5.ts', 'setTimeout(stop, 1)', 'may not use setTimeout'],
  ['src/verify/broken-6.ts', "const key = process['env'].KEY", 'may not use process'],
  ['src/client/broken.ts', "const answer = await fetch('http://localhost')", 'client asks by platformFetch'],
  ['src/evm/broken.ts', 'const transport = http(url, { fetchFn: globalThis.fetch })', 'evm asks by platformFetch'],
  ['src/unheard/of.ts', 'export {}', 'unheard is in no row of the table'],
  ['src/hash/long.ts', '\n'.repeat(600), 'has 601 lines, of 600 allowed'],
  ['test/some-1.test.ts', "it.only('x', f)", 'it.only leaves tests out'],
  ['test/some-2.test.ts', "describe.concurrent.skip('x', f)", 'describe.concurrent.skip leaves tests out'],
]

const fineAt = (i: number): string => `src/verify/fine-${i}.ts`
const upAt = (i: number): string => `src/verify/up-${i}.ts`
const fine = Object.fromEntries(FINE.map(([, text], i) => [fineAt(i), `${text}\n`]))

it('passes a copy in which nothing is broken', () => {
  expect(checkWith(fine)).toEqual({ failed: false, lines: ['Every import points down.'] })
})

describe('of a copy that is broken', () => {
  const up = Object.fromEntries(UP.map(([, text], i) => [upAt(i), `/** Broken. */\n${text}\n`]))
  const broken = Object.fromEntries(BROKEN.map(([path, text]) => [path, `${text}\n`]))
  const { failed, lines } = checkWith({ ...fine, ...up, ...broken })

  it('fails', () => expect(failed).toBe(true))

  it.each(FINE.map(([what], i) => [what, i] as const))('does not mind %s', (_, i) => {
    expect(lines.filter((line) => line.startsWith(fineAt(i)))).toEqual([])
  })

  it.each(UP.map(([what], i) => [what, i] as const))('finds %s that points up', (_, i) => {
    const complaint = 'verify may not import hash: verify imports nothing but itself'
    expect(lines).toContain(`${upAt(i)}:2 ${complaint}`)
  })

  it.each(BROKEN)('finds in %s: %s', (path, _, complaint) => {
    expect(lines.filter((line) => line.startsWith(`${path}:`))).toEqual([expect.stringContaining(complaint) as string])
  })

  it('finds nothing else', () => expect(lines).toHaveLength(UP.length + BROKEN.length))
})
