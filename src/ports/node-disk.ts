/**
 * The disk port on files. Between a call and its system call lies nothing but a promise: a block costs one write and one fdatasync.
 *
 * The lock is that of a LevelDB without a record: Node has no file locks, LevelDB's ends with its process, however that ends.
 */
import { close, constants, fdatasync, fstat, fsync, ftruncate, open, read, write } from 'node:fs'
import { mkdir, readdir, readFile, realpath, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Level } from 'level'
import { CairnError } from '../verify/error.ts'
import type { Disk, DiskFile } from './disk.ts'

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY } = constants
const FLAGS = { read: O_RDONLY, write: O_RDWR, create: O_RDWR | O_CREAT | O_EXCL } as const
// What a chain holds is nobody else's business.
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

/** Says who holds a lock; the lock itself is not in it. */
const HOLDER = 'holder.json'
const LOCKED = 'LEVEL_LOCKED'

export const nodeDisk: Disk = {
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
    await makeDirectory(path)
    return lock(await realpath(path))
  },
}

class NodeFile implements DiskFile {
  private readonly path: string
  private readonly descriptor: number
  private isClosed = false

  constructor(path: string, descriptor: number) {
    this.path = path
    this.descriptor = descriptor
  }

  async size(): Promise<number> {
    const descriptor = this.demandOpen()
    const { size } = await answer<{ size: number }>((call) => fstat(descriptor, call))
    return size
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    let got = 0
    while (got < length) {
      const descriptor = this.demandOpen()
      const from = got
      const more = await answer<number>((call) => read(descriptor, bytes, from, length - from, at + from, call))
      // Fewer than were asked for may come at any time; none of them means that the file ends.
      if (more === 0) return bytes.slice(0, got)
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

/**
 * The directories that this process holds. LevelDB must not be asked for one of them: it opens the file LOCK before it refuses, and
 * to close a file, by any descriptor, gives back every lock that the process has on it. So nobody else may open that file either.
 */
const held = new Set<string>()

async function lock(directory: string): Promise<() => Promise<void>> {
  const holder = join(directory, HOLDER)
  if (held.has(directory)) throw await lockedBy(directory, holder)
  held.add(directory)
  let level: Level | undefined
  const unlock = async (): Promise<void> => {
    await level?.close()
    held.delete(directory)
  }
  try {
    level = await openLocked(directory, holder)
    const self = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
    // Renamed into place: who is refused meanwhile reads the whole of it, or of the one before.
    await writeFile(`${holder}.tmp`, JSON.stringify(self), { mode: FILE_MODE })
    await rename(`${holder}.tmp`, holder)
  } catch (error) {
    await unlock()
    throw error
  }
  let isHeld = true
  return async (): Promise<void> => {
    if (!isHeld) return
    isHeld = false
    try {
      await rm(holder, { force: true })
    } finally {
      await unlock()
    }
  }
}

async function openLocked(directory: string, holder: string): Promise<Level> {
  const first = await openLevel(directory)
  if (first instanceof Level) return first
  if (first === LOCKED) throw await lockedBy(directory, holder)
  // A power cut damaged what is of no value; without this file LevelDB begins anew. LOCK stays: another process may hold it by now.
  await rm(join(directory, 'CURRENT'), { force: true })
  const second = await openLevel(directory)
  if (second instanceof Level) return second
  throw second === LOCKED ? await lockedBy(directory, holder) : second
}

/** Open, or that it is locked, or why else not. */
async function openLevel(directory: string): Promise<Level | typeof LOCKED | Error> {
  const level = new Level(directory)
  try {
    await level.open()
    return level
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return codeOf(error.cause) === LOCKED ? LOCKED : error
  }
}

async function lockedBy(directory: string, file: string): Promise<CairnError> {
  const holder = parsed(await orNothing(readFile(file, 'utf8'), 'ENOENT'))
  // Between the lock and its name there is a moment, and so there is after it.
  const name =
    holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host} since ${holder.since}`
  return new CairnError('chain_locked', `${directory} is held by ${name}: end it, or choose another chain`, { holder })
}

interface Holder {
  readonly pid: number
  readonly host: string
  readonly since: string
}

/** What a power cut left of one may be anything. */
function parsed(text: string | undefined): Holder | undefined {
  try {
    const { pid, host, since } = JSON.parse(text ?? '') as Holder
    return { pid, host, since }
  } catch {
    return undefined
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

async function orNothing<T>(asked: Promise<T>, code: string): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (codeOf(error) === code) return undefined
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
