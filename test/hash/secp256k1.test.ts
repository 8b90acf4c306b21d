/** The native secp256k1 against noble: the same answer to everything, right or hostile. */
import { secp256k1 as curve } from '@noble/curves/secp256k1.js'
import { describe, expect, it } from 'vitest'
import { nativeSecp256k1 } from '../../src/hash/native.ts'
import { concat, toHex } from '../../src/verify/bytes.ts'
import { nobleEngine, type Secp256k1 } from '../../src/verify/engine.ts'
import { Random, seed } from '../support/seed.ts'

const noble = nobleEngine.secp256k1
const loaded = await nativeSecp256k1().catch((error: unknown) => error as Error)
const why = loaded instanceof Error ? loaded.message.split('\n')[0] : undefined
if (why !== undefined) console.log(`native secp256k1 is not tested, it does not load here: ${why}`)

it.skipIf(why !== undefined && process.env.CI !== 'true')('the addon loads', () => {
  expect(why).toBeUndefined()
})

const { Point } = curve
const { Fn, Fp } = Point
const ORDER = Fn.ORDER
const HALF = ORDER >> 1n
const MAX = 2n ** 256n - 1n

function word(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))
}

const number = (bytes: Uint8Array): bigint => BigInt(toHex(bytes))

/** `x ‖ y`. */
const xy = (point: InstanceType<typeof Point>): Uint8Array => point.toBytes(false).subarray(1)

