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
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Level } from 'level'
import { CairnError } from '../verify/error.ts'
import { codeOf, orNothing, told } from './system-error.ts'

/** What is here is nobody else's business. */
const FILE_MODE = 0o600
/** Says who holds a lock; the lock itself is not in it. */
const HOLDER = 'holder.json'
const SOCKET = 'alive.sock'
/** Of a socket's folder, with 20 for its name; macOS takes 103, Linux 107, and Node may cut off what is longer. */
const PATH_BYTES = 80
const isWindows = process.platform === 'win32'
const LOCKED = 'LEVEL_LOCKED'

/** As a socket is refused that nobody listens on, and a file that is none. */
const DEAD: readonly unknown[] = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']
/** As one answers that more ask than it lets in, or that ends just now. */
const BUSY: readonly unknown[] = ['EAGAIN', 'EBUSY', 'ECONNRESET', 'EPIPE']
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
    if (await isHeard(directory)) throw await lockedBy(directory, holder)
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
  if (first === LOCKED) throw await lockedBy(directory, holder)
  if (!(first instanceof Error)) return first
  if (told(directory, first) !== undefined) throw first
  // A power cut damaged what is of no value; without this file LevelDB begins anew. LOCK stays: another process may hold it by now.
  await rm(join(directory, 'CURRENT'), { force: true })
  const second = await openLevel(directory)
  if (second === LOCKED) throw await lockedBy(directory, holder)
  if (second instanceof Error) throw second
  return second
}

/** Open, or that it is locked, or why else not. */
async function openLevel(directory: string): Promise<Level | typeof LOCKED | Error> {
  const { Level } = await import('level')
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
  if (isWindows) {
    const server = await orNothing(listen(pipeOf(directory)), 'EADDRINUSE')
    return server && ((): Promise<void> => close(server))
  }
  try {
    return await reached(directory, (folder) => claim(folder, directory, SOCKET))
  } catch (error) {
    if (!NO_SOCKETS.includes(codeOf(error))) throw error
    return claim(tmpdir(), tmpdir(), nameOf(directory))
  }
}

/**
 * Whoever comes listens under a name of its own first, and then looks for others: of two at least one sees the other, even where the LevelDB
 * is lost before this is done. So what is replaced in the end is a socket on which nobody listens. `folder` is reached as `near`.
 */
async function claim(near: string, folder: string, name: string): Promise<Release | undefined> {
  const mine = `${name}.${randomBytes(4).toString('hex')}`
  const server = await listen(join(near, mine))
  try {
    await chmod(join(near, mine), FILE_MODE)
    if (!(await isAnotherHeard(near, name, mine))) {
      await rename(join(folder, mine), join(folder, name))
      return async (): Promise<void> => {
        try {
          // Before it is silent: after that the name may be somebody else's.
          await rm(join(folder, name), { force: true })
        } finally {
          await close(server)
        }
      }
    }
  } catch (error) {
    // Somebody saw the name before anybody listened, and took it away: they are heard themselves.
    if (codeOf(error) !== 'ENOENT') {
      await close(server)
      throw error
    }
  }
  await close(server)
  return undefined
}

async function isAnotherHeard(near: string, name: string, mine: string): Promise<boolean> {
  for (const each of await readdir(near)) {
    if (!each.startsWith(`${name}.`) || each === mine) continue
    if (await isAnswered(join(near, each))) return true
    await rm(join(near, each), { force: true })
  }
  // After the others, for one of them may have got this name meanwhile.
  return isAnswered(join(near, name))
}

/** Node takes the path away when the server is closed, where it is still there. */
async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', nothing)
    socket.destroy()
  })
  server.unref()
  // Else, in a cluster, the primary process would listen, and live on.
  server.listen({ path, exclusive: true })
  await once(server, 'listening')
  // Somebody could not be let in, for want of descriptors; they were answered all the same.
  server.on('error', nothing)
  return server
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}

function isHeard(directory: string): Promise<boolean> {
  if (isWindows) return isAnswered(pipeOf(directory))
  return reached(directory, (folder) => isAnswered(join(folder, SOCKET)))
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
      else if (BUSY.includes(code)) resolve(true)
      else reject(error)
    })
  })
}

/**
 * With a path to the directory that is short enough for sockets. A long one is reached by a link among the temporary files, of which
 * nothing is left: the socket itself is always beside the LevelDB, where every process finds it, whatever it takes for temporary.
 */
async function reached<T>(directory: string, use: (folder: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(directory) <= PATH_BYTES) return use(directory)
  const folder = await mkdtemp(join(tmpdir(), 'cairn-'))
  const link = join(folder, 'lock')
  try {
    if (Buffer.byteLength(link) > PATH_BYTES) throw tooLong(directory)
    await symlink(directory, link)
    return await use(link)
  } finally {
    await rm(link, { force: true })
    await rmdir(folder)
  }
}

function pipeOf(directory: string): string {
  return `\\\\.\\pipe\\${nameOf(directory)}`
}

function nameOf(directory: string): string {
  return `cairn-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}.sock`
}

async function lockedBy(directory: string, file: string): Promise<CairnError> {
  const holder = parsed(await orNothing(readFile(file, 'utf8'), 'ENOENT'))
  // Between the lock and its name there is a moment, and so there is after it.
  const name =
    holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host} since ${holder.since}`
  return new CairnError(
    'chain_locked',
    `${directory} is held by ${name}: let it come to its end or stop it, ask it with --url where it is a server, or choose another chain`,
    { holder },
  )
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

function nothing(): void {}
