/**
 * The page that checks what somebody brings: a proof, evidence, an anchor or an export, here, by `cairn-log/verify`. Once it is loaded it needs no network, but
 * to know whether an anchor is on its EVM chain.
 */

import { saysAnchor } from '../../verify/anchor.ts'
import { ANCHOR_MAX, DOCUMENT_MAX } from '../../verify/bounds.ts'
import { CairnError } from '../../verify/error.ts'
import { breakPanel } from '../check/break-it.ts'
import { type Brought, isExport, type Judged, judge } from '../check/judge.ts'
import { onChain } from '../check/on-chain.ts'
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
  const run = (file: Blob, name: string, anchor?: Blob): void => {
    // The one before is given up, and draws where nobody looks any more: what is shown is of the file that was given last.
    running.abort()
    running = new AbortController()
    const place = h('div', {})
    put(result, place)
    const ended = AbortSignal.any([signal, running.signal])
    const read = async (): Promise<Brought> => {
      const brought = await trust.read()
      return anchor === undefined ? brought : { ...brought, anchor: new Uint8Array(await anchor.arrayBuffer()) }
    }
    runCheck(file, name, read, session, place, ended).catch((error: unknown) =>
      put(place, errorCard(error, { advises: false })),
    )
  }
  const runAll = (files: readonly File[]): void => {
    sorted(files).then(
      ({ file, anchor }) => run(file, anchor === undefined ? file.name : `${file.name} with ${anchor.name}`, anchor),
      (error: unknown) => put(result, errorCard(error, { advises: false })),
    )
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
        session.says.evmRpc !== undefined &&
          ` Only the transaction of an anchor is asked for elsewhere, at ${new URL(session.says.evmRpc).origin}.`,
      ),
      h(
        'div',
        { class: 'card' },
        dropZone(runAll, signal),
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

function dropZone(run: (files: readonly File[]) => void, signal: AbortSignal): HTMLElement {
  const take = (files: FileList | null | undefined): void => {
    if (files && files.length > 0) run([...files])
  }
  const input = h('input', {
    id: 'file',
    type: 'file',
    multiple: true,
    onchange: () => {
      take(input.files)
      input.value = ''
    },
  })
  const zone = h(
    'div',
    { class: 'drop' },
    h('label', { for: 'file' }, h('strong', {}, 'Drop a file here'), ' or choose one; a proof and its anchor together'),
    input,
  )
  const over = (isOver: boolean): void => void zone.classList.toggle('over', isOver)
  // Anywhere on the page: beside the zone the browser would open the file, and leave the page for it.
  const whereFiles = (does: (files: FileList) => void) => (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    does(event.dataTransfer.files)
  }
  addEventListener(
    'dragover',
    whereFiles(() => over(true)),
    { signal },
  )
  addEventListener('dragleave', ({ relatedTarget }) => relatedTarget === null && over(false), { signal })
  addEventListener(
    'drop',
    whereFiles((files) => {
      over(false)
      take(files)
    }),
    { signal },
  )
  return zone
}

/** Of two files the one that is an anchor stands beside the other. */
async function sorted(files: readonly File[]): Promise<{ readonly file: File; readonly anchor?: File }> {
  const [first, second] = files
  if (first === undefined || files.length > 2) throw notTogether()
  if (second === undefined) return { file: first }
  const [is, isToo] = [await isAnchor(first), await isAnchor(second)]
  if (is === isToo) throw notTogether()
  return is ? { file: second, anchor: first } : { file: first, anchor: second }
}

async function isAnchor(file: File): Promise<boolean> {
  return file.size <= ANCHOR_MAX && saysAnchor(new Uint8Array(await file.arrayBuffer()))
}

function notTogether(): CairnError {
  return new CairnError('invalid_option', 'Give one file at a time, or a proof and its anchor together.')
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
  const judgeHere = async (changed: Blob): Promise<Judged> =>
    judge(new Uint8Array(await changed.arrayBuffer()), brought)
  const asking = onChain(brought.evmRpc, signal)
  let last: Judged | undefined
  /** At once, and again when the EVM chain has answered. */
  const show = (judged: Judged, what: string, milliseconds: number): Promise<Judged> =>
    asking(judged, (seen, said) => {
      last = seen
      showJudged(place, seen, what, milliseconds, said)
    })
  const judged = await judgeHere(file)
  const shown = show(judged, name, performance.now() - start)
  const panel =
    file.size > 0 &&
    (await breakPanel({
      file,
      isBinary: false,
      holds: failing(judged.verification.verdicts).length === 0,
      ...(judged.isAnchor && { uncaught: UNCAUGHT_OF_ANCHOR }),
      async check(changed, isChanged) {
        const since = performance.now()
        const seen = await judgeHere(changed)
        const what = isChanged ? `${name}, with one byte changed` : name
        const caughtBy = failing((await show(seen, what, performance.now() - since)).verification.verdicts)
        return { isGood: caughtBy.length === 0, caughtBy }
      },
      tryOut: async (changed) => failing((await judgeHere(changed)).verification.verdicts),
    }))
  put(result, place, panel)
  place.querySelector<HTMLElement>('h2')?.focus()
  const ended = await shown
  // Another file was given meanwhile, another page is shown, or a byte was flipped.
  if (signal.aborted || ended !== last) return
  const { isGood, words } = summaryOf(ended.verification.verdicts)
  if (isGood) walk({ hasChecked: true })
  announce(words)
}

const UNCAUGHT_OF_ANCHOR =
  'Nothing caught it here: where an anchor stands only the EVM chain can say, and it was not asked or gave no answer.'

function showJudged(
  place: HTMLElement,
  { verification, document, isAnchor }: Judged,
  name: string,
  milliseconds: number,
  said: Child,
): void {
  const { isGood } = summaryOf(verification.verdicts)
  const kind = isAnchor
    ? 'an anchor'
    : document === undefined
      ? 'not a document of this format'
      : document.format === 'cairn.evidence/v1'
        ? 'evidence of two blocks at one height'
        : 'a proof'
  // What is drawn anew has the focus that it had.
  const hadFocus = place.contains(window.document.activeElement)
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
      said,
      verdictList(verification.verdicts, document),
    ),
    ways(isGood, document),
  )
  if (hadFocus) place.querySelector<HTMLElement>('h2')?.focus()
}

function ways(isGood: boolean, document: Judged['document']): Child {
  return isGood && document?.format === 'cairn.proof/v1' && waysOf(document)
}
