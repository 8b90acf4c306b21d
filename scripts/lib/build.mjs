/**
 * Makes `dist` from `src`: the modules and their types by tsc, the verify command line as one file by esbuild, and the explorer.
 *
 * Promise: after a build, dist holds what the sources give and nothing that they no longer give.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { verifyCommand } from './bundles.mjs'
import { filesUnder, fingerprint } from './fingerprint.mjs'
import { run, tool } from './run.mjs'
import { buildWeb } from './web.mjs'

/** The verify command line, for auditors: one file that needs nothing but Node. */
export const VERIFY_COMMAND = 'dist/cairn-verify.mjs'

const STAMP = 'dist/.built'
const PROJECTS = [
  'src/verify',
  'src/hash',
  'src/state',
  'src/ranges',
  'src/machine',
  'src/audit',
  'src',
  'src/client',
  'src/web',
  'contracts-abi',
  'src/evm',
  'src/server',
  'src/cli',
]

/**
 * Builds where a source, a setting or a tool changed since the last build that succeeded.
 * @returns {Promise<boolean>} as `build` does
 */
export async function ensureBuilt() {
  if (isBuilt()) return true
  console.log('Building …')
  return build()
}

/** Whether dist is what the sources give. */
export function isBuilt() {
  return readStamp() === currentSources()
}

/**
 * Builds everything.
 * @returns {Promise<boolean>} whether that succeeded; what is wrong if not has been printed
 */
export async function build() {
  const sources = currentSources()
  rmSync(STAMP, { force: true })
  const { ok, output } = await run(tool('typescript', 'tsc', '--build', '--force', ...PROJECTS))
  if (!ok) {
    console.error(`${output}\nThe build did not succeed: tsc says why above.`)
    return false
  }
  removeOrphans()
  copyFileSync('src/verify/FORMAT.md', 'dist/verify/FORMAT.md')
  const { configSchemaText } = await import(new URL('../../dist/cli/settings/schema.js', import.meta.url).href)
  writeFileSync('dist/config.schema.json', configSchemaText())
  try {
    writeFileSync(VERIFY_COMMAND, await verifyCommand(), { mode: 0o755 })
  } catch (error) {
    console.error(`${String(error)}\nThe build did not succeed: ${VERIFY_COMMAND} could not be bundled.`)
    return false
  }
  try {
    await buildWeb()
  } catch (error) {
    console.error(`${String(error)}\nThe build did not succeed: the explorer could not be bundled.`)
    return false
  }
  writeFileSync(STAMP, sources)
  return true
}

function currentSources() {
  const scripts = ['build', 'bundles', 'web'].map((name) => `scripts/lib/${name}.mjs`)
  const settings = ['package-lock.json', 'tsconfig.base.json', ...scripts]
  // What is built of the contracts lies beside their sources, and says nothing that those do not say.
  const contracts = filesUnder('contracts-abi').filter(
    (path) => /\.(?:sol|json|ts)$/.test(path) && !path.endsWith('.d.ts'),
  )
  return fingerprint(['src', ...contracts, ...settings], [])
}

function readStamp() {
  try {
    return readFileSync(STAMP, 'utf8')
  } catch {
    return undefined
  }
}

/** Removes what tsc made of a source that is gone: it would still be packed, and imports of it would still work. */
function removeOrphans() {
  const sources = new Set(filesUnder('src').map((path) => relative('src', path)))
  for (const path of filesUnder('dist')) {
    const source = relative('dist', path).replace(/(\.d\.ts|\.js)$/, '.ts')
    if (source.endsWith('.ts') && !sources.has(source)) rmSync(path)
  }
}
