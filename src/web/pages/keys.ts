/** Whose word counts, and when: the cold key, what it delegated, and what it took back, on a line of time. */
import { json } from '../../verify/codec.ts'
import * as codecs from '../../verify/codecs.ts'
import {
  type Delegation,
  decodeRevocations,
  isDelegatedByColdKey,
  isRevokedByColdKey,
  nobleEngine,
  type Revocation,
} from '../../verify/index.ts'
import { type Json, readJson } from '../../verify/json.ts'
import { summaries } from '../blocks.ts'
import { h } from '../dom.ts'
import { type Bar, timeline } from '../draw/timeline.ts'
import { empty, table, title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import type { Session } from '../session.ts'
import { badge, count, facts, hash, section, stranger, time } from '../show.ts'

/** So many are listed; where there are more, it is told who has them all. */
const SHOWN = 64
/** Times beyond what a calendar has are drawn at its end. */
const DATE_MAX = 8_640_000_000_000_000n

export async function keys({ session, signal }: Context): Promise<Shown> {
  const listed = readJson(await session.text('/v1/delegations', signal))
  const delegated = Array.isArray(listed) ? (listed as readonly Json[]) : []
  const delegations = delegated.slice(-SHOWN).map((each) => codecs.delegation.decode(each, json))
  const revocations = decodeRevocations(await session.text('/v1/revocations', signal))
  // Whatever is listed of them: a key that was taken back must not be drawn as one that counts.
  const drawn = revocations.filter(({ index }) => delegations.some((each) => each.index === index))
  const ends = await Promise.all(drawn.map((each) => endOf(session, each, signal)))
  const heading = 'Keys'
  const { genesis } = session
  return {
    title: heading,
    content: [
      title(heading),
      h(
        'p',
        { class: 'lead' },
        'A cold key, offline, says which hot key may seal blocks of which time, and takes it back. That is all of the authority there is.',
      ),
      section(
        'The cold key',
        facts(
          ['Address', hash(genesis.coldKey, { of: 'address of the cold key', whole: true })],
          ['Named by', h('a', { href: to('trust') }, 'the chain id that this browser pinned')],
          ['Chain', stranger(genesis.name), h('span', { class: 'faint' }, ' made '), time(genesis.createdAt)],
        ),
      ),
      section(
        'On a line of time',
        delegations.length === 0
          ? empty('Nothing is delegated yet: the chain takes no commands.')
          : timeline(barsOf(delegations, drawn, ends), [{ at: Date.now(), name: 'now' }]),
      ),
      section(
        'Delegations',
        delegations.length === 0 ? empty('None.') : delegationsTable(session, delegations),
        notAll(delegated.length, '/v1/delegations'),
      ),
      section(
        'Revocations',
        h(
          'p',
          { class: 'faint' },
          'As this server has them. Who wants to be sure that none is kept back asks another source too.',
        ),
        revocations.length === 0 ? empty('None.') : revocationsTable(session, revocations.slice(-SHOWN)),
        notAll(revocations.length, '/v1/revocations'),
      ),
    ],
  }
}

function notAll(size: number, path: string): HTMLElement | false {
  return (
    size > SHOWN &&
    h('p', { class: 'faint' }, `The newest ${SHOWN} of ${count(size)}: `, h('code', {}, path), ' has them all.')
  )
}

/** When a revocation took effect: the time of the last block that it leaves alone, as far as the server shows it. */
async function endOf(session: Session, { fromHeight }: Revocation, signal: AbortSignal): Promise<bigint | undefined> {
  if (fromHeight === 0n) return 0n
  try {
    const [block] = await summaries(session, fromHeight - 1n, 1, signal)
    return block?.header.timestamp
  } catch {
    return undefined
  }
}

function barsOf(
  delegations: readonly Delegation[],
  revocations: readonly Revocation[],
  ends: readonly (bigint | undefined)[],
): Bar[] {
  return delegations.map(({ index, validFrom, validUntil }) => {
    const at = revocations.findIndex((each) => each.index === index)
    const revokedAt = at < 0 ? undefined : ends[at]
    return {
      name: `index ${index}`,
      from: inCalendar(validFrom),
      until: inCalendar(validUntil),
      ...(revokedAt !== undefined && { revokedAt: inCalendar(revokedAt) }),
    }
  })
}

function inCalendar(milliseconds: bigint): number {
  return Number(milliseconds > DATE_MAX ? DATE_MAX : milliseconds)
}

function delegationsTable(session: Session, delegations: readonly Delegation[]): HTMLElement {
  return table(
    'Delegations',
    ['Index', 'Hot key', 'Valid from', 'Until', 'Signed by the cold key'],
    delegations.map((each) => [
      h('span', { class: 'number' }, count(each.index)),
      hash(each.delegate, { of: 'address of the hot key' }),
      time(each.validFrom),
      time(each.validUntil),
      badge(isDelegatedByColdKey(session.identity, each, nobleEngine) ? 'checked' : 'wrong').element,
    ]),
  )
}

function revocationsTable(session: Session, revocations: readonly Revocation[]): HTMLElement {
  return table(
    'Revocations',
    ['Index', 'From height', 'Leaves the block', 'Signed by the cold key'],
    revocations.map((each) => [
      h('span', { class: 'number' }, count(each.index)),
      h('span', { class: 'number' }, count(each.fromHeight)),
      each.fromHeight === 0n
        ? '–'
        : hash(each.parentHash, { of: 'hash of the block that it leaves', href: to('block', [each.fromHeight - 1n]) }),
      badge(isRevokedByColdKey(session.identity, each, nobleEngine) ? 'checked' : 'wrong').element,
    ]),
  )
}
