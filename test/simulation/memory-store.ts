/** The store port in memory: what every store must do, in the plainest way. */
import type { Batch, KeyRange, Store } from '../../src/ports/store.ts'

export class MemoryStore implements Store {
  private values = new Map<string, Uint8Array>()
  /** With a copy, until one of both is written to. */
  private isShared = false
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

  apply(batch: Batch): void {
    this.applyNamed(named(batch))
  }

  /** What is in there is shared from then on: nobody changes it in its place. */
  applyNamed(operations: readonly NamedOperation[]): void {
    for (const { name, value } of operations) this.put(name, value)
  }

  async *entries({
    from,
    to,
    reverse = false,
    limit = -1,
  }: KeyRange): AsyncIterable<readonly [Uint8Array, Uint8Array]> {
    this.demandOpen()
    const [first, end] = [nameOf(from), nameOf(to)]
    const [letter, last] = [first.charCodeAt(0), end.charCodeAt(0)]
    const names: string[] = []
    for (const name of this.values.keys()) {
      const begins = name.charCodeAt(0)
      // Most keys are of another letter: that is seen without a comparison.
      if (!(begins < letter || begins > last) && name >= first && name < end) names.push(name)
    }
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
    if (this.isShared) this.values = new Map(this.values)
    this.isShared = false
    if (value === undefined) this.values.delete(name)
    else this.values.set(name, value)
  }

  copy(): MemoryStore {
    const copy = new MemoryStore()
    copy.values = this.values
    copy.isShared = true
    this.isShared = true
    return copy
  }
}

/** An operation of a batch whose bytes are its own. */
export interface NamedOperation {
  readonly name: string
  readonly value: Uint8Array | undefined
}

/** What a batch does, in copies that are nothing but bytes, of a Buffer too, whose own `slice` shares. */
export function named({ operations }: Batch): readonly NamedOperation[] {
  return operations.map(({ key, value }) => ({ name: nameOf(key), value: value && new Uint8Array(value) }))
}

const { latin1Slice } = Buffer.prototype as unknown as {
  readonly latin1Slice: (this: Uint8Array, from: number, to: number) => string
}

/** One unit a byte: strings compare as their bytes do. */
function nameOf(key: Uint8Array): string {
  return latin1Slice.call(key, 0, key.length)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
