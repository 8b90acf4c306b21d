/** The four ranges as mountains, and the way of a proof through one of them. */
import {
  type Claim,
  commandLeaf,
  identityHash,
  intentLeaf,
  obligationLeaf,
  type Proof,
  type RangeName,
} from '../../verify/index.ts'
import { type Child, h } from '../dom.ts'
import { mountains } from '../draw/mountains.ts'
import { drawnRange } from '../draw/ways.ts'
import { empty, title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import { hasher, type Session } from '../session.ts'
import { badge, count, facts, hash, section, stranger } from '../show.ts'

const NAMES: Readonly<Record<RangeName, readonly [title: string, what: string]>> = {
  commands: ['Commands', 'command'],
  obligations: ['Events', 'event'],
  intents: ['Intents', 'intent'],
  history: ['Blocks', 'block'],
}

export async function range({ session, path, query, signal }: Context): Promise<Shown> {
  const name = path[0] ?? 'commands'
  if (!isRange(name)) return unknown(name)
  const [words, what] = NAMES[name]
  const head = await session.prove({}, signal)
  const size = sizeOf(head, name)
  const asked = path[1] ?? query.get('entry') ?? ''
  const index = /^[0-9]{1,20}$/.test(asked) ? BigInt(asked) : size - 1n
  const heading = `Range of ${words.toLowerCase()}`
  const about = h(
    'p',
    { class: 'lead' },
    'Everything is appended to a list, and the list is a row of mountains: one of 2ⁿ entries for each bit of its size. A few hashes beside the way prove that an entry is in it.',
  )
  const content: Child[] = [title(heading), choose(name), about]
  if (size === 0n)
    return {
      title: heading,
      content: [...content, h('div', { class: 'card' }, mountains(0n, undefined), empty(`No ${what} yet.`))],
    }
  content.push(ask(name, size, index))
  if (index >= size)
    return {
      title: heading,
      content: [
        ...content,
        h(
          'div',
          { class: 'card' },
          mountains(size, undefined),
          empty(
            `There is no ${what} ${count(index)}: there are ${count(size)}${name === 'history' ? ' before the newest block' : ''}.`,
          ),
        ),
      ],
    }
  const found = entryOf(await proved(session, name, index, signal), name, index)
  if (found === undefined)
    return { title: heading, content: [...content, empty('The server proves another entry than was asked for.')] }
  return {
    title: heading,
    content: [
      ...content,
      section(
        `The way of ${what} ${count(index)}`,
        h('p', {}, badge('checked', 'The proof with this path was checked under the pinned chain id.').element),
        drawnRange(found.entry, index, found.size, found.path),
        facts(
          ['Entry', hash(found.entry, { of: 'entry' })],
          [
            'Root',
            hash(found.root, { of: 'root of the range' }),
            h('small', { class: 'faint' }, ` of ${count(found.size)} entries, as of block ${count(found.height)}`),
          ],
          name === 'commands'
            ? ['Page', h('a', { href: to('command', [index]) }, `command ${count(index)}`)]
            : undefined,
          name === 'history' ? ['Page', h('a', { href: to('block', [index]) }, `block ${count(index)}`)] : undefined,
        ),
      ),
    ],
  }
}

function isRange(name: string): name is RangeName {
  return Object.hasOwn(NAMES, name)
}

function unknown(name: string): Shown {
  const heading = 'No such range'
  const said = h('div', { class: 'card' }, empty('There is no range ', stranger(name, 64), '.'))
  return { title: heading, content: [title(heading), choose(undefined), said] }
}

function choose(current: RangeName | undefined): HTMLElement {
  return h(
    'nav',
    { class: 'tabs', 'aria-label': 'Ranges' },
    Object.entries(NAMES).map(([each, [title]]) =>
      h('a', { href: to('range', [each]), 'aria-current': each === current && 'page' }, title),
    ),
  )
}

function ask(name: RangeName, size: bigint, index: bigint): HTMLElement {
  const input = h('input', {
    id: 'entry',
    type: 'text',
    inputmode: 'numeric',
    pattern: '[0-9]{1,20}',
    value: String(index),
    autocomplete: 'off',
  })
  return h(
    'form',
    {
      class: 'line',
      onsubmit: (event: Event) => {
        event.preventDefault()
        location.hash = to('range', [name, input.value])
      },
    },
    h('label', { for: 'entry' }, `Entry, 0 to ${count(size - 1n)}`),
    input,
    h('button', { type: 'submit' }, 'Show its way'),
  )
}

function sizeOf({ block, roots }: Proof, name: RangeName): bigint {
  return name === 'history' ? block.height : roots[name].size
}

function proved(session: Session, name: RangeName, index: bigint, signal: AbortSignal): Promise<Proof> {
  const asked = {
    commands: { command: [index] },
    obligations: { obligation: [index] },
    intents: { intent: [index] },
    history: { block: index },
  }
  return session.prove(asked[name], signal)
}

interface Entry {
  readonly entry: Uint8Array
  readonly path: readonly Uint8Array[]
  readonly size: bigint
  readonly root: Uint8Array
  readonly height: bigint
}

function entryOf(proof: Proof, name: RangeName, index: bigint): Entry | undefined {
  const { claims, block, roots } = proof
  const size = sizeOf(proof, name)
  const root = name === 'history' ? roots.history : roots[name].root
  for (const claim of claims) {
    const entry = entryIn(claim, name, index)
    if (entry !== undefined && 'path' in claim) return { entry, path: claim.path, size, root, height: block.height }
  }
  return undefined
}

function entryIn(claim: Claim, name: RangeName, index: bigint): Uint8Array | undefined {
  if (name === 'history') return claim.kind === 'block' && claim.height === index ? claim.blockHash : undefined
  if (claim.kind === 'command' && name === 'commands' && claim.index === index)
    return commandLeaf(identityHash(claim.command, hasher), claim.command, hasher)
  if (claim.kind === 'obligation' && name === 'obligations' && claim.index === index)
    return obligationLeaf(index, claim.obligation, hasher)
  if (claim.kind === 'intent' && name === 'intents' && claim.index === index)
    return intentLeaf(index, claim.intent, hasher)
  return undefined
}