describe.skipIf(why !== undefined)('native', () => {
  const native = loaded as Secp256k1
  const random = new Random()
  console.log(`CAIRN_SEED=${seed}`)

  /** What comes back, as text; that an error does, but not which. */
  function answer(attempt: () => Uint8Array | boolean | undefined): string {
    try {
      const value = attempt()
      return value instanceof Uint8Array ? toHex(value) : String(value)
    } catch {
      return 'throws'
    }
  }

  function expectSame(ask: (secp256k1: Secp256k1) => Uint8Array | boolean | undefined, ...what: unknown[]): string {
    const expected = answer(() => ask(noble))
    const label = what.map((part) => (part instanceof Uint8Array ? toHex(part) : String(part))).join(' ')
    expect(
      answer(() => ask(native)),
      label,
    ).toBe(expected)
    return expected
  }

  const expectSameSignature = (digest: Uint8Array, key: Uint8Array) =>
    expectSame((secp256k1) => secp256k1.sign(digest, key), 'sign', digest, key)

  function expectSameVerdict(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): string {
    const verdict = expectSame(
      (secp256k1) => secp256k1.verify(digest, signature, publicKey),
      'verify',
      digest,
      signature,
      publicKey,
    )
    expect(verdict).not.toBe('throws')
    return verdict
  }

  function expectSameKey(digest: Uint8Array, signature: Uint8Array): string {
    const key = expectSame((secp256k1) => secp256k1.recover(digest, signature), 'recover', digest, signature)
    expect(key).not.toBe('throws')
    return key
  }

  it('signs, verifies and recovers random digests alike', () => {
    for (let i = 0; i < 40; i++) {
      const digest = random.bytes(32)
      const key = random.bytes(32)
      const signature = native.sign(digest, key)
      const publicKey = native.publicKey(key)
      expectSame((secp256k1) => secp256k1.publicKey(key), 'publicKey', key)
      expectSameSignature(digest, key)
      expect(expectSameVerdict(digest, signature, publicKey)).toBe('true')
      expect(expectSameKey(digest, signature)).toBe(toHex(publicKey))

      const flipped = Uint8Array.from(signature)
      const at = random.below(64)
      flipped[at] = (flipped[at] as number) ^ (1 << random.below(8))
      expect(expectSameVerdict(digest, flipped, publicKey)).toBe('false')
      expectSameKey(digest, flipped)
      expect(expectSameVerdict(random.bytes(32), signature, publicKey)).toBe('false')
      expect(expectSameVerdict(digest, signature, random.bytes(64))).toBe('false')
    }
  })

  it('reads views at odd offsets', () => {
    const key = random.bytes(40).subarray(3, 35)
    const digest = random.bytes(40).subarray(5, 37)
    const signature = concat(random.bytes(3), native.sign(digest, key)).subarray(3)
    const publicKey = concat(random.bytes(7), native.publicKey(key)).subarray(7)
    expectSameSignature(digest, key)
    expect(expectSameVerdict(digest, signature, publicKey)).toBe('true')
    expect(expectSameKey(digest, signature)).toBe(toHex(publicKey))
  })

  it('derives the nonce alike around the order', () => {
    for (const digest of [0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, MAX]) {
      for (const key of [1n, 2n, ORDER - 1n]) expect(expectSameSignature(word(digest), word(key))).not.toBe('throws')
    }
  })

  it('refuses the same private keys', () => {
    for (const key of [0n, ORDER, ORDER + 1n, MAX]) {
      expect(expectSameSignature(random.bytes(32), word(key))).toBe('throws')
      expect(expectSame((secp256k1) => secp256k1.publicKey(word(key)), 'publicKey', key)).toBe('throws')
    }
    for (const length of [0, 31, 33, 64]) {
      expect(expectSameSignature(random.bytes(32), random.bytes(length))).toBe('throws')
      expect(expectSame((secp256k1) => secp256k1.publicKey(random.bytes(length)), 'publicKey', length)).toBe('throws')
    }
  })

  it('answers alike for r, s, v and digests at every border', () => {
    const publicKey = native.publicKey(word(5n))
    const digests = [0n, 1n, ORDER - 1n, ORDER, MAX, number(random.bytes(32))].map(word)
    const rs = [
      0n,
      1n,
      2n,
      5n,
      Fp.ORDER - ORDER,
      ORDER - 1n,
      ORDER,
      ORDER + 1n,
      Fp.ORDER,
      MAX,
      number(random.bytes(32)),
    ].map(word)
    const ss = [0n, 1n, HALF - 1n, HALF, HALF + 1n, ORDER - 1n, ORDER, MAX].map(word)
    const vs = [0, 1, 26, 27, 28, 29, 30, 255].map((v) => Uint8Array.of(v))
    for (const r of rs) {
      for (const s of ss) {
        for (const v of vs) {
          for (const digest of digests) {
            const signature = concat(r, s, v)
            expectSameKey(digest, signature)
            expectSameVerdict(digest, signature, publicKey)
          }
        }
      }
    }
  }, 60_000)

  it('answers alike for random r, which are on the curve only every other time', () => {
    let recovered = 0
    for (let i = 0; i < 60; i++) {
      const signature = concat(
        random.bytes(32),
        word(number(random.bytes(32)) % HALF),
        Uint8Array.of(27 + random.below(2)),
      )
      if (expectSameKey(random.bytes(32), signature) !== 'undefined') recovered++
    }
    expect(recovered).toBeGreaterThan(0)
    expect(recovered).toBeLessThan(60)
  })

  it('does not recover or accept the point at infinity', () => {
    // s·R = z·G, so that the key would be r⁻¹(s·R − z·G), the point at infinity.
    const k = 1234567n
    const s = 7n
    const R = Point.BASE.multiply(k)
    const r = word(Fn.create(R.x))
    const v = Uint8Array.of(27 + Number(R.y & 1n))
    expect(expectSameKey(word(Fn.mul(s, k)), concat(r, word(s), v))).toBe('undefined')
    // z + r·d = 0, so that R would be the point at infinity.
    const d = 99n
    const digest = word(Fn.neg(Fn.mul(number(r), d)))
    expect(expectSameVerdict(digest, concat(r, word(s), v), xy(Point.BASE.multiply(d)))).toBe('false')
  })

  it('verifies, but does not recover from, a signature whose R lies beyond the order', () => {
    const t = Array.from({ length: 200 }, (_, i) => BigInt(i + 1)).find((i) => onCurve(ORDER + i)) as bigint
    const R = Point.fromBytes(concat(Uint8Array.of(2), word(ORDER + t)))
    const s = 11n
    const z = 13n
    const Q = R.multiply(s).subtract(Point.BASE.multiply(z)).multiply(Fn.inv(t))
    for (const v of [27, 28]) {
      const signature = concat(word(t), word(s), Uint8Array.of(v))
      expect(expectSameVerdict(word(z), signature, xy(Q))).toBe('true')
      expect(expectSameKey(word(z), signature)).not.toBe(toHex(xy(Q)))
    }
  })

  it('refuses the same public keys', () => {
    const digest = random.bytes(32)
    const signature = native.sign(digest, word(5n))
    const publicKey = native.publicKey(word(5n))
    const x = publicKey.subarray(0, 32)
    const y = publicKey.subarray(32)
    const p = word(Fp.ORDER)
    const wrong = [
      new Uint8Array(64),
      new Uint8Array(64).fill(255),
      concat(y, x),
      concat(x, word(Fp.ORDER - number(y))),
      concat(p, y),
      concat(x, p),
      concat(word(0n), y),
      publicKey.subarray(0, 32),
      publicKey.subarray(0, 63),
      concat(publicKey, Uint8Array.of(0)),
      concat(Uint8Array.of(4), publicKey),
      new Uint8Array(0),
    ]
    for (const key of wrong) expect(expectSameVerdict(digest, signature, key)).toBe('false')
  })

  it('answers alike for wrong lengths', () => {
    const key = word(5n)
    const publicKey = native.publicKey(key)
    const signature = native.sign(random.bytes(32), key)
    for (const length of [0, 1, 31, 33, 64, 10_000]) {
      const digest = random.bytes(length)
      expectSameSignature(digest, key)
      expectSameVerdict(digest, signature, publicKey)
      expectSameKey(digest, signature)
    }
    for (const length of [0, 1, 63, 64, 66, 130]) {
      const wrong = concat(signature, random.bytes(65)).subarray(0, length)
      expect(expectSameVerdict(random.bytes(32), wrong, publicKey)).toBe('false')
      expect(expectSameKey(random.bytes(32), wrong)).toBe('undefined')
    }
  })
})

function onCurve(x: bigint): boolean {
  try {
    Point.fromBytes(concat(Uint8Array.of(2), word(x)))
    return true
  } catch {
    return false
  }
}
