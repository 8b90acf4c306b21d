/** Verdicts as a small table: a mark, the check, and what it means that it holds, or why it does not. */

import type { Evidence, Judgement, Proof, Verdict } from '../verify/index.ts'
import { escaped, meaningOf } from '../verify/meaning.ts'
import { type Style, wrapped } from './terminal.ts'

const MARKS: Readonly<Record<Judgement, string>> = { ok: '✓', fail: '✗', unchecked: '–' }
/** However narrow the terminal is: text in less is a column of letters. */
const TEXT_MIN = 20

export function tableOf(
  verdicts: readonly Verdict[],
  document: Proof | Evidence | undefined,
  style: Style,
  width: number,
): string {
  const column = Math.max(...verdicts.map(({ check }) => check.length))
  const indent = ' '.repeat(column + 6)
  const rows = verdicts.map((each) => {
    const { check, verdict } = each
    const colour = { ok: style.good, fail: style.bad, unchecked: style.faint }[verdict]
    const [answer = '', ...rest] = sentences(each, document).map((sentence, i) => {
      const lines = wrapped(sentence, Math.max(width - indent.length, TEXT_MIN))
      // The answer itself has the colour of its mark; what is claimed and did not hold stays in the background.
      return lines.map(i > 0 ? style.faint : verdict === 'ok' ? (line) => line : colour).join(`\n${indent}`)
    })
    return [`  ${colour(MARKS[verdict])} ${style.strong(check.padEnd(column))}  ${answer}`, ...rest].join(`\n${indent}`)
  })
  return rows.join('\n')
}

/** What is to be said of a verdict, a line each. */
function sentences({ check, verdict, reason }: Verdict, document: Proof | Evidence | undefined): readonly string[] {
  const meaning = meaningOf(check, document)
  if (verdict === 'ok') return [meaning]
  const why = escaped(reason ?? '')
  if (verdict === 'unchecked') return [`Not checked: ${why}.`]
  return [`Fails: ${why}.`, check === 'format' ? 'Nothing else in it was looked at.' : `Not proved: ${meaning}`]
}
