/** How text looks on a terminal: colour where there is one that wants it, plain text everywhere else. */
import type { WriteStream } from 'node:tty'

export interface Style {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly faint: (text: string) => string
  readonly strong: (text: string) => string
}

const plain = (text: string): string => text
const coloured =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`

const PLAIN: Style = { good: plain, bad: plain, faint: plain, strong: plain }
const COLOURED: Style = {
  good: coloured(32, 39),
  bad: coloured(31, 39),
  faint: coloured(2, 22),
  strong: coloured(1, 22),
}

/** The conventions NO_COLOR and FORCE_COLOR come before what the stream is. */
export function styleOf(stream: Pick<WriteStream, 'isTTY'>, environment: NodeJS.ProcessEnv = process.env): Style {
  if (environment.NO_COLOR) return PLAIN
  if (environment.FORCE_COLOR && environment.FORCE_COLOR !== '0') return COLOURED
  return stream.isTTY && environment.TERM !== 'dumb' ? COLOURED : PLAIN
}

/** Breaks text at spaces into lines of at most `width`. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
