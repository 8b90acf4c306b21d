/**
 * Keys and values that are made by the thousand, side by side in a few large buffers: an array of bytes with a buffer of its own costs
 * more than what is written into it, and the store more to read it.
 */
export declare class Slab {
  private chunk
  private end
  /** So many bytes, all zero. */
  take(length: number): Uint8Array
}
