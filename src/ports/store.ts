/**
 * The port to a sorted key-value store: exact reads, ranges, and batches that happen as a whole or not at all.
 *
 * A batch is not synced, unless that is asked for. What a crash leaves of the newest ones is the store's affair, and whoever writes must be able to write
 * them again.
 */
export interface Store {
  /** The value of a key, without leaving the thread. */
  get(key: Uint8Array): Uint8Array | undefined
  /** The values of many keys, in their order, read side by side. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>
  /**
   * All of the batch, or nothing of it; where it is asked to be `durable`, it is there for good when it comes back. So is what was written before it, but for
   * what LevelDB has in the log before, which it is making into a table: nothing may rest on that.
   */
  write(batch: Batch, durable?: boolean): Promise<void>
  /** The entries from `from` up to and without `to`, in the order of the keys or against it. */
  entries(range: KeyRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>
  close(): Promise<void>
}

/** From a key on, up to and without another one; at most so many, where there is a limit. */
export interface KeyRange {
  readonly from: Uint8Array
  readonly to: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
}

/** What a batch writes: a value, or `undefined` where the key is deleted. */
export interface Operation {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** Operations that are written together; the last one to a key counts. */
export class Batch {
  readonly operations: Operation[] = []
  /** Bytes of its keys and values. */
  size = 0

  put(key: Uint8Array, value: Uint8Array): void {
    this.operations.push({ key, value })
    this.size += key.length + value.length
  }

  delete(key: Uint8Array): void {
    this.operations.push({ key, value: undefined })
    this.size += key.length
  }
}

/** Where a store is kept: opened, or taken away so that it is made anew. */
export interface StoreHome {
  /** The store as it was left; an empty one where there is none. Fails where what is there cannot be opened. */
  open(): Promise<Store>
  /** Takes away all that is there. It has to be closed. */
  destroy(): Promise<void>
}
