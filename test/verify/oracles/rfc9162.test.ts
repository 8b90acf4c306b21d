/**
 * The oracle is RFC 9162 itself: MTH, PATH and PROOF written down from their recursive definitions. They are asked for every size up to 70, and for sizes beyond 2^53 up to the largest, of
 * ranges whose entries are all the same but for a few, so that all else is one hash a size.
 */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { EMPTY_ROOT, Frontier, verifyConsistency, verifyInclusion } from '../../../src/verify/range.ts'
import { consistencyPath, inclusionPath, type NodeAt } from '../../../src/verify/range-path.ts'
import type { Path } from '../../../src/verify/types.ts'
import { Rfc9162 } from '../../support/rfc9162.ts'
import { Random, seed } from '../../support/seed.ts'

const { hasher } = nobleEngine

const hexes = (path: Path): string[] => path.map(toHex)
const random = new Random()

describe(`every size up to 70 (CAIRN_SEED=${seed})`, () => {
  const LAST = 70n
  const data = Array.from({ length: Number(LAST) }, () => random.bytes(32))
  const rfc = new Rfc9162({ at: (i) => data[Number(i)] as Uint8Array, nameOf: (from, to) => `${from}:${to}` })
  const nodeAt: NodeAt = (level, index) => rfc.mth(index << BigInt(level), (index + 1n) << BigInt(level))
  const sizes = Array.from({ length: Number(LAST) + 1 }, (_, size) => BigInt(size))
  const rootOf = (size: bigint) => ({ size, root: rfc.mth(0n, size) })

  it('has the root MTH(D_n)', () => {
    for (const size of sizes) {
      const frontier = Frontier.empty.append(data.slice(0, Number(size)), hasher)
      expect(toHex(frontier.root(hasher))).toBe(toHex(rfc.mth(0n, size)))
    }
    expect(toHex(EMPTY_ROOT)).toBe(toHex(rfc.mth(0n, 0n)))
  })

  it('has the audit path PATH(m, D_n) for every entry, which verifies, and for no other entry or place', () => {
    for (const size of sizes) {
      for (let index = 0n; index < size; index++) {
        const path = rfc.path(index, 0n, size)
        expect(hexes(inclusionPath(index, size, nodeAt, hasher))).toEqual(hexes(path))
        const proves = (at: bigint, entry: bigint): boolean =>
          verifyInclusion(at, data[Number(entry)] as Uint8Array, rootOf(size), path, hasher)
        expect(proves(index, index)).toBe(true)
        const other = (index + 1n) % size
        const wrong = other === index ? [] : [proves(other, index), proves(index, other), proves(other, other)]
        expect(wrong.includes(true)).toBe(false)
        expect(proves(size, index)).toBe(false)
      }
    }
  })

  it('has the consistency path PROOF(m, D_n) for every pair of sizes, which verifies, and for no other pair', () => {
    for (const newer of sizes) {
      for (let older = 1n; older < newer; older++) {
        const path = rfc.proof(older, newer)
        expect(hexes(consistencyPath(older, newer, nodeAt, hasher))).toEqual(hexes(path))
        expect(verifyConsistency(rootOf(older), rootOf(newer), path, hasher)).toBe(true)
        expect(verifyConsistency(rootOf(older - 1n), rootOf(newer), path, hasher)).toBe(false)
        expect(verifyConsistency(rootOf(older + 1n), rootOf(newer), path, hasher)).toBe(false)
        expect(verifyConsistency(rootOf(older), rootOf(newer - 1n), path, hasher)).toBe(false)
        expect(verifyConsistency(rootOf(newer), rootOf(older), path, hasher)).toBe(false)
      }
    }
  })

  it('has an empty path from nothing and from itself, as FORMAT §6 demands', () => {
    for (const size of sizes) {
      for (const older of [0n, size]) {
        expect(consistencyPath(older, size, nodeAt, hasher)).toEqual([])
        expect(verifyConsistency(rootOf(older), rootOf(size), [], hasher)).toBe(true)
        expect(verifyConsistency(rootOf(older), rootOf(size), [EMPTY_ROOT], hasher)).toBe(false)
        const root = random.bytes(32)
        expect(verifyConsistency({ size: older, root }, rootOf(size), [], hasher)).toBe(false)
      }
    }
  })
})

