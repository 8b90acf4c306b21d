/**
 * `npm test`: installs, builds, and runs every check and every test.
 *
 * Promise: the last line is `N passed, N failed` (and how many were skipped), each check counted as one; the exit code is
 * 0 only where nothing failed. With CI=true a skipped test is a failure: there, everything that a test needs is to be had.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { ensureBuilt } from './lib/build.mjs'
import { packageChecks, quickChecks, runChecks } from './lib/checks.mjs'
import { ensureChromium } from './lib/chromium.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { tool } from './lib/run.mjs'
import { summary, tallyTests, total } from './lib/tally.mjs'

const REPORT = '.cache/tests.json'

const ready = ensureInstalled('all') && (await ensureBuilt())
const tally = ready ? await everything() : { passed: 0, failed: 1, skipped: 0 }
console.log(summary(tally))
process.exitCode = tally.failed > 0 ? 1 : 0

async function everything() {
  await ensureChromium()
  const checks = await runChecks([...quickChecks(), ...packageChecks()])
  const tests = runTests()
  const strict = process.env.CI === 'true'
  if (strict && tests.skipped > 0) console.log(`In CI a skipped test counts as failed: ${tests.skipped}`)
  return total([checks, tests], strict)
}

function runTests() {
  mkdirSync('.cache', { recursive: true })
  rmSync(REPORT, { force: true })
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]
  const [program = '', ...args] = tool('vitest', 'vitest', 'run', ...reports)
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const report = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : undefined
  return tallyTests(report, status === 0)
}
