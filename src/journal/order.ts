/**
 * Puts a journal in order before anything that was read in it is believed. After an end that was not clean its newest file is written
 * again, for a sync that failed may have left in memory what is not on the disk; a torn frame is kept aside and cut. After a clean one
 * the close record is.
 *
 * A crash in between leaves a journal that is put in order in the same way. So does a disk that is full, which is told as `disk_full`.
 */
import type { DiskFile } from '../ports/disk.ts'
import { AHEAD_NAME, doubtName, fileName, isTemporary, REWRITE_NAME, tornName } from './file-name.ts'
import { copyBytes, fillWithZeros, makeFile } from './make-file.ts'
import type { Looked } from './open.ts'
import { type JournalSettings, pathIn } from './settings.ts'

export class Order {
  private readonly settings: JournalSettings
  private readonly looked: Looked
  /** The torn bytes have their copy: one is enough, however often there was no room for what comes after it. */
  private isKept = false

  constructor(settings: JournalSettings, looked: Looked) {
    this.settings = settings
    this.looked = looked
  }

  async make(): Promise<void> {
    const { disk, directory } = this.settings
    await disk.makeDirectory(directory)
    await this.removeLeft()
    await this.confirmNewest()
    // Not before: until then the newest block may be in memory alone, and behind the block before it a cut would leave this name with a gap.
    await this.takeNextAway()
    await disk.syncDirectory(directory)
  }

  /** Files that nobody finished, and such as hold nothing. They come first: they may be the room for what follows. */
  private async removeLeft(): Promise<void> {
    const { disk, directory } = this.settings
    const empty = new Set(this.looked.found.empty.map(fileName))
    // After a clean stop what was made ahead stays, as good as a new one. After any other it goes: its room may be needed.
    const kept = this.looked.found.state === 'clean' ? AHEAD_NAME : ''
    const isLeft = (name: string): boolean => (isTemporary(name) && name !== kept) || empty.has(name)
    const left = (await disk.list(directory)).filter(isLeft)
    for (const name of left) await disk.unlink(pathIn(this.settings, name))
  }

  /** What was found in the newest file is on the disk from here on. */
  private async confirmNewest(): Promise<void> {
    const { state, end } = this.looked.found
    if (state === 'empty') return
    const path = pathIn(this.settings, fileName(end.file))
    const source = await this.settings.disk.open(path, state === 'clean' ? 'write' : 'read')
    try {
      if (state === 'clean') await this.closeAgain(source)
      else {
        await this.keepTorn(source)
        await this.writeAgain(source)
      }
    } finally {
      await source.close()
    }
    await this.leaveNoDoubt(end.file)
  }

  /** The newest file was restored, and has its name for good from here on. */
  private async leaveNoDoubt(newest: bigint): Promise<void> {
    const { disk, directory } = this.settings
    const mark = doubtName(newest)
    if ((await disk.list(directory)).includes(mark)) await disk.unlink(pathIn(this.settings, mark))
  }

  /**
   * The file that comes next may have been taken away by a start that was killed, or whose sync of that failed: it is not seen, and with a
   * power cut it would stand among those that are written from now on. Made and taken away once more it is a change that the next sync writes.
   */
  private async takeNextAway(): Promise<void> {
    const { disk } = this.settings
    const { state, height, end } = this.looked.found
    const next = height + 1n
    // One that has no block yet, and is in use.
    if (state !== 'empty' && end.file === next) return
    const path = pathIn(this.settings, fileName(next))
    const file = await makeFile(disk, path, () => Promise.resolve())
    await file.close()
    await disk.unlink(path)
  }

  /**
   * All but the close record was synced before that was written. Its own sync may have failed: then it would be missing one day under the
   * frames that come after it. Written over itself it is on the disk, or the journal is as it was.
   */
  private async closeAgain(file: DiskFile): Promise<void> {
    const { found, lastFrame } = this.looked
    await file.write(lastFrame, await file.read(lastFrame, found.end.offset - lastFrame))
    await file.datasync()
  }

  private async keepTorn(source: DiskFile): Promise<void> {
    const { found, tornUntil } = this.looked
    if (tornUntil === undefined || this.isKept) return
    const { disk, directory } = this.settings
    const { offset } = found.end
    const name = tornName(found.height + 1n, offset, await disk.list(directory))
    const copy = await makeFile(disk, pathIn(this.settings, name), (file) =>
      copyBytes(source, offset, tornUntil, file, 0),
    )
    await copy.close()
    await disk.syncDirectory(directory)
    this.isKept = true
  }

  /** The file up to the journal's end, and zeros from there on, in the place of the file as it is. */
  private async writeAgain(source: DiskFile): Promise<void> {
    const { disk, directory, fileBytes } = this.settings
    const { file, offset } = this.looked.found.end
    const temporary = pathIn(this.settings, REWRITE_NAME)
    const copy = await makeFile(disk, temporary, async (target) => {
      await copyBytes(source, 0, offset, target, 0)
      await fillWithZeros(target, offset, fileBytes, () => undefined)
    })
    await copy.close()
    await disk.rename(temporary, pathIn(this.settings, fileName(file)))
    await disk.syncDirectory(directory)
  }
}
