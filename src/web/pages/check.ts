/** The page that checks what somebody brings: a proof, evidence, an anchor or an export, here, by `cairn-log/verify`. Once it is loaded it needs no network. */

import { DOCUMENT_MAX } from '../../verify/bounds.ts'
import { CairnError } from '../../verify/error.ts'
import type { Verdict } from '../../verify/index.ts'
import { breakPanel } from '../check/break-it.ts'
import { type Brought, isExport, type Judged, judge } from '../check/judge.ts'
import { checkExport } from '../check/run-export.ts'
import { trustForm } from '../check/trust-form.ts'
import { failing, summaryOf, verdictCard, verdictList } from '../check/verdicts.ts'
import { waysOf } from '../check/ways-of.ts'
import { type Child, h, put } from '../dom.ts'
import { errorCard, title } from '../parts.ts'
import type { Context, Shown } from '../router.ts'
import type { Session } from '../session.ts'
import { announce, count, plural, stranger } from '../show.ts'
import { keptProof, walk } from '../tour.ts'

export function check(context: Context): Shown {
  const { session, query, signal } = context
  const result = h('div', { class: 'result' })
  const trust = trustForm(session)
  const paste = h('textarea', {
    id: 'paste',
    rows: 4,
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: '{"format":"cairn.proof/v1", …',
  })
  let running = new AbortController()
  const run = (file: Blob, name: string): void => {
    // The one before is given up, and draws where nobody looks any more: what is shown is of the file that was given last.
    running.abort()
    running = new AbortController()
    const place = h('div', {})
    put(result, place)
    const ended = AbortSignal.any([signal, running.signal])
    runCheck(file, name, trust.read, session, place, ended).catch((error: unknown) => put(place, errorCard(error)))
  }
  const kept = keptProof()
  if (query.get('proof') === 'kept' && kept !== undefined)
    queueMicrotask(() => run(new Blob([kept]), 'the proof that you downloaded'))
  const heading = 'Check'
  return {
    title: heading,
    content: [
      title('Check a proof, evidence, an anchor or an export'),
      h(
        'p',
        { class: 'lead' },
        'It is checked by this browser and sent nowhere. Switch off your network first, if you like.',
      ),
      h(
        'div',
        { class: 'card' },
        dropZone(run),
        h('p', { class: 'or' }, h('label', { for: 'paste' }, 'Or paste it')),
        paste,
        h(
          'p',
          { class: 'line' },
          h(
            'button',
            {
              type: 'button',
              class: 'main',
              onclick: () => paste.value !== '' && run(new Blob([paste.value]), 'what you pasted'),
            },
            'Check what I pasted',
          ),
          h(
            'button',
            { type: 'button', onclick: () => void newest(session, run, result) },
            'Take the newest command’s proof',
          ),
          kept !== undefined &&
            h(
              'button',
              { type: 'button', onclick: () => run(new Blob([kept]), 'the proof that you downloaded') },
              'The proof that I downloaded',
            ),
        ),
        trust.element,
      ),
      result,
    ],
  }
}

function dropZone(run: (file: Blob, name: string) => void): HTMLElement {
  const input = h('input', {
    id: 'file',
    type: 'file',
    onchange: () => {
      const [file] = input.files ?? []
      if (file !== undefined) run(file, file.name)
      input.value = ''
    },
  })
  const zone = h(
    'div',
    { class: 'drop' },
    h('label', { for: 'file' }, h('strong', {}, 'Drop a file here'), ' or choose one'),
    input,
  )
  const over = (isOver: boolean): void => void zone.classList.toggle('over', isOver)
  zone.addEventListener('dragover', (event) => {
    event.preventDefault()
    over(true)
  })
  zone.addEventListener('dragleave', () => over(false))
  zone.addEventListener('drop', (event) => {
    event.preventDefault()
    over(false)
    const [file] = event.dataTransfer?.files ?? []
    if (file !== undefined) run(file, file.name)
  })
  return zone
}

async function newest(session: Session, run: (file: Blob, name: string) => void, result: HTMLElement): Promise<void> {
  try {
    const { roots } = await session.prove({})
    const { size } = roots.commands
    if (size === 0n) throw new CairnError('not_found', 'There is no command yet: append one on the first page.')
    const text = await session.proof({ command: [size - 1n] })
    run(new Blob([text]), `the proof of command ${size - 1n}`)
  } catch (error) {
    put(result, errorCard(error))
  }
}

async function runCheck(
  file: Blob,
  name: string,
  read: () => Promise<Brought>,
  session: Session,
  result: HTMLElement,
  signal: AbortSignal,
): Promise<void> {
  const start = performance.now()
  const brought = await read()
  const begins = new Uint8Array(await file.slice(0, 16).arrayBuffer())
  if (isExport(begins)) {
    await checkExport(file, name, brought, session, result, signal)
    return
  }
  // An export may be larger, and is read as it streams by.
  if (file.size > DOCUMENT_MAX)
    throw new CairnError('over_limit', `A document has at most ${DOCUMENT_MAX} bytes, and this is no export.`)
  const place = h('div', {})
  const show = async (changed: Blob, since: number, what: string): Promise<readonly Verdict[]> => {
    const judged = judge(new Uint8Array(await changed.arrayBuffer()), brought)
    showJudged(place, judged, what, performance.now() - since)
    return judged.verification.verdicts
  }
  const verdicts = await show(file, start, name)
  if (summaryOf(verdicts).isGood) walk({ hasChecked: true })
  announce(summaryOf(verdicts).words)
  put(
    result,
    place,
    file.size > 0 &&
      (await breakPanel({
        file,
        isBinary: false,
        async check(changed, isChanged) {
          const caughtBy = failing(
            await show(changed, performance.now(), isChanged ? `${name}, with one byte changed` : name),
          )
          return { isGood: caughtBy.length === 0, caughtBy }
        },
        tryOut: async (changed) =>
          failing(judge(new Uint8Array(await changed.arrayBuffer()), brought).verification.verdicts),
      })),
  )
  place.querySelector<HTMLElement>('h2')?.focus()
}

function showJudged(
  place: HTMLElement,
  { verification, document, isAnchor }: Judged,
  name: string,
  milliseconds: number,
): void {
  const { isGood } = summaryOf(verification.verdicts)
  const kind = isAnchor
    ? 'an anchor'
    : document === undefined
      ? 'not a document of this format'
      : document.format === 'cairn.evidence/v1'
        ? 'evidence of two blocks at one height'
        : 'a proof'
  put(
    place,
    verdictCard(
      verification.verdicts,
      h(
        'p',
        { class: 'faint' },
        stranger(name, 120),
        `: ${kind}, ${plural(verification.verdicts.length, 'check')}, `,
        h(
          'span',
          { class: 'took' },
          `${milliseconds < 10 ? milliseconds.toFixed(1) : count(Math.round(milliseconds))} ms`,
        ),
        ' in this browser.',
      ),
      verdictList(verification.verdicts, document),
    ),
    ways(isGood, document),
  )
}

function ways(isGood: boolean, document: Judged['document']): Child {
  return isGood && document?.format === 'cairn.proof/v1' && waysOf(document)
}
