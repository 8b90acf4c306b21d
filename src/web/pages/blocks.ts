/** All blocks, a page at a time, from the newest down. Each page is proved by its newest block, and linked from there. */

import { areLinked, isShownBy, type Summary, summaries } from '../blocks.ts'
import { h } from '../dom.ts'
import { table, title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import type { Session } from '../session.ts'
import { type Badge, badge, count, hash, time } from '../show.ts'

const PAGE = 32n

export async function blocks({ session, query, signal }: Context): Promise<Shown> {
  const asked = /^[0-9]{1,19}$/.test(query.get('to') ?? '') ? BigInt(query.get('to') ?? '0') : undefined
  const { height: newest } = (await session.prove({}, signal)).block
  const name = 'Blocks'
  const last = asked === undefined || asked > newest ? newest : asked
  const first = last >= PAGE ? last - PAGE + 1n : 0n
  const shown = await summaries(session, first, Number(last - first) + 1, signal)
  const mark = badge('checking')
  const top = shown.at(-1)
  if (top !== undefined) void checkPage(session, shown, top, mark, signal)
  return {
    title: name,
    content: [
      title(name, mark.element),
      h('p', { class: 'faint' }, `From ${count(first)} to ${count(last)} of ${count(newest + 1n)}.`),
      table(
        'Blocks',
        ['Height', 'Hash', 'Time', 'Commands', 'First seq', 'Epoch'],
        shown
          .toReversed()
          .map(({ header, hash: of }) => [
            h('a', { href: to('block', [header.height]) }, count(header.height)),
            hash(of, { of: 'block hash' }),
            time(header.timestamp),
            h('span', { class: 'number' }, count(header.commandCount)),
            h('span', { class: 'number' }, count(header.firstSeq)),
            h('span', { class: 'number' }, count(header.epoch)),
          ]),
      ),
      h(
        'nav',
        { class: 'pages', 'aria-label': 'Pages of blocks' },
        last < newest
          ? h('a', { href: to('blocks', [], { to: String(last + PAGE) }) }, 'Newer')
          : h('span', { class: 'faint' }, 'These are the newest'),
        first > 0n
          ? h('a', { href: to('blocks', [], { to: String(first - 1n) }) }, 'Older')
          : h('span', { class: 'faint' }, 'Block 0 is the first'),
      ),
    ],
  }
}

async function checkPage(
  session: Session,
  shown: readonly Summary[],
  top: Summary,
  mark: Badge,
  signal: AbortSignal,
): Promise<void> {
  try {
    const proof = await session.prove({ block: top.header.height }, signal)
    if (isShownBy(proof, session, top) && areLinked(shown))
      mark.set('checked', 'The newest of them is proved, and each names the one before.')
    else mark.set('wrong', 'These blocks are not those that the server proves.')
  } catch (error) {
    mark.set('unchecked', error instanceof Error ? error.message : undefined)
  }
}
