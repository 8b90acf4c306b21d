/** “Try to break it”: a byte of the viewer's choice is changed, the file is checked again, and what catches it is told. */

import { escaped } from '../../verify/meaning.ts'
import { type Child, h, put, say } from '../dom.ts'
import { count, plural, stranger } from '../show.ts'
import { walk } from '../tour.ts'
import { flipped, otherByte, type Place, placesIn } from './flip.ts'

export interface Breakable {
  readonly file: Blob
  readonly isBinary: boolean
  /** Whether it holds as it is: of what fails anyway nothing would be caught by a flip. */
  readonly holds: boolean
  /** What is said where nothing catches a flip, of a file of which that may be so. */
  readonly uncaught?: string
  /** Checks this in place of the file, and shows what comes of it. Whether it still holds, and which checks failed. */
  check(changed: Blob, isChanged: boolean): Promise<{ readonly isGood: boolean; readonly caughtBy: readonly string[] }>
  /** The same without showing it, for many tries; absent where one takes long. */
  tryOut?(changed: Blob): Promise<readonly string[]>
}

const WINDOW = 96
const TRIES = 200

export async function breakPanel(breakable: Breakable): Promise<HTMLElement> {
  const { file, isBinary } = breakable
  const panel = (...content: readonly Child[]): HTMLElement =>
    h(
      'section',
      { class: 'card break', 'aria-labelledby': 'break' },
      h('h2', { id: 'break' }, 'Try to break it'),
      content,
    )
  if (!breakable.holds) return panel(h('p', { class: 'faint' }, 'It does not hold as it is: nothing is left to break.'))
  const places = isBinary ? [] : placesIn(new Uint8Array(await file.arrayBuffer()))
  const offset = h('input', {
    id: 'offset',
    type: 'number',
    min: 0,
    max: file.size - 1,
    value: String(places[0]?.offset ?? Math.floor(file.size / 2)),
    step: 1,
  })
  const view = h('div', { class: 'window', 'aria-hidden': 'true' })
  const becomes = h('p', { class: 'becomes', role: 'status' })
  const result = h('div', { class: 'caught', role: 'status' })
  let isFlipped = false
  let turns = 0
  let checking: Promise<void> = Promise.resolve()
  const at = (): number => Math.min(Math.max(0, Math.floor(Number(offset.value)) || 0), file.size - 1)

  const draw = async (): Promise<void> => {
    const place = at()
    const start = Math.max(0, Math.min(place - WINDOW / 2, file.size - WINDOW))
    const bytes = new Uint8Array(await file.slice(start, start + WINDOW).arrayBuffer())
    const own = bytes[place - start] ?? 0
    const other = otherByte(own, isBinary)
    put(
      view,
      [...bytes].map((byte, i) => {
        const isOwn = start + i === place
        const shown = isOwn && isFlipped ? other : byte
        const words = isBinary
          ? shown.toString(16).padStart(2, '0')
          : shown > 0x20 && shown < 0x7f
            ? String.fromCharCode(shown)
            : '·'
        return h('span', { 'data-at': start + i, class: isOwn ? (isFlipped ? 'own flipped' : 'own') : '' }, words)
      }),
    )
    say(
      becomes,
      `Byte ${count(place)} of ${count(file.size)}: ${named(own, isBinary)} ${isFlipped ? 'became' : 'becomes'} ${named(other, isBinary)}.`,
    )
  }

  /** One after the other, and the last one alone where several wait: what is shown is of how the switch stands. */
  const flip = async (flips: boolean): Promise<void> => {
    const turn = ++turns
    isFlipped = flips
    toggle.setAttribute('aria-checked', String(flips))
    put(result, h('p', { class: 'waiting' }, 'Checking again …'))
    await draw()
    checking = after(checking, turn, flips)
  }

  const after = async (before: Promise<void>, turn: number, flips: boolean): Promise<void> => {
    await before
    if (turn !== turns) return
    const said = await tried(flips).catch((error: unknown) => [
      h('p', { class: 'wrong' }, stranger(error instanceof Error ? error.message : String(error), 500)),
    ])
    if (turn === turns) put(result, said)
  }

  const tried = async (flips: boolean): Promise<Child> => {
    const place = at()
    const bytes = new Uint8Array(await file.slice(place, place + 1).arrayBuffer())
    const changed = flips ? flipped(file, place, otherByte(bytes[0] ?? 0, isBinary)) : file
    const { isGood, caughtBy } = await breakable.check(changed, flips)
    if (!flips) return h('p', {}, isGood ? 'It is as it was, and holds again.' : 'It is as it was.')
    if (isGood)
      return h(
        'p',
        { class: 'wrong' },
        breakable.uncaught ?? 'Nothing caught it. That must not happen: please report it.',
      )
    walk({ hasBroken: true })
    return h(
      'p',
      {},
      h('strong', {}, 'Caught'),
      ' by ',
      caughtBy.slice(0, 6).flatMap((each, i) => [i > 0 && ', ', h('code', {}, each)]),
      caughtBy.length > 6 && ' and others',
      '. The verdicts above say why.',
    )
  }

  const toggle = h(
    'button',
    { type: 'button', role: 'switch', 'aria-checked': 'false', class: 'switch', onclick: () => void flip(!isFlipped) },
    'Flip this byte',
  )
  const goTo = (place: number): void => {
    offset.value = String(place)
    if (isFlipped) void flip(true)
    else void draw()
  }
  offset.addEventListener('input', () => goTo(at()))
  view.addEventListener('click', ({ target }) => {
    const place = target instanceof HTMLElement ? target.dataset.at : undefined
    if (place !== undefined) goTo(Number(place))
  })
  await draw()
  return panel(
    h('p', { class: 'faint' }, 'Choose a byte, flip it, and see what catches it. Your file is not touched.'),
    places.length > 0 && placeButtons(places, goTo),
    view,
    h('p', { class: 'line' }, h('label', { for: 'offset' }, 'Byte'), offset, toggle),
    becomes,
    result,
    breakable.tryOut && sweep(breakable.file, breakable.tryOut.bind(breakable)),
  )
}

