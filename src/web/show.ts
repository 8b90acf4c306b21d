/** How things look: text of strangers, hashes, times, counts, and the mark of what this browser checked. */
import { fromUtf8, toHex } from '../verify/bytes.ts'
import { escaped } from '../verify/meaning.ts'
import { byId, type Child, h, say } from './dom.ts'

/** So many characters of a stranger's text are shown at once; the rest on demand. */
const TEXT_MAX = 320
const MORE_MAX = 65_536
const HEX_MAX = 96

const counts = new Intl.NumberFormat('en')

export function count(value: bigint | number): string {
  return counts.format(value)
}

export function plural(value: bigint | number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 || value === 1n ? one : many}`
}

/** Text of a stranger: nothing in it can steer the page, turn the direction of writing, or fill it. */
export function stranger(text: string, max: number = TEXT_MAX): HTMLElement {
  return h('bdi', { class: 'stranger' }, cut(level(escaped(text.slice(0, 2 * max))), max, text.length))
}

/** No letter carries more marks than scripts put on one: a tower of them would stand over what is beside it on the page. */
function level(text: string): string {
  return text.replace(/(\p{M}{4})\p{M}+/gu, '$1…')
}

function cut(text: string, max: number, length: number): string {
  if (text.length <= max && length <= 2 * max) return text
  return `${Array.from(text).slice(0, max).join('')}…`
}

/** Bytes of a stranger: as text where they are text, as hex digits where not; of long ones the beginning, and more on demand. */
export function bytesOf(bytes: Uint8Array): HTMLElement {
  if (bytes.length === 0) return h('span', { class: 'faint' }, 'empty')
  const text = fromUtf8(bytes)
  const whole = text ?? toHex(bytes.subarray(0, MORE_MAX))
  const max = text === undefined ? HEX_MAX : TEXT_MAX
  const shown = stranger(whole, max)
  shown.classList.add('bytes')
  const size = h(
    'small',
    { class: 'faint' },
    ` ${plural(bytes.length, 'byte')}${text === undefined ? ', no text' : ''}`,
  )
  if (whole.length <= max) return h('span', {}, shown, size)
  const more = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      onclick: () => {
        more.remove()
        shown.textContent = cut(level(escaped(whole.slice(0, MORE_MAX))), MORE_MAX, whole.length)
      },
    },
    'Show more',
  )
  return h('span', {}, shown, size, ' ', more)
}

export interface HashOptions {
  readonly href?: string
  /** Of what it is the hash, for whoever hears the page. */
  readonly of: string
  readonly whole?: boolean
}

/** A hash, shortened, with a button that copies all of it. */
export function hash(bytes: Uint8Array | string, { href, of, whole = false }: HashOptions): HTMLElement {
  const text = typeof bytes === 'string' ? bytes : toHex(bytes)
  const shown = h('code', { title: text }, whole ? text : short(text))
  return h('span', { class: 'hash' }, href === undefined ? shown : h('a', { href }, shown), copier(text, of))
}

export function short(text: string): string {
  return text.length <= 16 ? text : `${text.slice(0, 8)}…${text.slice(-6)}`
}

/** A button that puts this text on the clipboard. */
export function copier(text: string, of: string): HTMLElement {
  const button = h('button', {
    type: 'button',
    class: 'copy',
    'aria-label': `Copy the ${of}`,
    title: `Copy the ${of}`,
    onclick: () => {
      void copy()
    },
  })
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      announce('The browser does not let this page copy.')
      return
    }
    button.classList.add('done')
    announce(`Copied the ${of}.`)
    setTimeout(() => button.classList.remove('done'), 1500)
  }
  return button
}

const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const DATE_MAX = 8_640_000_000_000_000n

/** A time of the format: milliseconds, as large as somebody signed them. */
export function time(milliseconds: bigint): HTMLElement {
  if (milliseconds > DATE_MAX) return h('span', { class: 'number' }, `${milliseconds} ms`)
  const date = new Date(Number(milliseconds))
  return h('time', { datetime: date.toISOString(), title: date.toISOString() }, times.format(date))
}

/** How long ago, in one unit. */
export function ago(milliseconds: bigint, now: number = Date.now()): string {
  const seconds = Math.round((now - Number(milliseconds)) / 1000)
  if (seconds < 0) return 'ahead of this clock'
  if (seconds < 2) return 'now'
  if (seconds < 100) return `${seconds} s ago`
  if (seconds < 6000) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`
  return `${count(Math.round(seconds / 86_400))} days ago`
}

/** What this browser knows of a thing: it checked it, it is about to, it found it wrong, or it could not. */
export type Known = 'checked' | 'checking' | 'wrong' | 'unchecked'

const WORDS: Readonly<Record<Known, string>> = {
  checked: 'Checked here',
  checking: 'Checking',
  wrong: 'Does not hold',
  unchecked: 'Not checked',
}

export interface Badge {
  readonly element: HTMLElement
  set(known: Known, why?: string): void
}

export function badge(known: Known = 'checking', why?: string): Badge {
  const words = h('span')
  const element = h('span', { class: 'badge' }, words)
  const set = (known: Known, why?: string): void => {
    element.dataset.known = known
    element.title = why ?? ''
    say(words, WORDS[known])
  }
  set(known, why)
  return { element, set }
}

/** A list of names and what they are. */
export function facts(...rows: readonly (readonly [name: string, ...value: Child[]] | undefined)[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    rows.map((row) => row && h('div', {}, h('dt', {}, row[0]), h('dd', {}, row.slice(1)))),
  )
}

/** Said to whoever hears the page. */
export function announce(text: string): void {
  byId('said').textContent = text
}

/** A section with its heading. */
export function section(title: string, ...children: readonly Child[]): HTMLElement {
  const id = `part-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`
  return h('section', { class: 'card', 'aria-labelledby': id }, h('h2', { id }, title), children)
}

/** A file for the viewer to keep. */
export function download(name: string, type: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }))
  h('a', { href: address, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
