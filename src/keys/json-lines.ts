/** The lines of a stream, bounded, and lines written to one: what two processes say to each other over a pipe. */
import type { Readable, Writable } from 'node:stream'
import { overLimit } from '../verify/fault.ts'

const LINE_BYTES_MAX: number = 64 << 10
const NEWLINE = 0x0a

/** The other side went away in the middle. */
const CLOSED = 'ERR_STREAM_PREMATURE_CLOSE'

/** Without what ends them. What follows the last newline when the stream ends was cut off, and is left out. */
export async function* linesOf(input: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* whole(input)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === CLOSED)) throw error
  }
}

async function* whole(input: Readable): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield bounded(rest.subarray(0, end))
      rest = rest.subarray(end + 1)
    }
    bounded(rest)
  }
}

function bounded(line: Uint8Array): Uint8Array {
  if (line.length > LINE_BYTES_MAX) throw overLimit('the line', LINE_BYTES_MAX, line.length)
  return line
}

/** Comes back when it is handed over. */
export function writeLine(output: Writable, value: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(`${JSON.stringify(value)}\n`, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
