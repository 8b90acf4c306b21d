/** How far a long reading is: a bar, the rate and the time that is left, in one line of a terminal that is written again. Elsewhere nothing. */
import type { WriteStream } from 'node:tty'
import { progressOn } from './progress.ts'

export interface ReadingProgress {
  /** Bytes that were read, of how many where that is known, and the commands in them. */
  readonly show: (at: { readonly bytes: number; readonly of: number | undefined; readonly commands: bigint }) => void
  readonly clear: () => void
}

const BAR = 24
/** Milliseconds from one writing to the next: faster nobody reads. */
const EVERY = 100

export function readingOn(
  stream: Pick<WriteStream, 'isTTY' | 'write'>,
  now: () => number = () => performance.now(),
): ReadingProgress {
  const start = now()
  const { show, clear } = progressOn(stream)
  let shown: number | undefined
  return {
    show: ({ bytes, of, commands }) => {
      const time = now()
      if (shown !== undefined && time - shown < EVERY) return
      shown = time
      const seconds = Math.max(time - start, 1) / 1000
      const rate = `${commands.toLocaleString('en')} commands  ${Math.round(Number(commands) / seconds).toLocaleString('en')}/s`
      show(`${of === undefined ? '' : `${partOf(bytes, of, seconds)}  `}${rate}`)
    },
    clear,
  }
}

function partOf(bytes: number, of: number, seconds: number): string {
  const part = of === 0 ? 1 : Math.min(1, bytes / of)
  const full = Math.round(BAR * part)
  const left = part === 0 ? '' : `  ${clock((seconds * (1 - part)) / part)} left`
  return `[${'='.repeat(full)}${' '.repeat(BAR - full)}] ${Math.floor(100 * part)} %${left}`
}

/** Seconds as `0:07` or `1:02:03`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
