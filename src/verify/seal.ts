/**
 * Delegations, seals and revocations (FORMAT §4): who may sign a block, who did, and what a revocation leaves of it.
 */
import { constantHash } from './abi.ts'
import { equal, utf8 } from './bytes.ts'
import type { Engine, Hasher } from './engine.ts'
import { type Identity, typedDigest } from './identity.ts'
import { recoverAddress } from './signature.ts'
import type { Delegation, Revocation, Seal } from './types.ts'

const DELEGATION_TYPE = constantHash(
  'CairnDelegation(string chain,address delegate,uint64 index,uint64 validFrom,uint64 validUntil)',
)
const REVOCATION_TYPE = constantHash('CairnRevocation(string chain,uint64 index,uint64 fromHeight,bytes32 parentHash)')

/** What the cold key signs to delegate. */
export function delegationDigest(
  identity: Identity,
  delegation: Omit<Delegation, 'signature'>,
  hasher: Hasher,
): Uint8Array {
  const { delegate, index, validFrom, validUntil } = delegation
  const chain = hasher.hash(utf8(identity.genesis.name))
  return typedDigest(identity, DELEGATION_TYPE, [chain, delegate, index, validFrom, validUntil], hasher)
}

/** What the cold key signs to revoke. */
export function revocationDigest(
  identity: Identity,
  revocation: Omit<Revocation, 'signature'>,
  hasher: Hasher,
): Uint8Array {
  const { index, fromHeight, parentHash } = revocation
  const chain = hasher.hash(utf8(identity.genesis.name))
  return typedDigest(identity, REVOCATION_TYPE, [chain, index, fromHeight, parentHash], hasher)
}

/** Whether the cold key of the chain signed this delegation; not whether it is for this time, or was revoked. */
export function isDelegatedByColdKey(identity: Identity, delegation: Delegation, engine: Engine): boolean {
  const digest = delegationDigest(identity, delegation, engine.hasher)
  return isSignedBy(identity.genesis.coldKey, digest, delegation.signature, engine)
}

/** Whether the cold key of the chain signed this revocation. */
export function isRevokedByColdKey(identity: Identity, revocation: Revocation, engine: Engine): boolean {
  const digest = revocationDigest(identity, revocation, engine.hasher)
  return isSignedBy(identity.genesis.coldKey, digest, revocation.signature, engine)
}

/** Whether the seal over this block hash is the delegate's own; not whether anyone delegated to it. */
export function isSealedByDelegate(blockHash: Uint8Array, seal: Seal, engine: Engine): boolean {
  return isSignedBy(seal.delegation.delegate, blockHash, seal.signature, engine)
}

function isSignedBy(address: Uint8Array, digest: Uint8Array, signature: Uint8Array, engine: Engine): boolean {
  const signer = recoverAddress(digest, signature, engine)
  return signer !== undefined && equal(signer, address)
}

/** Where a block's time lies to the time that a delegation is for. */
export type Window = 'early' | 'open' | 'expired'

export function windowAt(timestamp: bigint, { validFrom, validUntil }: Delegation): Window {
  if (timestamp < validFrom) return 'early'
  return timestamp > validUntil ? 'expired' : 'open'
}

/**
 * Whether this revocation takes the seal of the block away. It leaves the delegation valid for one block: the last good one,
 * which it names. Older ones are reached through that block's history.
 */
export function revokes(revocation: Revocation, index: bigint, height: bigint, blockHash: Uint8Array): boolean {
  if (revocation.index !== index) return false
  return height + 1n !== revocation.fromHeight || !equal(blockHash, revocation.parentHash)
}

/** Whether a seal of this block is valid leaving revocations aside. */
export function isValidSeal(
  identity: Identity,
  block: { readonly blockHash: Uint8Array; readonly timestamp: bigint },
  seal: Seal,
  engine: Engine,
): boolean {
  return (
    windowAt(block.timestamp, seal.delegation) === 'open' &&
    isDelegatedByColdKey(identity, seal.delegation, engine) &&
    isSealedByDelegate(block.blockHash, seal, engine)
  )
}
