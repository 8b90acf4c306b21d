/** The disk with an eye on the journal: the bytes that are written to it, and how long each fdatasync of it takes. */
import type { Disk, DiskFile } from '../../ports/disk.ts'
import { nodeDisk } from '../../ports/node-disk.ts'
import { Latencies } from './latencies.ts'

const JOURNAL_FILE = '.wal'

export class JournalDisk {
  bytes = 0
  syncs: Latencies = new Latencies()

  reset(): void {
    this.bytes = 0
    this.syncs = new Latencies()
  }

  /** A file counts once it has the name of a journal file: before that it is made ahead, out of zeros. */
  readonly disk: Disk = {
    ...nodeDisk,
    open: async (path, how) => {
      const file = { path }
      this.files.set(path, file)
      return this.watched(await nodeDisk.open(path, how), file)
    },
    rename: async (from, to) => {
      await nodeDisk.rename(from, to)
      const file = this.files.get(from)
      if (file === undefined) return
      file.path = to
      this.files.delete(from)
      this.files.set(to, file)
    },
  }

  private readonly files = new Map<string, { path: string }>()

  private watched(file: DiskFile, named: { readonly path: string }): DiskFile {
    const counts = (): boolean => named.path.endsWith(JOURNAL_FILE)
    return {
      size: () => file.size(),
      read: (at, length) => file.read(at, length),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
      write: (at, bytes) => {
        if (counts()) this.bytes += bytes.length
        return file.write(at, bytes)
      },
      datasync: async () => {
        const start = performance.now()
        await file.datasync()
        if (counts()) this.syncs.add(performance.now() - start)
      },
    }
  }
}
