/**
 * Two oracles for the default engine, which rests on @noble/secp256k1: @noble/curves, another implementation of the same curve,
 * asked as its users would ask; and the textbook formulas of ECDSA (SEC 1 §4.1) over its points, for signatures that no signer
 * makes. FORMAT §4 is stricter than either: 65 bytes, `v` 27 or 28, `s` in the lower half. That is stated here once more.
 */
import { secp256k1 as curve } from '@noble/curves/secp256k1.js'
import { describe, expect, it } from 'vitest'
import { concat, equal, toHex } from '../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { Random, seed } from '../../support/seed.ts'

const { secp256k1: ours } = nobleEngine
const { Point } = curve
const { Fn } = Point
const ORDER = Fn.ORDER
const HALF = ORDER >> 1n
const MAX = (1n << 256n) - 1n
const random = new Random()

const word = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))
const number = (bytes: Uint8Array): bigint => BigInt(toHex(bytes))
const xy = (point: InstanceType<typeof Point>): Uint8Array => point.toBytes(false).subarray(1)

interface Parts {
  readonly r: bigint
  readonly s: bigint
  readonly v: number
}
const joined = ({ r, s, v }: Parts): Uint8Array => concat(word(r), word(s), Uint8Array.of(v))

/** `Q = r⁻¹(s·R − z·G)`, where R is the point with this x and the parity that `v` says. */
function textbookRecovers(digest: Uint8Array, { r, s, v }: Parts): Uint8Array | undefined {
  const isStrict = (v === 27 || v === 28) && s <= HALF
  if (!isStrict || r === 0n || s === 0n || r >= ORDER) return undefined
  const R = pointAt(r, v - 27)
  if (R === undefined) return undefined
  const inverse = Fn.inv(r)
  const [u1, u2] = [Fn.mul(Fn.neg(Fn.create(number(digest))), inverse), Fn.mul(s, inverse)]
  const Q = times(Point.BASE, u1).add(R.multiply(u2))
  return Q.is0() ? undefined : xy(Q)
}

/** The x of `s⁻¹(z·G + r·Q)` is r. */
function textbookVerifies(digest: Uint8Array, { r, s, v }: Parts, publicKey: Uint8Array): boolean {
  const isStrict = (v === 27 || v === 28) && s <= HALF
  if (!isStrict || r === 0n || s === 0n || r >= ORDER) return false
  const inverse = Fn.inv(s)
  const Q = Point.fromBytes(concat(Uint8Array.of(4), publicKey))
  const R = times(Point.BASE, Fn.mul(Fn.create(number(digest)), inverse)).add(times(Q, Fn.mul(r, inverse)))
  return !R.is0() && Fn.create(R.x) === r
}

function times(point: InstanceType<typeof Point>, by: bigint): InstanceType<typeof Point> {
  return by === 0n ? Point.ZERO : point.multiply(by)
}

function pointAt(x: bigint, odd: number): InstanceType<typeof Point> | undefined {
  try {
    return Point.fromBytes(concat(Uint8Array.of(2 + odd), word(x)))
  } catch {
    return undefined
  }
}

describe(`@noble/curves agrees (CAIRN_SEED=${seed})`, () => {
  const asked = { prehash: false } as const

  it('on keys, signatures, verification and recovery of random digests', () => {
    for (let i = 0; i < 60; i++) {
      const [digest, key] = [random.bytes(32), random.bytes(32)]
      const publicKey = ours.publicKey(key)
      expect(toHex(publicKey)).toBe(toHex(curve.getPublicKey(key, false).subarray(1)))
      const signature = ours.sign(digest, key)
      const recovered = curve.sign(digest, key, { ...asked, format: 'recovered' })
      expect(toHex(signature)).toBe(toHex(concat(recovered.subarray(1), Uint8Array.of(27 + (recovered[0] as number)))))
      expect(toHex(ours.recover(digest, signature) as Uint8Array)).toBe(toHex(publicKey))

      const uncompressed = concat(Uint8Array.of(4), publicKey)
      const other = random.bytes(32)
      for (const message of [digest, other]) {
        const wanted = curve.verify(signature.subarray(0, 64), message, uncompressed, asked)
        expect(wanted).toBe(message === digest)
        expect(ours.verify(message, signature, publicKey)).toBe(wanted)
      }
    }
  })

  it('on whom a forged signature recovers, for one of both parities', () => {
    let recoveredSome = 0
    for (let i = 0; i < 60; i++) {
      const digest = random.bytes(32)
      const parts = { r: number(random.bytes(32)), s: 1n + (number(random.bytes(32)) % HALF), v: 27 + random.below(2) }
      const answer = ours.recover(digest, joined(parts))
      const asTheyWriteIt = concat(Uint8Array.of(parts.v - 27), joined(parts).subarray(0, 64))
      const wanted = orNothing(() => curve.recoverPublicKey(asTheyWriteIt, digest, asked))
      expect(answer && toHex(answer)).toBe(wanted && toHex(xy(Point.fromBytes(wanted))))
      if (wanted !== undefined) recoveredSome++
    }
    // Only every other x is on the curve.
    expect(recoveredSome).toBeGreaterThan(5)
    expect(recoveredSome).toBeLessThan(55)
  })
})

