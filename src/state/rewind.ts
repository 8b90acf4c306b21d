/**
 * Going back to an earlier version, and to a checkpoint that counts: what later versions left in the store is deleted.
 *
 * A power cut may take batches out of the middle, those of these deletions too. So nothing rests on them: whoever goes back again deletes
 * again, a version that is applied again writes the same records over those that are still there, and what a checkpoint
 * that never came to count says of dying pages is not believed (prune.ts).
 */
import { Batch, type Store } from '../ports/store.ts'
import { endOf, type Letter, metaKey, retainedKey, versionKey } from '../store/keys.ts'
import type { TreeName } from '../verify/types.ts'
import { damaged } from './damage.ts'
import { type RootRecord, readRoot } from './history.ts'
import { putRetained, putStanding, readStanding, type Standing } from './standing.ts'

const DELETIONS_PER_BATCH = 1000
const OF_VERSIONS: readonly Exclude<Letter, 'meta' | 'page'>[] = ['changes', 'root', 'value', 'stale', 'stalePages']

/** Makes `at` the newest applied version, whatever of later ones is there, and answers where the tree stands then. */
export async function rewind(store: Store, tree: TreeName, at: number): Promise<Standing> {
  const before = readStanding(store, tree)
  const record = at < 0 ? undefined : readRoot(store, tree, at)
  if (record === undefined) {
    if (at < 0 && (await isEmpty(store, tree))) return before
    throw damaged(tree, `version ${at}, to which it has to go back, is not there`, { version: at })
  }
  demandThere(tree, at, record, before)
  const standing = {
    applied: at,
    base: record.base,
    oldest: before.oldest,
    pins: before.pins.filter((pin) => pin <= at),
  }
  const batch = new Batch()
  putStanding(batch, tree, at, record.base)
  putRetained(batch, tree, standing.oldest, standing.pins)
  await store.write(batch)
  for (const letter of OF_VERSIONS) await deleteFrom(store, tree, letter, at + 1)
  return standing
}

/** A version that was pruned has lost what it was made of, and one above where the tree stands was never whole. */
function demandThere(tree: TreeName, at: number, { base }: RootRecord, { applied, oldest }: Standing): void {
  if (at >= oldest && at <= applied && base <= at) return
  throw damaged(tree, `version ${at}, to which it has to go back, is not one of ${oldest} to ${applied}`, {
    version: at,
  })
}

async function isEmpty(store: Store, tree: TreeName): Promise<boolean> {
  if (store.get(metaKey(tree)) !== undefined || store.get(retainedKey(tree)) !== undefined) return false
  for (const letter of [...OF_VERSIONS, 'page'] as const) {
    const range = { from: versionKey(letter, tree, 0), to: endOf(letter, tree), limit: 1 }
    for await (const _ of store.entries(range)) return false
  }
  return true
}

/** Deletes the pages of a checkpoint that was not finished, or not by this version: it will be written again, perhaps another one. */
export async function dropUnfinished(store: Store, tree: TreeName, base: number): Promise<void> {
  await deleteFrom(store, tree, 'page', base + 1)
}

async function deleteFrom(
  store: Store,
  tree: TreeName,
  letter: Exclude<Letter, 'meta'>,
  version: number,
): Promise<void> {
  let batch = new Batch()
  for await (const [key] of store.entries({ from: versionKey(letter, tree, version), to: endOf(letter, tree) })) {
    batch.delete(key)
    if (batch.operations.length < DELETIONS_PER_BATCH) continue
    await store.write(batch)
    batch = new Batch()
  }
  if (batch.operations.length > 0) await store.write(batch)
}
