/** Runs of the simulator: one, with what it came to; and one that failed, made as short as it still fails. */
import { createHash } from 'node:crypto'
import { Tape, type Tracks } from '../tape.ts'
import { Broken, type Check } from './broken.ts'
import { Reached } from './reached.ts'
import { type RunSettings, Simulation } from './simulation.ts'

export interface Outcome {
  readonly reached: Reached
  readonly tracks: Tracks
  readonly failure?: { readonly check: Check; readonly what: string; readonly stack: string }
  /** All that happened, a line each; nothing where it was not asked for. */
  readonly log: readonly string[]
}

/** A run from a seed, or from a tape. It never throws: what is broken is its outcome. */
export async function runOnce(source: number | Tracks, settings: RunSettings, isLogged = false): Promise<Outcome> {
  const tape = new Tape(source)
  const reached = new Reached()
  reached.runs = 1
  const log: string[] = []
  const note = isLogged ? (line: string): void => void log.push(line) : (): void => undefined
  try {
    await new Simulation(tape, settings, reached, note).run()
    return { reached, tracks: tape.recorded, log }
  } catch (error) {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
    const check = error instanceof Broken ? error.check : 'unexpected'
    note(`broken: ${check}: ${message}`)
    return { reached, tracks: tape.recorded, failure: { check, what: message, stack }, log }
  }
}

export function digestOf(log: readonly string[]): string {
  return createHash('sha256').update(log.join('\n')).digest('hex')
}
