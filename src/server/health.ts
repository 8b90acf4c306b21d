/** Whether a chain takes commands, and what will keep it from it soon. */
import type { Chain } from '../chain.ts'

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
    const delegationEnds = chain.sealableUntil
    const reasons = [
      ...(this.isDraining ? [{ code: 'draining', message: 'The server is being stopped.' }] : []),
      ...(chain.unavailable === undefined
        ? []
        : [{ code: chain.unavailable.code, message: chain.unavailable.message }]),
      ...(delegationEnds === undefined && chain.unavailable === undefined
        ? [{ code: 'delegation_needed', message: 'No delegation is for this time: no block is made.' }]
        : []),
    ]
    return { isReady: reasons.length === 0, reasons, delegationEnds: delegationEnds ?? null }
  }
}
