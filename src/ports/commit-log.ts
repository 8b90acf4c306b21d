/**
 * The port to the one thing that must not split: the log in which a block is, or is not. On one machine it is the journal.
 *
 * What is said of an append is one of two things: it is there for good, or nobody knows. An append that failed, other than with `disk_full`, is
 * unknown; whoever gets it acknowledges nothing and appends nothing more, until a takeover has said what the log holds.
 */
export interface CommitLog {
  /** Bytes of encoded records that one append takes. */
  readonly capacity: number
  /**
   * Appends the records of one block, encoded, with those that ride along: all of them or none. They are there for good when it comes back: this
   * is the commit point. `height` is the block's; records without a block name the newest one's. One at a time. `disk_full` says that nothing was written, and that it may be tried again.
   */
  append(height: bigint, records: readonly Uint8Array[]): Promise<Place>
  /** Comes back when all that was appended is there for good, or fails as the append did. */
  barrier(): Promise<void>
  /** Makes the log this writer's own: what it reads afterwards is there for good, whatever became of the one who wrote it. */
  takeover(): Promise<void>
  /** The records of the frame at a place. */
  frameAt(place: Place): Promise<FrameRecords>
  /** The frames from a place on, in their order; `undefined` is the beginning. */
  read(from: Place | undefined): AsyncIterable<LoggedFrame>
  close(): Promise<void>
}

/** Where a frame lies: the first height of its file, and the offset in it. */
export interface Place {
  readonly file: bigint
  readonly offset: number
}

/** What a frame holds, decoded from msgpack. */
export interface FrameRecords {
  /** Their shapes are checked by whoever reads them, if they are not `isPlain`. */
  readonly records: readonly unknown[]
  /** Whether they are what the codec of records makes of them already. Bytes are views of what was read then, too. */
  readonly isPlain: boolean
}

export interface LoggedFrame extends FrameRecords {
  readonly place: Place
}
