/**
 * The directory of a chain as a source: read without its lock and without writing anything, also while a producer is at work in it.
 *
 * Promise: what it gives is a snapshot of what was whole. The files are those that were there when reading began; of the newest one it
 * gives what had become whole until it got there. What its end means is judged as a start would (FORMAT §10): a torn frame is told, and
 * no fault; anything else that is neither whole nor zero is one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type JournalFile, openFile, openIfThere } from '../journal/file.ts'
import { fileName } from '../journal/file-name.ts'
import { frameLength, HEAD_BYTES, readHead, readPayload } from '../journal/frame.ts'
import { frameEndsAt, judgeTail } from '../journal/judge.ts'
import { firstHeights, holdsNothing } from '../journal/open.ts'
import type { JournalHome } from '../journal/settings.ts'
import { Window } from '../journal/window.ts'
import { FRAME_MAX, SECTOR } from '../limits.ts'
import { readGenesis } from '../pipeline/genesis-file.ts'
import type { Disk } from '../ports/disk.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import type { SharedBytes } from '../ports/workers.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import type { Genesis } from '../verify/types.ts'
import type { AuditSource, Frames, PackedFrames, SourceFault, SourceItem, Spot } from './source.ts'

const PIECE_BYTES: number = 2 << 20
/** More than an audit has on their way; whoever gives none back gets buffers of their own behind these. */
const ROOMS_MAX = 32
/** How often, and after how long, an end that is not clean is looked at again: a producer may be writing there. */
const LOOKS = 3
const PAUSE = 100

export interface JournalOutside {
  readonly disk?: Disk
  /** Waits so many milliseconds. */
  readonly pause?: (milliseconds: number) => Promise<unknown>
  /** How much is read and handed on at a time; a longer frame comes alone. */
  readonly pieceBytes?: number
}

export async function journalSource(
  directory: string,
  hasher: Hasher,
  { disk = nodeDisk, pause = sleep, pieceBytes = PIECE_BYTES }: JournalOutside = {},
): Promise<AuditSource> {
  const genesis = await readGenesis(disk, directory)
  const { chainId } = identify(genesis, hasher)
  return new JournalSource(genesis, { disk, directory: `${directory}/journal`, chainId }, pause, pieceBytes)
}

class JournalSource implements AuditSource {
  readonly genesis: Genesis
  readonly from = 0n
  readonly authority = []
  readonly isLive = true
  size: number | undefined
  bytesRead = 0
  private readonly place: JournalHome
  private readonly pause: (milliseconds: number) => Promise<unknown>
  private readonly pieceBytes: number
  /** Used again and again, and shared with the threads that examine: a buffer for each piece would be most of what is to be collected. */
  private readonly rooms: SharedBytes[] = []
  private roomsMade = 0

  constructor(
    genesis: Genesis,
    place: JournalHome,
    pause: (milliseconds: number) => Promise<unknown>,
    pieceBytes: number,
  ) {
    this.genesis = genesis
    this.place = place
    this.pause = pause
    this.pieceBytes = pieceBytes
  }

  async *items(from?: Spot | bigint): AsyncGenerator<SourceItem> {
    try {
      const firsts = firstHeights(await this.place.disk.list(this.place.directory))
      yield* this.itemsOf(firsts, from)
    } catch (error) {
      // What is refused is no fault of the chain.
      if (!(error instanceof CairnError) || error.code === 'resume_refused') throw error
      yield faultOf(error)
    }
  }

  private newRoom(): SharedBytes | undefined {
    if (this.roomsMade === ROOMS_MAX) return undefined
    this.roomsMade++
    return new Uint8Array(new SharedArrayBuffer(this.pieceBytes))
  }

  release(frames: Frames): void {
    if (frames.kind !== 'packed' || !(frames.bytes.buffer instanceof SharedArrayBuffer)) return
    this.rooms.push(new Uint8Array(frames.bytes.buffer))
  }

  private async *itemsOf(firsts: readonly bigint[], from: Spot | bigint | undefined): AsyncGenerator<SourceItem> {
    const newest = await this.newestWritten(firsts)
    const begin = beginningOf(firsts, from)
    this.size = await this.sizeOf(firsts.slice(begin.file))
    for (const [i, first] of firsts.entries()) {
      if (i < begin.file) continue
      // Behind the newest file that holds a frame there are only such as were made for what comes next.
      const isNext = i > newest
      const opened = await (isNext ? openIfThere : openFile)(this.place, first)
      if (opened === undefined) continue
      try {
        const offset = i === begin.file ? begin.offset : SECTOR
        if (offset === SECTOR) yield { kind: 'file', ...spot(first, 0), first }
        else await demandReached(opened, offset)
        if (isNext) continue
        const { salt } = opened
        if (salt === undefined)
          yield { kind: 'fault', ...spot(first, 0), reason: 'its header is not whole', height: first }
        else yield* this.framesOf({ ...opened, salt }, offset, i === newest)
      } finally {
        await opened.file.close()
      }
    }
  }

