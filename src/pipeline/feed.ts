/** The blocks of a chain, one after the other: those of the log, and then, live, each as it is acknowledged. */
import type { CommitLog, Place } from '../ports/commit-log.ts'
import { CairnError } from '../verify/error.ts'
import type { BlockRecord } from '../verify/records.ts'
import type { Seal } from '../verify/types.ts'
import type { Unrecorded } from './4-commit.ts'
import { attemptAsync } from './attempt-async.ts'
import type { ChainStore } from './chain-store.ts'
import { decodeRecord } from './history.ts'

export interface FeedBlock {
  readonly record: BlockRecord
  /** Its newest one where it is the newest block; absent where it has none of its own: then one above it covers it. */
  readonly seal?: Seal
}

export interface FeedParts {
  readonly log: CommitLog
  readonly store: ChainStore
  /** The newest acknowledged height. */
  readonly newest: () => bigint
  /** Comes back when this height was acknowledged; fails where it never will be. */
  readonly reaches: (height: bigint) => Promise<void>
  /** Comes back when this height is applied. */
  readonly applied: (height: bigint) => Promise<void>
  /** Seals that are not in the log yet. */
  readonly unrecorded: () => readonly Unrecorded[]
}

/** From this height on, up to the newest acknowledged block; with `live` it goes on until whoever reads stops. */
export async function* feed(parts: FeedParts, from: bigint, live: boolean): AsyncGenerator<FeedBlock> {
  let next = from
  for (;;) {
    const newest = parts.newest()
    if (next <= newest) {
      await parts.applied(newest)
      for await (const block of between(parts, next, newest)) {
        next = block.record.header.height + 1n
        yield block
      }
    }
    if (next <= parts.newest()) continue
    if (!live) return
    const awaited = await attemptAsync(() => parts.reaches(next))
    // A chain that was closed has no more blocks; one that failed says so.
    if (awaited instanceof CairnError && awaited.code === 'chain_closed') return
    if (awaited instanceof Error) throw awaited
  }
}

/**
 * What the log has of these heights, each block as soon as its seal, or one above it, was read. The newest one may have been sealed again, and nothing
 * above it covers it: it comes last, under its newest seal.
 */
async function* between({ log, store, unrecorded }: FeedParts, from: bigint, to: bigint): AsyncGenerator<FeedBlock> {
  const place: Place = store.mark(from).place
  let pending: BlockRecord[] = []
  let last: FeedBlock | undefined
  const sealed = (seal: Seal, height: bigint): FeedBlock[] => {
    const ready = pending.filter(({ header }) => header.height <= height)
    pending = pending.filter(({ header }) => header.height > height)
    const blocks = ready.map((record) => (record.header.height === height ? { record, seal } : { record }))
    if (height === to) last = blocks.pop() ?? (last && { ...last, seal })
    return blocks
  }
  // Both as of one moment: what is recorded while this reads is in neither of two that were taken one after the other.
  const late = unrecorded()
  for await (const { records } of log.read(place)) {
    for (const each of records) {
      const record = decodeRecord(each, from)
      if (record.k === 'block' && record.header.height >= from && record.header.height <= to) pending.push(record)
      else if (record.k === 'seal') yield* sealed(record.seal, record.height)
      else if (record.k === 'block' && record.header.height > to && pending.length === 0) {
        if (last !== undefined) yield last
        return
      }
    }
  }
  for (const { header, seal } of late) yield* sealed(seal, header.height)
  for (const record of pending) yield { record }
  if (last !== undefined) yield last
}
