/** Many runs of the simulator, as a test, a command and a hunt for mutants need them: up to a number or a time, and what became of them. */
import { type Shrunk, shrink } from '../shrink.ts'
import type { Tracks } from '../tape.ts'
import type { Check } from './broken.ts'
import { Reached } from './reached.ts'
import { type Outcome, runOnce } from './run.ts'
import type { RunSettings } from './simulation.ts'

export interface SuiteOptions extends RunSettings {
  readonly seeds: Iterable<number>
  /** No run is begun any more when this moment of `performance.now()` is past. */
  readonly until?: number
  readonly onRun?: (seed: number, outcome: Outcome) => void
}

export interface Failed {
  readonly seed: number
  readonly outcome: Outcome
}

/** Up to the first run that fails. */
export async function runAll({ seeds, until, onRun, ...settings }: SuiteOptions): Promise<{
  readonly reached: Reached
  readonly failed: Failed | undefined
}> {
  const reached = new Reached()
  for (const seed of seeds) {
    if (until !== undefined && performance.now() > until) break
    const outcome = await runOnce(seed, settings)
    reached.add(outcome.reached)
    onRun?.(seed, outcome)
    if (outcome.failure !== undefined) return { reached, failed: { seed, outcome } }
  }
  return { reached, failed: undefined }
}

const TRIES = 600
const MILLISECONDS = 60_000

/** The tape of a run that failed, shorter: it fails the same check. */
export function shrunk(tracks: Tracks, check: Check, settings: RunSettings): Promise<Shrunk> {
  const stillFails = async (shorter: Tracks): Promise<boolean> => {
    const { failure } = await runOnce(shorter, settings)
    return failure?.check === check
  }
  return shrink(tracks, stillFails, TRIES, performance.now() + MILLISECONDS)
}
