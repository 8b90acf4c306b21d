/** Delegations as bars on a line of time, with what was taken back. */
import { s } from '../dom.ts'
import { room } from './room.ts'

export interface Bar {
  readonly name: string
  readonly from: number
  readonly until: number
  /** When what it allowed ended because it was taken back. */
  readonly revokedAt?: number
}

const LEFT = 92
const RIGHT = 24
const ROW = 44

const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

export function timeline(
  bars: readonly Bar[],
  marks: readonly { readonly at: number; readonly name: string }[],
): SVGSVGElement {
  const all = [...bars.flatMap(({ from, until }) => [from, until]), ...marks.map(({ at }) => at)]
  const [first, last] = [Math.min(...all), Math.max(...all)]
  const width = room(960, 440)
  const ticks = width > 600 ? 4 : 1
  const x = (at: number): number => LEFT + ((width - LEFT - RIGHT) * (at - first)) / Math.max(1, last - first)
  const base = 40 + bars.length * ROW
  const svg = s('svg', {
    class: 'timeline',
    viewBox: `0 0 ${width} ${base + 34}`,
    role: 'img',
    'aria-label': `${bars.length} delegations on a line of time; the table below says the same.`,
  })
  svg.append(s('line', { class: 'ground', x1: LEFT, x2: width - RIGHT, y1: base, y2: base }))
  for (let i = 0; i <= ticks; i++) {
    const at = first + ((last - first) * i) / ticks
    const anchor = i === 0 ? 'start' : i === ticks ? 'end' : 'middle'
    svg.append(
      s('line', { class: 'tick', x1: x(at), x2: x(at), y1: base, y2: base + 6 }),
      s('text', { x: x(at), y: base + 24, 'text-anchor': anchor }, dates.format(at)),
    )
  }
  bars.forEach(({ name, from, until, revokedAt }, i) => {
    const y = 30 + i * ROW
    const end = revokedAt ?? until
    svg.append(
      s('text', { x: LEFT - 14, y: y + 15, 'text-anchor': 'end' }, name),
      s('rect', { class: 'bar-rest', x: x(from), y, width: Math.max(3, x(until) - x(from)), height: 20, rx: 5 }),
      s('rect', {
        class: 'bar',
        x: x(from),
        y,
        width: Math.max(3, x(Math.max(from, Math.min(end, until))) - x(from)),
        height: 20,
        rx: 5,
      }),
    )
    if (revokedAt !== undefined)
      svg.append(s('line', { class: 'cut', x1: x(revokedAt), x2: x(revokedAt), y1: y - 7, y2: y + 27 }))
  })
  marks.forEach(({ at, name }) => {
    const anchor = x(at) > width - 140 ? 'end' : 'start'
    svg.append(
      s('line', { class: 'now', x1: x(at), x2: x(at), y1: 14, y2: base }),
      s('text', { class: 'now', x: x(at) + (anchor === 'end' ? -6 : 6), y: 16, 'text-anchor': anchor }, name),
    )
  })
  return svg
}
