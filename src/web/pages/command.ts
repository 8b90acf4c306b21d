/**
 * A command: what was asked, what came of it, the events and intents that it caused and the state that it changed. What is shown as checked stands in a
 * proof that was checked; what a proof cannot show, as a value that was written over in the same block, is said to be the record's word.
 */
import { type Ground, groundOf } from '../../client/facts.ts'
import { equal, toHex } from '../../verify/bytes.ts'
import { type Claim, type Command, commandLeaf, identityHash } from '../../verify/index.ts'
import type { BlockRecord, RecordedCommand, RecordedWrite } from '../../verify/records.ts'
import { type FullBlock, fullBlock } from '../blocks.ts'
import { type Child, h, put } from '../dom.ts'
import { keyText } from '../keys-as-text.ts'
import { empty, table, title } from '../parts.ts'
import { proofOfCommand } from '../proofs.ts'
import { type Context, type Shown, to } from '../router.ts'
import { hasher, type Session } from '../session.ts'
import { type Badge, badge, bytesOf, count, facts, hash, plural, section, stranger, time } from '../show.ts'
import { outcome } from './block.ts'

/** So many events, intents and writes are proved with it. */
const PROVED_MAX = 64

interface Found {
  readonly command: RecordedCommand
  readonly record: BlockRecord
  /** Of the block that the server names. */
  readonly hash: Uint8Array
  /** The sizes of the two ranges after it. */
  readonly obligationSize: bigint
  readonly intentSize: bigint
}

export async function command(context: Context): Promise<Shown> {
  const { session, path, signal } = context
  const asked = path[0] ?? ''
  if (!/^[0-9]{1,20}$/.test(asked))
    return { title: 'Command', content: [title('Command'), empty('A command is named by its seq, a number.')] }
  const seq = BigInt(asked)
  const { roots } = await session.prove({}, signal)
  if (seq >= roots.commands.size)
    return {
      title: 'Command',
      content: [
        title(`Command ${count(seq)}`),
        empty(`There is none yet: the chain has ${plural(roots.commands.size, 'command')}.`),
      ],
    }
  const receipt = JSON.parse(await session.text(`/v1/commands/${seq}`, signal)) as { readonly height?: unknown }
  const height = BigInt(/^[0-9]{1,20}$/.test(String(receipt.height)) ? String(receipt.height) : '0')
  const found = find(await fullBlock(session, height, signal), seq)
  if (found === undefined)
    return {
      title: 'Command',
      content: [title(`Command ${count(seq)}`), empty('The block that the server names does not hold it.')],
    }
  const mark = badge('checking')
  const marks = {
    events: badge('checking'),
    intents: badge('checking'),
    writes: found.command.writes?.map(() => badge('checking')) ?? [],
  }
  void checkCommand(session, found, mark, marks, signal)
  const { client, request, type, payload, payloadHash, receivedAt, status, reply } = found.command
  const answer = h('span', { role: 'status' })
  return {
    title: `Command ${count(seq)}`,
    content: [
      title(`Command ${count(seq)}`, mark.element),
      h(
        'nav',
        { class: 'pages', 'aria-label': 'Neighbours' },
        seq > 0n
          ? h('a', { href: to('command', [seq - 1n]) }, 'The one before')
          : h('span', { class: 'faint' }, 'The first command'),
        h('a', { href: to('range', ['commands', seq]) }, 'The path of its proof'),
        h('a', { href: to('command', [seq + 1n]) }, 'The one after'),
      ),
      section(
        'What was asked',
        facts(
          ['Type', stranger(type, 64)],
          [
            'Payload',
            payload === undefined
              ? h('span', {}, 'erased; its hash is ', hash(payloadHash ?? '', { of: 'payload hash' }))
              : bytesOf(payload),
          ],
          [
            'Client',
            client === ''
              ? h('span', { class: 'faint' }, 'anonymous')
              : h('span', {}, stranger(client, 64), `, request ${request}`),
          ],
          ['Received', time(receivedAt), h('small', { class: 'faint' }, ' as the operator says')],
          ['Block', h('a', { href: to('block', [height]) }, count(height))],
        ),
      ),
      section(
        'What came of it',
        facts(
          ['Outcome', outcome(status)],
          ['Reply', bytesOf(reply)],
          [
            'Events',
            found.command.obligations.length === 0 ? 'none' : plural(found.command.obligations.length, 'event'),
          ],
          [
            'Intents',
            found.command.intents.length === 0
              ? 'none: nothing outside is to be carried out'
              : plural(found.command.intents.length, 'intent'),
          ],
          [
            'Writes',
            found.command.writes === undefined
              ? 'left out of this server’s copy'
              : found.command.writes.length === 0
                ? 'none'
                : plural(found.command.writes.length, 'write'),
          ],
        ),
      ),
      found.command.obligations.length > 0 && events(found, marks.events),
      found.command.intents.length > 0 && intents(found, marks.intents),
      marks.writes.length > 0 && writes(found, marks.writes),
      section(
        'Take its proof',
        h('p', {}, 'It proves command and outcome to anyone who knows the chain id, offline.'),
        h(
          'p',
          { class: 'line' },
          h(
            'button',
            {
              type: 'button',
              class: 'main',
              onclick: () => {
                proofOfCommand(session, seq).then(
                  () =>
                    put(
                      answer,
                      'Downloaded. ',
                      h('a', { href: to('check', [], { proof: 'kept' }) }, 'Check it, and try to break it'),
                    ),
                  (error: unknown) =>
                    put(answer, stranger(error instanceof Error ? error.message : String(error), 500)),
                )
              },
            },
            `Download proof-${seq}.json`,
          ),
          answer,
        ),
      ),
    ],
  }
}

