/** The store on LevelDB, by the package `level`. */
import type { Batch, KeyRange, Store } from './store.ts'

export interface LevelSettings {
  /** Bytes of uncompressed blocks that LevelDB keeps in memory. */
  readonly cacheSize?: number
  readonly writeBufferSize?: number
  readonly maxOpenFiles?: number
  readonly maxFileSize?: number
  readonly compression?: boolean
}

const DEFAULTS: Required<LevelSettings> = {
  cacheSize: 16 << 20,
  // Half as many bytes written again by compactions as with the default of 4 MiB, for two of these in memory.
  writeBufferSize: 32 << 20,
  // LevelDB maps the files that it has open into memory, and all that was read of them counts as ours: it takes no smaller number than this one.
  maxOpenFiles: 74,
  maxFileSize: 3 << 20,
  // Of hashes nothing can be left out, and compactions have to keep up with the writes (docs/figures/README.md).
  compression: false,
}

/** Opens the LevelDB in a directory as a store, and makes one where there is none. */
export async function openLevelStore(location: string, settings: LevelSettings = {}): Promise<Store> {
  const options = { keyEncoding: 'view', valueEncoding: 'view', ...DEFAULTS, ...settings } as const
  // Not before: half of the commands open none, and a ninth of the time in which they start is its.
  const { Level } = await import('level')
  const level = new Level<Uint8Array, Uint8Array>(location, options)
  await level.open()
  return {
    get: (key: Uint8Array): Uint8Array | undefined => plain(level.getSync(key)),
    getMany: async (keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> =>
      (await level.getMany([...keys])).map(plain),
    async write({ operations }: Batch, durable = false): Promise<void> {
      const batch = level.batch()
      for (const { key, value } of operations) {
        if (value === undefined) batch.del(key)
        else batch.put(key, value)
      }
      await batch.write({ sync: durable })
    },
    async *entries({ from, to, reverse = false, limit = -1 }: KeyRange) {
      for await (const [key, value] of level.iterator({ gte: from, lt: to, reverse, limit, fillCache: false })) {
        yield [plain(key), plain(value)] as const
      }
    },
    close: (): Promise<void> => level.close(),
  }
}

/** LevelDB's values come as Buffers, whose `slice` shares where that of an array of bytes copies. */
function plain<T extends Uint8Array | undefined>(bytes: T): T {
  return (bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)) as T
}
