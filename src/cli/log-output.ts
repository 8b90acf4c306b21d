/**
 * Where a log is written that goes on for years: the chain waits neither for who reads it nor for room on its disk. Lines that find no place are left
 * out, and the next one that finds some says how many they were.
 */
import type { DestinationStream } from 'pino'
import { LOG_BYTES_MAX } from '../limits.ts'

/** What of a stream is needed. One that fails goes on, as standard error does. */
interface Output {
  /** Bytes that wait to be written. */
  readonly writableLength: number
  write(text: string, done: (error?: Error | null) => void): unknown
}

const asItIs = (line: string): string => line

export function logOn(output: Output, shown: (line: string) => string = asItIs): DestinationStream {
  let lost = 0
  return {
    write(line: string): void {
      if (output.writableLength > LOG_BYTES_MAX) {
        lost++
        return
      }
      const before = lost
      lost = 0
      output.write((before === 0 ? '' : shown(lostLine(before))) + shown(line), (error) => {
        if (error) lost += before + 1
      })
    },
  }
}

/** As pino writes them. */
function lostLine(lost: number): string {
  const msg = `Lines of this log that could not be written, and are lost: ${lost}. See to its disk, or to who reads it.`
  return `${JSON.stringify({ level: 40, time: Date.now(), code: 'log_lost', lost, msg })}\n`
}
