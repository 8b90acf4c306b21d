/**
 * The two state trees of an audit, in a store of its own: never the chain's. They keep the newest version and the few that a resumed audit may have to
 * go back over; nothing in them is durable, for all of it can be made again.
 *
 * A block is prepared while the one before it is being written.
 */
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { openLevelStore } from '../ports/level-store.ts'
import { Batch, type Store } from '../ports/store.ts'
import { codeOf } from '../ports/system-error.ts'
import type { Prepared } from '../state/prepare.ts'
import { StateTree } from '../state/tree.ts'
import { LETTER } from '../store/keys.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Write } from '../verify/state-tree.ts'
import type { TreeName } from '../verify/types.ts'
import { LateStore } from './late-store.ts'

/** Of pages, for each tree. */
const CACHE_BYTES: number = 64 << 20
/** Written by checkpoint: an audit reads the newest version only, and starts again from the last one that it noted. */
const CHECKPOINTS = { every: 256, over: 64 } as const
/** Versions from one pruning to the next. */
const PRUNE_EVERY = 2048

/** Whether they have the values too, for who goes on from them another day; to make roots it is enough what they hash to. */
export type Keeps = 'values' | 'hashes'

/** Where they are, and as they were at a version, −1 being before the first; whether somebody goes on from them another day. */
export interface ScratchPlace {
  readonly directory: string
  readonly at: number
  readonly isLasting: boolean
}

/** A raw key of a tree, and its value. */
export type Entry = readonly [tree: TreeName, key: Uint8Array, value: Uint8Array]

type Pair = Readonly<Record<TreeName, Prepared>>

export class ScratchTrees {
  private readonly store: LateStore
  private readonly trees: Readonly<Record<TreeName, StateTree>>
  private readonly pending: Partial<Record<TreeName, Prepared>> = {}
  private newest: Pair | undefined
  private applying: Promise<void> = Promise.resolve()
  /** Versions from here on are kept, for an audit that is resumed; of one that is not, none but the newest is needed. */
  private kept: number

  private constructor(store: LateStore, trees: Readonly<Record<TreeName, StateTree>>, kept: number) {
    this.store = store
    this.trees = trees
    this.kept = kept
  }

  static async open({ directory, at, isLasting }: ScratchPlace, hasher: Hasher, keeps: Keeps): Promise<ScratchTrees> {
    if (at < 0) await takeAway(directory)
    await mkdir(directory, { recursive: true })
    const store = new LateStore(forgetful(await openUnused(directory), isLasting))
    try {
      const settings = { cacheBytes: CACHE_BYTES, checkpoints: CHECKPOINTS, keepsValues: keeps === 'values' }
      const trees = {
        state: await StateTree.open(store, 'state', hasher, settings, at),
        risk: await StateTree.open(store, 'risk', hasher, settings, at),
      }
      return new ScratchTrees(store, trees, isLasting ? Math.max(0, at) : Number.POSITIVE_INFINITY)
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** All of them, before the first update. */
  *entries(): Iterable<Entry> {
    for (const name of ['state', 'risk'] as const) {
      const tree = this.trees[name]
      if (tree.version < 0) continue
      for (const [key, value] of tree.entries(tree.version)) yield [name, key, value]
    }
  }

  /** The tree as a verification writes to it, a version a block: state first, then risk. */
  tree(name: TreeName): { update(writes: readonly Write[]): Promise<Uint8Array> } {
    return {
      update: async (writes) => {
        const before = this.newest?.[name]
        const version = (before?.version ?? this.trees[name].version) + 1
        const prepared = this.trees[name].prepare(version, writes, before)
        this.pending[name] = prepared
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

  /** The roots of the newest update. */
  get roots(): Readonly<Record<TreeName, Uint8Array>> {
    const { state, risk } = this.newest ?? this.trees
    return { state: state.root, risk: risk.root }
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
    await this.applying.catch(() => undefined)
    await this.store.close()
  }
}

/** What is there, unless it is in use. */
async function takeAway(directory: string): Promise<void> {
  if (!existsSync(directory)) return
  try {
    await (await openUnused(directory)).close()
  } catch (error) {
    // What cannot be opened for another reason goes away as well.
    if (error instanceof CairnError) throw error
  }
  await rm(directory, { recursive: true, force: true })
}

async function openUnused(directory: string): Promise<Store> {
  try {
    return await openLevelStore(directory)
  } catch (error) {
    if (!(error instanceof Error) || codeOf(error.cause) !== 'LEVEL_LOCKED') throw error
    const message = `Another audit is at work in ${directory}: wait for it, or name another directory (--scratch).`
    throw new CairnError('resume_refused', message, { directory, why: 'another audit is at work there' })
  }
}

/** A store that takes only what is read again: what a version changed is read only by whoever opens the trees once more. */
function forgetful(store: Store, isLasting: boolean): Store {
  if (isLasting) return store
  return {
    ...store,
    write: (batch) => {
      const kept = new Batch()
      for (const operation of batch.operations) if (operation.key[0] !== LETTER.changes) kept.operations.push(operation)
      return store.write(kept)
    },
  }
}
