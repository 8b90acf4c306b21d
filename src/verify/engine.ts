/**
 * The two primitives that everything here rests on, behind two small interfaces, and their default on noble.
 *
 * Promise: every engine gives the same bytes as this one; a faster engine changes how long an answer takes, never the answer.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { getPublicKey, hashes, recoverPublicKey, sign, verify } from '@noble/secp256k1'
import { concat } from './bytes.ts'

/** keccak-256. */
export interface Hasher {
  /** Which implementation this is, for logs. */
  readonly name: string
  /** The hash of one message, of which nothing is kept. */
  hash(message: Uint8Array): Uint8Array
  /**
   * The hashes, laid out one after the other, of messages of `size` bytes each that are laid out one after the other. A size
   * that does not divide them into whole messages is a fault of the caller: it throws.
   */
  hashMany(messages: Uint8Array, size: number): Uint8Array
}

/**
 * ECDSA on secp256k1 over 32-byte digests. A signature is 65 bytes `r ‖ s ‖ v` with `v` 27 or 28 and `s` in the lower half
 * (FORMAT §4); anything else is neither verified nor recovered from.
 */
export interface Secp256k1 {
  /** Which implementation this is, for logs. */
  readonly name: string
  /** Deterministic (RFC 6979): the same digest and key give the same signature. A digest of another length throws. */
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array
  /** Whether `r ‖ s` over `digest` was made by the holder of `publicKey` (64 bytes `x ‖ y`); which of the two `v` is not asked. */
  verify(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean
  /** The public key (64 bytes `x ‖ y`) whose holder made `signature` over `digest`, or nothing where there is none. */
  recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined
  /** The public key (64 bytes `x ‖ y`) of a private one. */
  publicKey(privateKey: Uint8Array): Uint8Array
}

/** What verification needs from outside: how to hash and how to check a signature. */
export interface Engine {
  readonly hasher: Hasher
  readonly secp256k1: Secp256k1
}

const HALF_ORDER: Uint8Array = Uint8Array.from([
  0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
  0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
])

/** FORMAT §4: 65 bytes, `v` 27 or 28, `s` in the lower half. The ranges of `r` and `s` are the engine's to check. */
export function isStrictSignature(signature: Uint8Array): boolean {
  const v = signature[64]
  if (!(signature instanceof Uint8Array) || signature.length !== 65 || (v !== 27 && v !== 28)) return false
  for (let i = 0; i < 32; i++) {
    const difference = (signature[32 + i] as number) - (HALF_ORDER[i] as number)
    if (difference !== 0) return difference < 0
  }
  return true
}

/** How many messages of this size these bytes are. */
export function messageCount({ length }: Uint8Array, size: number): number {
  const count = length / size
  if (Number.isInteger(size) && size >= 1 && Number.isInteger(count)) return count
  throw new RangeError(`${length} bytes are not messages of ${size} bytes each`)
}

const nobleHasher: Hasher = {
  name: 'noble',
  hash: keccak_256,
  hashMany(messages: Uint8Array, size: number): Uint8Array {
    const hashes = new Uint8Array(messageCount(messages, size) * 32)
    for (let from = 0, to = 0; from < messages.length; from += size, to += 32) {
      hashes.set(keccak_256(messages.subarray(from, from + size)), to)
    }
    return hashes
  },
}

// noble leaves the hash of RFC 6979 to its user.
hashes.sha256 = sha256
hashes.hmacSha256 = (key, message) => hmac(sha256, key, message)

// The digest is hashed already: noble must not hash it again.
const DIGEST = { prehash: false } as const

/** noble throws on what cannot be a signature or a key; to us that is a signature that does not hold. */
function orNothing<T>(attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

/** `r ‖ s ‖ v` as noble writes it: the recovery bit first. */
function toNoble(signature: Uint8Array): Uint8Array {
  const recovered = new Uint8Array(65)
  recovered[0] = (signature[64] as number) - 27
  recovered.set(signature.subarray(0, 64), 1)
  return recovered
}

function recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  return orNothing(() => recoverPublicKey(toNoble(signature), digest, { ...DIGEST, isCompressed: false }).subarray(1))
}

/** Bytes as a key of a map: a character each. */
function textOf(bytes: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, undefined, bytes) as string
}

/** Those of the delegations and revocations in force, and some air. */
const REMEMBERED = 64

/**
 * Recovery is the slowest step of all, and the few delegations and revocations in force are asked for again with every block: the
 * newest answers are remembered, each under all that it depends on.
 */
export function remembering(recover: Secp256k1['recover']): Secp256k1['recover'] {
  const remembered = new Map<string, Uint8Array | undefined>()
  return (digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined => {
    // Before anything is remembered: what is kept must not grow with what was asked.
    if (!(digest instanceof Uint8Array) || digest.length !== 32 || !isStrictSignature(signature)) return undefined
    const question = textOf(concat(digest, signature))
    const answer = remembered.has(question) ? remembered.get(question) : recover(digest, signature)
    // Deleted and set again: the map's order is that of the last use, and its first is the one to forget.
    remembered.delete(question)
    remembered.set(question, answer)
    if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value as string)
    return answer?.slice()
  }
}

const nobleSecp256k1: Secp256k1 = {
  name: 'noble',
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
    if (digest.length !== 32) throw new RangeError(`a digest has 32 bytes, not ${digest.length}`)
    const recovered = sign(digest, privateKey, { ...DIGEST, format: 'recovered' })
    const signature = new Uint8Array(65)
    signature.set(recovered.subarray(1), 0)
    signature[64] = 27 + (recovered[0] as number)
    return signature
  },
  verify(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
    if (digest.length !== 32 || publicKey.length !== 64 || !isStrictSignature(signature)) return false
    const uncompressed = Uint8Array.of(4, ...publicKey)
    return orNothing(() => verify(signature.subarray(0, 64), digest, uncompressed, DIGEST)) ?? false
  },
  recover: remembering(recover),
  publicKey: (privateKey: Uint8Array): Uint8Array => getPublicKey(privateKey, false).subarray(1),
}

/** The default: small, audited, the same everywhere. `cairn-log/hash` has the fast ones. */
export const nobleEngine: Engine = { hasher: nobleHasher, secp256k1: nobleSecp256k1 }
