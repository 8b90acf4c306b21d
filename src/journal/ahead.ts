/**
 * The file that comes next, made ahead of its need and full of zeros: a roll is a rename, appends write into space that is there, and a
 * disk that is full is met one whole file early.
 */
import type { Disk, DiskFile } from '../ports/disk.ts'
import { CairnError } from '../verify/error.ts'
import { fillWithZeros, makeFile } from './make-file.ts'
import { PIECE_BYTES } from './window.ts'
import { isZero } from './zeros.ts'

type Outcome = { readonly file: DiskFile } | { readonly error: unknown }

export class Ahead {
  readonly path: string
  private readonly disk: Disk
  private readonly bytes: number
  private making: Promise<Outcome> | undefined
  private isStopped = false

  constructor(disk: Disk, path: string, bytes: number) {
    this.disk = disk
    this.path = path
    this.bytes = bytes
  }

  /** Makes it in the background. What came of that is told to whoever needs it. */
  start(): void {
    this.making = this.make()
  }

  /** Takes the one that an earlier process made, if it is whole and empty; one that is not goes away. */
  async takeLeft(): Promise<void> {
    const left = await this.asItWasLeft()
    if (left !== undefined) this.making = Promise.resolve({ file: left })
  }

  /** Comes back when it is made, and makes it now where the disk was full before. */
  async ready(): Promise<DiskFile> {
    const begun = await this.making
    // Begun anew where it was not begun, and where there was no room: there may be some now.
    if (begun === undefined || ('error' in begun && isFull(begun.error))) this.start()
    const made = (await this.making) as Outcome
    if ('error' in made) throw made.error
    return made.file
  }

  /** It has a name of its own now, and is the caller's. */
  handOver(): void {
    this.making = undefined
  }

  /** Ends what is under way, between two calls of the disk. */
  halt(): void {
    this.isStopped = true
  }

  /** The same, and lets go of the file. */
  async stop(): Promise<void> {
    this.halt()
    const outcome = await this.making
    this.making = undefined
    if (outcome !== undefined && 'file' in outcome) await outcome.file.close()
  }

  private async make(): Promise<Outcome> {
    try {
      this.demandGoingOn()
      return { file: await makeFile(this.disk, this.path, (file) => this.fill(file)) }
    } catch (error) {
      return { error }
    }
  }

  private async asItWasLeft(): Promise<DiskFile | undefined> {
    const slash = this.path.lastIndexOf('/')
    if (!(await this.disk.list(this.path.slice(0, slash))).includes(this.path.slice(slash + 1))) return undefined
    const file = await this.disk.open(this.path, 'write')
    if (await this.isEmpty(file)) {
      // Its zeros may be in memory only.
      await file.datasync()
      return file
    }
    await file.close()
    await this.disk.unlink(this.path)
    return undefined
  }

  /** Of its whole length, and never begun: it was filled from its beginning to its end, and a header is what is written into it first. */
  private async isEmpty(file: DiskFile): Promise<boolean> {
    if ((await file.size()) !== this.bytes) return false
    const [head, tail] = [
      await file.read(0, PIECE_BYTES),
      await file.read(Math.max(0, this.bytes - PIECE_BYTES), PIECE_BYTES),
    ]
    return isZero(head) && isZero(tail)
  }

  private fill(file: DiskFile): Promise<void> {
    return fillWithZeros(file, 0, this.bytes, () => this.demandGoingOn())
  }

  private demandGoingOn(): void {
    if (this.isStopped) throw new Error('the journal was stopped while a file was made')
  }
}

function isFull(error: unknown): boolean {
  return error instanceof CairnError && error.code === 'disk_full'
}
