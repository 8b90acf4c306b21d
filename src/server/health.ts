/** Whether a chain takes commands, and what will keep it from it soon. */
import type { Chain } from '../chain.ts'
import type { CairnError } from '../verify/error.ts'
import { problemOf } from './problem.ts'

export interface Condition {
  readonly isReady: boolean
  readonly reasons: readonly { readonly code: string; readonly message: string }[]
  /** Until when blocks can be sealed, in milliseconds since 1970. */
  readonly delegationEnds: bigint | null
}

export class Health {
  isDraining = false

  /** The server is being stopped: whoever asks should go elsewhere. */
  drain(): void {
    this.isDraining = true
  }

  of(chain: Chain): Condition {
    const { sealableUntil: delegationEnds, unavailable } = chain
    const reasons = [
      ...(this.isDraining ? [{ code: 'draining', message: 'The server is being stopped.' }] : []),
      ...(unavailable === undefined ? [] : [reasonOf(unavailable)]),
      ...(delegationEnds === undefined && unavailable === undefined
        ? [{ code: 'delegation_needed', message: 'No key that is here may seal a block of this time: none is made.' }]
        : []),
    ]
    return { isReady: reasons.length === 0, reasons, delegationEnds: delegationEnds ?? null }
  }
}

/** In the words of an answer: anybody may ask. */
export function reasonOf(error: CairnError): { readonly code: string; readonly message: string } {
  const { code, detail } = problemOf(error).problem
  return { code, message: detail }
}
