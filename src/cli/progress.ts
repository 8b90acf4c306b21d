/** How far something is, on a terminal alone, and one that can do it: one line that is written again. */
import type { WriteStream } from 'node:tty'

export interface Progress {
  readonly show: (text: string) => void
  /** Takes the line away. */
  readonly clear: () => void
}

const CLEAR_LINE = '\r\u001b[2K'

export function progressOn(stream: Pick<WriteStream, 'isTTY' | 'write'>): Progress {
  let isShown = false
  return {
    show: (text) => {
      if (!stream.isTTY || process.env.TERM === 'dumb') return
      stream.write(`${CLEAR_LINE}${text}`)
      isShown = true
    },
    clear: () => {
      if (isShown) stream.write(CLEAR_LINE)
      isShown = false
    },
  }
}
