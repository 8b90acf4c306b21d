/**
 * The README to the letter, from top to bottom, by somebody who has a folder and nothing in it: the package is packed and installed as it says there, every
 * snippet behind that is run as it stands, in that project, and prints what it says that it prints. (What comes before, in the repository, is tried in
 * test/house/fresh-copy.test.ts.)
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { type Ended, run } from '../support/cli.ts'
import { ENVIRONMENT } from './project.ts'

requireBuild()

/** Milliseconds: one of them installs. */
const PATIENCE = 300_000
const BEGINS = '## In a project of your own'

const readme = readFileSync('README.md', 'utf8')

interface Snippet {
  readonly language: string
  readonly code: string
}

const snippetsIn = (text: string): readonly Snippet[] =>
  Array.from(text.matchAll(/^```(sh|ts)\n(.*?)^```/gms), ([, language = '', code = '']) => ({ language, code }))

const [before = '', behind = ''] = readme.split(BEGINS)

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-readme-')))
/** Where the reader is: in the repository, until the README says otherwise. */
let place = join(folder, 'cairn')
let served: ChildProcess | undefined
afterAll(async () => {
  if (served?.exitCode === null) {
    served.kill()
    await once(served, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
}, PATIENCE)

beforeAll(() => {
  mkdirSync(place)
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist', 'contracts-abi', 'examples'])
    cpSync(name, join(place, name), { recursive: true })
})

/** Nothing is asked of anybody for what npm has already. */
const env = { ...ENVIRONMENT, npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' }

/** What a line says that it prints: `→ this, then that (why)`. */
function promised(line: string): readonly string[] {
  const [, words] = /(?:#|\/\/) → (.*)$/.exec(line) ?? []
  return words?.replace(/ \([^()]*\)$/, '').split(', then ') ?? []
}

/** Each stands at the beginning of a line, one after the other. */
function keeps(promises: readonly string[], printed: string): void {
  const lines = printed.split('\n')
  for (const promise of promises) {
    const pattern = promise.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    const isSaid = new RegExp(`^${pattern.join('.*')}$`)
    const at = lines.findIndex((line) => isSaid.test(line.trimEnd()))
    expect([promise, at >= 0 ? promise : printed]).toEqual([promise, promise])
    lines.splice(0, at + 1)
  }
}

async function typed(command: string): Promise<void> {
  const told = join(folder, 'place')
  const { code, stdout, stderr } = await run(['sh', '-e', '-c', `${command}\npwd > '${told}'`], { cwd: place, env })
  expect({ command, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, code: 0, stderr: '' })
  keeps(command.split('\n').flatMap(promised), stdout)
  place = readFileSync(told, 'utf8').trim()
}

/** As a file of this name: where Node takes the types off by itself, as it stands. */
async function saved(code: string): Promise<Ended> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const takesTypes = major > 22 || (major === 22 && minor >= 18)
  const file = join(place, takesTypes ? 'try.mts' : 'try.mjs')
  writeFileSync(file, takesTypes ? code : transformSync(code, { loader: 'ts', format: 'esm' }).code)
  return run([process.execPath, file], { cwd: place, env })
}

/** A server of the chain that the README made; of the snippet that speaks to it the address and the id are this one’s. */
async function withServer(code: string): Promise<string> {
  const cairn = join('node_modules', '.bin', 'cairn')
  const { stdout } = await run([process.execPath, cairn, 'id', 'demo'], { cwd: place, env })
  served = spawn(process.execPath, [cairn, 'serve', 'demo', '--port', '0', '--log', 'silent'], {
    cwd: place,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: served.stdout as NodeJS.ReadableStream })) {
    const [url] = /http:\S+/.exec(line) ?? []
    if (url !== undefined) return code.replace('http://127.0.0.1:4270', url).replace("'0x…'", `'${stdout.trim()}'`)
  }
  throw new Error('the server ended before it said where it listens')
}

it('shows nothing to run before that but the two commands', () => {
  expect(snippetsIn(before).map(({ code }) => code.match(/^npm \w+/gm))).toEqual([['npm start', 'npm test']])
  expect(snippetsIn(behind).length).toBeGreaterThan(8)
})

describe('from an empty folder', () => {
  it.each(snippetsIn(behind).map(({ language, code }, i) => [i + 1, language, code] as const))(
    'snippet %d (%s) prints what it says',
    async (_, language, code) => {
      if (language === 'sh') {
        for (const command of code.trim().split(/(?<!\\)\n/)) await typed(command)
        return
      }
      const { code: status, stdout, stderr } = await saved(code.includes("'0x…'") ? await withServer(code) : code)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const promises = code.split('\n').flatMap(promised)
      expect(promises.length).toBeGreaterThan(0)
      keeps(promises, stdout)
    },
    PATIENCE,
  )
})
