/** A file that is read in order, a large piece at a time, so that a small frame costs no system call of its own. */
import type { DiskFile } from '../ports/disk.ts'

export const PIECE_BYTES: number = 1 << 20

export class Window {
  readonly size: number
  private readonly file: DiskFile
  private readonly ahead: number
  private start = 0
  private piece: Uint8Array = new Uint8Array(0)
  private room: Uint8Array | undefined

  /** `size` is as much of the file as is looked at, `ahead` how much of it is read at a time. */
  constructor(file: DiskFile, size: number, ahead: number = PIECE_BYTES) {
    this.file = file
    this.size = size
    this.ahead = ahead
  }

  /** Bytes from here on: so many, or fewer where the file ends. They are the caller's to keep. */
  async bytes(at: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.size, at + length)
    if (at >= end) return new Uint8Array(0)
    if (!this.holds(at, end)) {
      this.piece = await this.file.read(at, Math.min(this.size - at, Math.max(length, this.ahead)))
      this.start = at
    }
    return this.piece.subarray(at - this.start, end - this.start)
  }

  /**
   * At most a piece from here on, to be looked at until the next glimpse: all of them are read into one room. A start looks through the zeros of a whole
   * file, and memory that is new costs several times what reading does.
   */
  async glimpse(at: number): Promise<Uint8Array> {
    const end = Math.min(this.size, at + PIECE_BYTES)
    if (at >= end || this.holds(at, end)) return this.bytes(at, PIECE_BYTES)
    this.room ??= new Uint8Array(PIECE_BYTES)
    return this.file.read(at, end - at, this.room)
  }

  private holds(at: number, end: number): boolean {
    return at >= this.start && end <= this.start + this.piece.length
  }
}
