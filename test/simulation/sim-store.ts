/**
 * The store port with what a crash does to LevelDB without syncs: of the newest batches some are lost, mostly the last ones, sometimes
 * ones in the middle. A home is where a store lies: it outlives the process, and can be opened again.
 */
import type { Batch, KeyRange, Store, StoreHome } from '../../src/ports/store.ts'
import type { Random } from '../support/seed.ts'
import type { Counts, Life } from './life.ts'
import { MemoryStore, type NamedOperation, named } from './memory-store.ts'

/** A batch that a cut may take. */
interface Recent {
  readonly operations: readonly NamedOperation[]
  readonly size: number
  /** Which of LevelDB's logs has it. */
  readonly log: number
  isSynced: boolean
}

/** What lies there. */
export class StoredBatches {
  /** How many bytes of batches a cut may take from; older ones are safe. */
  unsyncedBytes = 64 << 10
  /** Of the newest batches the next cut takes only this one, counted from the newest, 0 on. */
  losesAlone: number | undefined
  refusal: Error | undefined
  private safe = new MemoryStore()
  private seen = new MemoryStore()
  private recent: Recent[] = []
  private recentBytes = 0
  private log = 0
  private logBytes = 0

  /** What readers see. */
  get contents(): MemoryStore {
    return this.seen
  }

  write(batch: Batch): void {
    const operations = named(batch)
    this.seen.applyNamed(operations)
    if (this.logBytes > this.unsyncedBytes / 2) {
      this.log++
      this.logBytes = 0
    }
    this.recent.push({ operations, size: batch.size, log: this.log, isSynced: false })
    this.logBytes += batch.size
    this.recentBytes += batch.size
    while (this.recentBytes > this.unsyncedBytes) {
      const oldest = this.recent.shift() as Recent
      this.safe.applyNamed(oldest.operations)
      this.recentBytes -= oldest.size
    }
  }

  /** The log that is written to is safe. Of the one before it LevelDB syncs nothing: it is being made into a table, which may not be done. */
  sync(): void {
    for (const each of this.recent) each.isSynced ||= each.log === this.log
  }

  /** What was left becomes what is safe: LevelDB writes it anew when it is opened. */
  cut(random: Random, counts: Counts): void {
    const { losesAlone } = this
    const isKept =
      losesAlone === undefined
        ? luckOf(random, this.recent.length)
        : (i: number): boolean => i !== this.recent.length - 1 - losesAlone
    this.losesAlone = undefined
    const kept = this.recent.map(({ isSynced }, i) => isSynced || isKept(i))
    for (const [i, { operations }] of this.recent.entries()) if (kept[i] === true) this.safe.applyNamed(operations)
    counts.batchesLost += kept.filter((isThere) => !isThere).length
    counts.storeHoles += kept.slice(0, Math.max(0, kept.lastIndexOf(true))).filter((isThere) => !isThere).length
    this.recent = []
    this.recentBytes = 0
    this.seen = this.safe.copy()
  }

  copy(): StoredBatches {
    const copy = new StoredBatches()
    copy.unsyncedBytes = this.unsyncedBytes
    copy.refusal = this.refusal
    copy.safe = this.safe.copy()
    copy.seen = this.seen.copy()
    copy.recent = this.recent.map((each) => ({ ...each }))
    copy.recentBytes = this.recentBytes
    copy.log = this.log
    copy.logBytes = this.logBytes
    return copy
  }

  clear(): void {
    this.safe = new MemoryStore()
    this.seen = new MemoryStore()
    this.recent = []
    this.recentBytes = 0
    this.refusal = undefined
  }
}

export class SimStoreHome implements StoreHome {
  private readonly life: Life
  private readonly stored: StoredBatches
  private isOpen = false

  constructor(life: Life, stored: StoredBatches) {
    this.life = life
    this.stored = stored
  }

  set unsyncedBytes(bytes: number) {
    this.stored.unsyncedBytes = bytes
  }

  /** What lies there, to be looked at and changed past all batches. */
  get contents(): MemoryStore {
    return this.stored.contents
  }

  /** See `StoredBatches.losesAlone`. */
  set losesAlone(batch: number) {
    this.stored.losesAlone = batch
  }

  /** From now on it cannot be opened, in this life and the next ones, until it is destroyed. */
  refuse(error: Error = levelError('LEVEL_CORRUPTION')): void {
    this.stored.refusal = error
  }

  get isRefused(): boolean {
    return this.stored.refusal !== undefined
  }

  async open(): Promise<Store> {
    await this.life.pass()
    if (this.stored.refusal !== undefined) throw this.stored.refusal
    if (this.isOpen) throw levelError('LEVEL_LOCKED')
    this.isOpen = true
    return new SimStore(this.life, this.stored, () => {
      this.isOpen = false
    })
  }

  /** In two steps: what is destroyed by half cannot be opened. */
  async destroy(): Promise<void> {
    if (this.isOpen) throw levelError('LEVEL_LOCKED')
    await this.life.effect('destroy half of the store', () => {
      this.refuse()
    })
    await this.life.effect('destroy the store', () => {
      this.stored.clear()
    })
  }
}

class SimStore implements Store {
  private readonly life: Life
  private readonly stored: StoredBatches
  private readonly onClose: () => void
  private isClosed = false
  private begun: Promise<unknown> = Promise.resolve()

  constructor(life: Life, stored: StoredBatches, onClose: () => void) {
    this.life = life
    this.stored = stored
    this.onClose = onClose
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.demandOpen()
    return this.stored.contents.get(key)
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.demandOpen()
    const values = await this.stored.contents.getMany(keys)
    await this.life.pass()
    return values
  }

  async write(batch: Batch, durable = false): Promise<void> {
    this.demandOpen()
    const written = this.life.effect(`storeWrite ${batch.size}`, () => {
      const failure = this.life.takeFailure('storeWrite')
      if (failure !== undefined) throw failure
      this.stored.write(batch)
      if (durable) this.stored.sync()
    })
    this.begun = Promise.allSettled([this.begun, written])
    await written
  }

  async *entries(range: KeyRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]> {
    this.demandOpen()
    for await (const entry of this.stored.contents.entries(range)) {
      await this.life.pass()
      this.demandOpen()
      yield entry
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    await this.begun
    await this.life.pass()
    this.onClose()
  }

  private demandOpen(): void {
    if (this.isClosed) throw new Error('the store is closed')
  }
}

/** Which of the batches are kept: all, the first so many, these and any of those after them, or any. */
function luckOf(random: Random, length: number): (i: number) => boolean {
  const first = random.below(length + 1)
  const isAny = (): boolean => random.below(2) === 0
  const isFirst = (i: number): boolean => i < first
  return random.pick<(i: number) => boolean>([() => true, isFirst, isFirst, (i) => isFirst(i) || isAny(), isAny])
}

/** As abstract-level's errors look. */
function levelError(code: string): Error {
  const cause = Object.assign(new Error(code), { code })
  return Object.assign(new Error('Database failed to open', { cause }), { code: 'LEVEL_DATABASE_NOT_OPEN' })
}
