/** Lists of keys as one value of the store: one after the other, each with its length before it. */

export function encodeKeys(keys: readonly Uint8Array[]): Uint8Array {
  const record = new Uint8Array(keys.reduce((size, key) => size + 1 + key.length, 0))
  let at = 0
  for (const key of keys) {
    record[at] = key.length
    record.set(key, at + 1)
    at += 1 + key.length
  }
  return record
}

export function* decodeKeys(record: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < record.length; ) {
    const length = record[at] as number
    yield record.slice(at + 1, at + 1 + length)
    at += 1 + length
  }
}
