/**
 * So many at a time, and the others in their order: of answers that are large, each takes many times its bytes while it is made, and only what is made is
 * counted.
 */
export class Turns {
  private free: number
  private readonly waiting: (() => void)[] = []

  constructor(count: number) {
    this.free = count
  }

  async take(act: () => Promise<void>): Promise<void> {
    if (this.free > 0) this.free--
    else
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve)
      })
    try {
      await act()
    } finally {
      const next = this.waiting.shift()
      if (next === undefined) this.free++
      else next()
    }
  }
}
