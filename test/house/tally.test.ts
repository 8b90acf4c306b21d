/** The last line of `npm test` is what people and CI believe: what did not pass may never look as if it had. */
import { describe, expect, test } from 'vitest'
import { summary, tallyTests, total } from '../../scripts/lib/tally.mjs'

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((status) => ({ status })) })
const report = (...testResults: ReturnType<typeof file>[]) => ({ testResults })

describe('tests', () => {
  test('are counted by what became of them', () => {
    const mixed = report(file('passed', 'passed', 'skipped', 'todo', 'pending'), file('failed', 'failed', 'passed'))
    expect(tallyTests(mixed, false)).toEqual({ passed: 2, failed: 1, skipped: 3 })
  })
  test('in a file that could not be loaded are one failure', () => {
    expect(tallyTests(report(file('passed', 'passed'), file('failed')), false)).toMatchObject({ passed: 1, failed: 1 })
  })
  test('in a file that broke after they passed are one failure more', () => {
    expect(tallyTests(report(file('failed', 'passed')), false)).toMatchObject({ passed: 1, failed: 1 })
  })
  test('that passed do not hide an error outside of them', () => {
    expect(tallyTests(report(file('passed', 'passed')), false)).toMatchObject({ passed: 1, failed: 1 })
  })
  test('that left no report are a failure', () => {
    expect(tallyTests(undefined, true)).toMatchObject({ passed: 0, failed: 1 })
  })
})

describe('the last line', () => {
  const tallies = [
    { passed: 3, failed: 0, skipped: 0 },
    { passed: 4, failed: 1, skipped: 2 },
  ]
  test('names what was skipped', () => {
    expect(summary(total(tallies, false))).toBe('7 passed, 1 failed, 2 skipped')
  })
  test('counts it as failed where nothing may be skipped', () => {
    expect(summary(total(tallies, true))).toBe('7 passed, 3 failed')
  })
})
