/**
 * Installs what is missing or stale, by `npm ci`.
 *
 * Promise: afterwards node_modules is what package-lock.json says. The stamp is removed before and written after, so an
 * install that was interrupted is done again.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fingerprint } from './fingerprint.mjs'

const STAMP = 'node_modules/.installed'

/**
 * `house` is what building needs; `all` adds the workspace test/peers, which only tests and benchmarks need and which
 * `npm start` must not wait for. Where all was installed once, all is kept current.
 * @param {'house' | 'all'} scope
 * @returns {boolean} whether that succeeded; what to do if not has been printed
 */
export function ensureInstalled(scope) {
  /** @type {string[]} */
  const workspaces = JSON.parse(readFileSync('package.json', 'utf8')).workspaces
  const manifests = ['package.json', 'package-lock.json', ...workspaces.map((folder) => `${folder}/package.json`)]
  const [major = ''] = process.versions.node.split('.')
  const current = fingerprint(manifests, [major, process.platform, process.arch])
  const [installed, installedScope] = readStamp()
  if (installed === current && (installedScope === 'all' || scope === 'house')) return true

  const wanted = installedScope === 'all' ? 'all' : scope
  console.log('Installing packages …')
  rmSync(STAMP, { force: true })
  const args = ['ci', '--no-audit', '--no-fund', ...(wanted === 'house' ? ['--workspaces=false'] : [])]
  const [program = '', ...before] = npm()
  const { status, error } = spawnSync(program, [...before, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) {
    console.error(`
The install did not succeed (npm ${args.join(' ')}${error ? `: ${error.message}` : ''}); npm says why above.
If it names packages that are missing from the lock file, run \`npm run lock\` and commit package-lock.json.`)
    return false
  }
  writeFileSync(STAMP, `${current} ${wanted}\n`)
  return true
}

function readStamp() {
  try {
    return readFileSync(STAMP, 'utf8').trim().split(' ')
  } catch {
    return []
  }
}

/** The npm that runs this script, where one does: the one that the user called, and no shell needed to find it. */
function npm() {
  const running = process.env.npm_execpath
  return running?.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm']
}
