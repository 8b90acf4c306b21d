/** A few files kept open for those who read here and there: each closed when nobody uses it and others were used since. */
import { openWritten } from './file.ts'
import type { JournalSettings } from './settings.ts'

const OPEN_MAX = 8

type Opened = Awaited<ReturnType<typeof openWritten>>

interface Entry {
  readonly opened: Promise<Opened>
  users: number
  /** Nobody else gets it: it is closed when the last one who uses it is done. */
  isLeft: boolean
  isClosed: boolean
}

export class OpenFiles {
  private readonly settings: JournalSettings
  /** In the order in which they were used last. */
  private readonly entries = new Map<bigint, Entry>()

  constructor(settings: JournalSettings) {
    this.settings = settings
  }

  async use<T>(first: bigint, read: (opened: Opened) => Promise<T>): Promise<T> {
    const entry = this.entries.get(first) ?? this.open(first)
    this.entries.delete(first)
    this.entries.set(first, entry)
    entry.users++
    try {
      return await read(await entry.opened)
    } catch (error) {
      // Whatever was wrong with it, the next one opens it anew.
      if (this.entries.get(first) === entry) this.leave(first, entry)
      throw error
    } finally {
      entry.users--
      await this.closeLeft(entry)
      await this.evict()
    }
  }

  /** Closes them all, those in use when they are done with. */
  async leaveAll(): Promise<void> {
    const entries = [...this.entries]
    for (const [first, entry] of entries) {
      this.leave(first, entry)
      await this.closeLeft(entry)
    }
  }

  private open(first: bigint): Entry {
    return { opened: openWritten(this.settings, first), users: 0, isLeft: false, isClosed: false }
  }

  private leave(first: bigint, entry: Entry): void {
    this.entries.delete(first)
    entry.isLeft = true
  }

  private async evict(): Promise<void> {
    const entries = [...this.entries]
    for (const [first, entry] of entries) {
      if (this.entries.size <= OPEN_MAX) return
      if (entry.users > 0) continue
      this.leave(first, entry)
      await this.closeLeft(entry)
    }
  }

  private async closeLeft(entry: Entry): Promise<void> {
    if (!entry.isLeft || entry.users > 0 || entry.isClosed) return
    entry.isClosed = true
    const opened = await entry.opened.catch(() => undefined)
    await opened?.file.close()
  }
}
