/**
 * The borders between the parts of `src`, checked: what may import what, and what keeps every file small and every test run.
 *
 * Arrows point down: cli → server → chain → audit, replica → pipeline → machine, journal, state, ranges, keys → store → ports,
 * hash → verify; web → client → http, verify. A part may import what stands in its row and nothing else; a new part needs a new row. A row may name a single
 * file of a part: the explorer's worker hashes fast with one and audits exports with another, its page judges the transactions of anchors with a third, and
 * its build sees to it that nothing of Node comes along.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importsOf, lineAt, readCode } from './lib/code.mjs'
import { filesUnder } from './lib/fingerprint.mjs'

const GROUND = ['verify', 'errors', 'limits']
const OUTSIDE = [...GROUND, 'hash', 'ports']
const STORED = [...OUTSIDE, 'store']
const PIECES = [...STORED, 'machine', 'journal', 'state', 'ranges', 'keys']
const CHAIN = [...PIECES, 'pipeline', 'replica', 'audit']

/** @type {Record<string, string[]>} a folder or file of `src` → what it may import beside itself */
const MAY_IMPORT = {
  verify: [],
  errors: [],
  limits: ['verify', 'errors'],
  hash: ['verify'],
  ports: GROUND,
  store: OUTSIDE,
  machine: STORED,
  journal: STORED,
  state: STORED,
  ranges: STORED,
  keys: STORED,
  pipeline: PIECES,
  replica: [...PIECES, 'pipeline'],
  audit: [...PIECES, 'pipeline'],
  chain: CHAIN,
  index: ['chain', ...CHAIN],
  postgres: PIECES,
  http: [],
  evm: [...OUTSIDE, 'http', 'contracts-abi'],
  server: ['chain', 'postgres', 'evm', ...CHAIN],
  client: ['verify', 'http'],
  web: ['client', 'verify', 'http', 'hash/browser', 'audit/browser', 'evm/anchor-transaction'],
  cli: ['server', 'client', 'http', 'chain', 'postgres', 'evm', ...CHAIN],
}

const MAX_LINES = 600

// `verify` runs anywhere: beside itself it knows @noble, and none of what only some platforms have, or what gives another
// answer each time.
const PORTABLE_PACKAGES = /^@noble\//
const NOT_PORTABLE =
  /(?<![.\w$])(?:process|Buffer|set(?:Timeout|Interval|Immediate)|queueMicrotask|console|fetch|globalThis|crypto|performance|Date|Math\.random)\b/g

// That of Node may end the process: src/http/fetch.ts says how. Pages have only this one.
const FETCHES = ['http', 'web']
const FETCH = /(?<![.\w$])fetch\(|\bglobalThis\.fetch\b/g

const NOT_RUN = /\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:only|skip)\b/g

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** @param {string} folder */
function codeUnder(folder) {
  return filesUnder(join(root, folder))
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => /\.(?:ts|mjs|js)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/**
 * The part that a path belongs to: `journal` for src/journal/writer.ts, `chain` for src/chain.ts, `docs` for docs/x.md.
 * @param {string} path
 */
function partOf(path) {
  const [top = '', part = top] = path.split('/')
  return top === 'src' ? part.replace(/\.ts$/, '') : top
}

/**
 * @param {string} path of the importing file
 * @param {string | undefined} specifier
 * @returns {string | undefined} what is wrong with it
 */
function wrongImport(path, specifier) {
  const part = partOf(path)
  if (specifier?.startsWith('.')) {
    const file = join(dirname(path), specifier).split(sep).join('/')
    const target = partOf(file)
    const allowed = MAY_IMPORT[part] ?? []
    const isAllowed = allowed.includes(target) || allowed.includes(file.replace(/^src\/|\.ts$/g, ''))
    if (target === part || isAllowed) return undefined
    return `${part} may not import ${target}: ${part} imports ${allowed.join(', ') || 'nothing but itself'}`
  }
  if (specifier?.split('/')[0] === 'cairn-log') return `${specifier} is this package: import the file by its path`
  if (part !== 'verify' || (specifier && PORTABLE_PACKAGES.test(specifier))) return undefined
  return `verify imports itself and @noble/… only, not ${specifier ?? 'a name that is computed'}`
}

/** @type {string[]} */
const breaches = []

for (const { path, text } of codeUnder('src')) {
  const code = readCode(text)
  const part = partOf(path)
  if (!(part in MAY_IMPORT)) breaches.push(`${path}:1 ${part} is in no row of the table in scripts/borders.mjs`)
  for (const { specifier, line } of importsOf(code)) {
    const wrong = wrongImport(path, specifier)
    if (wrong) breaches.push(`${path}:${line} ${wrong}`)
  }
  if (part === 'verify') {
    for (const { 0: name, index } of code.bare.matchAll(NOT_PORTABLE)) {
      breaches.push(`${path}:${lineAt(code.bare, index)} verify runs anywhere and may not use ${name}`)
    }
  } else if (!FETCHES.includes(part)) {
    for (const { index } of code.bare.matchAll(FETCH)) {
      breaches.push(`${path}:${lineAt(code.bare, index)} ${part} asks by platformFetch of src/http, not by fetch`)
    }
  }
}

for (const { path, text } of codeUnder('test')) {
  const { bare } = readCode(text)
  for (const { 0: call, index } of bare.matchAll(NOT_RUN)) {
    breaches.push(`${path}:${lineAt(bare, index)} ${call} leaves tests out`)
  }
}

for (const { path, text } of ['src', 'test', 'scripts'].flatMap(codeUnder)) {
  const lines = text.split('\n').length - 1
  if (lines > MAX_LINES)
    breaches.push(`${path}:${MAX_LINES} has ${lines} lines, of ${MAX_LINES} allowed: it holds more than one idea`)
}

console.log(breaches.join('\n') || 'Every import points down.')
process.exitCode = breaches.length > 0 ? 1 : 0