  /** The newest file that holds more than a header. */
  private async newestWritten(firsts: readonly bigint[]): Promise<number> {
    for (let i = firsts.length - 1; i >= 0; i--) {
      const opened = await openIfThere(this.place, firsts[i] as bigint)
      if (opened === undefined) continue
      try {
        if (!(await holdsNothing(opened))) return i
      } finally {
        await opened.file.close()
      }
    }
    return -1
  }

  private async sizeOf(firsts: readonly bigint[]): Promise<number> {
    let size = 0
    for (const first of firsts) {
      const opened = await openIfThere(this.place, first)
      size += opened?.size ?? 0
      await opened?.file.close()
    }
    return size
  }

  private async *framesOf(
    opened: JournalFile & { readonly salt: Uint8Array },
    offset: number,
    isNewest: boolean,
  ): AsyncGenerator<SourceItem> {
    const { file, first, salt } = opened
    let at = offset
    for (let looks = 1; ; ) {
      const packed = await this.nextFrames(opened, at)
      if (typeof packed !== 'string') {
        looks = 1
        at += packed.bytes.length
        this.bytesRead += packed.bytes.length
        yield packed
        continue
      }
      // Read anew each time: what was read a moment ago may be half of what was written since.
      const size = await file.size()
      const { state } = await judgeTail(new Window(file, size), salt, at)
      if (state === 'ended') {
        this.bytesRead += size - at
        return
      }
      if (isNewest && looks < LOOKS) {
        looks++
        await this.pause(PAUSE)
        continue
      }
      const isTorn = isNewest && state === 'torn'
      yield isTorn ? { kind: 'torn', ...spot(first, at) } : { kind: 'fault', ...spot(first, at), reason: packed }
      return
    }
  }

  /** As many frames as a piece holds, one at least; or what keeps the first one from being as it was written. */
  private async nextFrames(
    { file, first, salt }: JournalFile & { readonly salt: Uint8Array },
    at: number,
  ): Promise<PackedFrames | string> {
    const room = this.rooms.pop() ?? this.newRoom()
    let piece = await file.read(at, this.pieceBytes, room)
    const head = readHead(piece, salt, at)
    const length = head === undefined ? 0 : frameLength(head.length)
    if (length > piece.length && length <= FRAME_MAX) piece = await file.read(at, length)
    const written = writtenFrames(piece, salt, at)
    if (room !== undefined && (typeof written === 'string' || piece.buffer !== room.buffer)) this.rooms.push(room)
    return typeof written === 'string'
      ? written
      : { kind: 'packed', ...spot(first, at), bytes: piece.subarray(0, written) }
  }
}

/** The bytes that the frames take which begin the piece, each as it was written. */
function writtenFrames(piece: Uint8Array, salt: Uint8Array, offset: number): number | string {
  let at = 0
  let wrong = 'the file ends inside the frame'
  while (at < piece.length) {
    const head = readHead(piece.subarray(at, at + HEAD_BYTES), salt, offset + at)
    const end = at + frameLength(head?.length ?? 0)
    const payload = head === undefined ? 'no frame begins there' : readPayload(piece.subarray(at, end), head)
    if (typeof payload === 'string') {
      wrong = payload
      break
    }
    at = end
  }
  return at > 0 ? at : wrong
}

function beginningOf(
  firsts: readonly bigint[],
  from: Spot | bigint | undefined,
): { readonly file: number; readonly offset: number } {
  if (from === undefined) return { file: 0, offset: SECTOR }
  if (typeof from === 'bigint') {
    const file = firsts.findLastIndex((first) => first <= from)
    return { file: Math.max(0, file), offset: SECTOR }
  }
  const file = firsts.findIndex((first) => spot(first, 0).file === from.file)
  if (file >= 0) return { file, offset: from.offset }
  throw new CairnError('journal_gap', `The file ${from.file} is not there any more.`, {
    file: from.file,
    reason: 'it is not there any more',
  })
}

/** Where an audit goes on a frame ends, whatever is in it. In an older copy, or in a file that was repaired since, none does. */
async function demandReached(opened: JournalFile, offset: number): Promise<void> {
  if (await frameEndsAt(opened, offset)) return
  const { file } = spot(opened.first, 0)
  const why = `no whole frame of ${file} ends at ${offset}, which was noted`
  const message = `The audit cannot go on: ${why}. It is an older copy than the one that was read, or was repaired or damaged since. Delete the file of what was noted to begin anew, or name another one.`
  throw new CairnError('resume_refused', message, { file, why })
}

function spot(first: bigint, offset: number): Spot {
  return { file: `journal/${fileName(first)}`, offset }
}

/** What is wrong with a file of a journal, as those who open one say it. */
function faultOf({ message, details }: CairnError): SourceFault {
  const { file, offset, reason, height } = details
  return {
    kind: 'fault',
    file: typeof file === 'string' ? `journal/${file}` : 'journal',
    offset: typeof offset === 'number' ? offset : 0,
    reason: typeof reason === 'string' ? reason : message,
    ...(typeof height === 'bigint' && { height }),
  }
}
