/** Search: what was typed may be a height, a seq, a hash, a client with its number, or a key. Whatever it may be is looked for, and each is said to be there or not. */

import { valueIn } from '../../client/facts.ts'
import { concat, equal, fromHex, toHex, utf8 } from '../../verify/bytes.ts'
import { CairnError } from '../../verify/error.ts'
import { type Summary, summaries } from '../blocks.ts'
import { type Child, h, put, say } from '../dom.ts'
import { empty, title } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import type { Session } from '../session.ts'
import { count, section, stranger } from '../show.ts'

const NUMBER = /^[0-9]{1,20}$/
const HASH = /^0x[0-9a-f]{64}$/
/** A client's name, then a space or #, then its number. */
const REQUEST = /^(.{1,64}?)(?:\s+|\s*#\s*)([0-9]{1,20})$/u
/** How many blocks are looked through unasked: the server has no index of hashes, so headers are read from the newest down. */
const LOOK = 512
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
  void lookFirst(context, asked, result)
  return section(
    'As a hash',
    h('p', { class: 'faint' }, 'Of a block, or one that a block’s header or roots name.'),
    result,
  )
}

async function lookFirst(context: Context, asked: Uint8Array, result: HTMLElement): Promise<void> {
  const { session, signal } = context
  put(result, h('p', { class: 'waiting' }, 'Looking at the newest blocks …'))
  try {
    const top = (await session.prove({}, signal)).block.height + 1n
    await look({ context, asked, result }, top, top > BigInt(LOOK) ? top - BigInt(LOOK) : 0n, signal)
  } catch (error) {
    if (!signal.aborted) sayError(error, context, result)
  }
}

interface Look {
  readonly context: Context
  readonly asked: Uint8Array
  readonly result: HTMLElement
}

/** From the block below `top` down to `end`; what is left then is looked through when it is asked for, until it is found or stopped. */
async function look(sought: Look, top: bigint, end: bigint, signal: AbortSignal, stop?: HTMLElement): Promise<void> {
  const { context, asked, result } = sought
  const where = h('p', { class: 'waiting' })
  put(result, where, stop && h('p', {}, stop))
  let below = top
  while (below > end && !signal.aborted) {
    const first = below - end > BigInt(PAGE) ? below - BigInt(PAGE) : end
    say(where, `Looking at blocks ${count(first)} to ${count(below - 1n)} …`)
    const shown = await summariesUntil(context, first, below, signal)
    for (const block of shown.toReversed()) {
      const what = nameIn(block, asked)
      if (what === undefined) continue
      const { height } = block.header
      put(
        result,
        h('p', {}, `It is ${what} of `, h('a', { href: to('block', [height]) }, `block ${count(height)}`), '.'),
      )
      return
    }
    if (shown.length > 0) below = first
  }
  if (context.signal.aborted) return
  const more = ask(sought, below)
  // Whoever stopped it stands where they can go on.
  if (signal.aborted) more?.focus()
}

/** Nothing where it was stopped. */
async function summariesUntil(
  { session }: Context,
  first: bigint,
  below: bigint,
  signal: AbortSignal,
): Promise<readonly Summary[]> {
  try {
    return await summaries(session, first, Number(below - first), signal)
  } catch (error) {
    if (signal.aborted) return []
    throw error
  }
}

/** Whether the blocks below are to be looked through, too: the button that does it. */
function ask(sought: Look, below: bigint): HTMLElement | undefined {
  const { context, result } = sought
  if (below === 0n) {
    put(result, empty('No block has it.'))
    return undefined
  }
  const rest = below === 1n ? 'block 0' : `blocks 0 to ${count(below - 1n)}`
  const onclick = (): void => {
    const stopped = new AbortController()
    const stop = h('button', { type: 'button', onclick: () => stopped.abort() }, 'Stop')
    const signal = AbortSignal.any([context.signal, stopped.signal])
    look(sought, below, 0n, signal, stop).catch((error: unknown) => sayError(error, context, result))
    stop.focus()
  }
  const more = h('button', { type: 'button', onclick }, `Look through ${rest}`)
  put(result, empty(`Block ${count(below)} and those above it do not have it.`), h('p', {}, more))
  return more
}

function sayError(error: unknown, { session }: Context, result: HTMLElement): void {
  void session.tell(error)
  put(result, h('p', { class: 'wrong' }, stranger(error instanceof Error ? error.message : String(error), 500)))
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
