/** One byte of a file changed, and nothing else: which one it becomes, and where in a document it is worth a try. */

/** Another byte in its place. Digits become digits and letters letters: so it is not the form alone that gives it away. */
export function otherByte(byte: number, isBinary: boolean): number {
  if (isBinary) return byte ^ 1
  const next = (first: number, length: number): number => first + ((byte - first + 1) % length)
  if (byte >= 0x30 && byte <= 0x39) return next(0x30, 10)
  if (byte >= 0x61 && byte <= 0x66) return next(0x61, 6)
  if (byte >= 0x67 && byte <= 0x7a) return next(0x67, 20)
  if (byte >= 0x41 && byte <= 0x5a) return next(0x41, 26)
  return byte ^ 1
}

export interface Place {
  readonly name: string
  readonly offset: number
}

const PLACES: readonly (readonly [name: string, before: RegExp])[] = [
  ['The reply', /"reply":"0x[0-9a-f]*?(?=[0-9a-f]")/],
  ['The payload', /"payload":"0x[0-9a-f]*?(?=[0-9a-f]")/],
  ['The value', /"value":"0x[0-9a-f]*?(?=[0-9a-f]")/],
  ['Whether it was accepted', /"status":/],
  ['The block’s time', /"timestamp":"[0-9]*?(?=[0-9]")/],
  ['A hash of its path', /"(?:path|siblings)":\["0x[0-9a-f]{10}/],
  ['The seal', /\},"signature":"0x[0-9a-f]{20}/],
  ['The delegation’s end', /"validUntil":"[0-9]*?(?=[0-9]")/],
  ['The chain’s nonce', /"nonce":"0x[0-9a-f]{8}/],
  ['A brace', /^/],
]

/** The text is as long as its bytes: anything beyond ASCII moves what comes after it, so it is looked for in Latin-1. */
export function placesIn(bytes: Uint8Array): readonly Place[] {
  const text = new TextDecoder('latin1').decode(bytes)
  return PLACES.flatMap(([name, before]) => {
    const found = before.exec(text)
    return found === null ? [] : [{ name, offset: found.index + found[0].length }]
  })
}

/** The file with another byte at this place; the rest of it is not copied. */
export function flipped(file: Blob, offset: number, byte: number): Blob {
  return new Blob([file.slice(0, offset), Uint8Array.of(byte), file.slice(offset + 1)])
}
