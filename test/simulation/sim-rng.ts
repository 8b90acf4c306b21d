/** The rng port from a seed. */
import type { Rng } from '../../src/ports/rng.ts'
import { Random } from '../support/seed.ts'

export function simRng(seed: number): Rng {
  const random = new Random(seed)
  return { bytes: (length: number): Uint8Array => random.bytes(length) }
}
