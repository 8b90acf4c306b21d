/** The explorer starts here: the chain is opened, and whatever page the address names is shown. */
import { CairnError } from '../verify/error.ts'
import { type Evidence, encodeEvidence } from '../verify/index.ts'
import { byId, h, put, say } from './dom.ts'
import { Live } from './live.ts'
import { block } from './pages/block.ts'
import { blocks } from './pages/blocks.ts'
import { charts } from './pages/charts.ts'
import { check } from './pages/check.ts'
import { command } from './pages/command.ts'
import { home } from './pages/home.ts'
import { keys } from './pages/keys.ts'
import { range } from './pages/range.ts'
import { search } from './pages/search.ts'
import { state } from './pages/state.ts'
import { forgetButton, trust } from './pages/trust.ts'
import { errorCard } from './parts.ts'
import { holdsPin } from './pin.ts'
import { linkIn, Places } from './places.ts'
import { type Page, routeIn, type Shown, to } from './router.ts'
import { LIES, Session, storedToken, storeToken } from './session.ts'
import { count, download, hash, stranger } from './show.ts'
import { startTheme } from './theme.ts'

const PAGES: Readonly<Record<string, Page>> = {
  '': home,
  blocks,
  block,
  command,
  search,
  charts,
  range,
  state,
  keys,
  check,
  trust,
}

const NAVIGATION: readonly (readonly [name: string, title: string])[] = [
  ['', 'Blocks'],
  ['check', 'Check'],
  ['range', 'Ranges'],
  ['state', 'State'],
  ['keys', 'Keys'],
  ['charts', 'Charts'],
]
/** Which of them a page belongs to that is none of them. */
const BELONGS: Readonly<Record<string, string>> = { block: '', blocks: '', command: '' }

/** Pages of what is in blocks. */
const NEEDS_A_BLOCK: ReadonlySet<string> = new Set(['blocks', 'block', 'command', 'search', 'range', 'state'])

const places = new Places()
let leaving = new AbortController()

async function show(session: Session, live: Live, isFirst: boolean): Promise<void> {
  leaving.abort()
  leaving = new AbortController()
  const { signal } = leaving
  const left = places.arrive()
  const route = routeIn(location.hash)
  navigate(route.name)
  const main = byId('main')
  const page = (Object.hasOwn(PAGES, route.name) && PAGES[route.name]) || missing
  main.setAttribute('aria-busy', 'true')
  try {
    const isTooEarly = NEEDS_A_BLOCK.has(route.name) && session.isEmpty && live.height === undefined
    const { title, content } = await (isTooEarly ? noBlock : page)({
      session,
      live,
      signal,
      path: route.path,
      query: route.query,
    })
    if (signal.aborted) return
    document.title = `${title} · Cairn`
    put(main, ...content)
  } catch (error) {
    if (signal.aborted) return
    void session.tell(error)
    put(main, errorCard(error, { again: () => void show(session, live, false) }))
  }
  main.removeAttribute('aria-busy')
  if (isFirst) return
  scrollTo(0, left?.scrolled ?? 0)
  const link = left && linkIn(main, left)
  if (link !== undefined) link.focus({ preventScroll: true })
  else focusHeading(main)
}

/** Whoever hears the page is told where they are. */
function focusHeading(main: HTMLElement): void {
  const heading = main.querySelector('h1') ?? main
  heading.setAttribute('tabindex', '-1')
  heading.focus({ preventScroll: true })
}

function noBlock(): Shown {
  const home = h('a', { href: '#/' }, 'the first page')
  return {
    title: 'No block yet',
    content: [
      h('h1', {}, 'No block yet'),
      h('p', {}, 'Append a command on ', home, ': then there is something to look at.'),
    ],
  }
}

function missing(): Shown {
  const home = h('a', { href: '#/' }, 'the newest blocks')
  return { title: 'No such page', content: [h('h1', {}, 'No such page'), h('p', {}, 'Go on from ', home, '.')] }
}

function navigate(current: string): void {
  const belongs = BELONGS[current] ?? current
  put(
    byId('nav'),
    h(
      'ul',
      {},
      NAVIGATION.map(([name, title]) =>
        h('li', {}, h('a', { href: to(name), 'aria-current': name === belongs && 'page' }, title)),
      ),
    ),
  )
}

