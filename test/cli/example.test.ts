/** The shipped example is what its maker makes: nobody edited it, and it still follows the format. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { exampleFiles } from '../support/example.ts'

const FOLDER = 'examples/first-proof'

test('examples/first-proof is what `npm run first-proof` makes', () => {
  const shipped = readdirSync(FOLDER).map((name) => [name, readFileSync(`${FOLDER}/${name}`, 'utf8')])
  expect(Object.fromEntries(shipped)).toEqual(exampleFiles())
})
