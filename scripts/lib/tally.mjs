/** Counting what passed. Promise: nothing that was not seen to pass counts as passed. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/** @typedef {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} Report vitest's, in JSON */

/**
 * What the report says. A file that could not be loaded has no tests in it and is a failure of its own; so is an error
 * outside of any test, which only the exit code tells, and a run that broke before it could report.
 * @param {Report | undefined} report
 * @param {boolean} ok whether vitest's exit code was 0
 * @returns {Tally}
 */
export function tallyTests(report, ok) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const tally = { passed: 0, failed: 0, skipped: 0 }
  for (const file of report.testResults) {
    for (const { status } of file.assertionResults) {
      if (status === 'passed') tally.passed += 1
      else if (status === 'failed') tally.failed += 1
      else tally.skipped += 1
    }
    const brokenOutside = file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed')
    if (brokenOutside) tally.failed += 1
  }
  if (!ok && tally.failed === 0) tally.failed = 1
  return tally
}

/**
 * @param {Tally[]} tallies
 * @param {boolean} strict in CI what was skipped was not checked, and that is a failure
 * @returns {Tally}
 */
export function total(tallies, strict) {
  const sum = tallies.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }))
  return strict ? { ...sum, failed: sum.failed + sum.skipped, skipped: 0 } : sum
}

/**
 * The last line of `npm test` and `npm run check`.
 * @param {Tally} tally
 */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
