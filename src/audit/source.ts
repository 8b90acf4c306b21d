/**
 * Where an audit gets a chain from: a stream of frames, each with the file and the offset at which it lies, in the order in which they
 * became durable. A directory of a chain is one source, an export another.
 *
 * A source believes nothing that it reads but what it says here: that the bytes of a frame are those that were written. What its records
 * say is for the audit.
 */
import type { Authority } from '../verify/records.ts'
import type { Genesis } from '../verify/types.ts'

/** A place in what is read. */
export interface Spot {
  readonly file: string
  readonly offset: number
}

/**
 * Frames one after the other, as they lie in a journal file: as they were written, and not decoded yet. The bytes are good until the frames are given back
 * (`release`): what is kept of them longer is a copy.
 */
export interface PackedFrames extends Spot {
  readonly kind: 'packed'
  readonly bytes: Uint8Array
}

/** The records of one frame: read into their shapes where it `isPlain`, else decoded from msgpack and from nothing else. */
export interface ReadFrame extends Spot {
  readonly kind: 'records'
  readonly records: readonly unknown[]
  readonly isPlain: boolean
  /** Where the next one begins. */
  readonly end: number
}

export type Frames = PackedFrames | ReadFrame

/** A file begins here, and says that its first block is of this height. */
export interface FileStart extends Spot {
  readonly kind: 'file'
  readonly first: bigint
}

/**
 * A frame was begun here and not finished: by a producer that is writing it now, or that a power cut ended. It was never acknowledged,
 * and is no part of the chain. The last thing of a stream.
 */
export interface TornTail extends Spot {
  readonly kind: 'torn'
}

/** What lies here is damaged, or not what belongs here: the last thing of a stream. */
export interface SourceFault extends Spot {
  readonly kind: 'fault'
  readonly reason: string
  /** The block that would begin here, where the source knows it. */
  readonly height?: bigint
}

/** What a source gives, in the order of the chain. */
export type SourceItem = Frames | FileStart | TornTail | SourceFault

export interface AuditSource {
  readonly genesis: Genesis
  /** The height of the first block that it has, or a lower one. */
  readonly from: bigint
  /** Delegations and revocations that the chain had seen before that block, as the source says: they are checked like any other. */
  readonly authority: readonly Authority[]
  /** Whether blocks may still be added while it is read, so that the newest ones may not have their seal yet. */
  readonly isLive: boolean
  /** Bytes that there are to be read, about; undefined where nobody knows. */
  readonly size: number | undefined
  /** How many of them were read. */
  readonly bytesRead: number
  /**
   * From the beginning; from where an audit stopped before; or, given a height, from wherever the source can find the block of that height behind
   * it without reading all.
   */
  items(from?: Spot | bigint): AsyncIterable<SourceItem>
  /** These frames are joined, and nobody reads them any more: what comes next may be written over them. */
  release?(frames: Frames): void
  /** Nothing more is asked for: what it holds open may go, also where its items were never asked for. */
  close?(): Promise<void>
}

/** The same source; all that it gives is heard before it is given, and stays as it is: whoever hears it may keep it. */
export function overheard(source: AuditSource, hear: (item: SourceItem) => void): AuditSource {
  return {
    genesis: source.genesis,
    from: source.from,
    authority: source.authority,
    isLive: source.isLive,
    get size() {
      return source.size
    },
    get bytesRead() {
      return source.bytesRead
    },
    async *items(from) {
      for await (const item of source.items(from)) {
        hear(item)
        yield item
      }
    },
    close: async () => source.close?.(),
  }
}
