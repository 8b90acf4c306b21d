/** Scripts of tests that run in a process or a thread of their own, where nobody reads TypeScript: bundled, beside the packages. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll } from 'vitest'

/** The script, made ready to be run until the tests of the file that asks are over. */
export async function bundled(script: URL): Promise<URL> {
  const cache = join('node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'script-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'script.mjs')
  const target = { platform: 'node', format: 'esm', target: 'node20', packages: 'external' } as const
  await build({ entryPoints: [fileURLToPath(script)], outfile, bundle: true, ...target })
  return pathToFileURL(outfile)
}
