/** Search: what was typed may be a height, a seq, a hash, a client with its number, or a key. Whatever it may be is looked for, and each is said to be there or not. */

import { valueIn } from '../../client/facts.ts'
import { concat, equal, fromHex, toHex, utf8 } from '../../verify/bytes.ts'
import { CairnError } from '../../verify/error.ts'
import { type Summary, summaries } from '../blocks.ts'
import { type Child, h, put } from '../dom.ts'
import { empty, title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import type { Session } from '../session.ts'
import { count, plural, section, stranger } from '../show.ts'

const NUMBER = /^[0-9]{1,20}$/
const HASH = /^0x[0-9a-f]{64}$/
/** A client's name, then a space or #, then its number. */
const REQUEST = /^(.{1,64}?)(?:\s+|\s*#\s*)([0-9]{1,20})$/u
/** How many blocks one look goes through: the server has no index of hashes, so headers are read from the newest down. */
const LOOK = 2048
const PAGE = 256

export async function search(context: Context): Promise<Shown> {
  const { query } = context
  const text = (query.get('q') ?? '').trim().slice(0, 2100)
  const heading = 'Search'
  const said = h('p', { class: 'lead' }, 'For ', stranger(text, 80))
  if (text === '')
    return {
      title: heading,
      content: [title(heading), empty('Type a height, a seq, a hash, a client and its number, or a key.')],
    }
  const found: Child[] = []
  if (NUMBER.test(text)) found.push(...(await numbers(context, BigInt(text))))
  const [, client, request] = REQUEST.exec(text) ?? []
  if (client !== undefined && request !== undefined) found.push(await requestOf(context, client, request))
  const hex = text.toLowerCase()
  const bytes = HASH.test(hex) ? fromHex(hex) : undefined
  if (bytes !== undefined) found.push(byHash(context, bytes))
  found.push(asKey(text))
  return { title: heading, content: [title(heading), said, ...found] }
}

async function numbers({ session, signal }: Context, number: bigint): Promise<Child[]> {
  const { block, roots } = await session.prove({}, signal)
  const isBlock = number <= block.height
  const isCommand = number < roots.commands.size
  return [
    section(
      'As a height',
      isBlock
        ? h('a', { href: to('block', [number]) }, `Block ${count(number)}`)
        : empty(`There is no block ${count(number)} yet.`),
    ),
    section(
      'As a seq',
      isCommand
        ? h('a', { href: to('command', [number]) }, `Command ${count(number)}`)
        : empty(`There is no command ${count(number)} yet.`),
    ),
  ]
}

/**
 * The chain itself keeps, under a key of its own, the highest number of each client and its seq (FORMAT §7): from there it is proved that a higher number
 * was never executed. Where a lower one stands only the server knows, and the page of the command proves that.
 */
async function requestOf(context: Context, client: string, request: string): Promise<Child> {
  const { session, signal } = context
  const name = 'As a client and its number'
  const none = section(
    name,
    empty('Request ', request, ' of ', stranger(client, 64), ': nothing was executed under it. That is proved.'),
  )
  const key = concat(Uint8Array.of(0), utf8(`client/${client}`))
  const { claims } = await session.prove({ key: [key] }, signal)
  const value = valueIn(claims, 'state', key)
  if (value === undefined || value === null) return none
  const [highest, seq] = [wordOf(value, 0), wordOf(value, 32)]
  if (BigInt(request) > highest) return none
  const found = BigInt(request) === highest ? seq : await lowerSeq(session, client, request, signal)
  if (found === undefined)
    return section(
      name,
      empty(
        'Request ',
        request,
        ' of ',
        stranger(client, 64),
        ': the server knows nothing that was executed under it.',
      ),
    )
  return section(
    name,
    h('a', { href: to('command', [found]) }, `Command ${count(found)}`),
    ', request ',
    request,
    ' of ',
    stranger(client, 64),
  )
}

async function lowerSeq(
  session: Session,
  client: string,
  request: string,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  try {
    const query = new URLSearchParams({ client, request })
    const { seq } = JSON.parse(await session.text(`/v1/commands?${query}`, signal)) as { readonly seq?: unknown }
    return typeof seq === 'string' && NUMBER.test(seq) ? BigInt(seq) : undefined
  } catch (error) {
    if (error instanceof CairnError && error.code !== 'server_unreachable') return undefined
    throw error
  }
}

/** A number as `abi(…)` has it: 32 bytes. */
function wordOf(bytes: Uint8Array, at: number): bigint {
  return BigInt(toHex(bytes.slice(at, at + 32)))
}

/** Whether it is in one of the trees, and with what value, is for its page to prove. */
function asKey(text: string): Child {
  const trees = ['state', 'risk'] as const
  return section(
    'As a key',
    h(
      'ul',
      { class: 'plain' },
      trees.map((tree) =>
        h('li', {}, h('a', { href: to('state', [], { tree, key: text }) }, `What the ${tree} tree has under it`)),
      ),
    ),
  )
}

function byHash(context: Context, asked: Uint8Array): Child {
  const result = h('div', { role: 'status' })
  void look(context, asked, undefined, result)
  return section(
    'As a hash',
    h('p', { class: 'faint' }, 'Of a block, or one that a block’s header or roots name.'),
    result,
  )
}

async function look(context: Context, asked: Uint8Array, from: bigint | undefined, result: HTMLElement): Promise<void> {
  const { session, signal } = context
  try {
    let below = from ?? (await session.prove({}, signal)).block.height + 1n
    const end = below > BigInt(LOOK) ? below - BigInt(LOOK) : 0n
    while (below > end) {
      const first = below > BigInt(PAGE) ? below - BigInt(PAGE) : 0n
      put(result, h('p', { class: 'waiting' }, `Looking at blocks ${count(first)} to ${count(below - 1n)} …`))
      for (const block of (await summaries(session, first, Number(below - first), signal)).toReversed()) {
        const what = nameIn(block, asked)
        if (what === undefined) continue
        put(
          result,
          h(
            'p',
            {},
            `It is ${what} of `,
            h('a', { href: to('block', [block.header.height]) }, `block ${count(block.header.height)}`),
            '.',
          ),
        )
        return
      }
      below = first
    }
    const rest = below
    put(
      result,
      empty(
        rest === 0n ? 'No block has it.' : `It is not among the newest ${plural(LOOK, 'block')} that were looked at.`,
      ),
      rest > 0n &&
        h('button', { type: 'button', onclick: () => void look(context, asked, rest, result) }, 'Look further back'),
    )
  } catch (error) {
    if (!signal.aborted)
      put(result, h('p', { class: 'wrong' }, stranger(error instanceof Error ? error.message : String(error), 500)))
  }
}

function nameIn({ hash, header, roots }: Summary, asked: Uint8Array): string | undefined {
  const names: readonly (readonly [string, Uint8Array])[] = [
    ['the hash', hash],
    ['the batch root', header.batchRoot],
    ['the commands hash', header.commandsHash],
    ['the root of the state tree', roots.state],
    ['the root of the risk tree', roots.risk],
    ['the root of the commands', roots.commands.root],
    ['the root of the events', roots.obligations.root],
    ['the root of the intents', roots.intents.root],
    ['the root of the history', roots.history],
  ]
  return names.find(([, each]) => equal(each, asked))?.[0]
}