function find({ record, hash }: FullBlock, seq: bigint): Found | undefined {
  const command = record.commands.find((each) => each.seq === seq)
  if (command === undefined) return undefined
  const later = record.commands.filter((each) => each.seq > seq)
  const sizeWithout = (name: 'obligations' | 'intents'): bigint =>
    record.roots[name].size - BigInt(later.reduce((sum, each) => sum + each[name].length, 0))
  return { command, record, hash, obligationSize: sizeWithout('obligations'), intentSize: sizeWithout('intents') }
}

function indexes(end: bigint, length: number): bigint[] {
  return Array.from({ length }, (_, i) => end - BigInt(length) + BigInt(i))
}

function events({ command, obligationSize }: Found, mark: Badge): HTMLElement {
  const all = indexes(obligationSize, command.obligations.length)
  return section(
    'Events',
    h('p', {}, mark.element),
    table(
      'Events',
      ['Index', 'Topic', 'Data'],
      command.obligations
        .slice(0, PROVED_MAX)
        .map(({ topic, data }, i) => [
          h('a', { href: to('range', ['obligations', all[i] ?? 0n]) }, count(all[i] ?? 0n)),
          stranger(topic, 64),
          bytesOf(data),
        ]),
    ),
    more(command.obligations.length, 'event'),
  )
}

function intents({ command, intentSize }: Found, mark: Badge): HTMLElement {
  const all = indexes(intentSize, command.intents.length)
  return section(
    'Intents',
    h('p', {}, mark.element),
    table(
      'Intents',
      ['Index', 'Kind', 'Data'],
      command.intents
        .slice(0, PROVED_MAX)
        .map(({ kind, data }, i) => [
          h('a', { href: to('range', ['intents', all[i] ?? 0n]) }, count(all[i] ?? 0n)),
          stranger(kind, 64),
          bytesOf(data),
        ]),
    ),
    more(command.intents.length, 'intent'),
  )
}

function writes({ command }: Found, marks: readonly Badge[]): HTMLElement {
  const all = command.writes ?? []
  return section(
    'State that it changed',
    table(
      'Writes',
      ['Tree', 'Key', 'Value after it', h('span', { class: 'hidden' }, 'Whether it is proved')],
      all
        .slice(0, PROVED_MAX)
        .map(([tree, key, value], i) => [
          tree,
          h('a', { href: to('state', [], { tree, key: keyText(key) }) }, stranger(keyText(key), 64)),
          value === null ? h('span', { class: 'faint' }, 'taken away') : bytesOf(value),
          marks[i]?.element,
        ]),
    ),
    more(all.length, 'write'),
  )
}

function more(length: number, what: string): Child {
  return (
    length > PROVED_MAX && h('p', { class: 'faint' }, `And ${plural(length - PROVED_MAX, what)} more, not shown here.`)
  )
}

interface Marks {
  readonly events: Badge
  readonly intents: Badge
  readonly writes: readonly Badge[]
}

/** The writes of a command that its block still shows when it ends: those that nothing in the block wrote over. */
function lasting({ record, command }: Found): readonly RecordedWrite[] {
  const later = record.commands.filter(({ seq }) => seq > command.seq).flatMap(({ writes }) => writes ?? [])
  const all = command.writes ?? []
  return all
    .slice(0, PROVED_MAX)
    .filter(
      (write, i) =>
        ![...all.slice(i + 1), ...later].some((other) => other[0] === write[0] && equal(other[1], write[1])),
    )
}

