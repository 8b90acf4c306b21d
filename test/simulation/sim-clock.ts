/**
 * The clock port in virtual time: it stands until it is moved. The clock on the wall can be set apart from the other one; the one of
 * a dead process calls nobody.
 */
import type { Clock } from '../../src/ports/clock.ts'

interface Timer {
  readonly due: number
  readonly call: () => void
}

export class SimClock implements Clock {
  private readonly life: { readonly isDead: boolean }
  private readonly timers = new Set<Timer>()
  private time = 0
  private readonly never = new Promise<never>(nothing)
  /** What the wall shows when the other shows 0. */
  private epoch: number

  constructor(life: { readonly isDead: boolean }, wall: number) {
    this.life = life
    this.epoch = wall
  }

  now(): number {
    return this.epoch + this.time
  }

  monotonic(): number {
    return this.time
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = { due: this.time + Math.max(0, milliseconds), call }
    this.timers.add(timer)
    return () => {
      this.timers.delete(timer)
    }
  }

  /** Sets the clock on the wall forward or, below 0, back; the other one goes on as if nothing had been. */
  jump(milliseconds: number): void {
    this.epoch += milliseconds
  }

  /** Lets so much time pass. What is due is called in its order, and what follows from each call happens before the next one. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds
    await idle()
    for (let timer = this.next(); timer !== undefined && timer.due <= end; timer = this.next()) await this.run(timer)
    this.time = end
  }

  /** Lets as much time pass as it takes until this is settled; for the dead it never is. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const state = { isSettled: false }
    const settle = (): void => {
      state.isSettled = true
    }
    promise.then(settle, settle)
    for (let idleTurns = 0; idleTurns < IDLE_TURNS; idleTurns++) {
      await idle()
      if (this.life.isDead && !state.isSettled) return this.never
      if (state.isSettled) return promise
      const timer = this.next()
      if (timer === undefined) continue
      await this.run(timer)
      idleTurns = 0
    }
    throw new Error('nothing is left that could settle it: neither a timer nor a task')
  }

  private next(): Timer | undefined {
    if (this.life.isDead) return undefined
    let next: Timer | undefined
    // The first of those due at once: the set keeps their order.
    for (const timer of this.timers) if (next === undefined || timer.due < next.due) next = timer
    return next
  }

  private async run(timer: Timer): Promise<void> {
    this.timers.delete(timer)
    this.time = Math.max(this.time, timer.due)
    timer.call()
    await idle()
  }
}

function nothing(): void {}

/** What is simulated settles within one; some more for what is real beside it. */
const IDLE_TURNS = 1000

/** After all that is begun and waits for nothing. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
