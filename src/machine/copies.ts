/**
 * Copies of what a caller or a machine gave, side by side in large buffers: what is recorded is what was checked, whoever goes on holding the
 * original. Only what no machine gets to see lies here: one that reaches for the buffer of its bytes must find its bytes in it and nothing else.
 */
import { Slab } from '../store/slab.ts'
import { malformed, overLimit } from '../verify/fault.ts'

// An array of another class can say what it wants of its length: this is asked of what it is.
const LENGTH = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')

function lengthOf(bytes: Uint8Array): number {
  return asBytes(() => LENGTH?.get?.call(bytes) as number)
}

/** What only passes for bytes, and bytes that were handed to another thread, are none. */
function asBytes<T>(read: () => T): T {
  try {
    return read()
  } catch {
    throw malformed('expected bytes')
  }
}

export class Copies {
  private readonly slab = new Slab()

  /** A copy of from `min` to `max` bytes. */
  of(value: unknown, min: number, max: number): Uint8Array {
    if (!(value instanceof Uint8Array)) throw malformed('expected bytes')
    const length = lengthOf(value)
    if (length > max) throw overLimit('the number of bytes', max, length)
    if (length < min) throw malformed(`expected at least ${min} bytes, got ${length}`)
    const copy = this.slab.take(length)
    asBytes(() => {
      Uint8Array.prototype.set.call(copy, value)
    })
    return copy
  }
}