/** The chain that is trusted stands at the top of every page, with how far it was followed. */
function showPin(session: Session, live: Live): void {
  const { genesis, pin, isFirst } = session
  const reached = h('span', { class: 'number' })
  const how = holdsPin() ? (isFirst ? 'pinned just now: ' : 'pinned: ') : 'pinned until this page is closed: '
  const update = (): void => {
    const height = live.height ?? session.head?.height
    if (height !== undefined) say(reached, `checked here up to block ${count(height)}`)
    else say(reached, session.isEmpty ? 'no block yet' : 'no block checked yet')
  }
  live.watch(update, new AbortController().signal)
  update()
  put(
    byId('pin'),
    h('span', { class: 'name' }, stranger(genesis.name)),
    h('span', {}, how, hash(pin.chainId, { of: 'chain id', href: to('trust') })),
    reached,
  )
}

const LOUD: Readonly<Record<string, string>> = {
  wrong_chain: 'This server shows another chain',
  chain_forked: 'This chain is forked',
  server_behind: 'This server went back',
  proof_invalid: 'This server does not prove what it says',
  answer_invalid: 'This server does not answer as it should',
  seal_outdated: 'This server shows an outdated seal',
}

/** It stays until the page is loaded again. */
function alarm(lie: CairnError): void {
  const { evidence, known, shown } = lie.details
  const isEvidence = typeof evidence === 'object' && evidence !== null
  put(
    byId('alarm'),
    h(
      'div',
      { class: 'alarm' },
      h('h2', {}, LOUD[lie.code] ?? 'This server is not to be relied on'),
      h('p', {}, stranger(lie.message, 1000)),
      typeof known === 'string' && typeof shown === 'string'
        ? h(
            'p',
            {},
            'Pinned ',
            hash(known, { of: 'pinned chain id' }),
            ' Shown ',
            hash(shown, { of: 'chain id that it shows' }),
            '. Ask whoever runs it. Only if you know why it is another one: ',
            forgetButton(),
          )
        : undefined,
      isEvidence &&
        h(
          'button',
          {
            type: 'button',
            onclick: () => download('evidence.json', 'application/json', encodeEvidence(evidence as Evidence)),
          },
          'Keep the evidence',
        ),
    ),
  )
  document.documentElement.dataset.alarm = lie.code
}

/** Of a server that lies from its first word on. */
function nothing(): HTMLElement {
  return h(
    'div',
    { class: 'card' },
    h('h1', {}, 'Nothing of this server is shown'),
    h(
      'p',
      {},
      'What you hold already stays what it is: ',
      h('code', {}, 'cairn verify'),
      ' checks a proof without any server.',
    ),
  )
}

/** What is in no token that was ever made, and in no header. */
const NO_TOKEN = /[^\x21-\x7e]/

function askForToken(why?: string): void {
  const input = h('input', { id: 'token', type: 'password', autocomplete: 'off', required: true, maxlength: 1024 })
  const form = h(
    'form',
    {
      class: 'card',
      onsubmit: (event: Event) => {
        event.preventDefault()
        const token = input.value.trim()
        if (NO_TOKEN.test(token))
          askForToken('That is no token: one has letters, digits and signs alone, and no space.')
        else {
          storeToken(token)
          void open()
        }
      },
    },
    h('h1', {}, 'This server wants a token'),
    h(
      'p',
      {},
      'It is kept for this tab, and sent to this server alone. ',
      h('code', {}, 'cairn token new'),
      ' makes one, with the scope read (and append, to append).',
    ),
    why !== undefined && h('p', { class: 'wrong', role: 'alert' }, stranger(why, 500)),
    h('p', { class: 'line' }, h('label', { for: 'token' }, 'Token '), input, h('button', { type: 'submit' }, 'Use it')),
  )
  put(byId('main'), form)
  input.focus()
}

function startSearch(): void {
  const asked = byId('asked') as HTMLInputElement
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault()
    const text = asked.value.trim()
    if (text !== '') location.hash = to('search', [], { q: text })
  })
}

function start(): void {
  startTheme()
  startSearch()
  navigate(routeIn(location.hash).name)
  document.querySelector('.skip')?.addEventListener('click', (event) => {
    event.preventDefault()
    byId('main').focus()
  })
  void open()
}

async function open(): Promise<void> {
  try {
    const session = await Session.open(alarm)
    const live = new Live(session)
    showPin(session, live)
    addEventListener('hashchange', () => void show(session, live, false))
    await Promise.all([live.start(), show(session, live, true)])
  } catch (error) {
    const code = error instanceof CairnError && error.code
    const given = storedToken()
    if (code === 'unauthorized' || (code === 'forbidden' && given !== undefined))
      askForToken(given === undefined ? undefined : (error as CairnError).message)
    else {
      const isLie = error instanceof CairnError && LIES.has(error.code)
      if (isLie) alarm(error)
      put(byId('main'), isLie ? nothing() : errorCard(error, { again: () => location.reload() }))
    }
  }
  document.documentElement.dataset.ready = 'true'
}

start()
