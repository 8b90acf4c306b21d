/** `npm run check`: the quick part of `npm test`, for between two edits. */
import { quickChecks, runChecks } from './lib/checks.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { summary } from './lib/tally.mjs'

// The types of the tests are checked, and those need what the tests import.
const ready = ensureInstalled('all')
const tally = ready ? await runChecks(quickChecks()) : { passed: 0, failed: 1, skipped: 0 }
console.log(summary(tally))
process.exitCode = tally.failed > 0 ? 1 : 0
