/**
 * The disk port in memory, with what a power cut does to it. Each write, sync and change of a name is one effect of its world.
 *
 * What it holds is in `SimNames` and `SimFile` and goes over to the next life; open files and locks end with this one.
 */
import { dirname, resolve } from 'node:path/posix'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'
import { CairnError } from '../../src/verify/error.ts'
import type { Failing, Life } from './life.ts'
import { SECTOR, SimFile } from './sim-file.ts'
import { type SimNames, systemError } from './sim-names.ts'

export class SimDisk implements Disk {
  private readonly life: Life
  private readonly names: SimNames
  private readonly locks = new Set<string>()

  constructor(life: Life, names: SimNames) {
    this.life = life
    this.names = names
  }

  async open(path: string, how: 'read' | 'write' | 'create'): Promise<DiskFile> {
    const name = absolute(path)
    if (how !== 'create') {
      await this.life.pass()
      return new OpenFile(this.life, this.names, name, this.names.file(name), how === 'read')
    }
    return this.effect('create', name, () => {
      const file = new SimFile()
      this.names.create(name, file)
      return new OpenFile(this.life, this.names, name, file)
    })
  }

  async rename(from: string, to: string): Promise<void> {
    const [before, after] = [absolute(from), absolute(to)]
    await this.effect('rename', `${before} ${after}`, () => {
      const replaced = this.names.isThere(after) && before !== after ? this.names.file(after) : undefined
      this.names.rename(before, after)
      this.free(replaced)
    })
  }

  async unlink(path: string): Promise<void> {
    const name = absolute(path)
    await this.life.effect(`unlink ${name}`, () => {
      const file = this.names.file(name)
      this.names.unlink(name)
      this.free(file)
    })
  }

  /** Its paths are names: nothing is linked, and the working directory is the root. */
  async realPath(path: string): Promise<string> {
    await this.life.pass()
    return absolute(path)
  }

  async list(directory: string): Promise<readonly string[]> {
    await this.life.pass()
    return this.names.list(absolute(directory))
  }

  async makeDirectory(directory: string): Promise<void> {
    const name = absolute(directory)
    await this.life.pass()
    if (!this.names.isDirectory(name)) {
      await this.makeDirectory(dirname(name))
      await this.life.effect(`makeDirectory ${name}`, () => {
        this.names.makeDirectory(name)
      })
    }
    // As on the real disk: whoever made it may have ended before the name was synced.
    await this.syncDirectory(dirname(name))
  }

  async removeDirectory(directory: string): Promise<void> {
    const name = absolute(directory)
    await this.life.effect(`removeDirectory ${name}`, () => {
      for (const file of this.names.removeDirectory(name)) this.free(file)
    })
  }

  async syncDirectory(directory: string): Promise<void> {
    const name = absolute(directory)
    const onFailure = (): void => this.names.failSync(name)
    await this.effect(
      'syncDirectory',
      name,
      () => {
        if (!this.names.isDirectory(name)) throw systemError('ENOENT', name)
        if (this.life.lies.syncDirectory !== true) this.names.sync(name)
      },
      onFailure,
    )
  }

  async lock(directory: string): Promise<() => Promise<void>> {
    const name = absolute(directory)
    await this.makeDirectory(name)
    const holder = { pid: 1, host: 'simulation', since: '2026-01-01T00:00:00.000Z' }
    const message = `${name} is held by process 1 on simulation since ${holder.since}: end it, or choose another chain`
    if (this.locks.has(name)) throw new CairnError('chain_locked', message, { holder })
    this.locks.add(name)
    let isHeld = true
    return async (): Promise<void> => {
      await this.life.pass()
      if (isHeld) this.locks.delete(name)
      isHeld = false
    }
  }

  private free(file: SimFile | undefined): void {
    this.life.diskBytesFree += file?.allocatedBytes ?? 0
  }

  private effect<T>(what: Failing, path: string, perform: () => T, onFailure?: () => void): Promise<T> {
    return this.life.effect(`${what} ${path}`, () => {
      const failure = this.life.takeFailure(what, path)
      if (failure === undefined) return perform()
      onFailure?.()
      throw failure
    })
  }
}

class OpenFile implements DiskFile {
  private readonly life: Life
  private readonly names: SimNames
  /** When it was opened. */
  private readonly name: string
  private readonly file: SimFile
  private readonly isReadOnly: boolean
  private isClosed = false

  constructor(life: Life, names: SimNames, name: string, file: SimFile, isReadOnly = false) {
    this.life = life
    this.names = names
    this.name = name
    this.file = file
    this.isReadOnly = isReadOnly
  }

  async size(): Promise<number> {
    this.demandOpen()
    await this.life.pass()
    return this.file.size
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    this.demandOpen()
    await this.life.pass()
    return this.file.read(at, length)
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    this.demandOpen()
    if (this.isReadOnly) throw systemError('EBADF', this.path)
    await this.life.effect(`write ${this.path} ${at}+${bytes.length}`, () => {
      const failure = this.life.takeFailure('write', this.path)
      const asked = failure === undefined ? bytes.length : this.partOf(at, bytes.length)
      const { fitting, cost } = this.file.allocate(at, asked, this.life.diskBytesFree)
      this.life.diskBytesFree -= cost
      // Of a write that fails a part may have been done.
      this.file.write(at, bytes.subarray(0, fitting))
      if (fitting > 0 && fitting < bytes.length) this.life.counts.shortWrites++
      if (failure !== undefined) throw failure
      if (fitting < asked) {
        this.life.onFailure('full')
        throw systemError('ENOSPC', this.path)
      }
    })
  }

  async truncate(size: number): Promise<void> {
    this.demandOpen()
    if (this.isReadOnly) throw systemError('EBADF', this.path)
    await this.life.effect(`truncate ${this.path} ${size}`, () => {
      const before = this.file.allocatedBytes
      this.file.truncate(size)
      this.life.diskBytesFree += before - this.file.allocatedBytes
    })
  }

  async datasync(): Promise<void> {
    this.demandOpen()
    await this.life.effect(`datasync ${this.path}`, () => {
      const failure = this.life.takeFailure('datasync', this.path)
      if (failure !== undefined) {
        this.file.failDatasync()
        throw failure
      }
      if (this.life.lies.datasync !== true) this.file.datasync()
    })
  }

  async close(): Promise<void> {
    await this.life.pass()
    this.isClosed = true
  }

  /** What is written as whole sectors is cut between two of them; what is cut inside of one is not told from rot, and is refused. */
  private partOf(at: number, length: number): number {
    const part = this.life.random.below(length + 1)
    const isOfSectors = at % SECTOR === 0 && length % SECTOR === 0
    return isOfSectors ? part - (part % SECTOR) : part
  }

  private get path(): string {
    return this.names.nameOf(this.file) ?? this.name
  }

  private demandOpen(): void {
    if (this.isClosed) throw new Error(`${this.path} is closed`)
  }
}

/** From the root, wherever the tests run: with the folder that they are in, other names would be lost of the same seed. */
function absolute(path: string): string {
  return resolve('/', path)
}
