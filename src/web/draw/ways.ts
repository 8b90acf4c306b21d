/** The way of a proof for a page: its picture, and the same as a table of hashes. */

import type { StateClaim } from '../../verify/index.ts'
import { bitAt } from '../../verify/state-proof.ts'
import { h } from '../dom.ts'
import { table } from '../parts.ts'
import { hasher } from '../session.ts'
import { hash, plural } from '../show.ts'
import { mountains } from './mountains.ts'
import { treeWay } from './tree.ts'
import { rangeWay, stateWay, type Way } from './walk.ts'

export function drawnRange(entry: Uint8Array, index: bigint, size: bigint, path: readonly Uint8Array[]): HTMLElement {
  const way = rangeWay(entry, index, size, path)
  return h(
    'figure',
    {},
    mountains(size, index),
    h(
      'figcaption',
      {},
      legend(),
      `${plural(path.length, 'hash', 'hashes')} prove this entry among ${plural(size, 'entry', 'entries')}.`,
    ),
    steps(way, 'Leaf'),
  )
}

export function drawnState(claim: StateClaim): HTMLElement {
  const key = hasher.hash(claim.key)
  const way = stateWay(claim)
  const levels = way.steps
    .toReversed()
    .map(({ isEmpty }, depth) => ({ bit: bitAt(key, depth), isSiblingEmpty: isEmpty }))
  const end = claim.value !== null ? 'leaf' : claim.other === undefined ? 'empty' : 'other'
  return h(
    'figure',
    {},
    treeWay(levels, end),
    h(
      'figcaption',
      {},
      legend(),
      `${plural(claim.siblings.length, 'hash', 'hashes')} lead from ${WORDS[end]} to the root.`,
    ),
    steps(way, end === 'empty' ? 'Empty place' : 'Leaf'),
  )
}

const WORDS = {
  leaf: 'the key',
  empty: 'the empty place where the key would be',
  other: 'the other key that stands where it would be',
} as const

function legend(): HTMLElement {
  return h(
    'span',
    { class: 'legend' },
    h('span', { class: 'key-way' }, 'computed here'),
    h('span', { class: 'key-needed' }, 'given by the proof'),
  )
}

function steps({ start, steps }: Way, first: string): HTMLElement {
  return h(
    'details',
    {},
    h('summary', {}, 'Hash by hash'),
    table(
      'The way, hash by hash',
      ['Step', 'With', 'On the', 'Gives'],
      [
        [first, '–', '–', hash(start, { of: 'hash where it begins' })],
        ...steps.map(({ made, sibling, side, isEmpty }, i) => [
          i === steps.length - 1 ? `${i + 1}, root` : `${i + 1}`,
          isEmpty ? h('span', { class: 'faint' }, 'empty') : hash(sibling, { of: `sibling of step ${i + 1}` }),
          side,
          hash(made, { of: `hash of step ${i + 1}` }),
        ]),
      ],
    ),
  )
}
