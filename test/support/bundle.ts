/** Scripts that run in a process of their own, where nobody reads TypeScript: bundled, in a folder from which the packages are found. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The bundle of a script, by its path, and the folder that goes away with it. */
export async function bundle(script: URL): Promise<{ readonly program: string; readonly folder: string }> {
  const cache = join('node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = resolve(mkdtempSync(join(cache, 'script-')))
  const program = join(folder, 'script.mjs')
  const target = { platform: 'node', format: 'esm', target: 'node20', packages: 'external' } as const
  await build({ entryPoints: [fileURLToPath(script)], outfile: program, bundle: true, ...target })
  return { program, folder }
}
