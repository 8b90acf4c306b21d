/**
 * A key as text, for maps: a character a byte, so that different keys never share one.
 *
 * In Node it is the character with the number of the byte. A `TextDecoder` of `latin1` is none: what it gives is windows-1252, with other characters for 27
 * of the bytes, but one for each all the same. Node 20 had Latin-1 there, Node 22 and 24 have not, and take ten times as long.
 */

/** Of Node alone, and without a type there. */
interface Latin1 {
  readonly latin1Slice?: (this: Uint8Array, start: number, end: number) => string
}

const { Buffer } = globalThis as { readonly Buffer?: { readonly prototype: Latin1 } }
const slice = Buffer?.prototype.latin1Slice
const decoder = new TextDecoder('latin1')

// One call of either is a fifth or less of what `String.fromCharCode` takes.
export const keyName: (key: Uint8Array) => string =
  slice === undefined ? (key) => decoder.decode(key) : (key) => slice.call(key, 0, key.length)
