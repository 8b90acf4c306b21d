/**
 * Writes docs/reference out of what is: the exported names, the commands, the routes, the codes. With `--check` it writes nothing and fails where what
 * is there is something else. Lines to which a page links move with every edit: they alone make no page stale.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { apiPages, unexplained } from './reference/api.ts'
import { cliPage } from './reference/cli.ts'
import { errorsPage, unexplainedCodes } from './reference/errors.ts'
import { httpPage } from './reference/http.ts'
import type { Page } from './reference/page.ts'

const FOLDER = 'docs/reference'
const NOTE = '<!-- Made by `npm run reference`: what is written here by hand is lost. -->\n\n'

const pages = new Map([...apiPages(), cliPage(), errorsPage(), await httpPage()].map(written))
const there = existsSync(FOLDER) ? readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }) : []
const orphans = there.map((name) => join(FOLDER, name)).filter((path) => path.endsWith('.md') && !pages.has(path))

if (process.argv.includes('--check')) {
  const stale = [...pages].filter(([path, text]) => !existsSync(path) || linesApart(path) !== withoutLines(text))
  for (const path of [...stale.map(([path]) => path), ...orphans]) {
    console.error(`${path} is not what the sources give: npm run reference`)
    process.exitCode = 1
  }
} else {
  for (const path of orphans) rmSync(path)
  for (const [path, text] of pages) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const silent = [...unexplained(), ...unexplainedCodes().map((code) => `the code ${code}`)]
  console.log(`${pages.size} pages in ${FOLDER}; ${silent.length} names without a word on what they are`)
  for (const each of silent) console.log(`  ${each}`)
}

function written({ path, text }: Page): [string, string] {
  return [join(FOLDER, path), `${NOTE}${text.trimEnd()}\n`]
}

function linesApart(path: string): string {
  return withoutLines(readFileSync(path, 'utf8'))
}

function withoutLines(text: string): string {
  return text.replace(/#L\d+/g, '')
}
