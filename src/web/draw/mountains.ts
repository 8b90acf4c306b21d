/**
 * A range as the mountains that it is: one for each bit of its size, the highest first, folded from the right into the root. The way of a proof climbs
 * from its entry to the peak of its mountain, and over the fold to the root; what it needs on the way is drawn as stones beside it.
 */
import { s } from '../dom.ts'
import { count } from '../show.ts'
import { room } from './room.ts'

interface Mountain {
  /** Its first entry, and the height of its peak above them. */
  readonly first: bigint
  readonly level: number
  readonly x: number
  readonly width: number
}

interface Point {
  readonly x: number
  readonly y: number
}

const BASE = 392
const HIGHEST_PEAK = 120
const GAP = 14
/** Up to so many entries a mountain's inner nodes are all drawn. */
const DRAWN_WHOLE = 5
/** How round they are: 1 is a triangle. */
const ROUND = 0.62

export function mountains(size: bigint, index: bigint | undefined): SVGSVGElement {
  const label =
    size === 0n
      ? 'A range without entries.'
      : `A range of ${count(size)} entries, as ${levelsOf(size).length} mountains${index === undefined ? '' : `, and the way of a proof from entry ${count(index)} to the root`}.`
  const width = room(960, 440)
  const svg = s('svg', { class: 'mountains', viewBox: `0 ${BASE - 60} ${width} 110`, role: 'img', 'aria-label': label })
  svg.append(s('line', { class: 'ground', x1: 0, x2: width, y1: BASE + 8, y2: BASE + 8 }))
  if (size === 0n) return svg
  const all = layOut(size, width)
  const step = Math.min(64, (BASE - HIGHEST_PEAK) / Math.max(1, ...all.map(({ level }) => level)))
  const peaks = all.map((mountain) => place(mountain, mountain.level, 0n, step))
  const folds = foldsOf(peaks)
  for (const mountain of all) svg.append(...outline(mountain, step))
  svg.append(...foldLines(peaks, folds))
  if (index !== undefined && index < size) svg.append(...way(all, peaks, folds, index, step))
  const root = folds[0] as Point
  const top = Math.min(root.y, ...peaks.map(({ y }) => y)) - 40
  svg.setAttribute('viewBox', `0 ${top} ${width} ${BASE + 48 - top}`)
  svg.append(s('circle', { class: 'root', cx: root.x, cy: root.y, r: 8 }), text(root.x, root.y - 16, 'root', 'middle'))
  for (const { first, level, x, width } of all)
    svg.append(
      text(x + width / 2, BASE + 32, level < 20 ? count(1n << BigInt(level)) : `2^${level}`, 'middle', `${first}`),
    )
  return svg
}

/** The levels whose bit is set, the highest first. */
function levelsOf(size: bigint): number[] {
  const bits = size.toString(2)
  return Array.from(bits, (bit, i) => (bit === '1' ? bits.length - 1 - i : -1)).filter((level) => level >= 0)
}

function layOut(size: bigint, room: number): Mountain[] {
  const levels = levelsOf(size)
  const weights = levels.map((level) => 1 + level * 1.6)
  const free = room - GAP * (levels.length + 1)
  const unit = Math.min(free / weights.reduce((sum, each) => sum + each, 0), 110)
  const used = weights.reduce((sum, each) => sum + each * unit, GAP * (levels.length - 1))
  let [x, first] = [(room - used) / 2, 0n]
  return levels.map((level, i) => {
    const mountain = { first, level, x, width: (weights[i] as number) * unit }
    x += mountain.width + GAP
    first += 1n << BigInt(level)
    return mountain
  })
}

/** Where the `nth` node of a level of this mountain stands: as far from its middle as its entries are, and the nearer the higher. */
function place(mountain: Mountain, level: number, nth: bigint, step: number): Point {
  const share = (Number(nth) + 0.5) / 2 ** (mountain.level - level)
  return { x: mountain.x + mountain.width / 2 + (share - 0.5) * widthAt(mountain, level), y: BASE - level * step }
}

function widthAt({ width, level: top }: Mountain, level: number): number {
  return top === 0 ? width : width * ((top - level) / top) ** ROUND
}

