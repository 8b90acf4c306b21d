/**
 * Runs a script that is written in TypeScript: `node scripts/run.mjs scripts/bench/hash.ts --json`. It is bundled with the
 * sources that it imports, to a file two folders below the package's, as built ones are: there it finds the packages, and this one's package.json.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [, , script = ''] = process.argv
mkdirSync('.cache', { recursive: true })
const folder = mkdtempSync(join('.cache', 'run-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const outfile = join(folder, 'script.mjs')
await build({
  entryPoints: [script],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
})

// The script finds its own arguments where it would, had node run it.
process.argv.splice(1, 1)
await import(pathToFileURL(outfile).href)
