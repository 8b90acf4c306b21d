/** Ports that say how long they took: what a chain waits for while others work. */

import { WRITE_BUFFER } from '../../src/limits.ts'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'
import { levelHome } from '../../src/ports/level-home.ts'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import type { Signer } from '../../src/ports/signer.ts'
import type { Store, StoreHome } from '../../src/ports/store.ts'

export class Stopwatch {
  milliseconds = 0
  times = 0

  async of<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      return await work()
    } finally {
      this.milliseconds += performance.now() - start
      this.times++
    }
  }

  reset(): void {
    this.milliseconds = 0
    this.times = 0
  }

  get each(): number {
    return this.milliseconds / Math.max(1, this.times)
  }
}

export interface Watches {
  readonly sync: Stopwatch
  readonly write: Stopwatch
  readonly seal: Stopwatch
  readonly apply: Stopwatch
}

export function newWatches(): Watches {
  return { sync: new Stopwatch(), write: new Stopwatch(), seal: new Stopwatch(), apply: new Stopwatch() }
}

/** The file in use alone: those that are made ahead are not waited for. */
export function watchedDisk({ sync, write }: Watches): Disk {
  const watched = (file: DiskFile): DiskFile => ({
    size: () => file.size(),
    read: (at, length) => file.read(at, length),
    write: (at, bytes) => write.of(() => file.write(at, bytes)),
    truncate: (size) => file.truncate(size),
    datasync: () => sync.of(() => file.datasync()),
    close: () => file.close(),
  })
  return {
    ...nodeDisk,
    async open(path, how) {
      const file = await nodeDisk.open(path, how)
      return path.endsWith('.wal') || path.endsWith('ahead.tmp') ? watched(file) : file
    },
  }
}

export function watchedSigner(signer: Signer, { seal }: Watches): Signer {
  return {
    delegations: signer.delegations,
    seal: (identity, header) => seal.of(() => signer.seal(identity, header)),
  }
}

export function watchedHome(directory: string, { apply }: Watches): StoreHome {
  const home = levelHome(nodeDisk, directory, 'store', { writeBufferSize: WRITE_BUFFER })
  return {
    destroy: () => home.destroy(),
    async open(): Promise<Store> {
      const store = await home.open()
      return { ...store, write: (batch) => apply.of(() => store.write(batch)) }
    },
  }
}
