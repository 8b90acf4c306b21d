/**
 * All that a chain keeps in its store: two trees, four ranges, a mark a block, and the index of requests. One batch a block.
 *
 * Promise: the store is a cache of the log. One `apply` serves the live path, recovery and followers; a block is in the store as a whole or not
 * at all; applied again it changes nothing.
 */
import type { Reads } from '../machine/contract.ts'
import { Batch, type Store } from '../ports/store.ts'
import { StoredRange } from '../ranges/range.ts'
import { StateTree, type TreeSettings } from '../state/tree.ts'
import {
  authorityKey,
  CHAIN_META_KEY,
  decodeMark,
  encodeMark,
  encodeRequests,
  findRequest,
  heightOf,
  type Mark,
  markKey,
  requestsKey,
  U64_MAX,
} from '../store/block-keys.ts'
import { concat, equal } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { RecordedCommand } from '../verify/records.ts'
import type { RangeName, TreeName } from '../verify/types.ts'
import type { DurableBlock, Standing } from './block.ts'

/** Another layout is made anew out of the log. */
const LAYOUT: Uint8Array = Uint8Array.of(0, 0, 0, 1)

const TREES: readonly TreeName[] = ['state', 'risk']
const RANGES: readonly RangeName[] = ['commands', 'obligations', 'intents', 'history']

/** Where a store is rewound to, and the sizes that its ranges had there. */
export interface RewindPoint {
  readonly height: bigint
  readonly sizes: Readonly<Record<RangeName, bigint>>
}

export class ChainStore {
  readonly trees: Readonly<Record<TreeName, StateTree>>
  readonly ranges: Readonly<Record<RangeName, StoredRange>>
  private readonly store: Store

  private constructor(
    store: Store,
    trees: Readonly<Record<TreeName, StateTree>>,
    ranges: Readonly<Record<RangeName, StoredRange>>,
  ) {
    this.store = store
    this.trees = trees
    this.ranges = ranges
  }

  /**
   * As it was applied last; or, with `at`, as it was at that height, whatever later batches are there. What stands at another height goes back to
   * it, each for itself: a crash amid that leaves some that went and some that did not.
   */
  static async open(store: Store, hasher: Hasher, settings: TreeSettings, at?: RewindPoint): Promise<ChainStore> {
    const version = at && Number(at.height)
    // First, and for good: left there, marks of what is taken back would hide the next gap among what is applied again.
    if (at !== undefined) await takeMarksAbove(store, at.height)
    const range = (name: RangeName): Promise<StoredRange> => {
      const stands = at === undefined || StoredRange.sizeIn(store, name) === at.sizes[name]
      return stands ? StoredRange.open(store, name, hasher) : StoredRange.rewind(store, name, at.sizes[name], hasher)
    }
    const trees = {
      state: await StateTree.open(store, 'state', hasher, settings, version),
      risk: await StateTree.open(store, 'risk', hasher, settings, version),
    }
    const ranges = {
      commands: await range('commands'),
      obligations: await range('obligations'),
      intents: await range('intents'),
      history: await range('history'),
    }
    return new ChainStore(store, trees, ranges)
  }

  /** The newest applied height, −1 before the first. */
  get height(): bigint {
    return BigInt(this.trees.state.version)
  }

  /** Writes what the store has to hold of a block, the next one. A crash here leaves all of it or nothing: it is in the log. */
  async apply(block: DurableBlock): Promise<void> {
    const { header, hash, place, record } = block
    if (header.height <= this.height) return
    const batch = new Batch()
    for (const name of TREES) this.trees[name].addTo(batch, block.trees[name])
    for (const name of RANGES) this.ranges[name].addTo(batch, block.ranges[name])
    for (const [key, requests] of requestsOf(record.commands)) batch.put(key, requests)
    if (record.authority.length > 0) batch.put(authorityKey(header.height), new Uint8Array(0))
    const mark = { place, hash, firstSeq: header.firstSeq, batchSize: batch.size }
    batch.put(markKey(header.height), encodeMark(mark))
    await this.store.write(batch)
    for (const name of TREES) this.trees[name].markApplied(block.trees[name])
    for (const name of RANGES) this.ranges[name].markApplied(block.ranges[name])
  }

  /** Lets go of a block that was prepared and will not be applied. */
  drop({ trees }: Standing): void {
    if (trees !== undefined) for (const name of TREES) this.trees[name].drop(trees[name])
  }

  /** What a batch reads that is executed on top of these prepared versions, or of the newest applied ones. */
  readsOn(prepared: Standing['trees']): Reads {
    const get: Reads = (tree, key) => this.trees[tree].get(key, prepared?.[tree])
    const has: Reads['has'] = (tree, key) => this.trees[tree].has(key, prepared?.[tree])
    return Object.assign(get, { has })
  }

