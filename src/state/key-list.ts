/** Lists of keys as one value of the store: one after the other, each with its length before it. */

export class KeyList {
  readonly bytes: Uint8Array
  private end = 0

  /** A list that takes so many bytes. */
  constructor(length: number) {
    this.bytes = new Uint8Array(length)
  }

  /** The bytes that a key of this length takes in a list. */
  static length(key: number): number {
    return 1 + key
  }

  /** Where among the bytes the next key goes. */
  add(length: number): number {
    this.bytes[this.end] = length
    const at = this.end + 1
    this.end = at + length
    return at
  }

  static of(keys: readonly Uint8Array[]): Uint8Array {
    const list = new KeyList(keys.reduce((size, { length }) => size + KeyList.length(length), 0))
    for (const key of keys) list.bytes.set(key, list.add(key.length))
    return list.bytes
  }
}

export function* decodeKeys(record: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < record.length; ) {
    const length = record[at] as number
    yield record.slice(at + 1, at + 1 + length)
    at += 1 + length
  }
}
