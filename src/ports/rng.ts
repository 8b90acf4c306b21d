/** The port to randomness that nobody can foretell: salts and nonces. */
import { randomFillSync } from 'node:crypto'

export interface Rng {
  /** So many random bytes, the caller's own. */
  bytes(length: number): Uint8Array
}

const POOL_BYTES = 16 << 10

/** The system's, fetched for many salts at a time: one call of it costs more than all the bytes of a batch. */
export function systemRng(): Rng {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return {
    bytes(length: number): Uint8Array {
      if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length))
      if (used + length > POOL_BYTES) {
        randomFillSync(pool)
        used = 0
      }
      const bytes = pool.slice(used, used + length)
      // Given out once: what lies in memory afterwards tells nothing of it.
      pool.fill(0, used, used + length)
      used += length
      return bytes
    },
  }
}
