/** Rates and latencies: of the blocks, as their headers say; of the server, as it measures itself; and of this browser, as it waited. */
import { type Summary, summariesUpTo } from '../blocks.ts'
import { type Child, h, put } from '../dom.ts'
import { barChart } from '../draw/bars.ts'
import { type Histogram, histogramsIn, quantile } from '../histograms.ts'
import { type Live, SECONDS } from '../live.ts'
import { empty, title } from '../parts.ts'
import type { Context, Shown } from '../router.ts'
import { plural, section } from '../show.ts'
import { latencies } from './home-tour.ts'

const BLOCKS = 128
/** How often the live chart is drawn anew, in milliseconds: it is read, not watched. */
const DRAWING = 1000

export async function charts(context: Context): Promise<Shown> {
  const { session, live, signal } = context
  const now = h('div', {})
  const draw = (): void => put(now, liveChart(live))
  draw()
  const timer = setInterval(draw, DRAWING)
  signal.addEventListener('abort', () => clearInterval(timer))
  const isEmpty = session.isEmpty && live.height === undefined
  const height = isEmpty ? undefined : (await session.prove({}, signal)).block.height
  const recent = height === undefined ? [] : await summariesUpTo(session, height, BLOCKS, signal)
  const measured = await session.text('/metrics', signal).then(histogramsIn, () => [])
  return {
    title: 'Charts',
    content: [
      title('Rates and latencies'),
      h(
        'div',
        { class: 'pair' },
        section(
          'Commands a second',
          h('p', { class: 'faint' }, `The last ${SECONDS} seconds, of the blocks that this page saw and checked.`),
          now,
        ),
        section(
          'Commands in a block',
          h('p', { class: 'faint' }, `The last ${plural(Math.max(1, recent.length), 'block')}, as their headers say.`),
          recent.length === 0 ? empty('No block yet.') : sizes(recent),
        ),
        section(
          'Milliseconds between blocks',
          h('p', { class: 'faint' }, 'By their times, which are the operator’s word.'),
          recent.length < 2 ? empty('It takes two blocks.') : intervals(recent),
        ),
        section('Milliseconds to your receipts', own()),
        measured.map(histogram),
      ),
    ],
  }
}

function liveChart({ seconds }: Live): HTMLElement {
  const now = Math.floor(Date.now() / 1000)
  const bySecond = new Map(seconds.map(({ at, commands }) => [at, commands]))
  const bars = Array.from({ length: SECONDS }, (_, i) => {
    const at = now - SECONDS + i
    return { name: `${SECONDS - i} s ago`, value: bySecond.get(at) ?? 0 }
  })
  return barChart({ title: 'Commands a second', bars, unit: 'commands/s', ends: [`${SECONDS} s ago`, 'now'] })
}

function sizes(recent: readonly Summary[]): HTMLElement {
  const bars = recent.map(({ header }) => ({ name: `block ${header.height}`, value: Number(header.commandCount) }))
  return barChart({ title: 'Commands in a block', bars, unit: 'commands', ends: endsOf(recent) })
}

function intervals(recent: readonly Summary[]): HTMLElement {
  const bars = recent.slice(1).map(({ header }, i) => ({
    name: `block ${header.height}`,
    value: Number(header.timestamp - (recent[i] as Summary).header.timestamp),
  }))
  return barChart({ title: 'Time between blocks', bars, unit: 'ms', ends: endsOf(recent) })
}

function endsOf(recent: readonly Summary[]): readonly [string, string] {
  return [`block ${recent[0]?.header.height ?? 0n}`, `block ${recent.at(-1)?.header.height ?? 0n}`]
}

function own(): Child {
  const all = latencies()
  if (all.length === 0)
    return empty('Append a command on the first page: how long it took until its receipt was checked stands here.')
  const bars = all.map((value, i) => ({ name: `command ${i + 1}`, value }))
  return [
    h(
      'p',
      { class: 'faint' },
      `From the click to the receipt that was checked: ${plural(all.length, 'command')} of this tab.`,
    ),
    barChart({ title: 'Your own commands', bars, unit: 'ms', ends: ['the first', 'the last'] }),
  ]
}

const TITLES: Readonly<Record<string, string>> = {
  cairn_http_request_seconds: 'Requests over HTTP',
}

function histogram(each: Histogram): HTMLElement {
  const { name, help, buckets, total } = each
  const bars = buckets.map(({ upTo, count }) => ({ name: `up to ${words(upTo)}`, value: count }))
  const summary = [0.5, 0.99].map((share) => `${share * 100} of 100 within ${words(quantile(each, share))}`).join(', ')
  return section(
    TITLES[name] ?? (help === '' ? name : help.replace(/\.$/, '').slice(0, 120)),
    h('p', { class: 'faint' }, `As the server measures itself: ${plural(total, 'time')}; ${summary}.`),
    barChart({ title: name, bars, unit: 'times', ends: [`up to ${words(buckets[0]?.upTo ?? 0)}`, 'longer'] }),
  )
}

function words(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'longer'
  return seconds < 1 ? `${Number((seconds * 1000).toPrecision(3))} ms` : `${Number(seconds.toPrecision(3))} s`
}
