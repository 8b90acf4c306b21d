/** The way through a state tree: from the root down, left or right as the bits of the key's hash say, with what stands beside it. */
import { s } from '../dom.ts'

interface Level {
  /** Which way the key goes from here. */
  readonly bit: 0 | 1
  readonly isSiblingEmpty: boolean
}

interface Point {
  readonly x: number
  readonly y: number
}

const ROW = 38
/** How far apart two siblings of the first level stand, and of levels far down. */
const FIRST = 130
const LEAST = 20
/** Deeper than this only the beginning is drawn: 256 levels are what the format allows. */
const DRAWN_MAX = 40

export function treeWay(levels: readonly Level[], end: 'leaf' | 'empty' | 'other'): SVGSVGElement {
  const drawn = levels.slice(0, DRAWN_MAX)
  const way: Point[] = [{ x: 0, y: 0 }]
  const beside = drawn.map(({ bit }, depth): Point => {
    const { x, y } = way[depth] as Point
    const reach = Math.max(LEAST, FIRST * 0.66 ** depth)
    way.push({ x: x + (bit === 1 ? reach : -reach), y: y + ROW })
    return { x: x + (bit === 1 ? -reach : reach), y: y + ROW }
  })
  const all = [...way, ...beside].map(({ x }) => x)
  const [left, right] = [Math.min(...all, -100) - 60, Math.max(...all, 100) + 60]
  const last = way.at(-1) as Point
  const words = { leaf: 'the leaf of the key', empty: 'an empty place', other: 'the leaf of another key' }[end]
  const svg = s('svg', {
    class: 'tree',
    viewBox: `${left} -30 ${right - left} ${last.y + 84}`,
    role: 'img',
    'aria-label': `The way from the root down ${levels.length} levels to ${words}.`,
  })
  way.slice(1).forEach((point, i) => {
    svg.append(line('needs', way[i] as Point, beside[i] as Point), line('way', way[i] as Point, point))
  })
  drawn.forEach(({ isSiblingEmpty }, i) => {
    svg.append(
      stone(isSiblingEmpty ? 'hollow' : 'needed', beside[i] as Point, 5),
      stone('on-way', way[i + 1] as Point, 4),
    )
  })
  const rest = levels.length - drawn.length
  const shape = { leaf: 'entry', empty: 'hollow', other: 'needed' }[end]
  svg.append(
    stone('root', { x: 0, y: 0 }, 8),
    label({ x: 0, y: -14 }, 'root'),
    s('rect', { class: shape, x: last.x - 9, y: last.y - 9, width: 18, height: 18, rx: 4 }),
    label({ x: last.x, y: last.y + 32 }, `${rest > 0 ? `${rest} levels further: ` : ''}${NAMES[end]}`),
  )
  return svg
}

const NAMES = { leaf: 'the key', empty: 'nothing here', other: 'another key' } as const

function line(name: string, from: Point, to: Point): SVGElement {
  return s('line', { class: name, x1: from.x, y1: from.y, x2: to.x, y2: to.y })
}

function stone(name: string, { x, y }: Point, radius: number): SVGElement {
  return s('circle', { class: name, cx: x, cy: y, r: radius })
}

function label({ x, y }: Point, words: string): SVGElement {
  return s('text', { x, y, 'text-anchor': 'middle' }, words)
}
