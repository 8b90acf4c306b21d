/**
 * Compares two executions of one batch. A difference is a broken invariant: replay, followers and auditors would part from this
 * chain at that command.
 */
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { RecordedWrite } from '../verify/records.ts'
import type { BatchResult } from './batch.ts'
import type { CommandOutcome } from './contract.ts'

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
  const sameEvent = same<{ topic: string; data: Uint8Array }>((x, y) => x.topic === y.topic && equal(x.data, y.data))
  if (!sameEvent(a.obligations, b.obligations)) return 'obligations'
  const sameIntent = same<{ kind: string; data: Uint8Array }>((x, y) => x.kind === y.kind && equal(x.data, y.data))
  if (!sameIntent(a.intents, b.intents)) return 'intents'
  return same(isSameWrite)(a.writes, b.writes) ? undefined : 'writes'
}

function isSameWrite([tree, key, value]: RecordedWrite, [otherTree, otherKey, other]: RecordedWrite): boolean {
  if (tree !== otherTree || !equal(key, otherKey)) return false
  return value === null || other === null ? value === other : equal(value, other)
}

/** Whether two lists hold the same in the same order. */
function same<T>(isSame: (x: T, y: T) => boolean): (a: readonly T[], b: readonly T[]) => boolean {
  return (a, b) => a.length === b.length && a.every((each, i) => isSame(each, b[i] as T))
}
