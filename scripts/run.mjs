/**
 * Runs a script that is written in TypeScript: `node scripts/run.mjs scripts/bench/hash.ts --json`. It is bundled with the
 * sources that it imports, to a file under node_modules, where it finds the packages.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [, , script = ''] = process.argv
const cache = join('node_modules', '.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'run-'))
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
