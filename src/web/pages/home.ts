/** The first view: the newest blocks as they come, and the five minutes in which a newcomer comes to trust them. */

import { toHex } from '../../verify/bytes.ts'
import { escaped } from '../../verify/meaning.ts'
import { h, put, say } from '../dom.ts'
import type { Live } from '../live.ts'
import { empty } from '../parts.ts'
import { type Context, type Shown, to } from '../router.ts'
import { ago, announce, badge, count, plural, short, stranger } from '../show.ts'
import type { ToldBlock } from '../worker-words.ts'
import { tourCard } from './home-tour.ts'

const ROWS = 16
/** Calm: how often at most those who hear the page are told of new blocks, in milliseconds. */
const SAYING = 15_000

export function home(context: Context): Shown {
  const { session } = context
  return {
    title: 'Newest blocks',
    content: [
      h(
        'div',
        { class: 'hero' },
        h('h1', {}, stranger(session.genesis.name)),
        h('p', { class: 'lead' }, 'Commands in, signed blocks out. Your browser checks each one that it shows.'),
        figures(context),
      ),
      session.says.readOnly !== undefined &&
        h('p', { class: 'note' }, 'This server is open for reading only: ', stranger(session.says.readOnly, 500)),
      h('div', { class: 'columns' }, tourCard(context), newest(context)),
    ],
  }
}

function figures({ session, live, signal }: Context): HTMLElement {
  const [blocks, commands, rate] = [h('dd'), h('dd'), h('dd')]
  const update = (): void => {
    const { height } = live
    const isKnown = height !== undefined || session.isEmpty
    say(blocks, isKnown ? count((height ?? -1n) + 1n) : '–')
    say(commands, isKnown ? count(live.commands) : '–')
    say(rate, `${count(rateOf(live))}/s`)
  }
  live.watch(update, signal)
  const timer = setInterval(update, 1000)
  signal.addEventListener('abort', () => clearInterval(timer))
  update()
  return h(
    'dl',
    { class: 'figures' },
    h('div', {}, h('dt', {}, 'Blocks'), blocks),
    h('div', {}, h('dt', {}, 'Commands'), commands),
    h('div', {}, h('dt', {}, 'Commands, last 10 s'), rate),
    h('div', {}, h('dt', {}, 'Machine'), h('dd', {}, stranger(session.genesis.machine, 64))),
  )
}

function rateOf(live: Live): number {
  const from = Math.floor(Date.now() / 1000) - 10
  const sum = live.seconds.reduce((sum, { at, commands }) => (at >= from ? sum + commands : sum), 0)
  return Math.round(sum / 10)
}

interface Row {
  readonly element: HTMLElement
  show(block: ToldBlock, now: number): void
}

function newest({ session, live, signal }: Context): HTMLElement {
  const list = h('ol', { class: 'blocks', reversed: true })
  const rows: Row[] = []
  const status = h('span', { class: 'status' })
  const none = empty('No block yet. Append a command, and the first one appears here.')
  const why = h('span', { class: 'wrong' })
  const over = h('p', { class: 'line', role: 'status' })
  const again = h('button', { type: 'button', onclick: () => void live.start() }, 'Try again')
  let isPaused = false
  const pause = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'aria-pressed': 'false',
      onclick: () => {
        isPaused = !isPaused
        pause.setAttribute('aria-pressed', String(isPaused))
        say(pause, isPaused ? 'Go on' : 'Pause')
        update()
      },
    },
    'Pause',
  )
  const update = (): void => {
    status.dataset.live = isPaused ? 'paused' : live.status
    say(status, isPaused ? 'paused' : STATUS[live.status])
    say(why, live.why === undefined ? '' : escaped(live.why.slice(0, 500)))
    if (live.status !== 'over') put(over)
    else if (!over.hasChildNodes()) put(over, why, again)
    none.hidden = live.blocks.length > 0 || !session.isEmpty
    if (isPaused) return
    const shown = live.blocks.slice(-ROWS).reverse()
    const now = Date.now()
    while (rows.length < shown.length) {
      const row = makeRow()
      rows.push(row)
      list.append(row.element)
    }
    shown.forEach((block, i) => {
      rows[i]?.show(block, now)
    })
  }
  live.watch(update, signal)
  const timer = setInterval(update, 1000)
  const saying = sayNew(live)
  signal.addEventListener('abort', () => {
    clearInterval(timer)
    clearInterval(saying)
  })
  update()
  const older = h('a', { href: to('blocks') }, 'All blocks')
  return h(
    'section',
    { class: 'card newest', 'aria-labelledby': 'newest' },
    h('div', { class: 'head' }, h('h2', { id: 'newest' }, 'Newest blocks'), status, pause),
    over,
    none,
    list,
    h('p', { class: 'foot' }, older),
  )
}

const STATUS: Readonly<Record<Live['status'], string>> = {
  starting: 'connecting',
  live: 'live',
  lost: 'connecting again',
  hidden: 'resting',
  over: 'ended',
}

const WHY: Readonly<Record<ToldBlock['by'], string>> = {
  seal: 'Its hash and its seal were checked by this browser, and it follows the block before.',
  proof: 'Its hash was computed by this browser, and is in the chain under the newest seal. Its page looks at its own.',
  order: 'It follows the block before; a later seal has to cover it.',
}

function makeRow(): Row {
  const [link, hash, commands, age] = [h('a'), h('code'), h('span', { class: 'amount' }), h('span', { class: 'age' })]
  const mark = badge()
  const element = h('li', {}, link, hash, commands, age, mark.element)
  let shown: bigint | undefined
  return {
    element,
    show(block, now) {
      say(age, ago(block.timestamp, now))
      if (shown === block.height) return
      shown = block.height
      element.setAttribute('value', String(block.height))
      link.setAttribute('href', to('block', [block.height]))
      say(link, count(block.height))
      say(hash, short(toHex(block.hash)))
      say(commands, plural(block.commandCount, 'command'))
      mark.set(block.by === 'order' ? 'unchecked' : 'checked', WHY[block.by])
    },
  }
}

function sayNew(live: Live): ReturnType<typeof setInterval> {
  let said = live.height
  return setInterval(() => {
    const { height } = live
    if (height === undefined || height === said) return
    const fresh = said === undefined ? height + 1n : height - said
    said = height
    announce(`${plural(fresh, 'new block')}. The newest is ${height}.`)
  }, SAYING)
}
