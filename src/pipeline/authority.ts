/**
 * What a chain knows of its hot keys: the delegations and revocations that its blocks brought, those that it was given since, and which of them
 * the next block has to bring.
 *
 * Promise: nothing is known here that the chain's cold key did not sign.
 */
import { toHex } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import { revocation as revocationCodec } from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import type { Authority } from '../verify/records.ts'
import { isDelegatedByColdKey, isRevokedByColdKey, revokes, windowAt } from '../verify/seal.ts'
import type { Delegation, Revocation } from '../verify/types.ts'

export class KnownAuthority {
  private readonly known = new Set<string>()
  private readonly given: Delegation[] = []
  private readonly taken: Revocation[] = []
  private unbrought: readonly Authority[] = []

  /** `seen`: what the chain's blocks brought, which was checked when they were read. */
  constructor(seen: readonly Authority[]) {
    for (const each of seen) this.know(each)
  }

  /** All that the cold key delegated, as far as is known. */
  get delegations(): readonly Delegation[] {
    return this.given
  }

  /** All that the cold key took back, as far as is known. */
  get revocations(): readonly Revocation[] {
    return this.taken
  }

  /** These, which were checked, are known from now on, and the next block brings those of them that are new. */
  learn(delegations: readonly Delegation[], revocations: readonly Revocation[]): void {
    const given: readonly Authority[] = [
      ...delegations.map((delegation) => ({ k: 'delegation' as const, ...delegation })),
      ...revocations.map((revocation) => ({ k: 'revocation' as const, ...revocation })),
    ]
    for (const each of given) if (this.know(each)) this.unbrought = [...this.unbrought, each]
  }

  /** The same, knowing these too: to see how it would be. */
  with(revocations: readonly Revocation[]): KnownAuthority {
    const other = new KnownAuthority([])
    other.taken.push(...this.taken, ...revocations)
    return other
  }

  /** What no block has brought yet: the next one does. */
  get next(): readonly Authority[] {
    return this.unbrought
  }

  /** A block was prepared that brings all of it. */
  brought(): void {
    this.unbrought = []
  }

  /** The block that brought these was taken back. */
  giveBack(authority: readonly Authority[]): void {
    this.unbrought = [...authority, ...this.unbrought]
  }

  /** Whether no seal of this delegation over this block holds any more. */
  isRevoked(index: bigint, height: bigint, hash: Uint8Array): boolean {
    return this.taken.some((each) => revokes(each, index, height, hash))
  }

  /** Those that a block of this time can be sealed under. */
  usableAt(delegations: readonly Delegation[], timestamp: bigint): readonly Delegation[] {
    return this.inForce(delegations).filter((each) => windowAt(timestamp, each) === 'open')
  }

  /** Those that nobody took back. */
  inForce(delegations: readonly Delegation[]): readonly Delegation[] {
    return delegations.filter(({ index }) => !this.taken.some((each) => each.index === index))
  }

  /** Whether it is new. */
  private know(each: Authority): boolean {
    const signature = toHex(each.signature)
    if (this.known.has(signature)) return false
    this.known.add(signature)
    const { k, ...members } = each
    if (k === 'revocation') this.taken.push(members as Revocation)
    else this.given.push(members as Delegation)
    return true
  }
}

/** What is wrong with what a block says of the cold key, which touches no hash; nothing where the cold key signed all of it. */
export function wrongWithAuthority(
  authority: readonly Authority[],
  identity: Identity,
  engine: Engine,
): string | undefined {
  const isSigned = (each: Authority): boolean =>
    each.k === 'delegation' ? isDelegatedByColdKey(identity, each, engine) : isRevokedByColdKey(identity, each, engine)
  const foreign = authority.find((each) => !isSigned(each))
  return foreign && `the cold key did not sign the ${foreign.k} of index ${foreign.index}`
}

/**
 * A delegation that this chain’s cold key did not sign would make seals that nobody accepts, and a block that brought it no start would go on from. What
 * comes back is what was checked: a signer may have others the next time that it is asked.
 */
export function demandDelegated(
  given: readonly Delegation[],
  identity: Identity,
  engine: Engine,
): readonly Delegation[] {
  const delegations = [...given]
  const foreign = delegations.find((delegation) => !isDelegatedByColdKey(identity, delegation, engine))
  if (foreign === undefined) return delegations
  throw new CairnError(
    'delegation_invalid',
    `The cold key of this chain did not sign the signer’s delegation of index ${foreign.index}.`,
    { index: foreign.index, chainId: toHex(identity.chainId) },
  )
}

/** One that this chain’s cold key did not sign takes nothing back. */
export function demandRevoked(
  revocations: readonly unknown[],
  identity: Identity,
  engine: Engine,
): readonly Revocation[] {
  if (!Array.isArray(revocations))
    throw new CairnError('revocation_invalid', 'Revocations are given as an array of them.')
  return (revocations as readonly unknown[]).map((given) => {
    const revocation = attempt(() => revocationCodec.decode(given, native))
    if (!(revocation instanceof CairnError) && isRevokedByColdKey(identity, revocation, engine)) return revocation
    const why = revocation instanceof CairnError ? revocation.message : `of index ${revocation.index}`
    throw new CairnError('revocation_invalid', `The cold key of this chain did not sign this revocation: ${why}.`, {
      why,
      chainId: toHex(identity.chainId),
    })
  })
}
