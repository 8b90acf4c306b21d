/** Makes `examples/first-proof` anew: the proof that the README checks. The same bytes every time. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exampleFiles } from '../test/support/example.ts'

const folder = join('examples', 'first-proof')
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(exampleFiles())) {
  writeFileSync(join(folder, name), text)
  console.log(join(folder, name))
}
