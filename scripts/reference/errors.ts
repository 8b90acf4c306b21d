/**
 * The reference of errors: every stable code that the sources make. What a code means and what to do is written once, in the tables of docs/*.md; here it is
 * brought together with where it is made, the status of an HTTP answer and the exit code of the command line.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { EXIT, exitOf } from '../../src/cli/exit.ts'
import { FAILING } from '../../src/cli/failing.ts'
import { problemOf } from '../../src/server/problem.ts'
import { CairnError } from '../../src/verify/error.ts'
import { codesUnder } from '../lib/codes.mjs'
import { type Page, tableOf } from './page.ts'

export interface Meaning {
  readonly code: string
  readonly text: string
  /** The file of docs that says so. */
  readonly document: string
  /** What a column `status` says of it. */
  readonly status: string | undefined
}

/** Every row of every table of codes in the docs, once for each code that it tells. */
export function meanings(): readonly Meaning[] {
  const documents = readdirSync('docs').filter((name) => name.endsWith('.md'))
  return documents.flatMap((document) => tablesOfCodes(readFileSync(`docs/${document}`, 'utf8'), document))
}

function tablesOfCodes(text: string, document: string): readonly Meaning[] {
  const tables = text.matchAll(/^\| code \|(.*)\|\n\| ?--.*\n((?:\|.*\n?)+)/gm)
  return Array.from(tables).flatMap(([, head = '', body = '']) => {
    const column = head.split('|').findIndex((title) => title.trim() === 'status')
    return body
      .trim()
      .split('\n')
      .flatMap((row) => rowOf(row, column, document))
  })
}

function rowOf(row: string, column: number, document: string): readonly Meaning[] {
  const [named = '', ...cells] = row
    .split('|')
    .slice(1, -1)
    .map((each) => each.trim())
  const codes = Array.from(named.matchAll(/`([a-z_]+)`/g), ([, code = '']) => code)
  const statuses = column < 0 ? [] : (cells[column] ?? '').split(', ')
  const text = cells.at(-1) ?? ''
  return codes.map((code, i) => ({ code, text, document, status: statuses[i] ?? statuses[0] }))
}

/** Codes that no table tells. */
export function unexplainedCodes(): readonly string[] {
  const told = new Set(meanings().map(({ code }) => code))
  return [...codesUnder('src').keys()].filter((code) => !told.has(code))
}

export function errorsPage(): Page {
  const told = meanings()
  const rows = [...codesUnder('src')].map(([code, sources]) => {
    const rows = told.filter((each) => each.code === code)
    return [
      `<a id="${code}"></a>\`${code}\``,
      rows.map(({ text, document }) => `${fromHere(text)} ([${document}](../${document}))`).join('<br>'),
      statusOf(code, sources, rows),
      String(exitOf(code, FAILING)),
      sources.map((path) => `[${path.replace(/^src\//, '')}](../../${path})`).join(', '),
    ]
  })
  const text = `# Errors

Every error has a stable \`code\`, a message that says what to do, and \`details\` for programs. What a code means is written in the document that stands behind it;
one row may tell several codes. *HTTP* is the status of an answer with it, 500 where a request is not meant to meet it, – where no server answers it; *exit* is how a command
ends with it. A check that does not hold is a verdict and no error, and exits with ${EXIT.failed}; wrong usage is told with the help, and exits with ${EXIT.usage}.

${tableOf(['code', 'what it means, and what to do', 'HTTP', 'exit', 'made in src'], rows)}`
  return { path: 'errors.md', text }
}

/** Its links are to other documents, a folder above. */
function fromHere(text: string): string {
  return text.replace(/\]\((?!\w+:|#)/g, '](../')
}

/** The codes that are answered with a status. */
export function codesOf(status: number): readonly string[] {
  const told = meanings()
  return [...codesUnder('src')]
    .filter(([code, sources]) => {
      const rows = told.filter((each) => each.code === code)
      return statusOf(code, sources, rows) === String(status)
    })
    .map(([code]) => code)
}

/** What runs where no server does. */
const BESIDE_SERVER = /^src\/(?:cli|client|evm|audit|web)\//

function statusOf(code: string, sources: readonly string[], told: readonly Meaning[]): string {
  const { status } = problemOf(new CairnError(code, '')).problem
  if (status !== 500) return String(status)
  const isNever = told.some((each) => each.status === '–') || sources.every((path) => BESIDE_SERVER.test(path))
  return isNever ? '–' : String(status)
}
