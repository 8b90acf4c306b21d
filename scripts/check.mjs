/** `npm run check`: the quick part of `npm test`, for between two edits. */
import { quickChecks, runChecks } from './lib/checks.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { summary } from './lib/tally.mjs'

ensureInstalled('house')
const tally = await runChecks(quickChecks())
console.log(summary(tally))
process.exitCode = tally.failed > 0 ? 1 : 0
