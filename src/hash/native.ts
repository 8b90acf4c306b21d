/**
 * secp256k1 by the native addon of the package `secp256k1`, which is libsecp256k1: some 40 times as fast as noble.
 *
 * Promise: every answer is noble's. Where the two would sign differently, noble signs; what the addon refuses by throwing
 * (a digest or key of another length, `r` or `s` out of range, a point that is not on the curve) does not hold.
 */
import { concat } from '../verify/bytes.ts'
import { isStrictSignature, nobleEngine, remembering, type Secp256k1 } from '../verify/engine.ts'

/** What is used of the package's API. */
interface Addon {
  contextRandomize(seed: Uint8Array): void
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recid: number }
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean
  ecdsaRecover(signature: Uint8Array, recid: number, digest: Uint8Array, compressed: boolean): Uint8Array
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array
}

/**
 * Not the package's main file, which falls back to slow JavaScript without a word: this one throws without an addon.
 * A string that no bundler follows: the package is optional, and its addon is found on the disk or not at all.
 */
const BINDINGS: string = 'secp256k1/bindings.js'

const noble = nobleEngine.secp256k1

/** The order begins with 15 bytes 0xff; what does not is below it. */
function isBelowOrder(digest: Uint8Array): boolean {
  return digest.subarray(0, 15).some((byte) => byte !== 0xff)
}

/** What comes before `x ‖ y` in an uncompressed public key. */
const UNCOMPRESSED: Uint8Array = Uint8Array.of(4)

/** Fails where the package is not installed, or has no addon for this machine. */
export async function nativeSecp256k1(): Promise<Secp256k1> {
  const addon = ((await import(BINDINGS)) as { default: Addon }).default
  // Blinds the arithmetic with the private key against side channels. Signatures stay the same.
  addon.contextRandomize(crypto.getRandomValues(new Uint8Array(32)))

  return {
    name: 'native',

    sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
      // RFC 6979 derives the nonce from the digest modulo the order, libsecp256k1 from the digest as it is.
      if (digest.length !== 32 || !isBelowOrder(digest)) return noble.sign(digest, privateKey)
      const { signature, recid } = addon.ecdsaSign(digest, privateKey)
      const withV = new Uint8Array(65)
      withV.set(signature)
      withV[64] = 27 + recid
      return withV
    },

    verify(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
      if (!isStrictSignature(signature)) return false
      try {
        return addon.ecdsaVerify(signature.subarray(0, 64), digest, concat(UNCOMPRESSED, publicKey))
      } catch {
        return false
      }
    },

    recover: remembering((digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined => {
      const recid = (signature[64] as number) - 27
      try {
        return addon.ecdsaRecover(signature.subarray(0, 64), recid, digest, false).subarray(1)
      } catch {
        return undefined
      }
    }),

    publicKey: (privateKey: Uint8Array): Uint8Array => addon.publicKeyCreate(privateKey, false).subarray(1),
  }
}
