/** Scripts of tests that run in a process or a thread of their own, where nobody reads TypeScript: bundled, beside the packages. */
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll } from 'vitest'
import { bundledScript } from '../../scripts/lib/script.mjs'

/** The script, made ready to be run until the tests of the file that asks are over. */
export async function bundled(script: URL): Promise<URL> {
  const { folder, file } = await bundledScript(fileURLToPath(script), 'script')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return pathToFileURL(file)
}
