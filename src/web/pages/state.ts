/** A key of a state tree: its value or that it is not there, proved, and the way through the tree. */

import { equal, fromHex, toHex, utf8 } from '../../verify/bytes.ts'
import { CairnError } from '../../verify/error.ts'
import type { Proof, StateClaim, TreeName } from '../../verify/index.ts'
import { h } from '../dom.ts'
import { drawnState } from '../draw/ways.ts'
import { title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import { hasher, type Session } from '../session.ts'
import { badge, bytesOf, count, facts, hash, section } from '../show.ts'

export async function state({ session, query, signal }: Context): Promise<Shown> {
  const tree: TreeName = query.get('tree') === 'risk' ? 'risk' : 'state'
  const text = query.get('key') ?? ''
  const heading = 'State'
  const head = [
    title(heading),
    h(
      'p',
      { class: 'lead' },
      'What the machine remembers is in two trees of keys and values. A block commits to their roots, so that a value, or that there is none, can be proved with a handful of hashes.',
    ),
    ask(tree, text),
  ]
  if (text === '') return { title: heading, content: head }
  const key = text.startsWith('0x') ? fromHex(text) : utf8(text)
  if (key === undefined || key.length === 0 || key.length > 1024)
    return {
      title: heading,
      content: [
        ...head,
        h('p', { class: 'wrong' }, 'A key is text, or 0x and pairs of lower-case hex digits, of 1 to 1024 bytes.'),
      ],
    }
  const { claim, proof } = await prove(session, tree, key, signal)
  return {
    title: heading,
    content: [
      ...head,
      section(
        claim.value === null ? 'It is not there' : 'Its value',
        h('p', {}, badge('checked', 'The proof was checked under the pinned chain id.').element),
        facts(
          ['Key', bytesOf(key)],
          [
            'Value',
            claim.value === null
              ? h('span', { class: 'faint' }, 'there is no such key in this tree')
              : bytesOf(claim.value),
          ],
          ['Tree', tree],
          ['As of', h('a', { href: to('block', [proof.block.height]) }, `block ${count(proof.block.height)}`)],
        ),
      ),
      section(
        'Its way through the tree',
        drawnState(claim),
        facts(
          [
            'Hash of the key',
            hash(hasher.hash(key), { of: 'hash of the key' }),
            h('small', { class: 'faint' }, ' its bits say left or right'),
          ],
          ['Root', hash(proof.roots[tree], { of: `root of the ${tree} tree` })],
        ),
      ),
    ],
  }
}

function ask(tree: TreeName, text: string): HTMLElement {
  const input = h('input', {
    id: 'key',
    type: 'text',
    value: text,
    maxlength: 2050,
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'greeting, or 0x6772…',
  })
  const select = h(
    'select',
    { id: 'tree' },
    ['state', 'risk'].map((each) => h('option', { value: each, selected: each === tree }, each)),
  )
  return h(
    'form',
    {
      class: 'line card',
      onsubmit: (event: Event) => {
        event.preventDefault()
        location.hash = to('state', [], { tree: select.value, key: input.value })
      },
    },
    h('label', { for: 'tree' }, 'Tree'),
    select,
    h('label', { for: 'key' }, 'Key'),
    input,
    h('button', { type: 'submit', class: 'main' }, 'Prove it'),
  )
}

async function prove(
  session: Session,
  tree: TreeName,
  key: Uint8Array,
  signal: AbortSignal,
): Promise<{ claim: StateClaim; proof: Proof }> {
  const text = toHex(key)
  const proof = await session.prove({ key: [tree === 'state' ? text : `risk:${text}`] }, signal)
  const claim = proof.claims.find((each) => each.kind === 'state' && each.tree === tree && equal(each.key, key))
  if (claim?.kind === 'state') return { claim, proof }
  throw new CairnError('proof_invalid', 'The server proves another key than the one that was asked for.')
}
