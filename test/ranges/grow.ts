/** Ranges on stores as the tests of them grow them. */
import { wasmHasher } from '../../src/hash/keccak.ts'
import { Batch, type Store } from '../../src/ports/store.ts'
import { StoredRange } from '../../src/ranges/range.ts'
import { concat } from '../../src/verify/bytes.ts'
import type { Path } from '../../src/verify/index.ts'
import { toHex } from '../../src/verify/index.ts'
import type { Random } from '../support/seed.ts'

export const hasher = await wasmHasher()

export function openRange(store: Store): Promise<StoredRange> {
  return StoredRange.open(store, 'commands', hasher)
}

export function randomEntries(random: Random, count: number): Uint8Array[] {
  return Array.from({ length: count }, () => random.bytes(32))
}

/** Appends and applies. */
export async function append(store: Store, range: StoredRange, entries: readonly Uint8Array[]): Promise<void> {
  const prepared = range.prepare(entries)
  const batch = new Batch()
  range.addTo(batch, prepared)
  await store.write(batch)
  range.markApplied(prepared)
}

/** These entries in batches of any size: many small ones, some over several tiles. */
export function* split(random: Random, entries: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  for (let at = 0; at < entries.length; ) {
    const size = random.below(random.pick([2, 4, 30, 300, 1200]))
    yield entries.slice(at, at + size)
    at += size
  }
}

/** A path as text: quick to compare. */
export function textOf(path: Path): string {
  return toHex(concat(...path))
}