function named(byte: number, isBinary: boolean): string {
  const hex = `0x${byte.toString(16).padStart(2, '0')}`
  return isBinary || byte <= 0x20 || byte >= 0x7f ? hex : `${hex} “${escaped(String.fromCharCode(byte))}”`
}

function placeButtons(places: readonly Place[], goTo: (place: number) => void): HTMLElement {
  return h(
    'div',
    { class: 'places', role: 'group', 'aria-label': 'Places worth a try' },
    places.map(({ name, offset }) =>
      h('button', { type: 'button', class: 'quiet', onclick: () => goTo(offset) }, name),
    ),
  )
}

/** Many bytes, spread over the whole file, one after the other. */
function sweep(file: Blob, tryOut: (changed: Blob) => Promise<readonly string[]>): HTMLElement {
  const result = h('div', { role: 'status' })
  const run = async (): Promise<void> => {
    button.disabled = true
    const bytes = new Uint8Array(await file.arrayBuffer())
    const tries = Math.min(TRIES, bytes.length)
    const caught = new Map<string, number>()
    let missed = 0
    for (let i = 0; i < tries; i++) {
      const place = Math.floor((i * bytes.length) / tries)
      const by = await tryOut(flipped(file, place, otherByte(bytes[place] ?? 0, false)))
      const [first] = by
      if (first === undefined) missed++
      else caught.set(first, (caught.get(first) ?? 0) + 1)
      if (i % 10 === 9) {
        put(result, h('p', { class: 'waiting' }, `${i + 1} of ${tries} …`))
        // A turn for the page.
        await new Promise((resolve) => {
          setTimeout(resolve)
        })
      }
    }
    const most = Math.max(...caught.values(), 1)
    put(
      result,
      h(
        'p',
        {},
        h('strong', {}, `${tries - missed} of ${tries} caught`),
        missed > 0 ? `, ${missed} not.` : ', by the check that failed first:',
      ),
      h(
        'ul',
        { class: 'sweep' },
        [...caught]
          .sort(([, a], [, b]) => b - a)
          .map(([check, times]) =>
            h(
              'li',
              {},
              h('code', {}, check),
              h('meter', { min: 0, max: most, value: times, 'aria-label': `caught by ${check}` }, String(times)),
              h('span', { class: 'number' }, plural(times, 'time')),
            ),
          ),
      ),
    )
    button.disabled = false
  }
  const button = h('button', { type: 'button', onclick: () => void run() }, `Flip ${TRIES} bytes, one after the other`)
  return h('div', { class: 'sweeping' }, button, result)
}
