/** A block: header, roots, seal and delegation, commands; and what of it this browser checked. */

import { sealOf } from '../../client/proved-block.ts'
import {
  decodeRevocations,
  isRevokedByColdKey,
  isSealedByDelegate,
  nobleEngine,
  type Revocation,
  revokes,
  type Seal,
} from '../../verify/index.ts'
import { wrongWithDelegation } from '../../verify/proof.ts'
import { type FullBlock, fullBlock, isShownBy, wrongWithin } from '../blocks.ts'
import { h, put } from '../dom.ts'
import { empty, errorCard, table, title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import type { Session } from '../session.ts'
import { badge, count, facts, hash, plural, section, stranger, time } from '../show.ts'
import { tour, walk } from '../tour.ts'

/** So many commands are listed; the others are found by their seq. */
const COMMANDS_SHOWN = 200

export async function block({ session, path, signal }: Context): Promise<Shown> {
  const asked = path[0] ?? ''
  if (!/^[0-9]{1,20}$/.test(asked))
    return { title: 'Block', content: [title('Block'), empty('A block is named by its height, a number.')] }
  const height = BigInt(asked)
  const { block: newest } = await session.prove({}, signal)
  if (height > newest.height)
    return {
      title: 'Block',
      content: [
        title(`Block ${count(height)}`),
        empty(
          'There is none yet: the newest is ',
          h('a', { href: to('block', [newest.height]) }, `block ${count(newest.height)}`),
          '.',
        ),
      ],
    }
  const shown = await fullBlock(session, height, signal)
  const mark = badge('checking')
  const sealing = section('Seal and delegation', h('p', { class: 'waiting' }, 'Asking for its seal …'))
  void checkBlock(session, shown, mark, signal)
  void showSeal(session, shown, sealing, signal)
  if (tour().height === asked) walk({ hasSeenBlock: true })
  return {
    title: `Block ${count(height)}`,
    content: [
      title(`Block ${count(height)}`, mark.element),
      h(
        'nav',
        { class: 'pages', 'aria-label': 'Neighbours' },
        height > 0n
          ? h('a', { href: to('block', [height - 1n]) }, 'The one before')
          : h('span', { class: 'faint' }, 'The first block'),
        height < newest.height && h('a', { href: to('range', ['history', height]) }, 'Its place among the blocks'),
        height < newest.height
          ? h('a', { href: to('block', [height + 1n]) }, 'The one after')
          : h('span', { class: 'faint' }, 'The newest block'),
      ),
      header(shown),
      commands(shown),
      roots(shown),
      sealing,
      authority(shown),
    ],
  }
}

async function checkBlock(
  session: Session,
  shown: FullBlock,
  mark: ReturnType<typeof badge>,
  signal: AbortSignal,
): Promise<void> {
  const wrong = wrongWithin(session, shown)
  if (wrong !== undefined) {
    mark.set('wrong', wrong)
    return
  }
  try {
    const proof = await session.prove({ block: shown.header.height }, signal)
    if (isShownBy(proof, session, shown))
      mark.set(
        'checked',
        'It is in the chain under the newest seal; its hash is that of this header, which commits to these roots and commands.',
      )
    else mark.set('wrong', 'The block that the server proves is another one.')
  } catch (error) {
    mark.set('unchecked', error instanceof Error ? error.message : undefined)
  }
}

function header({ hash: own, header }: FullBlock): HTMLElement {
  return section(
    'Header',
    facts(
      ['Hash', hash(own, { of: 'block hash', whole: true })],
      [
        'Parent',
        header.height === 0n
          ? h('span', { class: 'faint' }, 'none: it is the first')
          : hash(header.parentHash, { of: 'parent hash', whole: true, href: to('block', [header.height - 1n]) }),
      ],
      ['Time', time(header.timestamp), h('small', { class: 'faint' }, ' as the operator says')],
      ['Epoch', h('span', { class: 'number' }, count(header.epoch))],
      [
        'Commands',
        h(
          'span',
          { class: 'number' },
          header.commandCount === 0n ? '0' : `${count(header.commandCount)}, from seq ${count(header.firstSeq)}`,
        ),
      ],
      ['Commands hash', hash(header.commandsHash, { of: 'commands hash', whole: true })],
      ['Batch root', hash(header.batchRoot, { of: 'batch root', whole: true })],
    ),
  )
}

function roots({ roots, header }: FullBlock): HTMLElement {
  const range = (name: 'commands' | 'obligations' | 'intents', title: string) =>
    [
      h('a', { href: to('range', [name]) }, title),
      hash(roots[name].root, { of: `root of ${title.toLowerCase()}` }),
      h('span', { class: 'number' }, count(roots[name].size)),
    ] as const
  return section(
    'Roots after it',
    table(
      'Roots',
      ['Of', 'Root', 'Entries'],
      [
        range('commands', 'Commands'),
        range('obligations', 'Events'),
        range('intents', 'Intents'),
        [
          h('a', { href: to('range', ['history']) }, 'Blocks before it'),
          hash(roots.history, { of: 'root of the history' }),
          h('span', { class: 'number' }, count(header.height)),
        ],
        [h('a', { href: to('state') }, 'State tree'), hash(roots.state, { of: 'root of the state tree' }), '–'],
        [
          h('a', { href: to('state', [], { tree: 'risk' }) }, 'Risk tree'),
          hash(roots.risk, { of: 'root of the risk tree' }),
          '–',
        ],
      ],
    ),
  )
}

function commands({ record, header }: FullBlock): HTMLElement {
  const listed = record.commands.slice(0, COMMANDS_SHOWN)
  if (listed.length === 0) return section('Commands', empty('None: it opens an epoch.'))
  return section(
    'Commands',
    h(
      'p',
      { class: 'faint' },
      'That these were asked for is checked with the block. What came of each is proved on its own page.',
    ),
    table(
      'Commands',
      ['Seq', 'Type', 'Client', 'Request', 'Outcome', 'Caused'],
      listed.map((each) => [
        h('a', { href: to('command', [each.seq]) }, count(each.seq)),
        stranger(each.type, 64),
        each.client === '' ? h('span', { class: 'faint' }, 'anonymous') : stranger(each.client, 64),
        h('span', { class: 'number' }, each.client === '' ? '–' : String(each.request)),
        outcome(each.status),
        caused(each.obligations.length, each.intents.length, each.writes?.length),
      ]),
    ),
    record.commands.length > listed.length &&
      h(
        'p',
        {},
        `And ${count(record.commands.length - listed.length)} more, up to `,
        h(
          'a',
          { href: to('command', [header.firstSeq + header.commandCount - 1n]) },
          `command ${count(header.firstSeq + header.commandCount - 1n)}`,
        ),
        '.',
      ),
  )
}

export function outcome(status: 0 | 1): HTMLElement {
  return h('span', { class: status === 0 ? 'accepted' : 'rejected' }, status === 0 ? 'accepted' : 'rejected')
}

function caused(events: number, intents: number, writes: number | undefined): string {
  const parts = [
    events > 0 && plural(events, 'event'),
    intents > 0 && plural(intents, 'intent'),
    writes !== undefined && writes > 0 && plural(writes, 'write'),
  ]
  return parts.filter(Boolean).join(', ') || 'nothing'
}

async function showSeal(
  session: Session,
  { hash: own, header }: FullBlock,
  place: HTMLElement,
  signal: AbortSignal,
): Promise<void> {
  const heading = place.firstElementChild
  const show = (...content: readonly HTMLElement[]): void => put(place, heading ?? undefined, ...content)
  try {
    const seal = await sealOf(session.http, header.height, { signal })
    if (seal === undefined) show(empty('It has no seal of its own: a later one covers it.'))
    else
      show(sealFacts(session, own, header.timestamp, seal, await takenBack(session, own, header.height, seal, signal)))
  } catch (error) {
    if (!signal.aborted) show(errorCard(error))
  }
}

/** What the cold key took back and this seal rested on, as far as the server shows it. */
async function takenBack(
  session: Session,
  own: Uint8Array,
  height: bigint,
  { delegation }: Seal,
  signal: AbortSignal,
): Promise<Revocation | undefined> {
  const listed = decodeRevocations(await session.text('/v1/revocations', signal))
  return listed.find(
    (each) => revokes(each, delegation.index, height, own) && isRevokedByColdKey(session.identity, each, nobleEngine),
  )
}

function sealFacts(
  session: Session,
  own: Uint8Array,
  timestamp: bigint,
  { delegation, signature }: Seal,
  revocation: Revocation | undefined,
): HTMLElement {
  const signed = isSealedByDelegate(own, { delegation, signature }, nobleEngine)
  const wrong = wrongWithDelegation(session.identity, delegation, timestamp, nobleEngine)
  const sealMark = badge(
    signed ? 'checked' : 'wrong',
    signed ? 'The hot key signed exactly this block hash.' : 'The delegate did not sign this block.',
  )
  const delegationMark = badge(
    wrong === undefined ? 'checked' : 'wrong',
    wrong ?? 'The cold key of the pinned chain signed it, and the block lies in its time.',
  )
  return facts(
    ['Sealed by', hash(delegation.delegate, { of: 'address of the hot key', whole: true }), ' ', sealMark.element],
    ['Signature', hash(signature, { of: 'signature of the seal' })],
    ['Delegation', h('a', { href: to('keys') }, `index ${delegation.index}`), ' ', delegationMark.element],
    revocation && [
      'Taken back',
      `from height ${count(revocation.fromHeight)} on: this seal counts no more, and the block stands by newer ones`,
    ],
    ['Valid', time(delegation.validFrom), ' to ', time(delegation.validUntil)],
    [
      'Delegated by',
      hash(session.genesis.coldKey, { of: 'address of the cold key', whole: true }),
      h('small', { class: 'faint' }, ' the cold key of the pinned chain'),
    ],
  )
}

function authority({ record }: FullBlock): HTMLElement | undefined {
  if (record.authority.length === 0) return undefined
  return section(
    'Seen first in this block',
    h(
      'ul',
      {},
      record.authority.map((each) =>
        h(
          'li',
          {},
          each.k === 'delegation'
            ? `The delegation of index ${each.index}, to `
            : `The revocation of index ${each.index}, from height ${each.fromHeight} on`,
          each.k === 'delegation' && hash(each.delegate, { of: 'address of the delegate' }),
        ),
      ),
    ),
  )
}
