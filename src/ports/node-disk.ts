/** The disk port on files. Between a call and its system call lies nothing but a promise: a block costs one write and one fdatasync. */
import { close, constants, fdatasync, fstat, fsync, ftruncate, open, read, write } from 'node:fs'
import { mkdir, readdir, realpath, rename, rm, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'
import { lock } from './node-lock.ts'
import { realPath } from './real-path.ts'
import { codeOf, explained, orNothing } from './system-error.ts'

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY } = constants
const FLAGS = { read: O_RDONLY, write: O_RDWR, create: O_RDWR | O_CREAT | O_EXCL } as const
// What a chain holds is nobody else's business.
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

export const nodeDisk: Disk = {
  realPath,
  async open(path: string, how: 'read' | 'write' | 'create'): Promise<DiskFile> {
    return new NodeFile(path, await descriptorOf(path, FLAGS[how]))
  },
  rename,
  unlink,
  async list(directory: string): Promise<readonly string[]> {
    const names = await orNothing(readdir(directory), 'ENOENT')
    return (names ?? []).toSorted()
  },
  makeDirectory: (directory: string): Promise<void> => makeDirectory(resolve(directory)),
  removeDirectory: (directory: string): Promise<void> => rm(directory, { recursive: true, force: true }),
  syncDirectory,
  async lock(directory: string): Promise<() => Promise<void>> {
    const path = resolve(directory)
    return explained(path, async () => {
      await makeDirectory(path)
      const unlock = await lock(await realpath(path))
      return () => explained(path, unlock)
    })
  },
}

/** A reading that its caller gave up in the middle, without a word, never comes to close its file. */
const givenUp = new FinalizationRegistry<number>((descriptor) => {
  close(descriptor, () => undefined)
})

class NodeFile implements DiskFile {
  private readonly path: string
  private readonly descriptor: number
  private isClosed = false

  constructor(path: string, descriptor: number) {
    this.path = path
    this.descriptor = descriptor
    givenUp.register(this, descriptor, this)
  }

  async size(): Promise<number> {
    const descriptor = this.demandOpen()
    const { size } = await answer<{ size: number }>((call) => fstat(descriptor, call))
    return size
  }

  async read(at: number, length: number, room?: Uint8Array): Promise<Uint8Array> {
    // Not filled with zeros first, which costs more than to read: what is not read over is cut off.
    const bytes = room?.subarray(0, length) ?? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
    let got = 0
    while (got < length) {
      const descriptor = this.demandOpen()
      const from = got
      const more = await answer<number>((call) => read(descriptor, bytes, from, length - from, at + from, call))
      // Fewer than were asked for may come at any time; none of them means that the file ends.
      if (more === 0) return room === undefined ? bytes.slice(0, got) : bytes.subarray(0, got)
      got += more
    }
    return bytes
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    let put = 0
    while (put < bytes.length) {
      const descriptor = this.demandOpen()
      const from = put
      const more = await answer<number>((call) => write(descriptor, bytes, from, bytes.length - from, at + from, call))
      if (more === 0) throw new Error(`${this.path}: the system wrote nothing at ${at + from} and named no error`)
      put += more
    }
  }

  async truncate(size: number): Promise<void> {
    const descriptor = this.demandOpen()
    await done((call) => ftruncate(descriptor, size, call))
  }

  async datasync(): Promise<void> {
    const descriptor = this.demandOpen()
    await done((call) => fdatasync(descriptor, call))
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    givenUp.unregister(this)
    await done((call) => close(this.descriptor, call))
  }

  /** The number of a closed descriptor is soon that of another file. */
  private demandOpen(): number {
    if (this.isClosed) throw new Error(`${this.path} is closed`)
    return this.descriptor
  }
}

/** From the top down: each name is synced before there is one below it. */
async function makeDirectory(directory: string): Promise<void> {
  const parent = dirname(directory)
  try {
    await mkdir(directory, DIRECTORY_MODE)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && parent !== directory) {
      await makeDirectory(parent)
      await makeDirectory(directory)
      return
    }
    if (codeOf(error) !== 'EEXIST') throw error
    // Fails where it is something else.
    await syncDirectory(directory)
    // Whoever made it may have ended before the name was synced. Where we may not read what it is in, it was not us.
    await orNothing(syncDirectory(parent), 'EACCES')
    return
  }
  await syncDirectory(parent)
}

async function syncDirectory(directory: string): Promise<void> {
  const descriptor = await descriptorOf(directory, O_RDONLY | O_DIRECTORY)
  try {
    await done((call) => fsync(descriptor, call))
  } finally {
    await done((call) => close(descriptor, call))
  }
}

function descriptorOf(path: string, flags: number): Promise<number> {
  return answer<number>((call) => open(path, flags, FILE_MODE, call))
}

type Failure = Error | null

function answer<T>(ask: (call: (error: Failure, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    ask((error, value) => {
      if (error === null) resolve(value)
      else reject(error)
    })
  })
}

function done(ask: (call: (error: Failure) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    ask((error) => {
      // Node gives `undefined`, too.
      if (error instanceof Error) reject(error)
      else resolve()
    })
  })
}
