/** The lines of a stream, one by one and bounded: what has no end of line does not fill the memory. */
import { CairnError } from '../verify/index.ts'

export interface Line {
  /** From 1 on. */
  readonly number: number
  /** Without what ends the line. */
  readonly bytes: Uint8Array
}

const NEWLINE = 0x0a
const RETURN = 0x0d

export async function* linesOf(stream: AsyncIterable<Uint8Array>, max: number): AsyncGenerator<Line> {
  let number = 1
  let pieces: Uint8Array[] = []
  let size = 0
  const add = (piece: Uint8Array): void => {
    size += piece.length
    if (size > max) throw tooLong(number, max)
    pieces.push(piece)
  }
  const take = (): Line => {
    const bytes = Buffer.concat(pieces)
    const line = { number, bytes: bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes }
    number++
    pieces = []
    size = 0
    return line
  }
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end))
      from = end + 1
      yield take()
    }
    if (from < chunk.length) add(chunk.subarray(from))
  }
  if (size > 0) yield take()
}

function tooLong(line: number, limit: number): CairnError {
  return new CairnError('over_limit', `line ${line}: it is longer than the ${limit} bytes that a line may have`, {
    line,
    limit,
  })
}
