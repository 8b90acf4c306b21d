/**
 * A signature of the cold key as a wallet gives it, taken in: checked against what was to be signed, and made a delegation or revocation that
 * every verifier accepts (FORMAT §4).
 */
import { fromHex, toHex } from '../verify/bytes.ts'
import { type Engine, isStrictSignature } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import type { Authority } from '../verify/records.ts'
import { delegationDigest, revocationDigest } from '../verify/seal.ts'
import { recoverAddress } from '../verify/signature.ts'
import type { Delegation, Revocation } from '../verify/types.ts'
import { type ColdRequest, checkRequest, type UnsignedDelegation, type UnsignedRevocation } from './typed-data.ts'

const SIGNATURE_BYTES = 65
const COMPACT_BYTES = 64
const TEXT_MAX = 1024

export function importDelegation(
  identity: Identity,
  unsigned: UnsignedDelegation,
  signature: string,
  engine: Engine,
): Delegation {
  const { delegate, index, validFrom, validUntil } = unsigned
  const members = { delegate, index, validFrom, validUntil }
  checkRequest({ k: 'delegation', ...members })
  const digest = delegationDigest(identity, members, engine.hasher)
  return { ...members, signature: signedBy(identity, digest, signature, engine) }
}

export function importRevocation(
  identity: Identity,
  unsigned: UnsignedRevocation,
  signature: string,
  engine: Engine,
): Revocation {
  const { index, fromHeight, parentHash } = unsigned
  const members = { index, fromHeight, parentHash }
  checkRequest({ k: 'revocation', ...members })
  const digest = revocationDigest(identity, members, engine.hasher)
  return { ...members, signature: signedBy(identity, digest, signature, engine) }
}

/** Whichever was asked for: what `readTypedData` gives, with the cold key’s signature on it. */
export function importSignature(
  identity: Identity,
  request: ColdRequest,
  signature: string,
  engine: Engine,
): Authority {
  return request.k === 'delegation'
    ? { k: 'delegation', ...importDelegation(identity, request, signature, engine) }
    : { k: 'revocation', ...importRevocation(identity, request, signature, engine) }
}

function signedBy(identity: Identity, digest: Uint8Array, text: string, engine: Engine): Uint8Array {
  const signature = readSignature(text)
  const signer = recoverAddress(digest, signature, engine)
  if (signer === undefined) throw invalid('it is not a signature of anybody')
  const [found, wanted] = [toHex(signer), toHex(identity.genesis.coldKey)]
  if (found === wanted) return signature
  throw new CairnError(
    'wrong_signer',
    `The signature is not the cold key’s over this typed data: it would be that of ${found}, and the cold key is ${wanted}. Sign this very document, with that account.`,
    { signer: found, coldKey: wanted },
  )
}

/** `r ‖ s ‖ v` with `v` 27 or 28, from what wallets write. */
function readSignature(given: string): Uint8Array {
  const bytes = given.length > TEXT_MAX ? undefined : fromHex(given.trim().toLowerCase())
  if (bytes === undefined) throw invalid('it is not 0x and hex digits')
  if (bytes.length === COMPACT_BYTES) {
    throw invalid('it has 64 bytes, the compact form of EIP-2098 or one without v: ask the wallet for r, s and v')
  }
  if (bytes.length !== SIGNATURE_BYTES) throw invalid(`it has ${bytes.length} bytes`)
  const v = bytes[64] as number
  if (v === 0 || v === 1) bytes[64] = v + 27
  else if (v !== 27 && v !== 28) throw invalid(`its last byte, v, is ${v} and not 0, 1, 27 or 28`)
  if (!isStrictSignature(bytes)) {
    throw invalid('its s is in the upper half (a second form of the same signature): ask for one with a low s')
  }
  return bytes
}

function invalid(why: string): CairnError {
  return new CairnError('signature_invalid', `A signature is 0x and 130 hex digits, 65 bytes; this is none: ${why}.`, {
    why,
  })
}
