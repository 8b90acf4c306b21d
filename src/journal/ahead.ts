/**
 * The file that comes next, made ahead of its need and full of zeros: a roll is a rename, appends write into space that is there, and a
 * disk that is full is met one whole file early.
 *
 * It has its name when its zeros are on the disk, and not before: a sync of them that failed leaves memory that looks like a whole file,
 * and the next process, after a clean stop, would write blocks into it that a power cut takes away with the file.
 */
import type { DiskFile } from '../ports/disk.ts'
import { CairnError } from '../verify/error.ts'
import { AHEAD_NAME, FILLING_NAME } from './file-name.ts'
import { fillWithZeros, makeFile } from './make-file.ts'
import { type JournalSettings, pathIn } from './settings.ts'
import { PIECE_BYTES } from './window.ts'
import { isZero } from './zeros.ts'

type Outcome = { readonly file: DiskFile } | { readonly error: unknown }

export class Ahead {
  private readonly settings: JournalSettings
  private making: Promise<Outcome> | undefined
  private isStopped = false

  constructor(settings: JournalSettings) {
    this.settings = settings
  }

  get path(): string {
    return pathIn(this.settings, AHEAD_NAME)
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
    const { disk } = this.settings
    const filling = pathIn(this.settings, FILLING_NAME)
    try {
      this.demandGoingOn()
      const file = await makeFile(disk, filling, (each) => this.fill(each))
      try {
        await disk.rename(filling, this.path)
      } catch (error) {
        await file.close()
        throw error
      }
      return { file }
    } catch (error) {
      return { error }
    }
  }

  private async asItWasLeft(): Promise<DiskFile | undefined> {
    const { disk, directory } = this.settings
    if (!(await disk.list(directory)).includes(AHEAD_NAME)) return undefined
    const file = await disk.open(this.path, 'write')
    try {
      if (await this.isEmpty(file)) return file
    } catch (error) {
      await file.close()
      throw error
    }
    await file.close()
    await disk.unlink(this.path)
    return undefined
  }

  /** Of the length that is asked for now, and never begun: a header is what is written into it first. */
  private async isEmpty(file: DiskFile): Promise<boolean> {
    const { fileBytes } = this.settings
    if ((await file.size()) !== fileBytes) return false
    const [head, tail] = [
      await file.read(0, PIECE_BYTES),
      await file.read(Math.max(0, fileBytes - PIECE_BYTES), PIECE_BYTES),
    ]
    return isZero(head) && isZero(tail)
  }

  private fill(file: DiskFile): Promise<void> {
    return fillWithZeros(file, 0, this.settings.fileBytes, () => this.demandGoingOn())
  }

  private demandGoingOn(): void {
    if (this.isStopped) throw new Error('the journal was stopped while a file was made')
  }
}

function isFull(error: unknown): boolean {
  return error instanceof CairnError && error.code === 'disk_full'
}
