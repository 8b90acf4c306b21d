/**
 * Makes `dist` from `src`: the modules and their types by tsc, the command line and the one for auditors by esbuild, and the explorer.
 *
 * Promise: after a build, dist holds what the sources give and nothing that they no longer give.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { commandLine, verifyCommand } from './bundles.mjs'
import { filesUnder, fingerprint } from './fingerprint.mjs'
import { run, tool } from './run.mjs'
import { buildWeb } from './web.mjs'

/** The verify command line, for auditors: one file that needs nothing but Node. */
export const VERIFY_COMMAND = 'dist/cairn-verify.mjs'

/** Of these only the types are of tsc: what runs of them is in the first. */
const COMMAND_LINE = ['dist/cli', 'dist/server']
const STAMP = 'dist/.built'
const PROJECTS = [
  'src/verify',
  'src/hash',
  'src/state',
  'src/ranges',
  'src/machine',
  'src/audit',
  'src',
  'src/http',
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
  for (const folder of COMMAND_LINE) rmSync(folder, { recursive: true, force: true })
  const { ok, output } = await run(tool('typescript', 'tsc', '--build', '--force', ...PROJECTS))
  if (!ok) {
    console.error(`${output}\nThe build did not succeed: tsc says why above.`)
    return false
  }
  removeOrphans()
  copyFileSync('src/verify/FORMAT.md', 'dist/verify/FORMAT.md')
  /** @type {[what: string, make: () => Promise<void>][]} */
  const bundles = [
    ['the command line', () => commandLine('dist/cli')],
    [VERIFY_COMMAND, async () => writeFileSync(VERIFY_COMMAND, await verifyCommand(), { mode: 0o755 })],
    ['the explorer', buildWeb],
  ]
  for (const [what, make] of bundles) {
    try {
      await make()
    } catch (error) {
      console.error(`${String(error)}\nThe build did not succeed: ${what} could not be bundled.`)
      return false
    }
  }
  const schema = await run([process.execPath, 'dist/cli/main.js', 'config', 'schema'])
  if (!schema.ok) {
    console.error(
      `${schema.output}\nThe build did not succeed: the command line does not print the schema of its config file.`,
    )
    return false
  }
  writeFileSync('dist/config.schema.json', schema.output)
  writeFileSync(STAMP, sources)
  return true
}

function currentSources() {
  const scripts = ['build', 'bundles', 'licences', 'web'].map((name) => `scripts/lib/${name}.mjs`)
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