function orNothing<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}

describe(`the textbook agrees on what no signer makes (CAIRN_SEED=${seed})`, () => {
  const digest = random.bytes(32)
  const key = number(random.bytes(32)) % ORDER
  const publicKey = ours.publicKey(word(key))
  const good = ours.sign(digest, word(key))
  const parts: Parts = { r: number(good.subarray(0, 32)), s: number(good.subarray(32, 64)), v: good[64] as number }

  function expectTextbook(message: Uint8Array, given: Parts, holder: Uint8Array = publicKey): Uint8Array | undefined {
    const wanted = textbookRecovers(message, given)
    const answer = ours.recover(message, joined(given))
    expect(answer && toHex(answer)).toBe(wanted && toHex(wanted))
    expect(ours.verify(message, joined(given), holder)).toBe(textbookVerifies(message, given, holder))
    return answer
  }

  it('what was signed is good, with the other v it is somebody else’s', () => {
    expect(toHex(expectTextbook(digest, parts) as Uint8Array)).toBe(toHex(publicKey))
    const other = expectTextbook(digest, { ...parts, v: 55 - parts.v }) as Uint8Array
    expect(equal(other, publicKey)).toBe(false)
  })

  it.each<readonly [string, Partial<Parts>]>([
    ['r is zero', { r: 0n }],
    ['s is zero', { s: 0n }],
    ['r is the order', { r: ORDER }],
    ['r is beyond the order by what would be a good one', { r: ORDER + 1n }],
    ['r is all ones', { r: MAX }],
    ['s is the order', { s: ORDER }],
    ['s is all ones', { s: MAX }],
    ['s is just above the lower half', { s: HALF + 1n }],
    ['s is the largest', { s: ORDER - 1n }],
    ['s is in the upper half, the same point otherwise', { s: ORDER - parts.s, v: 55 - parts.v }],
    ['s is in the upper half, v as it was', { s: ORDER - parts.s }],
    ...[0, 1, 2, 26, 29, 30, 31, 255].map((v) => [`v is ${v}`, { v }] as const),
  ])('nobody signed where %s', (_, change) => {
    const given: Parts = { ...parts, ...change }
    expect(expectTextbook(digest, given)).toBeUndefined()
    expect(ours.verify(digest, joined(given), publicKey)).toBe(false)
  })

  it('s at the top of the lower half is a signature like any other', () => {
    expect(expectTextbook(digest, { ...parts, s: HALF })).toBeDefined()
    expect(expectTextbook(digest, { ...parts, s: 1n })).toBeDefined()
  })

  it('an r that is no x of the curve recovers nobody', () => {
    let none = 0
    for (let r = 1n; r <= 24n; r++) if (expectTextbook(digest, { ...parts, r }) === undefined) none++
    expect(none).toBeGreaterThan(0)
    expect(none).toBeLessThan(24)
  })

  it('an r that leads to the point at infinity recovers nobody', () => {
    // s·R = z·G, so that Q = r⁻¹(s·R − z·G) is no point at all.
    for (let i = 0; i < 8; i++) {
      const k = 1n + (number(random.bytes(32)) % (ORDER - 1n))
      const R = Point.BASE.multiply(k)
      const s = Fn.mul(Fn.create(number(digest)), Fn.inv(k))
      const odd = Number(R.y & 1n)
      const isHigh = s > HALF
      const given = { r: Fn.create(R.x), s: isHigh ? ORDER - s : s, v: 27 + (isHigh ? 1 - odd : odd) }
      expect(expectTextbook(digest, given)).toBeUndefined()
    }
  })

  it('digests of zero, of the order and beyond are digests', () => {
    for (const message of [0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, MAX].map(word)) {
      const signature = ours.sign(message, word(key))
      const [r, s] = [number(signature.subarray(0, 32)), number(signature.subarray(32, 64))]
      const answer = expectTextbook(message, { r, s, v: signature[64] as number })
      expect(toHex(answer as Uint8Array)).toBe(toHex(publicKey))
      expect(expectTextbook(message, parts)).toBeDefined()
    }
  })

  it('what is not a digest, a signature or a key is refused without an error', () => {
    const [short, long] = [good.subarray(0, 64), concat(good, Uint8Array.of(0))]
    for (const signature of [short, long, new Uint8Array(0), good.subarray(1)]) {
      expect(ours.recover(digest, signature)).toBeUndefined()
      expect(ours.verify(digest, signature, publicKey)).toBe(false)
    }
    for (const message of [new Uint8Array(0), digest.subarray(1), concat(digest, digest)]) {
      expect(ours.recover(message, good)).toBeUndefined()
      expect(ours.verify(message, good, publicKey)).toBe(false)
    }
    const notOnTheCurve = concat(publicKey.subarray(0, 63), Uint8Array.of((publicKey[63] as number) ^ 1))
    for (const no of [new Uint8Array(64), notOnTheCurve, word(MAX), concat(word(MAX), word(MAX)), new Uint8Array(65)]) {
      expect(ours.verify(digest, good, no)).toBe(false)
    }
  })
})
