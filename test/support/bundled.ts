/** Bundles (bundle.ts) for tests: each is there until the tests of the file that asks are over. */
import { rmSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll } from 'vitest'
import { bundle } from './bundle.ts'

export async function bundled(script: URL): Promise<URL> {
  const { program, folder } = await bundle(script)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return pathToFileURL(program)
}
