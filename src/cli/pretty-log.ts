/** The server's log on a terminal: a line for people out of each line of JSON. */
import { escaped } from '../verify/meaning.ts'
import type { Style } from './terminal.ts'

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

export function prettyLine(style: Style): (line: string) => string {
  return (line) => {
    const { level, time, msg = '', ...rest } = JSON.parse(line) as { level: number; time: number; msg?: string }
    const name = (LEVELS[level] ?? String(level)).padEnd(5)
    const colour = level >= 50 ? style.bad : level >= 40 ? style.strong : style.faint
    const details = Object.entries(rest).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const clock = new Date(time).toISOString().slice(11, 19)
    const words = `${style.faint(clock)} ${colour(name)} ${escaped(msg)} ${style.faint(escaped(details.join(' ')))}`
    return `${words.trimEnd()}\n`
  }
}
