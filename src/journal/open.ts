/**
 * What a journal holds, looked at and not touched: its files, where the newest one ends, and how. The files before the newest are
 * taken at their headers; whoever reads them judges their frames.
 */
import { SECTOR } from '../limits.ts'
import type { Place } from '../ports/commit-log.ts'
import { journalCorrupt, journalGap } from './faults.ts'
import { damagedHeader, type JournalFile, openFile } from './file.ts'
import { claimsToBeJournal, doubtName, heightOfName } from './file-name.ts'
import { frameIn, judgeTail, writtenLength } from './judge.ts'
import { closedAt, Line } from './line.ts'
import type { JournalHome } from './settings.ts'
import { PIECE_BYTES, Window } from './window.ts'
import { isZero } from './zeros.ts'

export interface Found {
  /** `clean`: a close record is the last thing in it; `empty`: it has no frame at all. */
  readonly state: 'empty' | 'clean' | 'unclean' | 'torn'
  /** Of the newest whole block: −1 where there is none, and one less than the first of the journal where that was cut off before. */
  readonly height: bigint
  /** Where the oldest file begins. */
  readonly first: bigint
  /** Where the next frame goes. */
  readonly end: Place
  /** Where each file begins, those without a frame left out. */
  readonly files: readonly bigint[]
  /** And those: they come last, and a takeover takes them away. */
  readonly empty: readonly bigint[]
}

export interface Looked {
  readonly found: Found
  /** Where the bytes of the torn frame end. */
  readonly tornUntil: number | undefined
  /** Where the frame of the newest file begins that is its last. */
  readonly lastFrame: number
}

interface Newest {
  readonly state: 'clean' | 'unclean' | 'torn'
  readonly next: bigint
  readonly offset: number
  readonly tornUntil: number | undefined
  readonly lastFrame: number
}

export async function look(settings: JournalHome): Promise<Looked> {
  const names = await settings.disk.list(settings.directory)
  const files = firstHeights(names)
  const empty: bigint[] = []
  let newest: Newest | undefined
  for (const first of files.toReversed()) {
    const opened = await openFile(settings, first)
    try {
      if (newest !== undefined) demandHeader(opened)
      else if (await holdsNothing(opened)) empty.unshift(first)
      else newest = believed(await judgeNewest(opened), names.includes(doubtName(first)))
    } finally {
      await opened.file.close()
    }
  }
  const line = new Line(newest?.next)
  for (const first of empty) line.enter(first)
  const found = foundOf(files.slice(0, files.length - empty.length), empty, newest)
  return { found, tornUntil: newest?.tornUntil, lastFrame: newest?.lastFrame ?? SECTOR }
}

/** A close record says that all before it was synced, and nothing of a file that a repair put in place since. */
function believed(newest: Newest, isInDoubt: boolean): Newest {
  return isInDoubt && newest.state === 'clean' ? { ...newest, state: 'unclean' } : newest
}

function foundOf(files: readonly bigint[], empty: readonly bigint[], newest: Newest | undefined): Found {
  const [first] = files
  const last = files.at(-1)
  if (newest === undefined || first === undefined || last === undefined) {
    return { state: 'empty', height: -1n, first: 0n, end: { file: 0n, offset: SECTOR }, files: [], empty }
  }
  const { state, next, offset } = newest
  return { state, height: next - 1n, first, end: { file: last, offset }, files, empty }
}

/** Where the files begin that these names are of, in their order. */
export function firstHeights(names: readonly string[]): bigint[] {
  const firsts: bigint[] = []
  for (const name of names) {
    const first = heightOfName(name)
    if (first !== undefined) firsts.push(first)
    else if (claimsToBeJournal(name)) throw journalGap(name, 'it has no name of a journal file')
  }
  // Names have one length: their order is that of their heights.
  return firsts
}

function demandHeader({ first, salt }: JournalFile): Uint8Array {
  if (salt === undefined) throw damagedHeader(first)
  return salt
}

/** Nothing but zeros behind the header, and under it too where it was not written yet. */
export async function holdsNothing({ file, size }: JournalFile): Promise<boolean> {
  const window = new Window(file, size)
  for (let at = SECTOR; at < size; at += PIECE_BYTES) if (!isZero(await window.bytes(at, PIECE_BYTES))) return false
  return true
}

async function judgeNewest(opened: JournalFile): Promise<Newest> {
  const { file, first, size } = opened
  const salt = demandHeader(opened)
  const window = new Window(file, size)
  return (await judgeClosed(window, salt, first)) ?? judgeFrames(window, salt, first)
}

/**
 * The newest file of a clean stop, as nearly every start finds it: every frame is as it was written, the last one closes the log, and zeros
 * follow. Decoding all of them would take most of the time of such a start, and could only find what was wrong when it was written; whoever
 * reads a frame decodes it.
 */
async function judgeClosed(window: Window, salt: Uint8Array, first: bigint): Promise<Newest | undefined> {
  const offsets: number[] = []
  let offset = SECTOR
  let length = await writtenLength(window, salt, offset)
  while (length !== undefined) {
    offsets.push(offset)
    offset += length
    length = await writtenLength(window, salt, offset)
  }
  const lastFrame = offsets.pop()
  if (lastFrame === undefined || (await judgeTail(window, salt, offset)).state !== 'ended') return undefined
  const closed = closedAt(await recordsIn(window, salt, lastFrame))
  if (closed === undefined) return undefined
  // The block that it names stands a frame or two before it.
  for (const before of offsets.slice(-NEAR).toReversed()) {
    const line = new Line(undefined)
    line.follow(first, await recordsIn(window, salt, before))
    if (line.next === closed + 1n) return { state: 'clean', next: line.next, offset, tornUntil: undefined, lastFrame }
    if (line.next !== undefined) return undefined
  }
  return undefined
}

/** How many frames before the close record are looked through for its block: seals may have some of their own. */
const NEAR = 8

async function recordsIn(window: Window, salt: Uint8Array, offset: number): Promise<readonly unknown[]> {
  const frame = await frameIn(window, salt, offset)
  return typeof frame === 'string' ? [] : frame.records
}

async function judgeFrames(window: Window, salt: Uint8Array, first: bigint): Promise<Newest> {
  const line = new Line(first)
  let isClosed = false
  let lastFrame = SECTOR
  let offset = SECTOR
  let frame = await frameIn(window, salt, offset)
  while (typeof frame !== 'string') {
    line.follow(first, frame.records)
    isClosed = closedAt(frame.records) === (line.next ?? 0n) - 1n
    lastFrame = offset
    offset += frame.length
    frame = await frameIn(window, salt, offset)
  }
  const tail = await judgeTail(window, salt, offset)
  const next = line.next ?? first
  if (tail.state === 'corrupt') throw journalCorrupt({ file: first, offset }, next, frame)
  if (tail.state === 'torn') {
    // A close record before it goes with it. The file is written again, and must not look like one of a clean stop before its name was synced.
    return { state: 'torn', next, offset: isClosed ? lastFrame : offset, tornUntil: tail.until, lastFrame }
  }
  return { state: isClosed ? 'clean' : 'unclean', next, offset, tornUntil: undefined, lastFrame }
}
