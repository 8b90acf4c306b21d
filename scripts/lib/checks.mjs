/** The checks that are not tests: what each is called, how it is run, and running them side by side. */
import { availableParallelism } from 'node:os'
import { run, tool } from './run.mjs'

/** @typedef {{ name: string, command: string[] }} Check */

/**
 * What an edit can break, in seconds: `npm run check`.
 * @returns {Check[]}
 */
export function quickChecks() {
  return [
    { name: 'format and lint (biome)', command: tool('@biomejs/biome', 'biome', 'ci', '--error-on-warnings') },
    { name: 'lint with types (oxlint)', command: tool('oxlint', 'oxlint', '--deny-warnings') },
    { name: 'types (tsc)', command: tool('typescript', 'tsc', '--build') },
    { name: 'dead code (knip)', command: tool('knip', 'knip', '--treat-config-hints-as-errors') },
    { name: 'import borders', command: [process.execPath, 'scripts/borders.mjs'] },
    { name: 'committed contracts are current', command: [process.execPath, 'scripts/contracts.mjs', '--check'] },
    {
      name: 'reference is current',
      command: [process.execPath, 'scripts/run.mjs', 'scripts/reference.ts', '--check'],
    },
  ]
}

/**
 * What only a change of the package or of a built artefact can break.
 * @returns {Check[]}
 */
export function packageChecks() {
  return [
    { name: 'package (publint)', command: tool('publint', 'publint', 'run', '--strict') },
    {
      name: 'package types (attw)',
      command: tool('@arethetypeswrong/cli', 'attw', '--pack', '.', '--profile', 'esm-only'),
    },
    { name: 'committed kernel is current', command: [process.execPath, 'scripts/kernel.mjs', '--check'] },
    { name: 'size for browsers', command: [process.execPath, 'scripts/size.mjs'] },
  ]
}

/**
 * Runs them, as many at a time as there are cores; one line each, and what it printed where it failed.
 * @param {Check[]} checks
 * @returns {Promise<import('./tally.mjs').Tally>}
 */
export async function runChecks(checks) {
  const tally = { passed: 0, failed: 0, skipped: 0 }
  const waiting = [...checks]
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let check = waiting.shift(); check; check = waiting.shift()) {
        const start = performance.now()
        const { ok, output } = await run(check.command)
        tally[ok ? 'passed' : 'failed'] += 1
        console.log(`${ok ? '✓' : '✗'} ${check.name.padEnd(30)} ${((performance.now() - start) / 1000).toFixed(1)} s`)
        if (!ok) console.log(`${output.trim()}\n  (${check.command.slice(1).join(' ')})`)
      }
    }),
  )
  return tally
}
