/** A height that rises, and those who wait until it has reached theirs. */
export class Level {
  private height: bigint
  private failure: { readonly cause: unknown } | undefined
  private waiting: {
    readonly height: bigint
    readonly resolve: () => void
    readonly reject: (cause: unknown) => void
  }[] = []

  constructor(height: bigint) {
    this.height = height
  }

  get at(): bigint {
    return this.height
  }

  rise(height: bigint): void {
    this.height = height
    const [reached, others] = [
      this.waiting.filter((each) => each.height <= height),
      this.waiting.filter((each) => each.height > height),
    ]
    this.waiting = others
    for (const { resolve } of reached) resolve()
  }

  /** It will never rise again. */
  fail(cause: unknown): void {
    this.failure = { cause }
    const { waiting } = this
    this.waiting = []
    for (const { reject } of waiting) reject(cause)
  }

  async reaches(height: bigint): Promise<void> {
    if (this.height >= height) return
    if (this.failure !== undefined) throw this.failure.cause
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ height, resolve, reject })
    })
  }
}
