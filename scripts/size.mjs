/** What `cairn-log/verify` costs a web page: fails above the bound, because a verifier that is too big is not embedded. */
import { gzipSync } from 'node:zlib'
import { browserBundle } from './lib/bundles.mjs'

const LIMIT = 25 * 1024

const code = await browserBundle()
const size = gzipSync(code, { level: 9 }).length
console.log(`cairn-log/verify for a browser: ${size} bytes gzipped (${code.length} minified), of ${LIMIT} allowed`)
if (size > LIMIT) {
  console.error(`That is ${size - LIMIT} bytes too many: look for an import that pulled in more than it is worth.`)
  process.exitCode = 1
}
