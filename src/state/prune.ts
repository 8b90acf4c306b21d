/**
 * Pruning: what only versions needed that are not retained is deleted, by exact key. Each thing has a first version that needs it
 * and one from which on nobody does; it goes when no retained version lies between.
 */
import { Batch, type Store } from '../ports/store.ts'
import { endOf, readNumber, VALUE_VERSION_AT, VERSION_AT, versionKey } from '../store/keys.ts'
import type { TreeName } from '../verify/types.ts'
import { readRoot } from './history.ts'
import { decodeKeys, KeyList } from './key-list.ts'

const OPERATIONS_PER_BATCH = 1000

/** `oldest` and all above it are retained, and the pinned ones. */
export async function pruneTree(store: Store, tree: TreeName, oldest: number, pins: readonly number[]): Promise<void> {
  const pinned = pins.filter((pin) => pin < oldest)
  const isNeeded = (born: number, died: number): boolean => pinned.some((pin) => born <= pin && pin < died)
  const deletions = new Deletions(store)
  await pruneStale(store, tree, 'stale', oldest, deletions, (key, died) =>
    isNeeded(readNumber(key, VALUE_VERSION_AT), died),
  )
  await pruneStale(store, tree, 'stalePages', oldest, deletions, (key, died) =>
    isNeeded(readNumber(key, VERSION_AT), died),
  )

  // The changes that lead from its checkpoint to a version that is kept are kept with it.
  const kept = [oldest, ...pinned].map((version) => ({ version, base: readRoot(store, tree, version)?.base ?? -1 }))
  const range = (letter: 'changes' | 'root') => ({
    from: versionKey(letter, tree, 0),
    to: versionKey(letter, tree, oldest),
  })
  for await (const [key] of store.entries(range('changes'))) {
    const at = readNumber(key, VERSION_AT)
    if (!kept.some(({ version, base }) => base < at && at <= version)) await deletions.add(key)
  }
  for await (const [key] of store.entries(range('root'))) {
    const at = readNumber(key, VERSION_AT)
    if (!pinned.includes(at)) await deletions.add(key)
  }
  await deletions.flush()
}

/** Goes through the records of what nobody needs from some version on; what a pin still holds stays in its record. */
async function pruneStale(
  store: Store,
  tree: TreeName,
  letter: 'stale' | 'stalePages',
  oldest: number,
  deletions: Deletions,
  isNeeded: (key: Uint8Array, died: number) => boolean,
): Promise<void> {
  const to = oldest >= Number.MAX_SAFE_INTEGER ? endOf(letter, tree) : versionKey(letter, tree, oldest + 1)
  for await (const [recordKey, record] of store.entries({ from: versionKey(letter, tree, 0), to })) {
    const died = readNumber(recordKey, VERSION_AT)
    const still: Uint8Array[] = []
    for (const key of decodeKeys(record)) {
      if (isNeeded(key, died)) still.push(key)
      else await deletions.add(key)
    }
    await deletions.replace(recordKey, still.length === 0 ? undefined : KeyList.of(still))
  }
}

/** Deletions in batches. A record is replaced with or after what it names, so that a crash never forgets a key. */
class Deletions {
  private readonly store: Store
  private batch = new Batch()

  constructor(store: Store) {
    this.store = store
  }

  async add(key: Uint8Array): Promise<void> {
    await this.replace(key, undefined)
  }

  async replace(key: Uint8Array, value: Uint8Array | undefined): Promise<void> {
    if (value === undefined) this.batch.delete(key)
    else this.batch.put(key, value)
    if (this.batch.operations.length >= OPERATIONS_PER_BATCH) await this.flush()
  }

  async flush(): Promise<void> {
    await this.store.write(this.batch)
    this.batch = new Batch()
  }
}
