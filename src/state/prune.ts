/**
 * Pruning: what only versions needed that are not retained is deleted, by exact key. Each thing has a first version that needs it
 * and one from which on nobody does; it goes when no retained version lies between.
 */
import { Batch, type Store } from '../ports/store.ts'
import { CHECKPOINT_AT, endOf, readNumber, VERSION_AT, versionKey } from '../store/keys.ts'
import type { TreeName } from '../verify/types.ts'
import { readRoot } from './history.ts'
import { decodeKeys, KeyList } from './key-list.ts'

const OPERATIONS_PER_BATCH = 1000
/** A key of no bytes, as the first of a list of stale pages: the list was believed once. */
const BELIEVED = new Uint8Array(0)

/**
 * `oldest` and all above it are retained, and the pinned ones. `retain` says so in every batch of deletions: a power cut may keep some
 * batches and not those before them, and what was deleted must never be promised again.
 */
export async function pruneTree(
  store: Store,
  tree: TreeName,
  oldest: number,
  pins: readonly number[],
  retain: (batch: Batch) => void,
): Promise<void> {
  const pinned = pins.filter((pin) => pin < oldest)
  const isNeeded = (born: number, died: number): boolean => pinned.some((pin) => born <= pin && pin < died)
  const deletions = new Deletions(store, retain)
  await pruneStale(store, tree, 'stale', oldest, deletions, (keys, died) =>
    keys.filter((key) => isNeeded(readNumber(key, VERSION_AT), died)),
  )
  await pruneStale(store, tree, 'stalePages', oldest, deletions, (keys, died) => {
    const still = keys.filter((key) => key.length > 0 && isNeeded(readNumber(key, VERSION_AT), died))
    return still.length === 0 ? still : [BELIEVED, ...still]
  })

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
  stillNeeded: (keys: readonly Uint8Array[], died: number) => readonly Uint8Array[],
): Promise<void> {
  const to = oldest >= Number.MAX_SAFE_INTEGER ? endOf(letter, tree) : versionKey(letter, tree, oldest + 1)
  for await (const [recordKey, record] of store.entries({ from: versionKey(letter, tree, 0), to })) {
    const died = readNumber(recordKey, VERSION_AT)
    const keys = [...decodeKeys(record)]
    if (letter === 'stalePages' && !isBelieved(store, tree, recordKey, keys)) {
      await deletions.add(recordKey)
      continue
    }
    const still = stillNeeded(keys, died)
    const kept = new Set(still)
    for (const key of keys) if (key.length > 0 && !kept.has(key)) await deletions.add(key)
    await deletions.replace(recordKey, still.length === 0 ? undefined : KeyList.of(still))
  }
}

/**
 * Whether the checkpoint of a list of stale pages came to count at that version, as the version itself says. A version that was applied
 * again, after a power cut, may have another one, and need what the list of its first life names. Once the version is gone only a list
 * that was believed before is; at worst pages stay that nobody needs.
 */
function isBelieved(store: Store, tree: TreeName, recordKey: Uint8Array, keys: readonly Uint8Array[]): boolean {
  if (keys[0]?.length === 0) return true
  const version = readNumber(recordKey, VERSION_AT)
  const checkpoint = readNumber(recordKey, CHECKPOINT_AT)
  const before = version === 0 ? -1 : readRoot(store, tree, version - 1)?.base
  return before !== undefined && before !== checkpoint && readRoot(store, tree, version)?.base === checkpoint
}

/** Deletions in batches. A record is replaced with or after what it names, so that a crash never forgets a key. */
class Deletions {
  private readonly store: Store
  private readonly retain: (batch: Batch) => void
  private batch = new Batch()

  constructor(store: Store, retain: (batch: Batch) => void) {
    this.store = store
    this.retain = retain
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
    const { batch } = this
    this.batch = new Batch()
    this.retain(batch)
    await this.store.write(batch)
  }
}
