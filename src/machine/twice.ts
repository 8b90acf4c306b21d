/**
 * Compares two executions of one batch. A difference is a broken invariant: replay, followers and auditors would part from this
 * chain at that command.
 */
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { RecordedWrite } from '../verify/records.ts'
import type { BatchResult } from './batch.ts'
import type { CommandOutcome } from './contract.ts'

type Obligation = CommandOutcome['obligations'][number]
type Intent = CommandOutcome['intents'][number]

export function demandSame(first: BatchResult, second: BatchResult, firstSeq: bigint): void {
  for (const [i, outcome] of first.outcomes.entries()) {
    const differs = differenceOf(outcome, second.outcomes[i] as CommandOutcome)
    if (differs === undefined) continue
    const seq = firstSeq + BigInt(i)
    throw new CairnError(
      'machine_not_deterministic',
      `The command ${seq}, executed twice, gave different ${differs}. The machine must depend on nothing but command and state.`,
      { seq, differs },
    )
  }
}

/** What of two outcomes of one command differs, or nothing. */
export function differenceOf(a: CommandOutcome, b: CommandOutcome): string | undefined {
  if (a.status !== b.status) return 'status'
  if (!equal(a.reply, b.reply)) return 'reply'
  if (!areSame(a.obligations, b.obligations, isSameObligation)) return 'obligations'
  if (!areSame(a.intents, b.intents, isSameIntent)) return 'intents'
  return areSame(a.writes, b.writes, isSameWrite) ? undefined : 'writes'
}

function isSameObligation(a: Obligation, b: Obligation): boolean {
  return a.topic === b.topic && equal(a.data, b.data)
}

function isSameIntent(a: Intent, b: Intent): boolean {
  return a.kind === b.kind && equal(a.data, b.data)
}

function isSameWrite([tree, key, value]: RecordedWrite, [otherTree, otherKey, other]: RecordedWrite): boolean {
  if (tree !== otherTree || !equal(key, otherKey)) return false
  return value === null || other === null ? value === other : equal(value, other)
}

/** Whether two lists hold the same in the same order. */
function areSame<T>(a: readonly T[], b: readonly T[], isSame: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((each, i) => isSame(each, b[i] as T))
}
