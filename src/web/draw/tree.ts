/** The way through a state tree: from the root down, left or right as the bits of the key's hash say, with what stands beside it. */
import { s } from '../dom.ts'

interface Level {
  /** Which way the key goes from here. */
  readonly bit: 0 | 1
  readonly isSiblingEmpty: boolean
}

const WIDTH = 640
const TOP = 34
const ROW = 38
/** Deeper than this only the ends are drawn: 256 levels are what the format allows. */
const DRAWN_MAX = 40

export function treeWay(levels: readonly Level[], end: 'leaf' | 'empty' | 'other'): SVGSVGElement {
  const drawn = levels.slice(0, DRAWN_MAX)
  const height = TOP + drawn.length * ROW + 46
  const words = { leaf: 'the leaf of the key', empty: 'an empty place', other: 'the leaf of another key' }[end]
  const svg = s('svg', {
    class: 'tree',
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: 'img',
    'aria-label': `The way from the root down ${levels.length} levels to ${words}.`,
  })
  let [x, y] = [WIDTH / 2, TOP]
  const behind: SVGElement[] = []
  const before: SVGElement[] = [s('circle', { class: 'root', cx: x, cy: y, r: 8 }), label(x + 14, y - 8, 'root')]
  drawn.forEach(({ bit, isSiblingEmpty }, i) => {
    const spread = Math.max(17, 150 * 0.68 ** i)
    // Never out of the picture: a key of ones would go right for ever.
    const reach = Math.min(spread, x - 30, WIDTH - 30 - x)
    const next = { x: x + (bit === 1 ? reach : -reach), y: y + ROW }
    const beside = { x: x + (bit === 1 ? -reach : reach), y: y + ROW }
    behind.push(
      s('line', { class: 'needs', x1: x, y1: y, x2: beside.x, y2: beside.y }),
      s('line', { class: 'way', x1: x, y1: y, x2: next.x, y2: next.y }),
    )
    before.push(
      s('circle', { class: isSiblingEmpty ? 'hollow' : 'needed', cx: beside.x, cy: beside.y, r: 5 }),
      s('circle', { class: 'on-way', cx: next.x, cy: next.y, r: 4 }),
    )
    ;({ x, y } = next)
  })
  const rest = levels.length - drawn.length
  before.push(
    s('rect', { class: end === 'leaf' ? 'entry' : end === 'empty' ? 'hollow' : 'needed', x: x - 9, y: y - 9, width: 18, height: 18, rx: 4 }),
    label(x, y + 30, `${rest > 0 ? `${rest} levels further: ` : ''}${end === 'leaf' ? 'the key' : end === 'empty' ? 'nothing here' : 'another key'}`, 'middle'),
  )
  svg.append(...behind, ...before)
  return svg
}

function label(x: number, y: number, words: string, anchor: 'start' | 'middle' = 'start'): SVGElement {
  return s('text', { x, y, 'text-anchor': anchor }, words)
}
