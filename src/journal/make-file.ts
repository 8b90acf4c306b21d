/**
 * Makes a file that was not there: what it holds is on the disk when this comes back, its name is not. A disk that is full leaves nothing
 * of it, and says `disk_full`; any other failure leaves what there is, for nobody knows what that is.
 */
import type { Disk, DiskFile } from '../ports/disk.ts'
import { diskFull, isFull } from '../ports/system-error.ts'
import { PIECE_BYTES } from './window.ts'

export async function makeFile(disk: Disk, path: string, fill: (file: DiskFile) => Promise<void>): Promise<DiskFile> {
  let file: DiskFile | undefined
  try {
    file = await disk.open(path, 'create')
    await fill(file)
    await file.datasync()
    return file
  } catch (error) {
    await file?.close()
    if (!isFull(error)) throw error
    // What is left of the disk is for others.
    if (file !== undefined) await disk.unlink(path)
    throw diskFull(path, error)
  }
}

/** Zeros from here to there. Every piece is synced by itself: a sync of many would hold up those of the file that is in use. */
export async function fillWithZeros(file: DiskFile, from: number, to: number, mayGoOn: () => void): Promise<void> {
  const zeros = new Uint8Array(Math.min(PIECE_BYTES, Math.max(0, to - from)))
  for (let at = from; at < to; at += zeros.length) {
    await file.write(at, zeros.subarray(0, Math.min(zeros.length, to - at)))
    mayGoOn()
    await file.datasync()
    mayGoOn()
  }
}

/** The bytes from here to there, at the same place in another file or moved. */
export async function copyBytes(
  source: DiskFile,
  from: number,
  to: number,
  target: DiskFile,
  at: number,
): Promise<void> {
  for (let done = from; done < to; done += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, to - done)
    const piece = await source.read(done, length)
    if (piece.length !== length)
      throw new Error(`a file became shorter while it was read: it has no byte ${done + piece.length}`)
    await target.write(at + done - from, piece)
  }
}
