/** The lock on files, among processes and threads, and whatever else the process does with the files of the lock. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { bundled } from '../support/bundled.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

const freshFolder = (): string => mkdtempSync(join(folder, 'each-'))

/** Makes of every file system one that has no sockets, but that of the temporary files. */
const NO_SOCKETS = `
  import { Server } from 'node:net'
  const { listen } = Server.prototype
  Server.prototype.listen = function (options) {
    if (!options.path.includes('/alive.sock')) return listen.call(this, options)
    process.nextTick(() => this.emit('error', Object.assign(new Error('no sockets here'), { code: 'EPERM' })))
    return this
  }
`

let script: string
const children: ChildProcess[] = []
beforeAll(async () => {
  script = fileURLToPath(await bundled(new URL('lock-holder.ts', import.meta.url)))
})
afterEach(() => {
  vi.unstubAllEnvs()
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that tried to take the lock, and what it said. */
async function holderOf(
  directory: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = spawn(process.execPath, [script, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  children.push(child)
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: said.toString().trim() }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A thread of this process that tried to take the lock, and what it said. */
async function threadOf(directory: string): Promise<{ readonly thread: Worker; readonly said: string }> {
  const thread = new Worker(script, { argv: [directory], stdin: true, stdout: true })
  const [said] = (await once(thread.stdout, 'data')) as [Buffer]
  return { thread, said: said.toString().trim() }
}

describe('a lock among processes', () => {
  it('is refused to another one, and told who holds it', async () => {
    const directory = freshFolder()
    const { child, said } = await holderOf(directory)
    expect(said).toBe('held')
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({
      code: 'chain_locked',
      message: expect.stringContaining(`process ${child.pid} on ${hostname()} since 20`),
      details: { holder: { pid: child.pid, host: hostname() } },
    })
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await kill(child)
  })

  it('is free when its holder was killed, and names the next one', async () => {
    const directory = freshFolder()
    const { child } = await holderOf(directory)
    await kill(child)
    const unlock = await nodeDisk.lock(directory)
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    const details = { holder: { pid: process.pid } }
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code: 'chain_locked', details })
    await unlock()
    expect(await holderOf(directory)).toMatchObject({ said: 'held' })
  })

  it('holds after a refusal in the same process, by any path', async () => {
    const directory = freshFolder()
    const link = join(freshFolder(), 'link')
    symlinkSync(directory, link)
    const unlock = await nodeDisk.lock(directory)
    for (const path of [directory, link, `${directory}/.`]) {
      await expect(nodeDisk.lock(path)).rejects.toMatchObject({ code: 'chain_locked' })
      expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    }
    await unlock()
  })

  it('is refused without a name, where its holder has not written one', async () => {
    const directory = freshFolder()
    const unlock = await nodeDisk.lock(directory)
    rmSync(join(directory, 'holder.json'))
    const details = { holder: undefined }
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code: 'chain_locked', details })
    await unlock()
  })

  it.each([
    ['', 'CURRENT'],
    ['MANIFEST-000777\n', 'CURRENT'],
    ['not json', 'holder.json'],
    ['', 'holder.json'],
  ])('is given where a cut left %j in %s', async (left, name) => {
    const directory = freshFolder()
    await (await nodeDisk.lock(directory))()
    writeFileSync(join(directory, name), left)
    const unlock = await nodeDisk.lock(directory)
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await unlock()
  })

  it('fails where its directory cannot be made', async () => {
    const directory = freshFolder()
    writeFileSync(join(directory, 'file'), '')
    await expect(nodeDisk.lock(join(directory, 'file'))).rejects.toThrow()
    mkdirSync(join(directory, 'lock/holder.json'), { recursive: true })
    await expect(nodeDisk.lock(join(directory, 'lock'))).rejects.toThrow()
    rmSync(join(directory, 'lock/holder.json'), { recursive: true })
    await (await nodeDisk.lock(join(directory, 'lock')))()
  })
})

