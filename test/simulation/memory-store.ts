/** The store port in memory: what every store must do, in the plainest way. */
import type { Batch, KeyRange, Store } from '../../src/ports/store.ts'

export class MemoryStore implements Store {
  private readonly values = new Map<string, Uint8Array>()
  private isClosed = false

  get(key: Uint8Array): Uint8Array | undefined {
    this.demandOpen()
    return this.values.get(nameOf(key))?.slice()
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.demandOpen()
    await Promise.resolve()
    return keys.map((key) => this.values.get(nameOf(key))?.slice())
  }

  async write(batch: Batch): Promise<void> {
    this.demandOpen()
    await Promise.resolve()
    this.apply(batch)
  }

  apply({ operations }: Batch): void {
    for (const { key, value } of operations) {
      if (value === undefined) this.values.delete(nameOf(key))
      // A copy that is nothing but bytes, of a Buffer too, whose own `slice` shares.
      else this.values.set(nameOf(key), new Uint8Array(value))
    }
  }

  async *entries({
    from,
    to,
    reverse = false,
    limit = -1,
  }: KeyRange): AsyncIterable<readonly [Uint8Array, Uint8Array]> {
    this.demandOpen()
    const [first, end] = [nameOf(from), nameOf(to)]
    const names: string[] = []
    for (const name of this.values.keys()) if (name >= first && name < end) names.push(name)
    names.sort(compare)
    if (reverse) names.reverse()
    // A snapshot, as LevelDB's iterators read from one.
    const found = names.slice(0, limit < 0 ? undefined : limit).map((name) => [name, this.values.get(name)] as const)
    for (const [name, value] of found) {
      await Promise.resolve()
      this.demandOpen()
      if (value !== undefined) yield [Uint8Array.from(name, (unit) => unit.charCodeAt(0)), value.slice()]
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    await Promise.resolve()
  }

  private demandOpen(): void {
    if (this.isClosed) throw new Error('the store is closed')
  }

  get size(): number {
    return this.values.size
  }

  /** All keys, for tests that look at everything. */
  names(): Iterable<string> {
    return this.values.keys()
  }

  at(name: string): Uint8Array {
    return this.values.get(name) ?? new Uint8Array(0)
  }

  /** Puts a record past all batches, as rot does; `undefined` takes it away. */
  put(name: string, value: Uint8Array | undefined): void {
    if (value === undefined) this.values.delete(name)
    else this.values.set(name, value)
  }

  copy(): MemoryStore {
    const copy = new MemoryStore()
    for (const [name, value] of this.values) copy.values.set(name, value)
    return copy
  }
}

/** One unit a byte: strings compare as their bytes do. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
