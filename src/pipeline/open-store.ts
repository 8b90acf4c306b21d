/**
 * Opens the store at a start, as far as it can be believed, or makes it anew: it is a cache of the journal, and the journal alone must always
 * be enough.
 *
 * LevelDB aborts the process on some kinds of rot, which nobody can catch. So a start says beforehand that it opens the store, and afterwards
 * that it lived: a store that ended two starts is not opened a third time.
 */
import { MARKS_CHECKED_BYTES } from '../limits.ts'
import type { Disk } from '../ports/disk.ts'
import type { Store, StoreHome } from '../ports/store.ts'
import { isFull, told } from '../ports/system-error.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { CairnError } from '../verify/error.ts'
import { attemptAsync } from './attempt-async.ts'
import { newestMark, storeIdentity, unbrokenHeight, writeStoreIdentity } from './chain-store.ts'
import { stopAt } from './stopped.ts'

const SUSPECT = 'store.suspect'
/** Starts that did not live to say that the store is well. */
const SUSPECT_MAX = 2

export interface FoundStore {
  readonly store: Store
  /** The newest height of which there is a trace, −1 for none. */
  readonly newest: bigint
  /** The height up to which the store is believed; −1 for nothing of it. */
  readonly believed: bigint
  /** Why the store has to be made anew, where it has. */
  readonly rebuild?: string
}

/** Counts this start, and says how many there were before it. A crash here counts it too. */
export async function suspectStore(disk: Disk, directory: string): Promise<number> {
  const count = (await readBounded(disk, directory, SUSPECT, 64))?.length ?? 0
  if (count >= SUSPECT_MAX) return count
  const counted = await attemptAsync(() => writeDurably(disk, directory, SUSPECT, new Uint8Array(count + 1)))
  // On a full disk there is no room to count: the chain is opened for reading all the same.
  if (counted instanceof Error && !isFull(counted)) throw counted
  return count
}

/** Why the store is not opened any more, after so many starts that did not live. */
export function suspicion(count: number): string | undefined {
  return count >= SUSPECT_MAX ? 'it ended the starts before this one' : undefined
}

/** This start ends, and not by the store's doing: so it does not count. */
export async function uncountStart(disk: Disk, directory: string, before: number): Promise<void> {
  if (before >= SUSPECT_MAX) return
  if (before === 0) await trustStore(disk, directory)
  else await writeDurably(disk, directory, SUSPECT, new Uint8Array(before))
}

/** The store was opened and holds what the journal says. */
export async function trustStore(disk: Disk, directory: string): Promise<void> {
  if (!(await disk.list(directory)).includes(SUSPECT)) return
  await disk.unlink(`${directory}/${SUSPECT}`)
  await disk.syncDirectory(directory)
}

/** The store was found to be damaged while it was in use: the next start makes it anew. */
export async function condemnStore(disk: Disk, directory: string): Promise<void> {
  await writeDurably(disk, directory, SUSPECT, new Uint8Array(SUSPECT_MAX))
}

export async function findStore(
  home: StoreHome,
  directory: string,
  chainId: Uint8Array,
): Promise<FoundStore | { readonly rebuild: string }> {
  const store = await attemptAsync(() => home.open())
  if (store instanceof Error) {
    demandUnlocked(store)
    // What the system refuses for now says nothing of what lies there.
    if (store instanceof CairnError && (store.code === 'disk_full' || store.code === 'data_unwritable')) throw store
    demandMeans(directory, store)
    return { rebuild: `it cannot be opened (${store.message})` }
  }
  const looked = await attemptAsync(() => lookAt(store, chainId))
  if (!(looked instanceof Error)) return looked
  if (looked instanceof CairnError) throw looked
  await store.close()
  demandMeans(directory, looked)
  // As LevelDB tells of files that it cannot read.
  return { rebuild: `it cannot be read (${looked.message})` }
}

/** A process that may open no more files, or is given no memory, learns nothing of the store, and must not take it for damaged. */
export function demandMeans(directory: string, error: Error): void {
  const known = error instanceof CairnError ? error : told(directory, error)
  if (known?.code === 'too_many_files' || known?.code === 'no_memory') throw known
}

/** Whoever holds the store may be writing to it: it is not damaged, and nobody may take it away. */
function demandUnlocked(error: Error): void {
  const { cause } = error as { cause?: { code?: unknown } }
  if (cause?.code !== 'LEVEL_LOCKED') return
  throw new CairnError('chain_locked', 'The store of the chain is open already: close whatever holds it.', { error })
}

async function lookAt(store: Store, chainId: Uint8Array): Promise<FoundStore> {
  const identity = storeIdentity(store, chainId)
  if (identity === 'other-chain') {
    throw stopAt({ journal: 'good', store: 'other' }, 'The store is of another chain than the journal.', {})
  }
  const newest = await newestMark(store)
  if (identity === 'other-layout') return { store, newest, believed: -1n, rebuild: 'it is of another layout' }
  const believed = await unbrokenHeight(store, MARKS_CHECKED_BYTES)
  if (identity === 'same' && believed >= 0n) return { store, newest, believed }
  return { store, newest, believed: -1n, rebuild: newest < 0n ? 'it is empty' : 'its marks have gaps' }
}

/** An empty store in the place of what was there. */
export async function freshStore(home: StoreHome, chainId: Uint8Array, old: Store | undefined): Promise<Store> {
  await old?.close()
  await home.destroy()
  const store = await home.open()
  await writeStoreIdentity(store, chainId)
  return store
}
