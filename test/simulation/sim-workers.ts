/** The workers port in this thread: tasks end in an order that the world's seed chooses, and never where the world has ended. */
import type { SharedBytes, TaskRun, Workers } from '../../src/ports/workers.ts'
import type { Life } from './life.ts'

export class SimWorkers implements Workers {
  private readonly life: Life
  private readonly work: TaskRun
  private readonly failures: Error[] = []
  private begun: Promise<unknown> = Promise.resolve()
  private isClosed = false

  constructor(life: Life, work: TaskRun) {
    this.life = life
    this.work = work
  }

  /** The worker that gets the next task dies of it. */
  failNext(error: Error): void {
    this.failures.push(error)
  }

  run(input: Uint8Array, shared?: SharedBytes): Promise<Uint8Array> {
    if (this.isClosed) return Promise.reject(new Error('the workers are closed'))
    // Moved, as to a thread: who uses it afterwards finds nothing. What shares its buffer with others is copied.
    const isAlone = input.length === input.buffer.byteLength
    const moved = isAlone ? structuredClone(input, { transfer: [input.buffer as ArrayBuffer] }) : new Uint8Array(input)
    const done = this.runMoved(moved, shared)
    this.begun = Promise.allSettled([this.begun, done])
    return done
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.begun
  }

  private async runMoved(input: Uint8Array, shared: SharedBytes | undefined): Promise<Uint8Array> {
    const failure = this.failures.shift()
    for (let turns = this.life.random.below(10); turns >= 0; turns--) await this.life.pass()
    if (failure !== undefined) throw failure
    return this.work(input, shared)
  }
}
