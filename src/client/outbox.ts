/**
 * Commands on their way out: one request at a time, each with as many commands as wait, in the order in which they were submitted.
 *
 * Promise: what was sent under its numbers is sent again until its outcome is known, and nothing behind it is sent before: a higher number would make
 * a lower one that was lost impossible to execute. So a retry never executes anything twice, and never out of order.
 */
import { CairnError } from '../verify/error.ts'
import { aborted } from './errors.ts'

export interface Outgoing<T> {
  readonly command: T
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
  readonly signal: AbortSignal | undefined
  isSent: boolean
}

/** A receipt as the server wrote it, or the error of this one command. */
export type Answer = unknown

export interface OutboxOptions<T> {
  /** Sends these, and gives their answers in order. */
  readonly send: (commands: readonly T[]) => Promise<readonly Answer[]>
  readonly batchMax: number
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
      const outgoing: Outgoing<T> = { command, resolve, reject, signal, isSent: false }
      signal?.addEventListener('abort', () => this.giveUp(outgoing), { once: true })
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
      const batch = this.waiting.splice(0, this.options.batchMax)
      for (const each of batch) each.isSent = true
      try {
        const answers = await this.sendUntilKnown(batch.map(({ command }) => command))
        batch.forEach(({ resolve, reject }, i) => {
          const answer = answers[i]
          if (answer instanceof CairnError) reject(answer)
          else resolve(answer)
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
        // Whether they happened is not known: nothing may overtake them.
        if (!isRefusal(error)) for (const { reject } of this.waiting.splice(0)) reject(notSent(error))
      }
    }
    this.isRunning = false
  }

  private async sendUntilKnown(commands: readonly T[]): Promise<readonly Answer[]> {
    const { send, retries, pause } = this.options
    for (let tried = 0; ; tried++) {
      try {
        return await send(commands)
      } catch (error) {
        if (!(error instanceof CairnError) || tried === retries || !mayRetry(error)) throw error
        const asked = Number(error.details.retryAfter ?? 0) * 1000
        await sleep(Math.max(asked, Math.min(pause * 2 ** tried, PAUSE_MAX)))
      }
    }
  }
}

/** However often it was tried already. */
const PAUSE_MAX = 5000

/** The chain refused the commands as they are: none of them happened, and sent again they would be refused again. */
function isRefusal(error: unknown): boolean {
  return error instanceof CairnError && !mayRetry(error) && error.code !== 'outcome_unknown'
}

const PASSING: ReadonlySet<string> = new Set([
  'server_unreachable',
  'overloaded',
  'too_many_requests',
  'too_slow',
  'outcome_unknown',
  'chain_failed',
  'chain_closed',
  'draining',
  'disk_full',
  'delegation_needed',
])

function mayRetry({ code }: CairnError): boolean {
  return PASSING.has(code)
}

function notSent(cause: unknown): CairnError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new CairnError('not_sent', `It was not sent, for the outcome of a command before it is not known: ${why}`, {
    cause,
  })
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
