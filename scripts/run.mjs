/** Runs a script that is written in TypeScript: `node scripts/run.mjs scripts/bench/hash.ts --json`. */
import { rmSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { bundledScript } from './lib/script.mjs'

const [, , script = ''] = process.argv
const { folder, file } = await bundledScript(script, 'run')
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

// The script finds its own arguments where it would, had node run it.
process.argv.splice(1, 1)
await import(pathToFileURL(file).href)
