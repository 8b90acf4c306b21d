/** The stable codes of errors, as they stand in the sources: what is documented, provoked by a test, or answered over HTTP is held against these. */
import { readFileSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import { filesUnder } from './fingerprint.mjs'

/** An error that is made; the stop of a start; a fault of what was decoded; a code beside what is said with it. */
const MADE = [
  /\bnew CairnError\(\s*'([a-z_]+)'/g,
  /\bstop: '([a-z_]+)'/g,
  /\bfault\('([a-z_]+)', .*'\$'/g,
  /\['([a-z_]+)', [`'][A-Z].*\.[`']/g,
  /\bcode: '([a-z_]+)', message: ''/g,
]

/**
 * The codes of the errors that a text makes.
 * @param {string} text
 * @returns {string[]}
 */
function codesIn(text) {
  return MADE.flatMap((pattern) => Array.from(text.matchAll(pattern), ([, code]) => /** @type {string} */ (code)))
}

/**
 * Every code, with the source files that make errors of it, both in their order.
 * @param {...string} folders of sources, or files
 * @returns {Map<string, string[]>}
 */
export function codesUnder(...folders) {
  const files = folders.flatMap((each) => (statSync(each).isDirectory() ? filesUnder(each) : [each]))
  const found = files
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => codesIn(readFileSync(path, 'utf8')).map((code) => ({ code, path: path.split(sep).join('/') })))
    .sort((a, b) => (a.code === b.code ? 0 : a.code < b.code ? -1 : 1))
  /** @type {Map<string, string[]>} */
  const codes = new Map()
  for (const { code, path } of found) codes.set(code, [...new Set([...(codes.get(code) ?? []), path])])
  return codes
}
