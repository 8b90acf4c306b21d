/**
 * So many at a time, and the others in their order: of answers that are large, each takes many times its bytes while it is made, and only what is made is
 * counted. Who is gone waits no longer: however long those before him take, nothing of him stays.
 */
export class Turns {
  private free: number
  private readonly waiting = new Set<() => void>()

  constructor(count: number) {
    this.free = count
  }

  /** Acts in its turn, unless he who asked is gone by then. */
  async take(act: () => Promise<void>, gone: AbortSignal): Promise<void> {
    if (gone.aborted || !(await this.turn(gone))) return
    try {
      await act()
    } finally {
      const [next] = this.waiting
      if (next === undefined) this.free++
      else next()
    }
  }

  /** Whether it came. */
  private async turn(gone: AbortSignal): Promise<boolean> {
    if (this.free > 0) {
      this.free--
      return true
    }
    return new Promise((resolve) => {
      const end = (isTurn: boolean): void => {
        this.waiting.delete(begin)
        gone.removeEventListener('abort', giveUp)
        resolve(isTurn)
      }
      const begin = (): void => end(true)
      const giveUp = (): void => end(false)
      this.waiting.add(begin)
      gone.addEventListener('abort', giveUp)
    })
  }
}
