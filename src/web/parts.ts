/** Parts that several pages are made of. */
import { CairnError } from '../verify/error.ts'
import { type Child, h } from './dom.ts'
import { stranger } from './show.ts'

/** What to do, by code, where the message alone does not say it. */
const ADVICE: Readonly<Record<string, string>> = {
  server_unreachable: 'Is it running? npm start in its folder starts it.',
  malformed:
    'If it comes again on every page, what this browser kept is damaged: forget it under “What this browser trusts”.',
  unknown_height: 'The chain has not got that far.',
  not_found: 'There is no such thing, as far as the newest block.',
  unknown_entry: 'There is no such entry, as far as the newest block.',
  over_limit: 'It is too large for a page: cairn log and cairn export read it.',
  unauthorized: 'Load the page again and give a token with the scope that is needed.',
  forbidden: 'This token does not reach so far.',
}

export interface ErrorCard {
  readonly again?: () => void
  /** Whether what to do about a server is told: of a file it is no advice. */
  readonly advises?: boolean
}

/** What went wrong, and what to do. */
export function errorCard(error: unknown, { again, advises = true }: ErrorCard = {}): HTMLElement {
  const { code, message } = error instanceof CairnError ? error : { code: 'failed', message: String(error) }
  return h(
    'div',
    { class: 'card error' },
    h(
      'h1',
      {},
      code === 'not_found' || code === 'unknown_height' || code === 'unknown_entry'
        ? 'Not in this chain'
        : 'That did not work',
    ),
    h('p', {}, stranger(message, 1000)),
    advises && Object.hasOwn(ADVICE, code) && h('p', {}, ADVICE[code]),
    h('p', { class: 'faint' }, 'Code ', h('code', {}, stranger(code, 64))),
    again && h('button', { type: 'button', onclick: again }, 'Try again'),
  )
}

export function title(text: Child, ...beside: readonly Child[]): HTMLElement {
  return h('div', { class: 'title' }, h('h1', {}, text), beside)
}

export function empty(...children: readonly Child[]): HTMLElement {
  return h('p', { class: 'empty' }, children)
}

/** A table that scrolls by itself where the window is too narrow for it, by keyboard too. */
export function table(caption: string, heads: readonly Child[], rows: readonly (readonly Child[])[]): HTMLElement {
  return h(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': `${caption}, as a table`, tabindex: 0 },
    h(
      'table',
      {},
      h('caption', { class: 'hidden' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head) => h('th', { scope: 'col' }, head)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.map((cell) => h('td', {}, cell)),
          ),
        ),
      ),
    ),
  )
}
