/**
 * The blocks of a chain, one after the other: those of the log, and then, live, each as it is acknowledged. In two views: whole, and without what they
 * hold, which is what most who follow a chain ask for.
 */
import { native } from '../verify/codec.ts'
import { header as headerCodec, roots as rootsCodec, seal as sealCodec } from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { type BlockRecord, chainRecord } from '../verify/records.ts'
import type { Header, Roots, Seal } from '../verify/types.ts'
import type { Unrecorded } from './4-commit.ts'
import { attemptAsync } from './attempt-async.ts'
import type { ChainStore } from './chain-store.ts'
import { decodeRecord, recordInvalid } from './decode-record.ts'
import type { LogReader } from './log-reader.ts'
import { framesFrom, misplaced } from './marked-frames.ts'
import type { Recent, RecentBlock } from './recent.ts'

/** A block as the log has it. */
export interface FeedBlock {
  readonly record: BlockRecord
  /** Its newest one where it is the newest block; absent where it has none of its own: then one above it covers it. */
  readonly seal?: Seal
}

/** A block without what it holds. */
export interface FeedHeader {
  readonly hash: Uint8Array
  readonly header: Header
  readonly roots: Roots
  /** As of a `FeedBlock`. */
  readonly seal?: Seal
}

type Sealed = Pick<FeedBlock, 'seal'>

export interface FeedParts {
  readonly log: LogReader
  readonly store: ChainStore
  readonly recent: Recent
  readonly hashOf: (header: Header) => Uint8Array
  /** The newest acknowledged height. */
  readonly newest: () => bigint
  /** Comes back when this height was acknowledged, or that is given up; fails where it never will be. */
  readonly reaches: (height: bigint, signal: AbortSignal | undefined) => Promise<void>
  /** Comes back when this height is applied. */
  readonly applied: (height: bigint) => Promise<void>
  /** Seals that are not in the log yet. */
  readonly unrecorded: () => readonly Unrecorded[]
}

interface Numbered<B> {
  readonly height: bigint
  readonly block: B
}

/** What is shown of a block, the reader's own: what the chain goes on from is nobody else's to change. */
interface View<B extends Sealed> {
  readonly readsRecords: boolean
  /** Of a record of the log that names itself a block. */
  read(record: unknown, near: bigint): Numbered<B>
  /** Of one in memory, where all is there that is shown. */
  recall(block: RecentBlock): B | undefined
}

export interface FeedAsked {
  /** The height of the first block. */
  readonly from: bigint
  /** Whether it goes on behind the newest acknowledged block, until whoever reads stops. */
  readonly live: boolean
  /** Ends it, also while it waits for a block. */
  readonly signal: AbortSignal | undefined
}

/** The blocks, whole. */
export function feed(parts: FeedParts, asked: FeedAsked): AsyncGenerator<FeedBlock> {
  return follow(parts, whole, asked)
}

/** The same of headers and roots. */
export function headerFeed(parts: FeedParts, asked: FeedAsked): AsyncGenerator<FeedHeader> {
  return follow(parts, headersOnly(parts), asked)
}

const whole: View<FeedBlock> = {
  readsRecords: true,
  read(given, near) {
    const record = decodeRecord(given, near) as BlockRecord
    return { height: record.header.height, block: { record } }
  },
  recall: ({ record }) => record && { record: chainRecord.decode(record, native) as BlockRecord },
}

/** Commands are not looked at: they are nearly all of a block. */
function headersOnly({ hashOf }: FeedParts): View<FeedHeader> {
  return {
    readsRecords: false,
    read(given, near) {
      const block = attempt(() => {
        const header = headerCodec.decode(native.member(given, 'header'), native)
        return { hash: hashOf(header), header, roots: rootsCodec.decode(native.member(given, 'roots'), native) }
      })
      if (block instanceof CairnError) throw recordInvalid(block, near)
      return { height: block.header.height, block }
    },
    recall: ({ hash, header, roots }) => ({
      hash: hash.slice(),
      header: headerCodec.decode(header, native),
      roots: rootsCodec.decode(roots, native),
    }),
  }
}

async function* follow<B extends Sealed>(
  parts: FeedParts,
  view: View<B>,
  { from, live, signal }: FeedAsked,
): AsyncGenerator<B> {
  const { recent } = parts
  let next = from
  const unfollow = live ? recent.follow(view.readsRecords) : undefined
  try {
    for (;;) {
      if (signal?.aborted) return
      const newest = parts.newest()
      const found = recent.find(next)
      const recalled = found && view.recall(found)
      if (found !== undefined && recalled !== undefined) {
        next++
        yield { ...recalled, seal: sealCodec.decode(found.seal, native) }
      } else if (next <= newest) {
        await parts.applied(newest)
        for await (const { height, block } of between(parts, view, next, newest)) {
          next = height + 1n
          yield block
          if (signal?.aborted) return
        }
      }
      if (next <= parts.newest()) continue
      if (!live) return
      const awaited = await attemptAsync(() => parts.reaches(next, signal))
      // A chain that was closed has no more blocks; one that failed says so.
      if (awaited instanceof CairnError && awaited.code === 'chain_closed') return
      if (awaited instanceof Error) throw awaited
    }
  } finally {
    unfollow?.()
  }
}

/**
 * What the log has of these heights, each block as soon as its seal, or one above it, was read. The newest one may have been sealed again, and nothing
 * above it covers it: it comes last, under its newest seal.
 */
async function* between<B extends Sealed>(
  { log, store, unrecorded }: FeedParts,
  view: View<B>,
  from: bigint,
  to: bigint,
): AsyncGenerator<Numbered<B>> {
  let pending: Numbered<B>[] = []
  let last: Numbered<B> | undefined
  const sealed = (seal: Seal, height: bigint): Numbered<B>[] => {
    const ready = pending.filter((each) => each.height <= height)
    pending = pending.filter((each) => each.height > height)
    const blocks = ready.map((each) => (each.height === height ? { height, block: { ...each.block, seal } } : each))
    if (height === to) last = blocks.pop() ?? (last && { height, block: { ...last.block, seal } })
    return blocks
  }
  let next = from
  // Both as of one moment: what is recorded while this reads is in neither of two that were taken one after the other.
  const late = unrecorded()
  for await (const { records } of framesFrom(log, store, from)) {
    for (const each of records) {
      if (isBlock(each)) {
        const read = view.read(each, from)
        // Marks are not hashed: one that rotted must lead past no block.
        if (read.height > next) throw misplaced(from)
        if (read.height === next) next++
        if (read.height >= from && read.height <= to) pending.push(read)
        else if (read.height > to && pending.length === 0) {
          if (last !== undefined) yield last
          return
        }
      } else {
        const record = decodeRecord(each, from)
        if (record.k === 'seal') yield* sealed(record.seal, record.height)
      }
    }
  }
  // Nor to where nothing is: whoever follows would look there for ever.
  if (next <= to) throw misplaced(from)
  // A copy: this one is still to be written into the log.
  for (const { header, seal } of late) yield* sealed(sealCodec.decode(seal, native), header.height)
  for (const each of pending) yield each
  if (last !== undefined) yield last
}

/** By what it says of itself; that it is one is for whoever reads it. */
function isBlock(record: unknown): boolean {
  const { k, v } = (record ?? {}) as { readonly k?: unknown; readonly v?: unknown }
  return k === 'block' && v === 1
}
