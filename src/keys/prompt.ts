/**
 * Asking for a passphrase on a terminal: nothing that is typed is shown, and a new one is asked for twice.
 *
 * Promise: the terminal is as it was before, however it ends; what was typed is wiped but for the answer, which is the caller's to wipe.
 */
import { constants, openSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { PASSPHRASE_BYTES_MAX, passphraseOf } from './passphrase.ts'

/** What a terminal is here: `process.stdin` and `process.stderr` are one, where they are. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { setRawMode(isRaw: boolean): unknown; unshift(bytes: Uint8Array): unknown }
  readonly output: { write(text: string): unknown }
  /** Gives back what was opened for it. */
  readonly close: () => void
}

export interface Question {
  /** What it opens, as a person calls it: `the hot key of index 3`. */
  readonly of: string
  /** It is made now, so it is asked for twice. */
  readonly isNew: boolean
}

const TRIES = 3

/** The terminal that this process was started from, whatever its standard input is; `passphrase_needed` where there is none. */
export function openTerminal(): Terminal {
  if (process.stdin.isTTY && process.stderr.isTTY) {
    return { input: process.stdin, output: process.stderr, close: () => undefined }
  }
  try {
    const input = new ReadStream(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY))
    const output = new WriteStream(openSync('/dev/tty', constants.O_WRONLY | constants.O_NOCTTY))
    const close = (): void => {
      input.destroy()
      output.destroy()
    }
    return { input, output, close }
  } catch {
    throw new CairnError(
      'passphrase_needed',
      'A passphrase is needed and there is no terminal to ask at: give a file or a file descriptor that holds it.',
    )
  }
}

export async function askPassphrase(terminal: Terminal, { of, isNew }: Question): Promise<Uint8Array> {
  if (!isNew) return passphraseOf(await askOnce(terminal, `Passphrase of ${of}: `), 'the terminal')
  for (let tried = 1; ; tried++) {
    const first = passphraseOf(await askOnce(terminal, `New passphrase of ${of}: `), 'the terminal')
    const second = await askOnce(terminal, 'The same again: ')
    const isSame = equal(first, second)
    second.fill(0)
    if (isSame) return first
    first.fill(0)
    if (tried === TRIES) throw cancelled('the two were not the same')
    terminal.output.write('They are not the same.\n')
  }
}

async function askOnce({ input, output }: Terminal, text: string): Promise<Uint8Array> {
  const line = new HiddenLine()
  input.setRawMode(true)
  try {
    output.write(text)
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void): void => {
        input.off('data', onData).off('end', onEnd).off('error', onError)
        input.pause()
        end()
      }
      const onData = (chunk: Buffer | string): void => {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
        const taken = line.take(bytes)
        bytes.fill(0, 0, taken)
        const rest = bytes.subarray(taken)
        if (line.state === 'open') return
        settle(() => (line.state === 'done' ? resolve() : reject(cancelled('it was broken off'))))
        // Back only when nobody listens here any more: it is for whoever reads next.
        if (rest.length > 0) input.unshift(rest)
      }
      const onEnd = (): void => settle(() => reject(cancelled('the terminal was closed')))
      const onError = (error: Error): void => settle(() => reject(error))
      input.on('data', onData).on('end', onEnd).on('error', onError)
      input.resume()
    })
    return line.bytes()
  } finally {
    line.wipe()
    input.setRawMode(false)
    output.write('\n')
  }
}

const END_OF_TEXT = 0x03
const END_OF_INPUT = 0x04
const BACKSPACE = 0x08
const NEWLINE = 0x0a
const RETURN = 0x0d
const CLEAR = 0x15
const ESCAPE = 0x1b
const DELETE = 0x7f
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** A line as a terminal in raw mode sends it, with the keys that correct it. */
class HiddenLine {
  state: 'open' | 'done' | 'cancelled' = 'open'
  // Room for one byte too many, which is refused when the line ends.
  private readonly buffer = new Uint8Array(PASSPHRASE_BYTES_MAX + 1)
  private size = 0
  private escape: 'none' | 'begun' | 'inside' = 'none'

  /** How many of the bytes belong to this line. */
  take(bytes: Uint8Array): number {
    for (const [i, byte] of bytes.entries()) {
      this.key(byte)
      if (this.state !== 'open') return i + 1
    }
    return bytes.length
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.size)
  }

  wipe(): void {
    this.buffer.fill(0)
    this.size = 0
  }

  private key(byte: number): void {
    if (this.escape !== 'none') this.skip(byte)
    else if (byte === NEWLINE || byte === RETURN) this.state = 'done'
    else if (byte === END_OF_TEXT) this.state = 'cancelled'
    else if (byte === END_OF_INPUT) this.state = this.size === 0 ? 'cancelled' : 'done'
    else if (byte === CLEAR) this.wipe()
    else if (byte === BACKSPACE || byte === DELETE) this.erase()
    else if (byte === ESCAPE) this.escape = 'begun'
    else if (byte >= 0x20 && this.size < this.buffer.length) this.buffer[this.size++] = byte
  }

  /** The arrows and their like are no part of a passphrase. */
  private skip(byte: number): void {
    const goesOn = this.escape === 'begun' ? byte === 0x5b || byte === 0x4f : byte < 0x40 || byte > 0x7e
    this.escape = goesOn ? 'inside' : 'none'
  }

  /** One character, of however many bytes. */
  private erase(): void {
    while (isContinuation(this.buffer[this.size - 1])) this.size--
    if (this.size > 0) this.size--
    this.buffer.fill(0, this.size)
  }
}

function cancelled(why: string): CairnError {
  return new CairnError('passphrase_cancelled', `No passphrase was taken: ${why}.`, { why })
}
