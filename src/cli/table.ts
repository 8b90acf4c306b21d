/** Verdicts as a small table: a mark, the check, and what it means that it holds, or why it does not. */

import type { Evidence, Judgement, Proof, Verdict } from '../verify/index.ts'
import { meaningOf } from '../verify/meaning.ts'
import { type Style, wrapped } from './terminal.ts'

const MARKS: Readonly<Record<Judgement, string>> = { ok: '✓', fail: '✗', unchecked: '–' }

export function tableOf(
  verdicts: readonly Verdict[],
  document: Proof | Evidence | undefined,
  style: Style,
  width: number,
): string {
  const column = Math.max(...verdicts.map(({ check }) => check.length))
  const indent = ' '.repeat(column + 6)
  const rows = verdicts.map(({ check, verdict, reason }) => {
    const colour = { ok: style.good, fail: style.bad, unchecked: style.faint }[verdict]
    const [first = '', ...more] = wrapped(sentence(verdict, reason, meaningOf(check, document)), width - column - 6)
    const lines = [first, ...more.map((line) => indent + line)].join('\n')
    return `  ${colour(MARKS[verdict])} ${style.strong(check.padEnd(column))}  ${verdict === 'ok' ? lines : colour(lines)}`
  })
  return rows.join('\n')
}

function sentence(verdict: Judgement, reason: string | undefined, meaning: string): string {
  if (verdict === 'ok') return meaning
  return `${verdict === 'fail' ? 'Fails' : 'Not checked'}: ${reason}. What it would mean: ${meaning}`
}
