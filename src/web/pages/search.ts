/** Search: what was typed may be a height, a seq, a hash, a client with its number, or a key. Whatever it may be is looked for, and each is said to be there or not. */
import { CairnError } from '../../verify/error.ts'
import { equal, fromHex } from '../../verify/bytes.ts'
import { type Summary, summaries } from '../blocks.ts'
import { type Child, h, put } from '../dom.ts'
import { empty, title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import { count, plural, section, stranger } from '../show.ts'

const NUMBER = /^[0-9]{1,20}$/
const HASH = /^0x[0-9a-f]{64}$/
/** A client's name, then a space or #, then its number. */
const REQUEST = /^(.{1,64}?)(?:\s+|\s*#\s*)([0-9]{1,20})$/u
/** How many blocks one look goes through: the server has no index of hashes, so headers are read from the newest down. */
const LOOK = 2048
const PAGE = 256

export async function search(context: Context): Promise<Shown> {
  const { session, query, signal } = context
  const text = (query.get('q') ?? '').trim().slice(0, 2100)
  const heading = 'Search'
  const said = h('p', { class: 'lead' }, 'For ', stranger(text, 80))
  if (text === '') return { title: heading, content: [title(heading), empty('Type a height, a seq, a hash, a client and its number, or a key.')] }
  const found: Child[] = []
  if (NUMBER.test(text)) found.push(...(await numbers(context, BigInt(text))))
  const [, client, request] = REQUEST.exec(text) ?? []
  if (client !== undefined && request !== undefined) found.push(await requestOf(context, client, request))
  const hex = text.toLowerCase()
  const bytes = HASH.test(hex) ? fromHex(hex) : undefined
  if (bytes !== undefined) found.push(byHash(context, bytes))
  found.push(...(await keysOf(session, text, signal)))
  return { title: heading, content: [title(heading), said, ...found] }
}

async function numbers({ session, signal }: Context, number: bigint): Promise<Child[]> {
  const isThere = async (path: string): Promise<boolean> => {
    try {
      await session.text(path, signal)
      return true
    } catch (error) {
      if (error instanceof CairnError && error.code !== 'server_unreachable') return false
      throw error
    }
  }
  const [block, command] = await Promise.all([isThere(`/v1/blocks/${number}/seal`).then((there) => there || isThere(`/v1/blocks/${number}`)), isThere(`/v1/commands/${number}`)])
  return [
    section('As a height', block ? h('a', { href: to('block', [number]) }, `Block ${count(number)}`) : empty(`There is no block ${count(number)} yet.`)),
    section('As a seq', command ? h('a', { href: to('command', [number]) }, `Command ${count(number)}`) : empty(`There is no command ${count(number)} yet.`)),
  ]
}

async function requestOf({ session, signal }: Context, client: string, request: string): Promise<Child> {
  const query = new URLSearchParams({ client, request })
  const name = 'As a client and its number'
  try {
    const { seq } = JSON.parse(await session.text(`/v1/commands?${query}`, signal)) as { readonly seq?: unknown }
    if (typeof seq !== 'string' || !NUMBER.test(seq)) throw new CairnError('answer_invalid', 'The server names no seq.')
    return section(name, h('a', { href: to('command', [seq]) }, `Command ${count(BigInt(seq))}`), ', request ', request, ' of ', stranger(client, 64))
  } catch (error) {
    if (!(error instanceof CairnError) || error.code === 'server_unreachable') throw error
    return section(name, empty('Request ', request, ' of ', stranger(client, 64), ': nothing was executed under it.'))
  }
}

/** Whether the key is in one of the trees, as the server says; its page proves it. */
async function keysOf(session: Context['session'], text: string, signal: AbortSignal): Promise<Child[]> {
  const states = await Promise.all(
    (['state', 'risk'] as const).map(async (tree) => {
      try {
        await session.text(`/v1/state/${tree}/${encodeURIComponent(text)}`, signal)
        return [tree, true] as const
      } catch (error) {
        if (!(error instanceof CairnError) || error.code === 'server_unreachable') throw error
        return [tree, false] as const
      }
    }),
  )
  return [
    section(
      'As a key',
      h(
        'ul',
        { class: 'plain' },
        states.map(([tree, isThere]) => h('li', {}, h('a', { href: to('state', [], { tree, key: text }) }, isThere ? `Its value in the ${tree} tree` : `Prove that it is not in the ${tree} tree`))),
      ),
    ),
  ]
}

function byHash(context: Context, asked: Uint8Array): Child {
  const result = h('div', { role: 'status' })
  void look(context, asked, undefined, result)
  return section('As a hash', h('p', { class: 'faint' }, 'Of a block, or one that a block’s header or roots name.'), result)
}

async function look(context: Context, asked: Uint8Array, from: bigint | undefined, result: HTMLElement): Promise<void> {
  const { session, signal } = context
  try {
    if (session.head === undefined) await session.prove({}, signal)
    let below = from ?? (session.head?.height ?? -1n) + 1n
    const end = below > BigInt(LOOK) ? below - BigInt(LOOK) : 0n
    while (below > end) {
      const first = below > BigInt(PAGE) ? below - BigInt(PAGE) : 0n
      put(result, h('p', { class: 'waiting' }, `Looking at blocks ${count(first)} to ${count(below - 1n)} …`))
      for (const block of (await summaries(session, first, Number(below - first), signal)).toReversed()) {
        const what = nameIn(block, asked)
        if (what === undefined) continue
        put(result, h('p', {}, `It is ${what} of `, h('a', { href: to('block', [block.header.height]) }, `block ${count(block.header.height)}`), '.'))
        return
      }
      below = first
    }
    const rest = below
    put(
      result,
      empty(rest === 0n ? 'No block has it.' : `It is not among the newest ${plural(LOOK, 'block')} that were looked at.`),
      rest > 0n && h('button', { type: 'button', onclick: () => void look(context, asked, rest, result) }, 'Look further back'),
    )
  } catch (error) {
    if (!signal.aborted) put(result, h('p', { class: 'wrong' }, stranger(error instanceof Error ? error.message : String(error), 500)))
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
