/** What is heard piece by piece, for as long as it likes, with a time in which the next piece has to come. */
export class Silence {
  private readonly controller = new AbortController()
  private readonly milliseconds: number
  /** Raised where it was silent for too long, or the caller gave up. */
  readonly signal: AbortSignal

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    this.milliseconds = milliseconds
    const own = this.controller.signal
    this.signal = signal === undefined ? own : AbortSignal.any([signal, own])
  }

  /** Waits for the next piece. However long its reader takes for it then does not count. */
  async until<T>(next: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.controller.abort(new Error('it is silent')), this.milliseconds)
    try {
      return await next
    } finally {
      clearTimeout(timer)
    }
  }
}