async function checkCommand(
  session: Session,
  found: Found,
  mark: Badge,
  marks: Marks,
  signal: AbortSignal,
): Promise<void> {
  const { command, record, obligationSize, intentSize } = found
  try {
    const proof = await session.prove(
      {
        // What it caused is what the sizes grew by since the one before it.
        command: command.seq > 0n ? [command.seq - 1n, command.seq] : [command.seq],
        obligation: indexes(obligationSize, command.obligations.length).slice(0, PROVED_MAX),
        intent: indexes(intentSize, command.intents.length).slice(0, PROVED_MAX),
        key: lasting(found).map(([tree, key]) => (tree === 'state' ? toHex(key) : `risk:${toHex(key)}`)),
        block: record.header.height,
      },
      signal,
    )
    judge(found, groundOf(proof, record.header.height, { hasher }), mark, marks)
  } catch (error) {
    const why = error instanceof Error ? error.message : undefined
    for (const each of [mark, marks.events, marks.intents, ...marks.writes]) each.set('unchecked', why)
  }
}

/** What is proved of the block itself, whether it is the newest or stands in a later one's history, against what the server shows. */
function judge(found: Found, { header, hash, claims }: Ground, mark: Badge, marks: Marks): void {
  const { command, obligationSize, intentSize } = found
  const { seq } = command
  const isIn = equal(hash, found.hash) && header.firstSeq <= seq && seq < header.firstSeq + header.commandCount
  if (!isIn) {
    const why = 'The block that the server proves is another one, or does not hold it.'
    for (const each of [mark, marks.events, marks.intents, ...marks.writes]) each.set('wrong', why)
    return
  }
  const own = commandIn(claims, seq)
  const sizes = { obligationSize, intentSize }
  const isSame =
    own !== undefined &&
    equal(
      commandLeaf(identityHash(command, hasher), { ...command, ...sizes }, hasher),
      commandLeaf(identityHash(own, hasher), own, hasher),
    )
  const before = seq === 0n ? { obligationSize: 0n, intentSize: 0n } : commandIn(claims, seq - 1n)
  const isAll =
    before?.obligationSize === obligationSize - BigInt(command.obligations.length) &&
    before.intentSize === intentSize - BigInt(command.intents.length)
  mark.set(
    isSame && isAll ? 'checked' : 'wrong',
    isSame && isAll
      ? 'This command and its outcome were proved under the pinned chain id.'
      : isSame
        ? 'The server does not show all events and intents of this command.'
        : 'The command that the server proves is another one.',
  )
  const hasEvents = command.obligations.slice(0, PROVED_MAX).every(({ topic, data }, i) => {
    const index = obligationSize - BigInt(command.obligations.length - i)
    return claims.some(
      (claim) =>
        claim.kind === 'obligation' &&
        claim.index === index &&
        claim.obligation.seq === command.seq &&
        claim.obligation.topic === topic &&
        equal(claim.obligation.data, data),
    )
  })
  marks.events.set(hasEvents && isAll ? 'checked' : 'wrong')
  const hasIntents = command.intents.slice(0, PROVED_MAX).every(({ kind, data }, i) => {
    const index = intentSize - BigInt(command.intents.length - i)
    return claims.some(
      (claim) =>
        claim.kind === 'intent' &&
        claim.index === index &&
        claim.intent.seq === command.seq &&
        claim.intent.kind === kind &&
        equal(claim.intent.data, data),
    )
  })
  marks.intents.set(hasIntents && isAll ? 'checked' : 'wrong')
  const kept = lasting(found)
  command.writes?.slice(0, PROVED_MAX).forEach((write, i) => {
    const [tree, key, value] = write
    if (!kept.includes(write)) {
      marks.writes[i]?.set(
        'unchecked',
        'It was written over in the same block: no proof shows what stood there in between.',
      )
      return
    }
    const claim = claims.find((each) => each.kind === 'state' && each.tree === tree && equal(each.key, key))
    const isShown =
      claim?.kind === 'state' &&
      (value === null ? claim.value === null : claim.value !== null && equal(claim.value, value))
    marks.writes[i]?.set(
      isShown ? 'checked' : 'wrong',
      isShown ? 'The state tree of this block has it.' : 'The state tree of this block has another value.',
    )
  })
}

function commandIn(claims: readonly Claim[], seq: bigint): Command | undefined {
  const claim = claims.find((each) => each.kind === 'command' && each.index === seq)
  return claim?.kind === 'command' ? claim.command : undefined
}