describe(`sizes beyond 2^53 (CAIRN_SEED=${seed})`, () => {
  const TOP = 1n << 64n
  const huge = [
    ...[-1n, 0n, 1n, 2n, 3n].map((k) => (1n << 53n) + k),
    (1n << 53n) + BigInt(random.below(2 ** 31)),
    (1n << 63n) - 1n,
    1n << 63n,
    (1n << 63n) + 1n,
    TOP - (1n << 32n) + BigInt(random.below(2 ** 31)),
    TOP - 2n,
    TOP - 1n,
  ]
  // The few entries that differ, near the borders where arithmetic with doubles would go astray.
  const special = [...new Set(huge.flatMap((size) => [0n, size / 2n, size - 2n, size - 1n]))].sort((a, b) =>
    a < b ? -1 : 1,
  )
  const common = random.bytes(32)
  const rfc = new Rfc9162({
    at: (index) => (special.includes(index) ? hasher.hash(Buffer.from(`entry ${index}`)) : common),
    nameOf: (from, to) =>
      special.some((index) => from <= index && index < to) ? `${from}:${to}` : `${to - from} common ones`,
  })
  const entryAt = (index: bigint): Uint8Array =>
    special.includes(index) ? hasher.hash(Buffer.from(`entry ${index}`)) : common
  const nodeAt: NodeAt = (level, index) => rfc.mth(index << BigInt(level), (index + 1n) << BigInt(level))
  const rootOf = (size: bigint) => ({ size, root: rfc.mth(0n, size) })

  it.each(huge)('a frontier of %d entries has the root MTH(D_n), and goes on from there', (size) => {
    const peaks: Uint8Array[] = []
    for (let from = 0n; from < size; ) {
      const level = (size - from).toString(2).length - 1
      peaks.push(nodeAt(level, from >> BigInt(level)))
      from += 1n << BigInt(level)
    }
    const frontier = Frontier.from(size, peaks) as Frontier
    expect(toHex(frontier.root(hasher))).toBe(toHex(rfc.mth(0n, size)))
    const more = [0n, 1n, 2n].map((i) => entryAt(size + i))
    const grown = frontier.append(more, hasher)
    expect(grown.size).toBe(size + 3n)
    expect(toHex(grown.root(hasher))).toBe(toHex(rfc.mth(0n, size + 3n)))
    expect(Frontier.from(size, peaks.slice(1))).toBeUndefined()
  })

  it.each(huge)('%d entries: paths are PATH(m, D_n), and verify at their own index only', (size) => {
    for (const index of special.filter((each) => each < size)) {
      const path = rfc.path(index, 0n, size)
      expect(hexes(inclusionPath(index, size, nodeAt, hasher))).toEqual(hexes(path))
      expect(verifyInclusion(index, entryAt(index), rootOf(size), path, hasher)).toBe(true)
      expect(verifyInclusion(index, common, rootOf(size), path, hasher)).toBe(false)
      expect(verifyInclusion(index ^ 1n, entryAt(index), rootOf(size), path, hasher)).toBe(false)
      expect(verifyInclusion(index ^ (1n << 52n), entryAt(index), rootOf(size), path, hasher)).toBe(false)
      expect(verifyInclusion(index, entryAt(index), rootOf(size), path.slice(1), hasher)).toBe(false)
      expect(verifyInclusion(index, entryAt(index), rootOf(size), [...path, common], hasher)).toBe(false)
    }
    expect(verifyInclusion(size, entryAt(size), rootOf(size), [], hasher)).toBe(false)
  })

  it.each(huge)('%d entries extend every smaller range by PROOF(m, D_n), and no other', (size) => {
    for (const older of [1n, 2n, 3n, 1n << 32n, ...huge].filter((each) => each < size)) {
      const path = rfc.proof(older, size)
      expect(hexes(consistencyPath(older, size, nodeAt, hasher))).toEqual(hexes(path))
      expect(verifyConsistency(rootOf(older), rootOf(size), path, hasher)).toBe(true)
      const wrong = { size: older, root: rfc.mth(0n, older + 1n) }
      expect(verifyConsistency(wrong, rootOf(size), path, hasher)).toBe(false)
      expect(verifyConsistency(rootOf(older + 1n), rootOf(size), path, hasher)).toBe(false)
      expect(verifyConsistency(rootOf(older), rootOf(size), path.slice(1), hasher)).toBe(false)
      expect(verifyConsistency(rootOf(older), rootOf(size), [...path, common], hasher)).toBe(false)
    }
  })
})
