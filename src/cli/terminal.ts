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
  const { FORCE_COLOR: forced } = environment
  if (forced) return forced === '0' || forced === 'false' ? PLAIN : COLOURED
  return stream.isTTY && environment.TERM !== 'dumb' ? COLOURED : PLAIN
}

/** The columns of a terminal, up to where lines are still pleasant to read. Some terminals say that they have none. */
export function widthOf(stream: Pick<WriteStream, 'columns'>): number {
  return Math.min(stream.columns || 100, 120)
}

/**
 * Breaks text at spaces into lines of at most `width` columns, and anywhere where a word alone is longer: a terminal would go on
 * at its left edge, and what a stranger wrote could pass for a line of ours.
 */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ').flatMap((word) => pieces(word, width))) {
    const last = lines.at(-1)
    if (last !== undefined && columnsOf(last) + 1 + columnsOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** A line that ends where the room for it does. */
export function cut(text: string, width: number): string {
  return columnsOf(text) <= width ? text : `${pieces(text, width - 1)[0]}…`
}

function pieces(word: string, width: number): readonly string[] {
  if (columnsOf(word) <= width) return [word]
  const pieces = ['']
  for (const character of word) {
    const last = pieces.at(-1) as string
    if (columnsOf(last) + columnsOf(character) <= width) pieces[pieces.length - 1] = last + character
    else pieces.push(character)
  }
  return pieces
}

// The letters of East Asia, and emoji.
const TWO_COLUMNS =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/gu

function columnsOf(text: string): number {
  return Array.from(text).length + (text.match(TWO_COLUMNS)?.length ?? 0)
}
