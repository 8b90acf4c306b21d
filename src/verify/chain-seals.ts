/**
 * The seals of a chain that is read in order, in bounded memory: the newest blocks are remembered, and which delegations sealed
 * them, so that a seal may come after its block and a revocation after the seal.
 */
import { SEAL_LAG_MAX } from './bounds.ts'
import type { Engine } from './engine.ts'
import type { Identity } from './identity.ts'
import { isDelegatedByColdKey, isSealedByDelegate, revokes, windowAt } from './seal.ts'
import type { Revocation, Seal } from './types.ts'

export interface RecentBlock {
  readonly height: bigint
  readonly hash: Uint8Array
  readonly timestamp: bigint
  /** The indexes of the delegations under which it was sealed. */
  readonly sealedBy: Set<bigint>
}

export class RecentSeals {
  private readonly identity: Identity
  private readonly engine: Engine
  private readonly recent = new Map<bigint, RecentBlock>()
  /** The newest block that has a seal, however long ago: leaving revocations aside, it and all before it are covered. */
  newestSealed: bigint | undefined

  constructor(identity: Identity, engine: Engine) {
    this.identity = identity
    this.engine = engine
  }

  block(height: bigint, hash: Uint8Array, timestamp: bigint): void {
    this.recent.set(height, { height, hash, timestamp, sealedBy: new Set() })
    this.recent.delete(height - BigInt(SEAL_LAG_MAX) - 1n)
  }

  /** What is wrong with a seal leaving revocations aside; nothing where it holds, or came too late to tell (`isRecent`). */
  seal(height: bigint, seal: Seal): string | undefined {
    const block = this.recent.get(height)
    if (block === undefined) return undefined
    const wrong = wrongWithSeal(this.identity, block, seal, this.engine)
    if (wrong === undefined) this.sealed(height, seal.delegation.index)
    return wrong
  }

  /** A seal under this delegation holds. */
  sealed(height: bigint, index: bigint): void {
    this.recent.get(height)?.sealedBy.add(index)
    if (this.newestSealed === undefined || height > this.newestSealed) this.newestSealed = height
  }

  isRecent(height: bigint): boolean {
    return this.recent.has(height)
  }

  /** What is remembered, oldest first: for whoever goes on later. */
  get remembered(): readonly RecentBlock[] {
    return [...this.recent.values()]
  }

  /** The oldest block that is remembered. */
  get oldest(): bigint {
    return this.recent.keys().next().value ?? 0n
  }

  /** The newest block remembered whose seal these revocations leave valid: it and all before it are covered. */
  newestValid(revocations: readonly Revocation[]): bigint | undefined {
    const isValid = ({ height, hash, sealedBy }: RecentBlock): boolean =>
      [...sealedBy].some((index) => !revocations.some((each) => revokes(each, index, height, hash)))
    return [...this.recent.values()].findLast(isValid)?.height
  }
}

/** What is wrong with a seal of this block leaving revocations aside, or nothing. */
export function wrongWithSeal(
  identity: Identity,
  { hash, timestamp }: { readonly hash: Uint8Array; readonly timestamp: bigint },
  seal: Seal,
  engine: Engine,
): string | undefined {
  if (!isDelegatedByColdKey(identity, seal.delegation, engine)) {
    return 'the cold key did not sign the delegation of the seal'
  }
  if (windowAt(timestamp, seal.delegation) !== 'open')
    return 'the delegation of the seal is not for the time of the block'
  return isSealedByDelegate(hash, seal, engine) ? undefined : 'the delegate did not sign this block'
}
