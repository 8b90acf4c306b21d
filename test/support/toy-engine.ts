/**
 * An engine for tests of many thousand steps: its hashes are the real ones, its signatures a hash. Anyone could forge them; what
 * is tested with it is what follows from a signature that holds or does not.
 */
import { loadEngine } from '../../src/hash/index.ts'
import { concat, equal } from '../../src/verify/bytes.ts'
import type { Engine, Secp256k1 } from '../../src/verify/index.ts'

const { hasher } = await loadEngine()

const secp256k1: Secp256k1 = {
  name: 'toy',
  publicKey(privateKey: Uint8Array): Uint8Array {
    const half = hasher.hash(privateKey)
    return concat(half, half)
  },
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
    const half = hasher.hash(privateKey)
    return concat(half, hasher.hash(concat(half, digest)), Uint8Array.of(27))
  },
  recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
    const half = signature.slice(0, 32)
    const holds = equal(signature.subarray(32), concat(hasher.hash(concat(half, digest)), Uint8Array.of(27)))
    return holds ? concat(half, half) : undefined
  },
  verify(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
    const recovered = this.recover(digest, signature)
    return recovered !== undefined && equal(recovered, publicKey)
  },
}

export const toyEngine: Engine = { hasher, secp256k1 }
