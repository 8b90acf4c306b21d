/** Verdicts as people read them: what each check is, what it means that it holds, and what it does not. */
import type { Evidence, Proof, Verdict } from '../../verify/index.ts'
import { meaningOf } from '../../verify/meaning.ts'
import { type Child, h } from '../dom.ts'
import { plural, stranger } from '../show.ts'
import { caveatOf, MEANING_OF_CHAIN } from './caveats.ts'

/** Lists longer than this are cut: a document may hold a thousand claims. */
const SHOWN = 100

const WORDS = { ok: 'Holds', fail: 'Fails', unchecked: 'Not checked' } as const

export function verdictList(
  verdicts: readonly Verdict[],
  document: Proof | Evidence | 'chain' | undefined,
): HTMLElement {
  // What fails is what a reader came for.
  const sorted = [
    ...verdicts.filter(({ verdict }) => verdict === 'fail'),
    ...verdicts.filter(({ verdict }) => verdict !== 'fail'),
  ]
  return h(
    'div',
    {},
    h(
      'ul',
      { class: 'verdicts' },
      sorted.slice(0, SHOWN).map((each) => verdictOf(each, document)),
    ),
    sorted.length > SHOWN && h('p', { class: 'faint' }, `And ${plural(sorted.length - SHOWN, 'check')} more.`),
  )
}

function verdictOf({ check, verdict, reason }: Verdict, document: Proof | Evidence | 'chain' | undefined): HTMLElement {
  const isChain = document === 'chain'
  const meaning = isChain ? (MEANING_OF_CHAIN[check] ?? check) : meaningOf(check, document)
  const caveat = caveatOf(check, isChain ? undefined : document)
  return h(
    'li',
    { 'data-check': check, 'data-verdict': verdict },
    h('p', { class: 'check' }, h('span', { class: 'judgement' }, WORDS[verdict]), ' ', h('code', {}, check)),
    reason !== undefined && h('p', { class: 'reason' }, stranger(reason, 400)),
    verdict === 'ok'
      ? [
          h('p', {}, stranger(meaning, 600)),
          caveat !== undefined && h('p', { class: 'caveat' }, h('span', {}, 'It does not mean: '), caveat),
        ]
      : h(
          'p',
          { class: 'faint' },
          verdict === 'fail' ? 'If it held: ' : 'If it were checked: ',
          stranger(meaning, 600),
        ),
  )
}

/** The card that says how it stands, with what is told of it. */
export function verdictCard(verdicts: readonly Verdict[], ...told: readonly Child[]): HTMLElement {
  const { isGood, words } = summaryOf(verdicts)
  return h(
    'section',
    { class: `card verdict ${isGood ? 'good' : 'bad'}`, 'data-ok': String(isGood), 'aria-labelledby': 'verdict' },
    h('h2', { id: 'verdict', tabindex: -1 }, words),
    told,
  )
}

/** The checks that failed. */
export function failing(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)
}

export interface Summary {
  readonly isGood: boolean
  readonly words: string
}

export function summaryOf(verdicts: readonly Verdict[]): Summary {
  const failed = failing(verdicts)
  const left = verdicts.filter(({ verdict }) => verdict === 'unchecked')
  if (failed.length > 0)
    return {
      isGood: false,
      words: `Does not hold: ${failed.slice(0, 4).join(', ')}${failed.length > 4 ? ', …' : ''}`,
    }
  if (left.length === 0) return { isGood: true, words: 'Holds' }
  return {
    isGood: true,
    words: `Holds, as far as it was checked: ${listed(left.map(({ check }) => check))} ${left.length === 1 ? 'was' : 'were'} not`,
  }
}

function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((each) => each !== '').join(' and ')
}
