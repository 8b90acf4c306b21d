/**
 * Requests to a signer's process and the answers to them, told apart by numbers.
 *
 * Promise: every request is answered or fails, in time; after the first thing that goes wrong with the pipe nothing is asked any more.
 */
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../ports/clock.ts'
import { CairnError } from '../verify/error.ts'
import { linesOf, writeLine } from './json-lines.ts'
import { decodeAnswer, encodeRequest, type SignerAnswer, type SignerRequest } from './signer-protocol.ts'

type Question<T> = T extends unknown ? Omit<T, 'format' | 'id'> : never

interface Asked {
  readonly resolve: (answer: SignerAnswer) => void
  readonly reject: (error: CairnError) => void
  readonly cancel: () => void
}

export function unavailable(why: string): CairnError {
  return new CairnError(
    'signer_unavailable',
    `The signer's process cannot be used any more: ${why}. See what it said, then restart the chain; what it did not seal is sealed then.`,
    { why },
  )
}

export class SignerPipe {
  private readonly output: Writable
  private readonly clock: Clock
  private readonly asked = new Map<bigint, Asked>()
  private next = 0n
  private failure: CairnError | undefined

  constructor(input: Readable, output: Writable, clock: Clock) {
    this.output = output
    this.clock = clock
    // A pipe that broke is heard of where it is read.
    output.on('error', () => undefined)
    this.listen(input).catch((error: unknown) => {
      this.fail(error instanceof CairnError ? error.message : 'its pipe broke')
    })
  }

  /** The answer, or the error that the signer answers with. */
  ask(question: Question<SignerRequest>, timeout: number): Promise<SignerAnswer> {
    const { failure } = this
    if (failure !== undefined) return Promise.reject(failure)
    const id = this.next++
    const request = encodeRequest({ id, ...question })
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(timeout, () => {
        this.fail(`it gave no answer within ${timeout} ms`)
      })
      this.asked.set(id, { resolve, reject, cancel })
      writeLine(this.output, request).catch(() => {
        this.fail('it takes no requests any more')
      })
    })
  }

  /** Ends all that is asked, and whatever will be. Answers the first reason. */
  fail(why: string): CairnError {
    const failure = this.stop(why)
    // A signer's process ends with its input.
    this.output.destroy()
    return failure
  }

  /** Nothing is asked any more, and what was is let come to its end on the other side. */
  close(): void {
    this.stop('it was closed')
    this.output.end()
  }

  private stop(why: string): CairnError {
    this.failure ??= unavailable(why)
    for (const { reject, cancel } of this.asked.values()) {
      cancel()
      reject(this.failure)
    }
    this.asked.clear()
    return this.failure
  }

  private async listen(input: Readable): Promise<void> {
    for await (const line of linesOf(input)) this.hear(decodeAnswer(line))
    // Not destroyed after a close: what was asked last is still being read there.
    if (this.failure === undefined) this.fail('it ended')
  }

  private hear(answer: SignerAnswer): void {
    if (this.failure !== undefined) return
    const asked = this.asked.get(answer.id)
    if (asked === undefined) {
      this.fail('it answered what was not asked')
      return
    }
    this.asked.delete(answer.id)
    asked.cancel()
    const { error } = answer
    if (error === undefined) asked.resolve(answer)
    // It comes from another process: nothing in it may steer a terminal.
    else asked.reject(new CairnError(error.code, error.message.replace(/\p{Cc}/gu, ' ')))
  }
}
