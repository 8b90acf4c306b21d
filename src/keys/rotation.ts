/**
 * A rotation is one ceremony (design, "Keys"): the delegation to the next hot key and the revocation of the one before it, asked for together, so
 * that the cold key leaves its drawer once.
 */
import { ZERO32 } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { type ColdRequest, type TypedData, typedDataOf, type UnsignedDelegation } from './typed-data.ts'

export interface RotationRequest {
  /** The delegation to the next hot key. */
  readonly next: UnsignedDelegation
  /** The index of the delegation that is retired. */
  readonly retired: bigint
  /** The newest sealed block, the last that the retired key stays good for; absent where there is no block. */
  readonly head?: { readonly height: bigint; readonly hash: Uint8Array }
  /** The time of the oldest block that the next key may have to seal, in milliseconds. */
  readonly oldestUnsealed: bigint
}

interface Asked {
  readonly request: ColdRequest
  readonly typedData: TypedData
}

export interface Rotation {
  readonly delegation: Asked
  readonly revocation: Asked
}

/**
 * Both, to be signed together and imported together. Blocks that the retired key seals between now and the import are covered by the next key’s
 * seal of a later one.
 */
export function rotationOf(identity: Identity, { next, retired, head, oldestUnsealed }: RotationRequest): Rotation {
  if (next.index === retired) {
    throw invalid(
      'index',
      `An index names one delegation only, and ${retired} is the one that is retired: take a new one.`,
    )
  }
  if (next.validFrom > oldestUnsealed || next.validUntil < oldestUnsealed) {
    throw invalid(
      'window',
      `The new delegation has to be for the oldest block that is not sealed, of ${oldestUnsealed}: let it begin there or before, and end later.`,
    )
  }
  const asked = (request: ColdRequest): Asked => ({ request, typedData: typedDataOf(identity, request) })
  const fromHeight = head === undefined ? 0n : head.height + 1n
  return {
    delegation: asked({ k: 'delegation', ...next }),
    revocation: asked({ k: 'revocation', index: retired, fromHeight, parentHash: head?.hash ?? ZERO32 }),
  }
}

function invalid(what: string, message: string): CairnError {
  return new CairnError('rotation_invalid', message, { what })
}
