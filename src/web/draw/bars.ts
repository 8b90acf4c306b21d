/** A chart of bars: one series over time or over classes, with its figures as a table beside it. */
import { h, s } from '../dom.ts'
import { table } from '../parts.ts'
import { room } from './room.ts'

export interface BarChart {
  readonly title: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
  readonly unit: string
  /** Said below the first bar and the last one. */
  readonly ends: readonly [string, string]
}

const HEIGHT = 190
/** For the words of the scale. */
const LEFT = 64
const BASE = 150
const TOP = 22

const figures = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

export function barChart({ title, bars, unit, ends }: BarChart): HTMLElement {
  const most = Math.max(...bars.map(({ value }) => value), 0)
  const scale = niceAbove(most)
  const width = room(600, 400)
  const step = (width - LEFT) / Math.max(1, bars.length)
  const svg = s('svg', {
    class: 'bars',
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: 'img',
    'aria-label': `${title}: ${bars.length} bars, at most ${figures.format(most)} ${unit}.`,
  })
  for (const share of [0, 0.5, 1]) {
    const y = BASE - (BASE - TOP) * share
    svg.append(s('line', { class: share === 0 ? 'ground' : 'grid', x1: LEFT, x2: width, y1: y, y2: y }))
    svg.append(s('text', { x: LEFT - 10, y: y + 5, 'text-anchor': 'end' }, figures.format(scale * share)))
  }
  bars.forEach(({ name, value }, i) => {
    const height = scale === 0 ? 0 : ((BASE - TOP) * value) / scale
    const wide = Math.min(40, Math.max(1, step - Math.min(3, step / 4)))
    svg.append(
      s(
        'rect',
        { class: 'bar', x: LEFT + i * step, y: BASE - height, width: wide, height, rx: Math.min(2, wide / 2) },
        s('title', {}, `${name}: ${figures.format(value)} ${unit}`),
      ),
    )
  })
  svg.append(
    s('text', { x: LEFT, y: BASE + 24, 'text-anchor': 'start' }, ends[0]),
    s('text', { x: width, y: BASE + 24, 'text-anchor': 'end' }, ends[1]),
  )
  return h(
    'figure',
    {},
    svg,
    h(
      'details',
      {},
      h('summary', {}, 'As a table'),
      table(
        title,
        ['', unit],
        bars.map(({ name, value }) => [name, h('span', { class: 'number' }, figures.format(value))]),
      ),
    ),
  )
}

/** A round number that is not below it. */
function niceAbove(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5, 10].find((each) => each * power >= value) ?? 10) * power
}
