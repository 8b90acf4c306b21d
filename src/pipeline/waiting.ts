/** A command between its submission and its answer. */
import type { BatchCommand } from '../machine/admission.ts'
import type { Machine } from '../machine/contract.ts'
import type { CairnError } from '../verify/error.ts'
import type { Receipt } from './receipt.ts'

export interface Waiting {
  readonly command: BatchCommand
  readonly salt: Uint8Array
  /** Whether the chain's operator submitted it. */
  readonly isOperators: boolean
  /** The machine that admitted it. */
  readonly machine: Machine
  /** Bytes that it takes in the queue and in a record, about. */
  readonly cost: number
  /** Passthrough, for the record of its block. */
  readonly notes?: readonly Uint8Array[]
  readonly answer: Answer
  /** Why the machine does not take it, where it is here only because it may have been executed before. */
  readonly refusal?: CairnError
}

/** The promise that all who asked for one command share. */
export class Answer {
  readonly promise: Promise<Receipt>
  resolve: (receipt: Receipt) => void = nobody
  private refuse: (error: CairnError) => void = nobody

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.refuse = reject
    })
  }

  reject(refusal: CairnError): void {
    // Whoever submitted it may have gone away: an answer that nobody waits for is no fault of this process.
    this.promise.catch(nobody)
    this.refuse(refusal)
  }
}

function nobody(): void {}