function outline(mountain: Mountain, step: number): SVGElement[] {
  const { level, x, width } = mountain
  const peak = place(mountain, level, 0n, step)
  if (level === 0) return [s('circle', { class: 'stone', cx: peak.x, cy: peak.y, r: 5 })]
  const slope = Array.from({ length: level }, (_, at) => [widthAt(mountain, at) / 2, BASE - at * step] as const)
  const points = [
    `${x},${BASE + 8}`,
    ...slope.map(([half, y]) => `${peak.x - half},${y}`),
    `${peak.x},${peak.y}`,
    ...slope.toReversed().map(([half, y]) => `${peak.x + half},${y}`),
    `${x + width},${BASE + 8}`,
  ]
  const shape = s('polygon', { class: 'mountain', points: points.join(' ') })
  if (level > DRAWN_WHOLE) return [shape]
  const drawn: SVGElement[] = [shape]
  for (let at = 0; at < level; at++) {
    for (let nth = 0n; nth < 1n << BigInt(level - at); nth++) {
      const node = place(mountain, at, nth, step)
      drawn.push(line('branch', node, place(mountain, at + 1, nth >> 1n, step)))
    }
  }
  return drawn
}

/** Where peaks are folded, from the right: the first of them is the root. */
function foldsOf(peaks: readonly Point[]): Point[] {
  const folds: Point[] = []
  let right: Point | undefined
  peaks.toReversed().forEach((peak, i) => {
    right = right === undefined ? peak : { x: (peak.x + right.x) / 2, y: Math.min(peak.y, right.y) - 26 }
    if (i > 0 || peaks.length === 1) folds.unshift(right)
  })
  const lowest = Math.min(...folds.map(({ y }) => y))
  // However many there are, all of them have room above the peaks.
  if (peaks.length === 1 || lowest >= 0) return folds
  return folds.map(({ x, y }) => ({
    x,
    y: y >= HIGHEST_PEAK ? y : ((y - lowest) * HIGHEST_PEAK) / (HIGHEST_PEAK - lowest),
  }))
}

function foldLines(peaks: readonly Point[], folds: readonly Point[]): SVGElement[] {
  if (peaks.length === 1) return []
  return folds.flatMap((fold, i) => [
    line('fold', peaks[i] as Point, fold),
    line('fold', folds[i + 1] ?? (peaks.at(-1) as Point), fold),
  ])
}

function way(
  all: readonly Mountain[],
  peaks: readonly Point[],
  folds: readonly Point[],
  index: bigint,
  step: number,
): SVGElement[] {
  const own = all.findLastIndex(({ first }) => first <= index)
  const mountain = all[own] as Mountain
  const inside = index - mountain.first
  const climbed = Array.from({ length: mountain.level + 1 }, (_, level) =>
    place(mountain, level, inside >> BigInt(level), step),
  )
  const needed = Array.from({ length: mountain.level }, (_, level) =>
    place(mountain, level, (inside >> BigInt(level)) ^ 1n, step),
  )
  if (peaks.length > 1) {
    // The fold of all that lies to the right, then each peak to the left.
    if (own < peaks.length - 1) {
      needed.push(folds[own + 1] ?? (peaks.at(-1) as Point))
      climbed.push(folds[own] as Point)
    }
    for (let left = own - 1; left >= 0; left--) {
      needed.push(peaks[left] as Point)
      climbed.push(folds[left] as Point)
    }
  }
  const entry = climbed[0] as Point
  return [
    ...needed.flatMap((stone, i) => [
      line('needs', stone, climbed[i + 1] as Point),
      s('circle', { class: 'needed', cx: stone.x, cy: stone.y, r: 5 }),
    ]),
    s('polyline', { class: 'way', points: climbed.map(({ x, y }) => `${x},${y}`).join(' ') }),
    ...climbed.map(({ x, y }) => s('circle', { class: 'on-way', cx: x, cy: y, r: 4 })),
    s('circle', { class: 'entry', cx: entry.x, cy: entry.y, r: 7 }),
  ]
}

function line(name: string, from: Point, to: Point): SVGElement {
  return s('line', { class: name, x1: from.x, y1: from.y, x2: to.x, y2: to.y })
}

function text(x: number, y: number, words: string, anchor: string, title?: string): SVGElement {
  return s('text', { x, y, 'text-anchor': anchor }, title !== undefined && s('title', {}, `from entry ${title}`), words)
}
