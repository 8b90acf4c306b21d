/**
 * What waits to be batched, bounded by count and bytes: a full queue answers `overloaded` at once, so that whoever asks learns it while it can
 * still go elsewhere.
 */
import { BATCH_BYTES_MAX, BATCH_COMMANDS_MAX, QUEUE_BYTES_MAX, QUEUE_COMMANDS_MAX } from '../limits.ts'
import { CairnError } from '../verify/error.ts'
import type { Amount } from './meter.ts'
import type { Waiting } from './waiting.ts'

export class Queue {
  private waiting: Waiting[] = []
  private bytes = 0
  private wake: (() => void) | undefined

  get length(): number {
    return this.waiting.length
  }

  /** What waits. */
  get amount(): Amount {
    return { count: this.waiting.length, bytes: this.bytes }
  }

  demandRoom(commands: number, bytes: number): void {
    if (this.waiting.length + commands <= QUEUE_COMMANDS_MAX && this.bytes + bytes <= QUEUE_BYTES_MAX) return
    throw overloaded(this.waiting.length + commands, this.bytes + bytes)
  }

  push(waiting: Waiting): void {
    this.waiting.push(waiting)
    this.bytes += waiting.cost
    this.wake?.()
  }

  /** What a block could not hold, before all that came later. */
  giveBack(left: readonly Waiting[]): void {
    if (left.length === 0) return
    this.waiting = [...left, ...this.waiting]
    for (const { cost } of left) this.bytes += cost
    this.wake?.()
  }

  /** Comes back when something waits, or when `wakeUp` says that nothing will. */
  async some(): Promise<void> {
    if (this.waiting.length > 0) return
    await new Promise<void>((resolve) => {
      this.wake = resolve
    })
    this.wake = undefined
  }

  wakeUp(): void {
    this.wake?.()
  }

  /** The oldest, as many as one batch takes. */
  takeBatch(): readonly Waiting[] {
    let count = 0
    let bytes = 0
    for (const { cost } of this.waiting) {
      if (count === BATCH_COMMANDS_MAX || (count > 0 && bytes + cost > BATCH_BYTES_MAX)) break
      count++
      bytes += cost
    }
    this.bytes -= bytes
    // Nearly always all of it: then nothing is moved.
    if (count === this.waiting.length) {
      const batch = this.waiting
      this.waiting = []
      return batch
    }
    return this.waiting.splice(0, count)
  }

  /** All that waits, taken away. */
  drain(): readonly Waiting[] {
    const all = this.waiting
    this.waiting = []
    this.bytes = 0
    return all
  }
}

export function overloaded(commands: number, bytes: number): CairnError {
  const message = 'More commands are on their way than the chain takes in: wait for some answers, and send it again.'
  return new CairnError('overloaded', message, {
    commands,
    limit: QUEUE_COMMANDS_MAX,
    bytes,
    bytesLimit: QUEUE_BYTES_MAX,
  })
}
