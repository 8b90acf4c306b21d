/** Who signed a digest (FORMAT §4), by raw recovery: no prefix, no contract, no second form of a signature. */
import type { Engine } from './engine.ts'

/** The address of the signer, or nothing where the signature is not a strict one or recovers nobody. */
export function recoverAddress(digest: Uint8Array, signature: Uint8Array, engine: Engine): Uint8Array | undefined {
  const publicKey = engine.secp256k1.recover(digest, signature)
  if (publicKey === undefined) return undefined
  const address = addressOf(publicKey, engine)
  return address.every((byte) => byte === 0) ? undefined : address
}

/** The last 20 bytes of the hash of the public key (64 bytes `x ‖ y`). */
export function addressOf(publicKey: Uint8Array, engine: Engine): Uint8Array {
  return engine.hasher.hash(publicKey).slice(12)
}
