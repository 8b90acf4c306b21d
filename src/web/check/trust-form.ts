/** What the viewer trusts and brings, as a form on the page that checks; and how much of an export is to be checked. */
import { fromHex, utf8 } from '../../verify/bytes.ts'
import { CairnError } from '../../verify/error.ts'
import { decodeHead, decodeRevocations } from '../../verify/index.ts'
import { type Child, h } from '../dom.ts'
import type { Session } from '../session.ts'
import type { Brought } from './judge.ts'

const LEVELS = ['seals', 'roots', 'replay'] as const

const NOBODY_TO_ASK =
  'Whether its transaction is on the EVM chain is not asked here: this page may ask nobody but its server. Its operator can name an RPC for it, with cairn serve --evm-rpc; and cairn verify asks one of yours, with --rpc.'

export interface TrustForm {
  readonly element: HTMLElement
  /** What stands in it now; what is wrong with it is a CairnError. */
  readonly read: () => Promise<Brought>
}

export function trustForm(session: Session): TrustForm {
  const id = h('input', {
    id: 'chain-id',
    type: 'text',
    value: session.pin.chainId,
    spellcheck: 'false',
    autocomplete: 'off',
    maxlength: 80,
  })
  const source = h(
    'select',
    { id: 'source', onchange: () => own.toggleAttribute('hidden', source.value !== 'own') },
    h('option', { value: 'none' }, 'none: revocation is not checked'),
    h('option', { value: 'server' }, 'the list of this server'),
    h('option', { value: 'own' }, 'a list that I paste'),
  )
  const list = h('textarea', { id: 'revocations', rows: 3, spellcheck: 'false', placeholder: '[]' })
  const own = h('div', { hidden: true }, h('label', { for: 'revocations' }, 'Revocations, as JSON'), list)
  const level = h(
    'select',
    { id: 'level' },
    h('option', { value: 'seals' }, 'seals: order, hashes and seals'),
    h('option', { value: 'roots', selected: true }, 'roots: and the ranges and the state, made again'),
    h('option', { value: 'replay' }, 'replay: and every command, executed again'),
  )
  const fromProof = h('textarea', {
    id: 'from-proof',
    rows: 2,
    spellcheck: 'false',
    placeholder: '{"format":"cairn.proof/v1", …',
  })
  const head = h('textarea', {
    id: 'head',
    rows: 2,
    spellcheck: 'false',
    placeholder: '{"height":"41","blockHash":"0x…"}',
  })
  const anchor = h('textarea', {
    id: 'anchor',
    rows: 2,
    spellcheck: 'false',
    placeholder: '{"format":"cairn.anchor/v1", …',
  })
  const { evmRpc } = session.says
  const asks = h('input', { id: 'asks-evm', type: 'checkbox', checked: true })
  const element = h(
    'details',
    { class: 'brought' },
    h('summary', {}, 'What you trust, and bring'),
    field(id, 'Chain id', 'The one that this browser pinned, unless you know better.'),
    field(source, 'Revocations', 'They count most from a source that is not the prover.', own),
    field(head, 'The newest block that you accepted before (may be left empty)'),
    field(
      anchor,
      'An anchor of a head of the chain, to be checked beside a proof (may be left empty)',
      evmRpc === undefined ? NOBODY_TO_ASK : undefined,
      evmRpc !== undefined && [
        h(
          'p',
          { class: 'choice' },
          asks,
          h('label', { for: asks.id }, `Ask ${new URL(evmRpc).origin} whether its transaction is there`),
        ),
        h(
          'p',
          { class: 'faint' },
          'The operator of this server named that RPC, and this page may ask no other. It learns which transaction you look for.',
        ),
      ],
    ),
    field(
      level,
      'How much of an export is checked',
      'What can be executed here is kv and ledger; of another machine, that is said.',
    ),
    field(
      fromProof,
      'For an export that begins in the middle: a proof of the block before it (may be left empty)',
      'Without one, this server is asked for it where the chain is the pinned one: for the proof of a block by its height, and nothing else.',
    ),
  )
  return {
    element,
    read: async () => {
      const chainId = id.value.trim()
      if (fromHex(chainId)?.length !== 32)
        throw new CairnError('invalid_option', 'A chain id is 0x and 64 lower-case hex digits.')
      const revocations =
        source.value === 'none'
          ? undefined
          : decodeRevocations(source.value === 'own' ? list.value : await session.text('/v1/revocations'))
      const accepted = head.value.trim() === '' ? undefined : decodeHead(head.value)
      const beside = anchor.value.trim() === '' ? undefined : utf8(anchor.value.trim())
      const behind = fromProof.value.trim()
      return {
        chainId,
        ...(revocations && { revocations }),
        ...(accepted && { head: accepted }),
        ...(beside && { anchor: beside }),
        ...(behind !== '' && { fromProof: behind }),
        ...(evmRpc !== undefined && asks.checked && { evmRpc }),
        level: LEVELS.find((each) => each === level.value) ?? 'roots',
      }
    },
  }
}

function field(control: HTMLElement, label: string, why?: string, ...more: readonly Child[]): HTMLElement {
  return h(
    'div',
    { class: 'stack' },
    h('label', { for: control.id }, label),
    control,
    why !== undefined && h('p', { class: 'faint' }, why),
    more,
  )
}
