/** A height that rises, and those who wait until it has reached theirs. */

interface Waiting {
  readonly height: bigint
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

export class Level {
  private height: bigint
  private failure: { readonly cause: unknown } | undefined
  private readonly waiting = new Set<Waiting>()

  constructor(height: bigint) {
    this.height = height
  }

  get at(): bigint {
    return this.height
  }

  rise(height: bigint): void {
    this.height = height
    for (const each of this.waiting) {
      if (each.height > height) continue
      this.waiting.delete(each)
      each.resolve()
    }
  }

  /** It will never rise again. */
  fail(cause: unknown): void {
    this.failure = { cause }
    for (const { reject } of this.waiting) reject(cause)
    this.waiting.clear()
  }

  /** Comes back when it has risen so far, or when the signal gives that up: then nothing is left behind, here or at the signal. */
  async reaches(height: bigint, signal?: AbortSignal): Promise<void> {
    if (this.height >= height || signal?.aborted) return
    if (this.failure !== undefined) throw this.failure.cause
    let giveUp: (() => void) | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        const one = { height, resolve, reject }
        this.waiting.add(one)
        giveUp = (): void => {
          this.waiting.delete(one)
          resolve()
        }
        signal?.addEventListener('abort', giveUp)
      })
    } finally {
      if (giveUp !== undefined) signal?.removeEventListener('abort', giveUp)
    }
  }
}
