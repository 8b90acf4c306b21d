/**
 * The lock of the disk port. Node has no file locks, so it is made of two things, which both end with their process, however that ends:
 *
 * - a LevelDB without a record. It comes first and lets in one of those who come at once. But it alone does not last: the system gives it
 *   back when anything in the process opens and closes the file LOCK, a copy of the directory or another thread;
 * - a socket on which the holder listens. Whoever got the LevelDB asks there: where somebody answers, the holder lives.
 *
 * The system answers for the holder, so one that is busy or halted lives, too. A socket tells nothing of other machines: on a file system
 * that several of them write there is the first alone.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rename, rm, rmdir, symlink, unlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { constants, hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { CairnError } from '../verify/error.ts'

/** What is here is nobody else's business. */
const FILE_MODE = 0o600
/** Says who holds a lock; the lock itself is not in it. */
const HOLDER = 'holder.json'
const SOCKET = 'alive.sock'
/** Of a socket's path; macOS takes 103, Linux 107, and some cut off what is longer without a word. */
const PATH_BYTES = 100
const LOCKED = 'LEVEL_LOCKED'

/** As a socket is refused that nobody listens on, and a file that is none. */
const DEAD: readonly unknown[] = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']
/** More ask than the holder lets in. */
const CROWDED: readonly unknown[] = ['EAGAIN', 'EBUSY']
/** As a file system says that it has no sockets. */
const NO_SOCKETS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/**
 * The directories that this thread holds. Neither LevelDB nor anybody else is to be asked for one of them: to open the file LOCK and close
 * it, by any descriptor, gives back every lock that the process has on it.
 */
const held = new Set<string>()

type Release = () => Promise<void>

/** `directory` is there, and the one real path to it. */
export async function lock(directory: string): Promise<Release> {
  const holder = join(directory, HOLDER)
  if (held.has(directory)) throw await lockedBy(directory, holder)
  held.add(directory)
  let level: Level | undefined
  let fallSilent: Release | undefined
  const unlock = async (): Promise<void> => {
    try {
      // While nobody else can have the LevelDB: the name of the socket that goes away is ours.
      await fallSilent?.()
    } finally {
      await level?.close()
      held.delete(directory)
    }
  }
  try {
    // Asked beforehand, too: where the holder is another thread, LevelDB would take its lock away from it.
    if (await atSocket(directory, isAnswered)) throw await lockedBy(directory, holder)
    level = await openLocked(directory, holder)
    fallSilent = await beHeard(directory)
    if (fallSilent === undefined) throw await lockedBy(directory, holder)
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
  if (told(directory, first) !== undefined) throw first
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

/** Answers whoever asks whether the holder lives, until it is called; `undefined` where somebody else does. */
async function beHeard(directory: string): Promise<Release | undefined> {
  try {
    return await atSocket(directory, async (path, name) => {
      const server = await listen(path)
      return (
        server &&
        (async (): Promise<void> => {
          // Node takes away the path that it was given: where that was another one, it is gone by now.
          if (path !== name) await rm(name, { force: true })
          await close(server)
        })
      )
    })
  } catch (error) {
    if (!NO_SOCKETS.includes(codeOf(error))) throw error
    const server = await listen(join(tmpdir(), `${nameOf(directory)}.sock`))
    return server && ((): Promise<void> => close(server))
  }
}

async function listen(path: string): Promise<Server | undefined> {
  if (await isAnswered(path)) return undefined
  // The pipes of Windows end with their process and leave nothing.
  if (process.platform !== 'win32') await rm(path, { force: true })
  const server = createServer((socket) => {
    socket.on('error', nothing)
    socket.destroy()
  })
  server.unref()
  // Else, in a cluster, the primary process would listen, and live on.
  server.listen({ path, exclusive: true })
  try {
    await once(server, 'listening')
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return undefined
    throw error
  }
  // Somebody could not be let in, for want of descriptors; they were answered all the same.
  server.on('error', nothing)
  try {
    if (process.platform !== 'win32') await chmod(path, FILE_MODE)
  } catch (error) {
    await close(server)
    throw error
  }
  return server
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error) => {
      const code = codeOf(error)
      if (DEAD.includes(code)) resolve(false)
      else if (CROWDED.includes(code)) resolve(true)
      else reject(error)
    })
  })
}

/**
 * With the path at which the holder of the directory listens, and the name that it has there. A name too long for a socket is reached by a
 * link in the directory for temporary files, of which nothing is left: the socket itself is always beside the LevelDB, where every process
 * finds it, whatever it takes for temporary.
 */
async function atSocket<T>(directory: string, use: (path: string, name: string) => Promise<T>): Promise<T> {
  if (process.platform === 'win32') {
    const pipe = `\\\\.\\pipe\\${nameOf(directory)}`
    return use(pipe, pipe)
  }
  const name = join(directory, SOCKET)
  if (Buffer.byteLength(name) <= PATH_BYTES) return use(name, name)
  const folder = await mkdtemp(join(tmpdir(), 'cairn-'))
  try {
    const link = join(folder, 'lock')
    const path = join(link, SOCKET)
    if (Buffer.byteLength(path) > PATH_BYTES) throw tooLong(directory)
    await symlink(directory, link)
    try {
      return await use(path, name)
    } finally {
      await unlink(link)
    }
  } finally {
    await rmdir(folder)
  }
}

function nameOf(directory: string): string {
  return `cairn-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`
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

function tooLong(directory: string): CairnError {
  const message = `${directory} is too long a path for a socket: choose a shorter one, or a shorter TMPDIR than ${tmpdir()}.`
  return new CairnError('data_unwritable', message, { path: directory })
}

/** What of the system's refusals somebody can mend, told as that; the rest goes on as it is. */
export async function explained<T>(directory: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw told(directory, error) ?? error
  }
}

function told(path: string, cause: unknown): CairnError | undefined {
  if (cause instanceof CairnError) return undefined
  if (isOf(cause, 'ENOSPC', 'No space left on device') || isOf(cause, 'EDQUOT', 'quota exceeded')) {
    const message = `The disk is full: there is no room to lock ${path}. Make room, and try again.`
    return new CairnError('disk_full', message, { path, cause })
  }
  const isReadOnly = isOf(cause, 'EROFS', 'Read-only file system')
  if (!isReadOnly && !isOf(cause, 'EACCES', 'Permission denied')) return undefined
  const message = isReadOnly
    ? `${path} lies on a file system that is read only: mount it for writing, or choose another place.`
    : `This user may not write in ${path}: give the user the right to, or choose another place.`
  return new CairnError('data_unwritable', message, { path, cause })
}

/** Whether it goes back to this refusal. LevelDB tells only the system's words for it, and Node has no code for a quota. */
function isOf(error: unknown, code: 'ENOSPC' | 'EDQUOT' | 'EROFS' | 'EACCES', words: string): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    if (codeOf(at) === code || ('errno' in at && at.errno === -constants.errno[code])) return true
    if (codeOf(at) === 'LEVEL_IO_ERROR' && at.message.toLowerCase().endsWith(words.toLowerCase())) return true
  }
  return false
}

export async function orNothing<T>(asked: Promise<T>, code: string): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (codeOf(error) === code) return undefined
    throw error
  }
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function nothing(): void {}
