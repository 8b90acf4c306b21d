/**
 * Commands on their way out: one request at a time, each with as many commands as wait, in the order in which they were submitted.
 *
 * Promise: what was sent under its numbers is sent again until its outcome is known, and nothing behind it is sent before: a higher number would make
 * a lower one that was lost impossible to execute. So a retry never executes anything twice, and never out of order. Nobody is told that nothing
 * happened where an earlier attempt may have done it: that is `outcome_unknown`.
 */
import { CairnError } from '../verify/error.ts'
import { aborted, isBroken, mayHaveHappened, mayRetry, notKnown } from './errors.ts'
import { sleep } from './sleep.ts'

export interface Outgoing<T> {
  readonly command: T
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
  isSent: boolean
  /** Whether it was sent once, and nobody said that it did not happen then. */
  mayHaveHappened: boolean
}

/** A receipt as the server wrote it, or the error of this one command. */
export type Answer = unknown

export interface OutboxOptions<T> {
  /** Sends these, and gives their answers in order. */
  readonly send: (commands: readonly T[]) => Promise<readonly Answer[]>
  /** How many go into one request, and how much of what `costOf` says of each. */
  readonly batchMax: number
  readonly batchCostMax: number
  readonly costOf: (command: T) => number
  readonly waitingMax: number
  /** How often a request is tried again, and how long is waited before the first time; then twice as long each time. */
  readonly retries: number
  readonly pause: number
}

export class Outbox<T> {
  private readonly options: OutboxOptions<T>
  private waiting: Outgoing<T>[] = []
  private isRunning = false

  constructor(options: OutboxOptions<T>) {
    this.options = options
  }

  put(command: T, signal: AbortSignal | undefined): Promise<Answer> {
    if (signal?.aborted) return Promise.reject(aborted(false))
    const { waitingMax } = this.options
    if (this.waiting.length >= waitingMax) {
      const message = `${waitingMax} commands wait to be sent already: wait for some of their receipts.`
      return Promise.reject(new CairnError('overloaded', message, { limit: waitingMax }))
    }
    return new Promise((resolve, reject) => {
      const outgoing: Outgoing<T> = {
        command,
        resolve: settled(resolve),
        reject: settled(reject),
        isSent: false,
        mayHaveHappened: false,
      }
      const giveUp = (): void => this.giveUp(outgoing)
      // A signal may live as long as its program: it must not keep what is over.
      function settled<A>(settle: (answer: A) => void): (answer: A) => void {
        return (answer) => {
          signal?.removeEventListener('abort', giveUp)
          settle(answer)
        }
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.waiting.push(outgoing)
      if (!this.isRunning) void this.run()
    })
  }

  /** What was sent goes on: only its caller waits no longer. */
  private giveUp(outgoing: Outgoing<T>): void {
    if (!outgoing.isSent) this.waiting = this.waiting.filter((each) => each !== outgoing)
    outgoing.reject(aborted(outgoing.isSent))
  }

  private async run(): Promise<void> {
    this.isRunning = true
    // The others of this turn of the loop go along.
    await Promise.resolve()
    while (this.waiting.length > 0) {
      const error = await this.deliver(this.nextBatch())
      // Whether they happened is not known: nothing may overtake them.
      if (error !== undefined) for (const { reject } of this.waiting.splice(0)) reject(notSent(error))
    }
    this.isRunning = false
  }

  private nextBatch(): readonly Outgoing<T>[] {
    const { batchMax, batchCostMax, costOf } = this.options
    let [count, cost] = [0, 0]
    for (const { command } of this.waiting.slice(0, batchMax)) {
      cost += costOf(command)
      if (count > 0 && cost > batchCostMax) break
      count++
    }
    const batch = this.waiting.splice(0, count)
    for (const each of batch) each.isSent = true
    return batch
  }

  /** All of them get their answers. What comes back is why the outcome of one is not known, or nothing. */
  private async deliver(batch: readonly Outgoing<T>[]): Promise<unknown> {
    try {
      const answers = await this.sendUntilKnown(batch)
      batch.forEach(({ resolve, reject }, i) => {
        const answer = answers[i]
        if (answer instanceof CairnError) reject(answer)
        else resolve(answer)
      })
      return answers.find((each) => each instanceof CairnError && mayHaveHappened(each))
    } catch (error) {
      if (batch.length > 1 && isOfOne(error)) return this.deliverEach(batch)
      for (const { reject } of batch) reject(error)
      return isRefusal(error) ? undefined : error
    }
  }

  /** One of them is refused, and all were: each alone, the others are not. */
  private async deliverEach(batch: readonly Outgoing<T>[]): Promise<unknown> {
    let unknown: unknown
    for (const each of batch) {
      if (unknown === undefined) unknown = await this.deliver([each])
      else each.reject(notSent(unknown))
    }
    return unknown
  }

  private async sendUntilKnown(batch: readonly Outgoing<T>[]): Promise<readonly Answer[]> {
    const { send, retries, pause } = this.options
    const commands = batch.map(({ command }) => command)
    for (let tried = 0; ; tried++) {
      try {
        return await send(commands)
      } catch (error) {
        if (!(error instanceof CairnError)) throw error
        const isUnknown = mayHaveHappened(error)
        if (isUnknown) for (const each of batch) each.mayHaveHappened = true
        if (tried === retries || !(mayRetry(error) || isBroken(error))) {
          // What is refused for what is in it was refused before, too: what happened has its receipt, whatever would be said of it now.
          const saysSo = isUnknown && !isBroken(error)
          const isKnown = saysSo || isMalformed(error) || !batch.some((each) => each.mayHaveHappened)
          throw isKnown ? error : notKnown(error)
        }
        const { retryAfter } = error.details
        const asked = typeof retryAfter === 'number' ? Math.min(retryAfter * 1000, ASKED_MAX) : 0
        await sleep(Math.max(asked, Math.min(pause * 2 ** tried, PAUSE_MAX)))
      }
    }
  }
}

/** However often it was tried already. */
const PAUSE_MAX = 5000
/** However long the server asks to wait. */
const ASKED_MAX = 30_000

/** The server refused the request: none of the commands happened, and sent again they would be refused again. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof CairnError) || mayRetry(error)) return false
  const { status } = error.details
  return typeof status === 'number' && status >= 400 && status < 500
}

/** Where a request is refused for what is in it, it may be one command of it. */
function isOfOne(error: unknown): boolean {
  return isMalformed(error) || (isRefusal(error) && (error as CairnError).details.status === 413)
}

function isMalformed(error: unknown): boolean {
  return isRefusal(error) && [400, 422].includes((error as CairnError).details.status as number)
}

function notSent(cause: unknown): CairnError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new CairnError('not_sent', `It was not sent, for the outcome of a command before it is not known: ${why}`, {
    cause,
  })
}
