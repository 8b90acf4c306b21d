/** Verdicts as a small table: a mark, the check, and what it means that it holds, or why it does not. */

import type { Judgement, Verdict } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'
import { type Style, wrapped } from './terminal.ts'

const MARKS: Readonly<Record<Judgement, string>> = { ok: '✓', fail: '✗', unchecked: '–' }
/** However narrow the terminal is: text in less is a column of letters. */
const TEXT_MIN = 20

/** `meaningOf` says in a sentence what it means that a check holds. */
export function tableOf(
  verdicts: readonly Verdict[],
  meaningOf: (check: string) => string,
  style: Style,
  width: number,
): string {
  const column = Math.max(...verdicts.map(({ check }) => check.length))
  const indent = ' '.repeat(column + 6)
  const rows = verdicts.map((each) => {
    const { check, verdict } = each
    const colour = { ok: style.good, fail: style.bad, unchecked: style.faint }[verdict]
    const [answer = '', ...rest] = sentences(each, meaningOf).map((sentence, i) => {
      const lines = wrapped(sentence, Math.max(width - indent.length, TEXT_MIN))
      // The answer itself has the colour of its mark; what is claimed and did not hold stays in the background.
      return lines.map(i > 0 ? style.faint : verdict === 'ok' ? (line) => line : colour).join(`\n${indent}`)
    })
    return [`  ${colour(MARKS[verdict])} ${style.strong(check.padEnd(column))}  ${answer}`, ...rest].join(`\n${indent}`)
  })
  return rows.join('\n')
}

/** What is to be said of a verdict, a line each. */
function sentences({ check, verdict, reason }: Verdict, meaningOf: (check: string) => string): readonly string[] {
  const meaning = meaningOf(check)
  if (verdict === 'ok') return [meaning]
  const why = escaped(reason ?? '')
  if (verdict === 'unchecked') return [`Not checked: ${why}.`]
  return [`Fails: ${why}.`, check === 'format' ? 'Nothing else in it was looked at.' : `Not proved: ${meaning}`]
}
