/**
 * A script that is written in TypeScript, as one file that Node runs: bundled with the sources that it imports. It lies two folders below the package's, as
 * built ones do: there it finds the packages, this one among them, and this one's package.json.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param {string} script
 * @param {string} name what its folder begins with
 * @param {import('esbuild').BuildOptions} [settings]
 * @returns {Promise<{ folder: string, file: string }>} the folder is to be removed after it ran
 */
export async function bundledScript(script, name, settings) {
  // Not there before the first install.
  const { build } = await import('esbuild')
  mkdirSync('.cache', { recursive: true })
  const folder = mkdtempSync(join('.cache', `${name}-`))
  const file = join(folder, 'main.mjs')
  try {
    await build({
      entryPoints: [script],
      outfile: file,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      ...settings,
    })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return { folder, file }
}