  mark(height: bigint): Mark {
    const mark = markOf(this.store, height)
    if (mark !== undefined) return mark
    throw new CairnError('store_damaged', `The store is damaged: it has no mark of block ${height}. Rebuild it.`, {
      height,
    })
  }

  /** The height of the block that holds a seq, which is applied. */
  heightOfSeq(seq: bigint): bigint {
    let [low, high] = [0n, this.height]
    while (low < high) {
      const middle = (low + high + 1n) >> 1n
      if (this.mark(middle).firstSeq <= seq) low = middle
      else high = middle - 1n
    }
    return low
  }

  /** The seq of a request that was executed, `never` where the index shows that it was not. */
  async seqOf(client: string, request: bigint): Promise<bigint | 'never'> {
    const range = { from: requestsKey(client, 0n), to: requestsKey(client, request + 1n), reverse: true, limit: 1 }
    for await (const [, requests] of this.store.entries(range)) return findRequest(requests, request) ?? 'never'
    return 'never'
  }

  /** The heights of blocks that brought delegations or revocations. */
  async authorityHeights(): Promise<readonly bigint[]> {
    const heights: bigint[] = []
    const range = { from: authorityKey(0n), to: authorityKey(U64_MAX) }
    for await (const [key] of this.store.entries(range)) {
      if (heightOf(key) <= this.height) heights.push(heightOf(key))
    }
    return heights
  }

  /** So that the next start reads pages as they are; without it, it lays what changed over them. */
  async checkpoint(): Promise<void> {
    for (const name of TREES) await this.trees[name].checkpoint()
  }

  close(): Promise<void> {
    return this.store.close()
  }
}

/** The commands of each client, in its order: one entry a client and block. */
function requestsOf(commands: readonly RecordedCommand[]): Map<Uint8Array, Uint8Array> {
  const byClient = new Map<string, [bigint, bigint][]>()
  for (const { client, request, seq } of commands) {
    if (client === '') continue
    const requests = byClient.get(client)
    if (requests === undefined) byClient.set(client, [[request, seq]])
    else requests.push([request, seq])
  }
  const entries = [...byClient].map(([client, requests]) => {
    const [first] = requests as [[bigint, bigint]]
    return [requestsKey(client, first[0]), encodeRequests(requests)] as const
  })
  return new Map(entries)
}

export function markOf(store: Store, height: bigint): Mark | undefined {
  const record = store.get(markKey(height))
  return record && decodeMark(record)
}

async function takeMarksAbove(store: Store, height: bigint): Promise<void> {
  const batch = new Batch()
  for await (const [key] of store.entries({ from: markKey(height + 1n), to: markKey(U64_MAX) })) batch.delete(key)
  if (batch.operations.length > 0) await store.write(batch, true)
}

/** The newest height of which the store has a mark, −1 where it has none. */
export async function newestMark(store: Store): Promise<bigint> {
  for await (const [key] of store.entries({ from: markKey(0n), to: markKey(U64_MAX), reverse: true, limit: 1 })) {
    return heightOf(key)
  }
  return -1n
}

/**
 * The height up to which the marks are believed. A power cut may have taken batches out of the middle of the newest ones: so they must run
 * unbroken back over as many bytes as can have been in doubt. Below that LevelDB has synced its files.
 */
export async function unbrokenHeight(store: Store, doubtfulBytes: number): Promise<bigint> {
  let believed: bigint | undefined
  let expected: bigint | undefined
  let seen = 0
  for await (const [key, record] of store.entries({ from: markKey(0n), to: markKey(U64_MAX), reverse: true })) {
    const height = heightOf(key)
    const mark = decodeMark(record)
    // A gap: whatever stands above it has to be applied again.
    if (mark === undefined || (expected !== undefined && height !== expected)) believed = undefined
    if (mark !== undefined) believed ??= height
    expected = height - 1n
    seen += record.length + key.length + (mark?.batchSize ?? 0)
    if (seen >= doubtfulBytes) return believed ?? height - 1n
  }
  // The lowest mark must be that of block 0, else a gap lies below it.
  return expected === -1n ? (believed ?? -1n) : -1n
}

/** What the store says of which chain it is, and whether this program laid it out. */
export function storeIdentity(store: Store, chainId: Uint8Array): 'empty' | 'same' | 'other-chain' | 'other-layout' {
  const meta = store.get(CHAIN_META_KEY)
  if (meta === undefined) return 'empty'
  if (!equal(meta.subarray(0, 32), chainId)) return 'other-chain'
  return equal(meta.subarray(32), LAYOUT) ? 'same' : 'other-layout'
}

export async function writeStoreIdentity(store: Store, chainId: Uint8Array): Promise<void> {
  const batch = new Batch()
  batch.put(CHAIN_META_KEY, concat(chainId, LAYOUT))
  await store.write(batch)
}
