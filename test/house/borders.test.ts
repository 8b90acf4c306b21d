/** The border check is only worth something if it fails: every rule is broken once in a copy, in every way to import. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let copy: string

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'cairn-borders-'))
  for (const folder of ['src', 'scripts']) cpSync(folder, join(copy, folder), { recursive: true })
})
afterEach(() => rmSync(copy, { recursive: true, force: true }))

/** Adds a file to the copy and checks its borders. */
function checkWith(path: string, text: string): { failed: boolean; output: string } {
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  writeFileSync(join(copy, path), text)
  const { status, stdout } = spawnSync(process.execPath, [join(copy, 'scripts/borders.mjs')], { encoding: 'utf8' })
  return { failed: status === 1, output: stdout }
}

test('the copy as it is passes', () => {
  expect(checkWith('src/verify/fine.ts', "export * from './engine.ts'\n")).toEqual({
    failed: false,
    output: 'Every import points down.\n',
  })
})

test.each([
  ['a static import', "import { a } from '../hash/index.ts'"],
  ['an import of many lines', "import {\n  a,\n  b,\n} from '../hash/index.ts'"],
  ['an import of types', "import type { A } from '../hash/index.ts'"],
  ['an import for its effect', "import '../hash/index.ts'"],
  ['a dynamic import', "const hash = await import('../hash/index.ts')"],
  ['the type of an import', "type A = import('../hash/index.ts').A"],
  ['a re-export', "export { a } from '../hash/index.ts'"],
  ['a re-export of all', "export * as hash from '../hash/index.ts'"],
])('%s that points up is found', (_, text) => {
  const { failed, output } = checkWith('src/verify/broken.ts', `/** Broken. */\n${text}\n`)
  expect(failed).toBe(true)
  expect(output).toMatch(/^src\/verify\/broken\.ts:2 verify may not import hash: verify imports nothing but itself$/m)
})

test.each([
  ["// import '../hash/index.ts'", 'a comment'],
  ["/* import '../hash/index.ts' */", 'a long comment'],
  ['const text = "import \'../hash/index.ts\'"', 'a string'],
  ["const text = `import '../hash/index.ts'`", 'a template'],
  ['const quote = /["\'`]/; // process', 'a regular expression'],
])('%s is %s, not code', (text) => {
  expect(checkWith('src/verify/fine.ts', `${text}\n`)).toMatchObject({ failed: false })
})

test.each([
  ['src/hash/broken.ts', "import '../cli/main.ts'", 'hash may not import cli'],
  ['src/journal/broken.ts', "import '../pipeline/commit.ts'", 'journal may not import pipeline'],
  ['src/pipeline/broken.ts', "import '../replica/follower.ts'", 'pipeline may not import replica'],
  ['src/store/broken.ts', "import '../chain.ts'", 'store may not import chain'],
  ['src/web/broken.ts', "import '../server/index.ts'", 'web may not import server'],
  ['src/web/broken.ts', "import '../journal/export-write.ts'", 'web may not import journal'],
  ['src/cli/broken.ts', "import '../../scripts/lib/run.mjs'", 'cli may not import scripts'],
  ['src/cli/broken.ts', "import 'cairn-log/verify'", 'cairn-log/verify is this package'],
  ['src/verify/broken.ts', "import 'node:fs'", 'not node:fs'],
  ['src/verify/broken.ts', "import 'viem'", 'not viem'],
  ['src/verify/broken.ts', 'await import(name)', 'not a name that is computed'],
  ['src/verify/broken.ts', 'const now = Date.now()', 'may not use Date'],
  ['src/verify/broken.ts', 'setTimeout(stop, 1)', 'may not use setTimeout'],
  ['src/verify/broken.ts', "const key = process['env'].KEY", 'may not use process'],
  ['src/unheard/of.ts', 'export {}', 'unheard is in no row of the table'],
  ['src/hash/long.ts', '\n'.repeat(600), 'has 601 lines, of 600 allowed'],
  ['test/some.test.ts', "it.only('x', f)", 'it.only leaves tests out'],
  ['test/some.test.ts', "describe.concurrent.skip('x', f)", 'describe.concurrent.skip leaves tests out'],
])('in %s: %s', (path, text, complaint) => {
  const { failed, output } = checkWith(path, `${text}\n`)
  expect(failed).toBe(true)
  expect(output).toContain(complaint)
})
