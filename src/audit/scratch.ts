/**
 * The two state trees of an audit, in a store of its own: never the chain's. They keep the newest version and the few that a resumed audit may have to
 * go back over; nothing in them is durable, for all of it can be made again.
 *
 * A block is prepared while the one before it is being written.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLevelStore } from '../ports/level-store.ts'
import { Batch, type Store } from '../ports/store.ts'
import type { Prepared } from '../state/prepare.ts'
import { StateTree } from '../state/tree.ts'
import { LETTER } from '../store/keys.ts'
import type { Hasher } from '../verify/engine.ts'
import type { Write } from '../verify/state-tree.ts'
import type { TreeName } from '../verify/types.ts'
import { LateStore } from './late-store.ts'
import { ValueCache } from './value-cache.ts'

/** Of pages, for each tree. */
const CACHE_BYTES: number = 64 << 20
/** Of values that are read again. */
const VALUES_BYTES: number = 48 << 20
/** Written by checkpoint: an audit reads the newest version only, and starts again from the last one that it noted. */
const CHECKPOINTS = { every: 256, over: 64 } as const
/** Versions from one pruning to the next. */
const PRUNE_EVERY = 2048

/** Whether values are read again, or only what they hash to counts. */
export type Keeps = 'values' | 'hashes'

type Pair = Readonly<Record<TreeName, Prepared>>

export class ScratchTrees {
  private readonly store: LateStore
  private readonly trees: Readonly<Record<TreeName, StateTree>>
  private readonly keeps: Keeps
  private readonly remove: () => Promise<void>
  private readonly values = new ValueCache(VALUES_BYTES)
  private readonly pending: Partial<Record<TreeName, Prepared>> = {}
  private newest: Pair | undefined
  private applying: Promise<void> = Promise.resolve()
  /** Versions from here on are kept, for an audit that is resumed; of one that is not, none but the newest is needed. */
  private kept: number

  private constructor(
    store: LateStore,
    trees: Readonly<Record<TreeName, StateTree>>,
    keeps: Keeps,
    kept: number,
    remove: () => Promise<void>,
  ) {
    this.store = store
    this.trees = trees
    this.keeps = keeps
    this.kept = kept
    this.remove = remove
  }

  /** In a new directory under `parent`, which goes away at the end. */
  static async temporary(hasher: Hasher, keeps: Keeps, parent: string = tmpdir()): Promise<ScratchTrees> {
    const directory = await mkdtemp(join(parent, 'cairn-verify-'))
    return ScratchTrees.open(hasher, keeps, directory, -1, false)
  }

  /** In a directory that stays, as they were at a version; −1 begins anew. */
  static async lasting(hasher: Hasher, keeps: Keeps, directory: string, at: number): Promise<ScratchTrees> {
    if (at < 0) await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true })
    return ScratchTrees.open(hasher, keeps, directory, at, true)
  }

  private static async open(
    hasher: Hasher,
    keeps: Keeps,
    directory: string,
    at: number,
    isLasting: boolean,
  ): Promise<ScratchTrees> {
    const remove = async (): Promise<void> => {
      if (!isLasting) await rm(directory, { recursive: true, force: true })
    }
    const store = new LateStore(forgetful(await openLevelStore(directory), keeps, isLasting))
    try {
      const settings = { cacheBytes: CACHE_BYTES, checkpoints: CHECKPOINTS }
      const trees = {
        state: await StateTree.open(store, 'state', hasher, settings, at),
        risk: await StateTree.open(store, 'risk', hasher, settings, at),
      }
      return new ScratchTrees(store, trees, keeps, isLasting ? Math.max(0, at) : Number.POSITIVE_INFINITY, remove)
    } catch (error) {
      await store.close()
      await remove()
      throw error
    }
  }

  /** The value of a key after the newest update. */
  get(tree: TreeName, key: Uint8Array): Uint8Array | undefined {
    return this.values.get(tree, key, () => this.trees[tree].get(key, this.newest?.[tree]))
  }

  /** The tree as a verification writes to it, a version a block: state first, then risk. */
  tree(name: TreeName): { update(writes: readonly Write[]): Promise<Uint8Array> } {
    return {
      update: async (writes) => {
        const before = this.newest?.[name]
        const version = (before?.version ?? this.trees[name].version) + 1
        const prepared = this.trees[name].prepare(version, writes, before)
        this.pending[name] = prepared
        if (this.keeps === 'values') for (const [key, value] of writes) this.values.set(name, key, value)
        if (name === 'risk') await this.apply()
        return prepared.root
      },
    }
  }

  private async apply(): Promise<void> {
    const pair = { state: this.pending.state, risk: this.pending.risk } as Pair
    await this.applying
    this.newest = pair
    this.applying = this.write(pair)
    // Awaited before the next one is written, and at the end; until then its failure is nobody's.
    this.applying.catch(() => undefined)
  }

  private async write(pair: Pair): Promise<void> {
    const batch = new Batch()
    for (const name of ['state', 'risk'] as const) this.trees[name].addTo(batch, pair[name])
    await this.store.write(batch)
    for (const name of ['state', 'risk'] as const) this.trees[name].markApplied(pair[name])
    const { version } = pair.state
    if (version % PRUNE_EVERY !== 0) return
    for (const tree of Object.values(this.trees)) await tree.prune(Math.min(this.kept, version))
  }

  /** The root of the newest update. */
  root(tree: TreeName): Uint8Array {
    return this.newest?.[tree].root ?? this.trees[tree].root
  }

  /** Nobody goes back behind this version any more. */
  keepFrom(version: number): void {
    this.kept = version
  }

  /** All that was updated is in the store. */
  async settle(): Promise<void> {
    await this.applying
    await this.store.settle()
  }

  async close(): Promise<void> {
    try {
      await this.applying.catch(() => undefined)
      await this.store.close()
    } finally {
      await this.remove()
    }
  }
}

/**
 * A store that takes only what is read again. Roots are made of hashes, which stand in the pages: at the level `roots` it needs no values, and no lists of such
 * as nobody needs any more. And what a version changed is read only by whoever opens the trees again.
 */
function forgetful(store: Store, keeps: Keeps, isLasting: boolean): Store {
  const forgotten = new Set<number | undefined>()
  if (keeps === 'hashes') forgotten.add(LETTER.value).add(LETTER.stale)
  if (!isLasting) forgotten.add(LETTER.changes)
  return {
    ...store,
    write: (batch) => {
      const kept = new Batch()
      for (const operation of batch.operations) if (!forgotten.has(operation.key[0])) kept.operations.push(operation)
      return store.write(kept)
    },
  }
}
