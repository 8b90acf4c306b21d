/** Five steps from nothing to trust: append, see it, take its proof, check it, break it. */
import { CairnError } from '../../verify/error.ts'
import { type Child, h, put } from '../dom.ts'
import { inTab } from '../kept.ts'
import { proofOfCommand } from '../proofs.ts'
import { type Context, to } from '../router.ts'
import { announce, badge, bytesOf, copier, stranger } from '../show.ts'
import { tour, walk } from '../tour.ts'

export function tourCard(context: Context): HTMLElement {
  const steps = h('ol', { class: 'steps' })
  const draw = (): void => {
    const { activeElement } = document
    put(steps, ...stepsOf(context, form, draw))
    // Whoever pressed something there goes on from it.
    if (activeElement !== null && activeElement.id !== '') document.getElementById(activeElement.id)?.focus()
  }
  const form = appendForm(context, () => draw())
  draw()
  return h(
    'section',
    { class: 'card tour', 'aria-labelledby': 'tour' },
    h('h2', { id: 'tour' }, 'Five minutes to trust'),
    steps,
  )
}

function stepsOf(context: Context, form: HTMLElement, draw: () => void): Child[] {
  const { seq, height, hasSeenBlock, hasProof, hasChecked, hasBroken } = tour()
  const isThere = seq !== undefined && height !== undefined
  return [
    step('Append a command', isThere, form),
    step(
      'See it in a block',
      hasSeenBlock === true,
      isThere
        ? h(
            'p',
            {},
            'It is ',
            h('a', { href: to('command', [seq]) }, `command ${seq}`),
            ' in ',
            h('a', { href: to('block', [height]) }, `block ${height}`),
            '.',
          )
        : h('p', { class: 'faint' }, 'It appears in the list of blocks as soon as it is sealed.'),
    ),
    step('Take its proof', hasProof === true, takeProof(context, seq, draw)),
    step(
      'Check it offline',
      hasChecked === true,
      h(
        'p',
        {},
        'On ',
        h('a', { href: to('check', [], hasProof ? { proof: 'kept' } : {}) }, 'the page that checks'),
        ': switch off the network if you like. Or in a shell:',
      ),
      // In a clone and wherever the package is installed; and elsewhere nothing is fetched by that name.
      shell(`npx --no-install cairn verify proof-${seq ?? '0'}.json --chain-id ${context.session.pin.chainId}`),
    ),
    step('Flip one byte, and see it fail', hasBroken === true, h('p', {}, 'There too, under “Try to break it”.')),
  ]
}

function step(title: string, isDone: boolean, ...children: readonly Child[]): HTMLElement {
  return h(
    'li',
    { class: isDone ? 'done' : '' },
    h('h3', {}, title, isDone && h('span', { class: 'hidden' }, ' (done)')),
    children,
  )
}

function shell(command: string): HTMLElement {
  return h('div', { class: 'shell' }, h('pre', { tabindex: 0 }, h('code', {}, command)), copier(command, 'command'))
}

/** A command that the machine takes, where it is one of those that come along. */
const EXAMPLES: Readonly<Record<string, readonly [type: string, payload: string]>> = {
  ledger: ['open', '{"id":"o-1","account":"alice","currency":"EUR","limit":"0"}'],
}

function appendForm(context: Context, draw: () => void): HTMLElement {
  const { session } = context
  const [machine = ''] = session.says.machine.split('@')
  const isKv = machine === 'kv'
  const [type, payload] = EXAMPLES[machine] ?? ['', '{}']
  const [first, second] = isKv
    ? [field('key', 'Key', 'greeting', 1024), field('value', 'Value', 'hello', 4096)]
    : [field('type', 'Type', type, 64), field('payload', 'Payload, as JSON', payload, 65_536)]
  const answer = h('div', { role: 'status' })
  const button = h('button', { type: 'submit', class: 'main', id: 'send-command' }, 'Append')
  let isSending = false
  const submit = async (): Promise<void> => {
    const [a, b] = [first.input.value, second.input.value]
    const [type, payload] = isKv ? ['put', JSON.stringify({ key: a, value: b })] : [a, b]
    if (isSending) return
    isSending = true
    const mark = badge('checking')
    put(answer, h('p', {}, 'On its way … ', mark.element))
    const start = performance.now()
    try {
      const { seq, height, status, reply } = await session.submit(type, payload)
      const milliseconds = Math.round(performance.now() - start)
      noteLatency(milliseconds)
      walk({
        seq: String(seq),
        height: String(height),
        hasSeenBlock: false,
        hasProof: false,
        hasChecked: false,
        hasBroken: false,
      })
      mark.set('checked', 'The receipt was proved under the pinned chain id before it was shown.')
      draw()
      put(
        answer,
        h(
          'p',
          {},
          `${status === 0 ? 'Accepted' : 'Rejected by the machine'} as command ${seq} of block ${height}, in ${milliseconds} ms, with the reply `,
          bytesOf(reply),
          ' ',
          mark.element,
        ),
      )
      announce(`Command ${seq} is in block ${height}.`)
    } catch (error) {
      put(answer, h('p', { class: 'wrong' }, stranger(error instanceof Error ? error.message : String(error), 500)))
    }
    isSending = false
  }
  answer.classList.add('said')
  const curl = `curl -s -X POST ${location.origin}/v1/commands -H 'content-type: application/json' -d '{"type":"put","payload":{"key":"greeting","value":"hello"}}'`
  return h(
    'form',
    {
      class: 'append',
      onsubmit: (event: Event) => {
        event.preventDefault()
        void submit()
      },
    },
    h('div', { class: 'fields' }, first.element, second.element, button),
    answer,
    isKv && h('details', {}, h('summary', {}, 'Or from a shell'), shell(curl)),
  )
}

interface Field {
  readonly element: HTMLElement
  readonly input: HTMLInputElement
}

function field(id: string, title: string, value: string, max: number): Field {
  const input = h('input', {
    id: `field-${id}`,
    type: 'text',
    value,
    maxlength: max,
    required: id !== 'value',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  return { input, element: h('div', {}, h('label', { for: input.id }, title), input) }
}

function takeProof(context: Context, seq: string | undefined, draw: () => void): HTMLElement {
  if (seq === undefined)
    return h('p', { class: 'faint' }, 'A few kilobytes that prove it to anyone who knows the chain id.')
  const answer = h('span', { role: 'status' })
  const button = h(
    'button',
    {
      type: 'button',
      id: 'take-proof',
      onclick: () => {
        put(answer, ' Asking …')
        proofOfCommand(context.session, BigInt(seq)).then(draw, (error: unknown) => {
          const why = error instanceof CairnError ? error.message : String(error)
          put(answer, h('span', { class: 'wrong' }, ' ', stranger(why, 500)))
        })
      },
    },
    `Download proof-${seq}.json`,
  )
  return h('p', {}, button, answer)
}

const LATENCIES = 'cairn.latencies'
const LATENCIES_MAX = 100

/** How long this tab waited for receipts that were checked, in milliseconds. */
export function latencies(): readonly number[] {
  try {
    const kept: unknown = JSON.parse(inTab.get(LATENCIES) ?? '[]')
    return Array.isArray(kept) ? kept.map(Number).filter(Number.isFinite) : []
  } catch {
    return []
  }
}

function noteLatency(milliseconds: number): void {
  inTab.set(LATENCIES, JSON.stringify([...latencies(), milliseconds].slice(-LATENCIES_MAX)))
}
