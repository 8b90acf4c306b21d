/**
 * What a fast part has to answer before it is used: a WebAssembly compiler or a native addon that is broken on some
 * machine costs speed there, never a wrong hash.
 */
import { equal, fromHex } from '../verify/bytes.ts'
import { type Hasher, nobleEngine, type Secp256k1 } from '../verify/engine.ts'

const noble = nobleEngine.hasher

const known = (hex: string): Uint8Array => fromHex(hex) as Uint8Array

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`its self-check failed: ${what}`)
}

const EMPTY_HASH: Uint8Array = known('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')

/** Throws unless `hasher` hashes as noble does, around the borders of words and blocks. */
export function checkHasher(hasher: Hasher): void {
  const bytes = Uint8Array.from({ length: 5 * 137 }, (_, i) => (i * 151) ^ (i >> 3))
  check(equal(hasher.hash(new Uint8Array(0)), EMPTY_HASH), 'the hash of nothing')
  for (const size of [1, 33, 64, 135, 136, 137]) {
    const one = bytes.subarray(1, 1 + size)
    const five = bytes.subarray(0, 5 * size)
    check(equal(hasher.hash(one), noble.hash(one)), `the hash of ${size} bytes`)
    check(equal(hasher.hashMany(five, size), noble.hashMany(five, size)), `the hashes of five times ${size} bytes`)
  }
}

// Made with noble, which would take 50 ms to make them again.
const PRIVATE_KEY: Uint8Array = new Uint8Array(32).fill(7)
const PUBLIC_KEY: Uint8Array = known(
  '0x989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f' +
    '631f4d05b3ae518776ee08755a7703e64b2ebc32547504de0b55a142d4ecdf80',
)
const SIGNATURE: Uint8Array = known(
  '0x4dcab659a86b4995b73dc83760e9d3a9447f33cbce4f53c5a8aedd1b3977e500' +
    '478a099e9cb2367cc4cdfac301888553ea7952eef40febdd368c5f56863146fb1c',
)

/** Throws unless `secp256k1` signs, verifies and recovers EMPTY_HASH as noble did, and refuses a wrong signature. */
export function checkSecp256k1(secp256k1: Secp256k1): void {
  const wrong = SIGNATURE.with(63, 0)
  const recovers = (signature: Uint8Array) =>
    equal(secp256k1.recover(EMPTY_HASH, signature) ?? new Uint8Array(0), PUBLIC_KEY)
  check(equal(secp256k1.publicKey(PRIVATE_KEY), PUBLIC_KEY), 'a public key')
  check(equal(secp256k1.sign(EMPTY_HASH, PRIVATE_KEY), SIGNATURE), 'a signature')
  check(secp256k1.verify(EMPTY_HASH, SIGNATURE, PUBLIC_KEY), 'a signature that holds')
  check(!secp256k1.verify(EMPTY_HASH, wrong, PUBLIC_KEY), 'a signature that does not hold')
  check(recovers(SIGNATURE), 'a recovered key')
  check(!recovers(wrong), 'a key recovered from a wrong signature')
}
