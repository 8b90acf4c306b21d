/** `npm run build`: makes all of dist, says what the one-file verifier hashes to, and checks the size for browsers. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { build, VERIFY_COMMAND } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'

if (ensureInstalled('house') && (await build())) {
  const command = readFileSync(VERIFY_COMMAND)
  console.log(
    `${VERIFY_COMMAND}: ${command.length} bytes, sha256 ${createHash('sha256').update(command).digest('hex')}`,
  )
  await import('./size.mjs')
} else {
  process.exitCode = 1
}
