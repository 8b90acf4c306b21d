/**
 * A plain disk in memory: it keeps what was written, notes every call that could change something, and can be made to fail at any. What a
 * power cut does to a disk is for test/simulation.
 */
import type { Disk, DiskFile } from '../../src/ports/disk.ts'

/** Called before each call of the disk: throws what it is to fail with. */
export type Fault = (call: string) => void

export class MemoryDisk implements Disk {
  readonly files: Map<string, Content>
  /** `write path at length`, `datasync path`, `rename from to` and so on. */
  readonly calls: string[] = []
  fault: Fault = () => undefined
  openFiles = 0

  constructor(files: Iterable<readonly [string, Uint8Array]> = []) {
    this.files = new Map([...files].map(([path, bytes]) => [path, { path, bytes: bytes.slice() }]))
  }

  /** What lies on it now. */
  copy(): MemoryDisk {
    return new MemoryDisk([...this.files].map(([path, { bytes }]) => [path, bytes]))
  }

  put(path: string, bytes: Uint8Array): void {
    this.files.set(path, { path, bytes })
  }

  bytesOf(path: string): Uint8Array {
    return this.contentOf(path).bytes
  }

  async open(path: string, how: 'read' | 'write' | 'create'): Promise<DiskFile> {
    if (how === 'create') {
      await this.call(`create ${path}`)
      if (this.files.has(path)) throw systemError('EEXIST')
      this.files.set(path, { path, bytes: new Uint8Array(0) })
    } else await this.call(`open ${path}`)
    const file = new MemoryFile(this, this.contentOf(path), how !== 'read')
    this.openFiles++
    return file
  }

  async rename(from: string, to: string): Promise<void> {
    await this.call(`rename ${from} ${to}`)
    const content = this.contentOf(from)
    content.path = to
    this.files.set(to, content)
    this.files.delete(from)
  }

  async unlink(path: string): Promise<void> {
    await this.call(`unlink ${path}`)
    this.contentOf(path)
    this.files.delete(path)
  }

  async realPath(path: string): Promise<string> {
    return path
  }

  async list(directory: string): Promise<readonly string[]> {
    await this.call(`list ${directory}`)
    const inside = [...this.files.keys()].filter((path) => path.startsWith(`${directory}/`))
    return inside.map((path) => path.slice(directory.length + 1)).sort()
  }

  makeDirectory(directory: string): Promise<void> {
    return this.call(`makeDirectory ${directory}`)
  }

  removeDirectory(): Promise<void> {
    return Promise.reject(new Error('a journal removes no directory'))
  }

  syncDirectory(directory: string): Promise<void> {
    return this.call(`syncDirectory ${directory}`)
  }

  lock(): Promise<() => Promise<void>> {
    return Promise.reject(new Error('a journal takes no lock'))
  }

  async call(what: string): Promise<void> {
    this.calls.push(what)
    // As on a real one, the answer comes later.
    await Promise.resolve()
    this.fault(what)
  }

  private contentOf(path: string): Content {
    const content = this.files.get(path)
    if (content === undefined) throw systemError('ENOENT')
    return content
  }
}

interface Content {
  /** Its name as it is now, also for those who opened it under another. */
  path: string
  bytes: Uint8Array
}

class MemoryFile implements DiskFile {
  private readonly disk: MemoryDisk
  private readonly content: Content
  private readonly isWritable: boolean
  private isOpen = true

  constructor(disk: MemoryDisk, content: Content, isWritable: boolean) {
    this.disk = disk
    this.content = content
    this.isWritable = isWritable
  }

  async size(): Promise<number> {
    await this.call('size')
    return this.content.bytes.length
  }

  async read(at: number, length: number, room?: Uint8Array): Promise<Uint8Array> {
    await this.call(`read ${at} ${length}`)
    const bytes = this.content.bytes.subarray(at, at + length)
    if (room === undefined) return bytes.slice()
    room.set(bytes)
    return room.subarray(0, bytes.length)
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    if (!this.isWritable) throw systemError('EBADF')
    await this.call(`write ${at} ${bytes.length}`)
    const end = at + bytes.length
    if (end > this.content.bytes.length) {
      const longer = new Uint8Array(end)
      longer.set(this.content.bytes)
      this.content.bytes = longer
    }
    this.content.bytes.set(bytes, at)
  }

  truncate(): Promise<void> {
    return Promise.reject(new Error('a journal truncates nothing'))
  }

  datasync(): Promise<void> {
    return this.call('datasync')
  }

  async close(): Promise<void> {
    if (!this.isOpen) throw systemError('EBADF')
    this.isOpen = false
    this.disk.openFiles--
  }

  private async call(what: string): Promise<void> {
    if (!this.isOpen) throw systemError('EBADF')
    const [name = '', ...rest] = what.split(' ')
    await this.disk.call([name, this.content.path, ...rest].join(' '))
  }
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made for a test`), { code })
}
