/**
 * Keys and values that are made by the thousand, side by side in a few large buffers: an array of bytes with a buffer of its own costs
 * more than what is written into it, and the store more to read it.
 */
/** Small at first, for a version may be one write. */
const FIRST_CHUNK = 1 << 10
const CHUNK_MAX = 1 << 18
export class Slab {
  chunk = new Uint8Array(0)
  end = 0
  /** So many bytes, all zero. */
  take(length) {
    if (this.end + length > this.chunk.length) {
      const next = Math.max(FIRST_CHUNK, Math.min(CHUNK_MAX, 4 * this.chunk.length))
      this.chunk = new Uint8Array(Math.max(next, length))
      this.end = 0
    }
    const bytes = this.chunk.subarray(this.end, this.end + length)
    this.end += length
    return bytes
  }
}
