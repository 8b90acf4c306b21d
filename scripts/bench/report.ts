/** Prints what a benchmark found out: a table for people, or with `--json` one object for programs. */
import { type Figure, machineWith, tableOf } from '../../src/cli/bench/figures.ts'

/** `notes` says what else a reader has to know of the machine: which engine ran, what was left out. */
export function report(figures: readonly Figure[], notes: Readonly<Record<string, string>> = {}): void {
  const machine = machineWith(notes)
  if (process.argv.includes('--json')) console.log(JSON.stringify({ machine, figures }, undefined, 2))
  else console.log(`${Object.values(machine).join(' · ')}\n\n${tableOf(figures)}`)
}
