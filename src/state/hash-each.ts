/** The hashes of messages of any sizes, laid out one after the other: those of one size in one call, for they are nearly all alike. */
import type { Hasher } from '../verify/engine.ts'

export function hashEach(messages: readonly Uint8Array[], hasher: Hasher): Uint8Array {
  const hashes = new Uint8Array(32 * messages.length)
  const bySize = new Map<number, number[]>()
  messages.forEach(({ length }, i) => {
    const alike = bySize.get(length)
    if (alike === undefined) bySize.set(length, [i])
    else alike.push(i)
  })
  for (const [size, alike] of bySize) {
    // No bytes are no messages that could be laid out.
    if (alike.length === 1 || size === 0)
      for (const i of alike) hashes.set(hasher.hash(messages[i] as Uint8Array), 32 * i)
    else {
      const laidOut = new Uint8Array(size * alike.length)
      alike.forEach((i, place) => {
        laidOut.set(messages[i] as Uint8Array, place * size)
      })
      const found = hasher.hashMany(laidOut, size)
      if (alike.length === messages.length) return found
      alike.forEach((i, place) => {
        hashes.set(found.subarray(32 * place, 32 * place + 32), 32 * i)
      })
    }
  }
  return hashes
}
