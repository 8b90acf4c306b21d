/**
 * Measuring two ways to do the same work, so that their ratio means something: in one process, in turns, warmed up.
 *
 * Promise: within a round they run one right after the other, so a machine that is slow for a while is slow for both.
 */

/** Does the work on inputs that depend on `i`, which is another one each time, and returns some byte of what came out. */
export type Work = (i: number) => number

/** What each round found. */
export interface Comparison {
  /** How many times as fast as the other. */
  readonly ratio: readonly number[]
  /** Runs of the fast one per second. */
  readonly rate: readonly number[]
}

const ROUNDS = 7
const ROUND_MS = 150

let next = 0
/** What comes out of every run ends up here, so that no run is for nothing. */
let sink = 0

function milliseconds(work: Work, runs: number): number {
  const start = performance.now()
  for (let i = 0; i < runs; i++) sink = (sink + work(next++)) & 0xffff
  return performance.now() - start
}

/** How many runs fill a round, found out by filling two of them: that is the warm-up. */
function runsPerRound(work: Work): number {
  let runs = 1
  let elapsed = milliseconds(work, runs)
  while (elapsed < 2 * ROUND_MS) {
    runs *= 2
    elapsed = milliseconds(work, runs)
  }
  return Math.ceil((runs * ROUND_MS) / elapsed)
}

export function compare(fast: Work, slow: Work): Comparison {
  const fastRuns = runsPerRound(fast)
  const slowRuns = runsPerRound(slow)
  const rounds = Array.from({ length: ROUNDS }, () => {
    const rate = fastRuns / milliseconds(fast, fastRuns)
    return { rate: 1000 * rate, ratio: rate / (slowRuns / milliseconds(slow, slowRuns)) }
  })
  return { ratio: rounds.map(({ ratio }) => ratio), rate: rounds.map(({ rate }) => rate) }
}

/** Runs per second, of one way on its own. */
export function rates(work: Work): readonly number[] {
  const runs = runsPerRound(work)
  return Array.from({ length: ROUNDS }, () => (1000 * runs) / milliseconds(work, runs))
}
