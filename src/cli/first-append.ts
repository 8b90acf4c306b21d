/** The command with which somebody begins on a chain, as it is typed. */
import { shellWord, shownPath } from './place.ts'

/** Of each machine something that it takes, on a chain without a block too. */
const FIRST: ReadonlyMap<string, string> = new Map([
  ['kv@1', 'put greeting hello'],
  ['ledger@1', `--type open '{"id":"o-1","account":"alice","currency":"EUR","limit":"0"}'`],
])

/** What leads up to it, and the command; without a command where nobody here knows what the machine takes. */
export function firstAppend(text: string, data: string, machine: string): readonly string[] {
  const what = FIRST.get(machine)
  return what === undefined ? [`${text}.`] : [`${text}:`, `  cairn append ${shellWord(shownPath(data))} ${what}`]
}
