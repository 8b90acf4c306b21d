/**
 * Where a passphrase comes from: a terminal, a file or a file descriptor. Never an argument or the environment, which other processes read.
 *
 * Promise: it is bounded, the newline that ends it is cut, and what comes back is bytes that the caller wipes.
 */
import { close, fstat, open, read, type Stats } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { fromUtf8 } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { demandPrivateMode } from './secret-file.ts'

export const PASSPHRASE_BYTES_MAX = 1024
const NEWLINE = 0x0a
const RETURN = 0x0d
const BYTE_ORDER_MARK = '\ufeff'
/** A descriptor that does not wait answers so when there is nothing yet. */
const NOTHING_YET = 'EAGAIN'
const PAUSE = 20

/** The first line of a file that only its owner reads, and the only one. A pipe is a file, too. */
export async function passphraseFromFile(path: string): Promise<Uint8Array> {
  const descriptor = await readable(path, promisify(open)(path, 'r'))
  try {
    return await readFrom(descriptor, path)
  } finally {
    await promisify(close)(descriptor)
  }
}

/** What a descriptor gives until its end, that the shell or a parent process opened: `3<passphrase`, or a pipe. It stays open. */
export async function passphraseFromDescriptor(descriptor: number): Promise<Uint8Array> {
  if (!Number.isSafeInteger(descriptor) || descriptor < 0 || descriptor >= 2 ** 31) {
    throw invalid('the descriptor is not a number that a descriptor can have')
  }
  return readFrom(descriptor, `the descriptor ${descriptor}`)
}

async function readFrom(descriptor: number, name: string): Promise<Uint8Array> {
  const found: Stats = await readable(name, promisify(fstat)(descriptor))
  if (isatty(descriptor)) throw invalid(`${name} is a terminal, which would show it: leave the option out to be asked`)
  if (found.isDirectory()) throw invalid(`${name} is a directory`)
  // A descriptor that nobody opened for this may be one of Node's own, of which some are never done.
  const isFileOrPipe = found.isFile() || found.isFIFO() || found.isSocket() || found.isCharacterDevice()
  if (!isFileOrPipe)
    throw invalid(`${name} is no file and no pipe: open one there, as 3<file does for the descriptor 3`)
  // What runs through a pipe is read once; some systems give every pipe a mode for groups.
  if (found.isFile()) demandPrivateMode(name, { mode: found.mode, isDirectory: false })
  // One more than may be there, and what ends the line.
  const bytes = new Uint8Array(PASSPHRASE_BYTES_MAX + 3)
  try {
    let size = 0
    while (size < bytes.length) {
      const more = await readable(name, readSome(descriptor, bytes, size))
      if (more === 0) break
      size += more
    }
    return passphraseOf(bytes.subarray(0, size), name)
  } finally {
    bytes.fill(0)
  }
}

async function readSome(descriptor: number, bytes: Uint8Array, at: number): Promise<number> {
  for (;;) {
    try {
      const { bytesRead } = await promisify(read)(descriptor, bytes, at, bytes.length - at, null)
      return bytesRead
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === NOTHING_YET)) throw error
      await sleep(PAUSE)
    }
  }
}

/** What the system says where something is not there, or not ours to read, for a person. */
async function readable<T>(name: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'the system says no more'
    throw invalid(`${name} cannot be read (${why})`)
  }
}

/** A copy of what is given, without the end of its line. */
export function passphraseOf(given: Uint8Array, from: string): Uint8Array {
  let end = given.length
  if (given[end - 1] === NEWLINE) end -= given[end - 2] === RETURN ? 2 : 1
  const bytes = given.subarray(0, end)
  if (bytes.length === 0) throw invalid(`${from} gives none`)
  if (bytes.length > PASSPHRASE_BYTES_MAX) throw invalid(`${from} gives more than ${PASSPHRASE_BYTES_MAX} bytes`)
  if (bytes.includes(NEWLINE) || bytes.includes(0)) throw invalid(`${from} gives more than one line`)
  const text = fromUtf8(bytes)
  if (text === undefined || text.startsWith(BYTE_ORDER_MARK)) {
    throw invalid(`${from} does not give plain UTF-8, so that no other wallet could be told the same`)
  }
  return bytes.slice()
}

function invalid(why: string): CairnError {
  return new CairnError('passphrase_invalid', `No passphrase was given: ${why}.`, { why })
}
