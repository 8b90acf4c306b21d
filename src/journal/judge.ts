/**
 * Where the frames of a file end, and what it means (FORMAT §10): the log ends there, or a power cut tore the newest frame, or what was
 * acknowledged is damaged. In memory for a frame and a piece of the file, whatever the file holds.
 */
import { FRAME_MAX, SECTOR } from '../limits.ts'
import type { FrameRecords } from '../ports/commit-log.ts'
import type { JournalFile } from './file.ts'
import { type FrameHead, frameLength, HEAD_BYTES, readHead, readPayload, readShaped } from './frame.ts'
import { PIECE_BYTES, Window } from './window.ts'
import { isZero, zeroSectors } from './zeros.ts'

export interface Frame extends FrameRecords {
  /** In its file, padding and all. */
  readonly length: number
}

/** What lies where no whole frame begins. `until` is the end of the last sector there that is not zero. */
export type Tail =
  | { readonly state: 'ended' }
  | { readonly state: 'torn'; readonly until: number }
  | { readonly state: 'corrupt' }

/** The whole frame at this offset, or what keeps it from being one. */
export async function frameIn(window: Window, salt: Uint8Array, offset: number): Promise<Frame | string> {
  const head = readHead(await window.bytes(offset, HEAD_BYTES), salt, offset)
  if (head === undefined) return 'no frame begins there'
  return frameOf(window, head, offset)
}

/** The length of the frame at this offset, if it is as it was written, whatever it decodes to. */
export async function writtenLength(window: Window, salt: Uint8Array, offset: number): Promise<number | undefined> {
  const head = readHead(await window.bytes(offset, HEAD_BYTES), salt, offset)
  const length = frameLength(head?.length ?? 0)
  if (head === undefined || length > FRAME_MAX) return undefined
  return typeof readPayload(await window.bytes(offset, length), head) === 'string' ? undefined : length
}

async function frameOf(window: Window, head: FrameHead, offset: number): Promise<Frame | string> {
  const length = frameLength(head.length)
  // Before memory is taken for it.
  if (length > FRAME_MAX) return 'the frame is longer than a file'
  const payload = readPayload(await window.bytes(offset, length), head)
  const read = typeof payload === 'string' ? payload : readShaped(payload)
  return typeof read === 'string' ? read : { length, ...read }
}

/** What the rest of a file is, from the first frame on that is not whole, where no later file holds a frame. */
export async function judgeTail(window: Window, salt: Uint8Array, offset: number): Promise<Tail> {
  const until = await nonZeroEnd(window, offset)
  if (until === offset) return { state: 'ended' }
  const isTorn = (await lacksSectors(window, salt, offset, until)) && !(await wholeFrameFollows(window, salt, offset))
  return isTorn ? { state: 'torn', until } : { state: 'corrupt' }
}

/** The end of the last sector that is not zero, from an offset on; that offset where there is none. */
async function nonZeroEnd(window: Window, offset: number): Promise<number> {
  let end = offset
  for (let at = offset; at < window.size; at += PIECE_BYTES) {
    const piece = await window.glimpse(at)
    if (isZero(piece)) continue
    let last = piece.length - 1
    while (piece[last] === 0) last--
    end = Math.min(window.size, at + Math.ceil((last + 1) / SECTOR) * SECTOR)
  }
  return end
}

/** Whether sectors of the frame at this offset were never written: its first one, or such as its head counts. */
async function lacksSectors(window: Window, salt: Uint8Array, offset: number, until: number): Promise<boolean> {
  const first = await window.bytes(offset, SECTOR)
  if (isZero(first)) return true
  const head = readHead(first, salt, offset)
  if (head === undefined) return false
  const end = offset + frameLength(head.length)
  if (until > end) return false
  return end > window.size || (await countZeroSectors(window, offset, end)) > head.zeroSectors
}

/** Whether a frame ends there that is as it was written. Heads are looked for from there back: what lies before it says nothing of how long it is. */
export async function frameEndsAt({ file, size, salt }: JournalFile, end: number): Promise<boolean> {
  if (salt === undefined || end > size) return false
  const window = new Window(file, end)
  for (let to = end; to > SECTOR; ) {
    const from = Math.max(SECTOR, to - PIECE_BYTES)
    const piece = await window.bytes(from, to - from)
    for (let i = piece.length - SECTOR; i >= 0; i -= SECTOR) {
      const head = readHead(piece.subarray(i, i + HEAD_BYTES), salt, from + i)
      const isLast = head !== undefined && from + i + frameLength(head.length) === end
      if (isLast) return (await writtenLength(window, salt, from + i)) !== undefined
    }
    to = from
  }
  return false
}

async function countZeroSectors(window: Window, from: number, to: number): Promise<number> {
  let count = 0
  for (let at = from; at < to; at += PIECE_BYTES) {
    count += zeroSectors(await window.bytes(at, Math.min(PIECE_BYTES, to - at)))
  }
  return count
}

/** Whether a whole frame begins at any later sector. Heads are looked at first: nearly nothing passes for one. */
export async function wholeFrameFollows(window: Window, salt: Uint8Array, offset: number): Promise<boolean> {
  for (let at = offset + SECTOR; at < window.size; at += PIECE_BYTES) {
    const piece = await window.bytes(at, PIECE_BYTES)
    for (let i = 0; i + HEAD_BYTES <= piece.length; i += SECTOR) {
      // A head without a length is none of a whole frame.
      if (isZero(piece, i, i + 4)) continue
      const head = readHead(piece.subarray(i, i + HEAD_BYTES), salt, at + i)
      if (head !== undefined && typeof (await frameOf(window, head, at + i)) !== 'string') return true
    }
  }
  return false
}
