/**
 * A store that is written to behind whoever gives it batches, several at once: a write of LevelDB costs as much as a block of a few commands, and
 * waiting for one more than that. It is for what nobody has to find after a crash.
 *
 * Promise: reads see every batch that was given. A write that failed is told by the next one that goes out, and by `settle`; what was not settled
 * before the end may be gone.
 */
import { Batch, type KeyRange, type Operation, type Store } from '../ports/store.ts'
import { keyName } from '../store/key-name.ts'

/** Of batches that are written at once, in bytes. */
const WRITTEN_AT_ONCE: number = 1 << 20

/** Batches that reads do not find in the store yet. */
class Given {
  readonly batch = new Batch()
  /** By the name of their keys; made when somebody reads. */
  private values: Map<string, Uint8Array | undefined> | undefined

  add({ operations, size }: Batch): void {
    for (const operation of operations) this.batch.operations.push(operation)
    this.batch.size += size
    if (this.values !== undefined) for (const { key, value } of operations) this.values.set(keyName(key), value)
  }

  get isEmpty(): boolean {
    return this.batch.operations.length === 0
  }

  find(name: string): Pick<Operation, 'value'> | undefined {
    this.values ??= new Map(this.batch.operations.map(({ key, value }) => [keyName(key), value]))
    return this.values.has(name) ? { value: this.values.get(name) } : undefined
  }
}

export class LateStore implements Store {
  private readonly store: Store
  private given = new Given()
  private onTheWay: Given | undefined
  private writing: Promise<void> = Promise.resolve()

  constructor(store: Store) {
    this.store = store
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const found = this.find(key)
    return found === undefined ? this.store.get(key) : found.value
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    // First: what is on the way now may have got there when the store has answered.
    const found = keys.map((key) => this.find(key))
    const values = await this.store.getMany(keys)
    return values.map((value, i) => {
      const given = found[i]
      return given === undefined ? value : given.value
    })
  }

  /** Comes back before it is written, unless there is much that is not. */
  async write(batch: Batch, durable = false): Promise<void> {
    if (durable) {
      await this.settle()
      return this.store.write(batch, durable)
    }
    this.given.add(batch)
    if (this.given.batch.size >= WRITTEN_AT_ONCE) await this.send()
  }

  async *entries(range: KeyRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]> {
    await this.settle()
    yield* this.store.entries(range)
  }

  /** All that was given is in the store. */
  async settle(): Promise<void> {
    await this.send()
    await this.writing
  }

  async close(): Promise<void> {
    await this.writing.catch(() => undefined)
    await this.store.close()
  }

  private find(key: Uint8Array): Pick<Operation, 'value'> | undefined {
    if (this.onTheWay === undefined && this.given.isEmpty) return undefined
    const name = keyName(key)
    return this.given.find(name) ?? this.onTheWay?.find(name)
  }

  /** Begins to write what was given, when all before it is written. */
  private async send(): Promise<void> {
    // Somebody else who waits here may be the first to begin.
    while (this.onTheWay !== undefined) await this.writing
    if (this.given.isEmpty) return
    const given = this.given
    this.onTheWay = given
    this.given = new Given()
    this.writing = this.writeAll(given)
    // Told by whoever writes next; until then its failure is nobody's.
    this.writing.catch(() => undefined)
  }

  private async writeAll({ batch }: Given): Promise<void> {
    await this.store.write(batch)
    this.onTheWay = undefined
  }
}