describe('a lock of which LevelDB loses its half', () => {
  it('holds after its file was read in the same process', async () => {
    const directory = freshFolder()
    const unlock = await nodeDisk.lock(directory)
    readFileSync(join(directory, 'LOCK'))
    const details = { holder: { pid: process.pid } }
    for (let n = 0; n < 2; n++) expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code: 'chain_locked', details })
    await unlock()
    expect(await holderOf(directory)).toMatchObject({ said: 'held' })
  })

  it('holds after it was copied, which a copy of everything is refused', async () => {
    const directory = freshFolder()
    const unlock = await nodeDisk.lock(directory)
    const copyTo = (to: string, filter: (path: string) => boolean): void =>
      cpSync(directory, join(folder, to), { recursive: true, filter })
    // The socket cannot be copied, which Node says in another way by version.
    expect(() => copyTo('all', () => true)).toThrow()
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    copyTo('files', (path) => basename(path) !== 'alive.sock')
    expect(readdirSync(join(folder, 'files'))).toContain('LOCK')
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    expect(await holderOf(join(folder, 'files'))).toMatchObject({ said: 'held' })
    await unlock()
  })

  it('is refused to another thread, and holds after that against processes', async () => {
    const directory = freshFolder()
    const unlock = await nodeDisk.lock(directory)
    expect(await threadOf(directory)).toMatchObject({ said: 'chain_locked' })
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await unlock()
  })

  it('is free when the thread that held it ended', async () => {
    const directory = freshFolder()
    const { thread, said } = await threadOf(directory)
    expect(said).toBe('held')
    readFileSync(join(directory, 'LOCK'))
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code: 'chain_locked' })
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await thread.terminate()
    await (await nodeDisk.lock(directory))()
  })

  it('holds while its holder is halted', async () => {
    const directory = freshFolder()
    const { child } = await holderOf(directory)
    child.kill('SIGSTOP')
    // As if the other process had lost it: no LevelDB holds a file that is not the one of that name.
    rmSync(join(directory, 'LOCK'))
    const details = { holder: { pid: child.pid } }
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code: 'chain_locked', details })
    await kill(child)
    await (await nodeDisk.lock(directory))()
  })

  it.each(['held', 'given back'])('goes to one of many that come at once; it was %s before', async (before) => {
    const directory = freshFolder()
    const { child } = await holderOf(directory)
    if (before === 'held') await kill(child)
    else await once(child.stdin?.end() ?? child, 'close')
    const all = await Promise.all(Array.from({ length: 6 }, () => holderOf(directory)))
    expect(all.map(({ said }) => said).toSorted()).toEqual([...all.slice(1).map(() => 'chain_locked'), 'held'])
  })
})

describe('the socket of a lock', () => {
  it('is nobody else’s, answers whoever asks, and goes away with the lock', async () => {
    const directory = freshFolder()
    const unlock = await nodeDisk.lock(directory)
    const path = join(directory, 'alive.sock')
    expect(statSync(path).isSocket()).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    for (let n = 0; n < 3; n++) {
      const socket = connect(path).resume()
      await once(socket, 'close')
      expect(socket.bytesRead).toBe(0)
    }
    await unlock()
    expect(readdirSync(directory).filter((name) => /alive|holder/.test(name))).toEqual([])
  })

  it('is replaced where a killed holder left it, or something else is there', async () => {
    const directory = freshFolder()
    const { child } = await holderOf(directory)
    await kill(child)
    expect(statSync(join(directory, 'alive.sock')).isSocket()).toBe(true)
    await (await nodeDisk.lock(directory))()
    // As whoever was killed while it came leaves one, too.
    for (const name of ['alive.sock', 'alive.sock.0']) writeFileSync(join(directory, name), 'a copy may make it a file')
    const unlock = await nodeDisk.lock(directory)
    expect(readdirSync(directory).filter((name) => name.startsWith('alive'))).toEqual(['alive.sock'])
    readFileSync(join(directory, 'LOCK'))
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await unlock()
  })

  it('does not keep its process', async () => {
    const directory = freshFolder()
    const { child } = await holderOf(directory)
    child.stdin?.end()
    expect(await once(child, 'exit')).toEqual([0, null])
    await (await nodeDisk.lock(directory))()
  })

  it('is reached by a link where its path is too long, whatever is temporary', async () => {
    const directory = join(freshFolder(), 'a-long-name-of-a-directory'.repeat(8))
    const temporary = freshFolder()
    vi.stubEnv('TMPDIR', temporary)
    const unlock = await nodeDisk.lock(directory)
    expect(statSync(join(directory, 'alive.sock')).mode & 0o777).toBe(0o600)
    readFileSync(join(directory, 'LOCK'))
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    expect(await holderOf(directory, { TMPDIR: freshFolder() })).toMatchObject({ said: 'chain_locked' })
    await unlock()
    expect(readdirSync(directory)).not.toContain('alive.sock')
    expect(readdirSync(temporary)).toEqual([])
    const { child } = await holderOf(directory)
    await kill(child)
    expect(existsSync(join(directory, 'alive.sock'))).toBe(true)
    await (await nodeDisk.lock(directory))()
    expect(readdirSync(temporary)).toEqual([])
  })

  it('is among the temporary files where the file system has no sockets', async () => {
    const [directory, TMPDIR] = [freshFolder(), freshFolder()]
    const patch = join(freshFolder(), 'no-sockets.mjs')
    writeFileSync(patch, NO_SOCKETS)
    const env = { TMPDIR, NODE_OPTIONS: `--import=${pathToFileURL(patch).href}` }
    const { child, said } = await holderOf(directory, env)
    expect(said).toBe('held')
    expect(readdirSync(directory)).not.toContain('alive.sock')
    expect(readdirSync(TMPDIR)).toEqual([expect.stringMatching(/^cairn-[0-9a-f]{16}\.sock$/)])
    rmSync(join(directory, 'LOCK'))
    expect(await holderOf(directory, env)).toMatchObject({ said: 'chain_locked' })
    await kill(child)
    expect(await holderOf(directory, env)).toMatchObject({ said: 'held' })
  })

  it('is refused where even the link is too long', async () => {
    const long = join(freshFolder(), 'a-long-name-of-a-directory'.repeat(8))
    mkdirSync(long)
    vi.stubEnv('TMPDIR', long)
    const message = expect.stringContaining('TMPDIR')
    await expect(nodeDisk.lock(join(long, 'lock'))).rejects.toMatchObject({ code: 'data_unwritable', message })
    expect(readdirSync(long)).toEqual(['lock'])
  })
})
