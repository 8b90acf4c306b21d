/** Bytes that are zero: what a journal file has ahead of its end, and what a sector that was never written reads as. */
import { SECTOR } from '../limits.ts'

const ZEROS: Buffer = Buffer.alloc(64 << 10)

/** Nothing but zeros from here to there. */
export function isZero(bytes: Uint8Array, from: number = 0, to: number = bytes.length): boolean {
  // Nearly all bytes that are asked for are not, and their first one says so.
  if (from < to && bytes[from] !== 0) return false
  for (let at = from; at < to; at += ZEROS.length) {
    const end = Math.min(to, at + ZEROS.length)
    if (ZEROS.compare(bytes, at, end, 0, end - at) !== 0) return false
  }
  return true
}

/** How many sectors of these are all zero; `from` is where one begins. */
export function zeroSectors(bytes: Uint8Array, from: number = 0, to: number = bytes.length): number {
  let count = 0
  for (let at = from; at < to; at += SECTOR) if (isZero(bytes, at, Math.min(to, at + SECTOR))) count++
  return count
}
