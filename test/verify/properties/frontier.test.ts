/**
 * However its entries arrive, a range is the same: in one batch, one by one, in any pieces, or taken up again from what was kept.
 */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { toHex } from '../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { Frontier } from '../../../src/verify/range.ts'
import { MemoryRange } from '../../support/memory-range.ts'
import { Random, seed } from '../../support/seed.ts'

const { hasher } = nobleEngine
const random = new Random()
const ENTRIES = Array.from({ length: 400 }, () => random.bytes(32))

const entries = fc.nat({ max: ENTRIES.length }).map((count) => ENTRIES.slice(0, count))
/** Where the pieces end. */
const cuts = fc.uniqueArray(fc.nat({ max: ENTRIES.length }), { maxLength: 12 }).map((all) => all.sort((a, b) => a - b))

function piecesOf<T>(items: readonly T[], ends: readonly number[]): T[][] {
  return [0, ...ends].map((from, i) => items.slice(from, ends[i] ?? items.length))
}

/** All that can be seen of it. */
function shown(frontier: Frontier): unknown {
  return { size: frontier.size, kept: frontier.kept.map(toHex), root: toHex(frontier.root(hasher)) }
}

it('is the same for any way to append', () => {
  fc.assert(
    fc.property(entries, cuts, (all, ends) => {
      const atOnce = Frontier.empty.append(all, hasher)
      const inPieces = piecesOf(all, ends).reduce((grown, piece) => grown.append(piece, hasher), Frontier.empty)
      expect(shown(inPieces)).toEqual(shown(atOnce))
      expect(atOnce.size).toBe(BigInt(all.length))
    }),
    { seed, numRuns: 150 },
  )
})

it('goes on from what was kept as if it had never stopped', () => {
  fc.assert(
    fc.property(entries, cuts, (all, ends) => {
      const resumed = piecesOf(all, ends).reduce((grown, piece) => {
        const { size, kept } = grown.append(piece, hasher)
        return Frontier.from(size, kept) as Frontier
      }, Frontier.empty)
      expect(shown(resumed)).toEqual(shown(Frontier.empty.append(all, hasher)))
    }),
    { seed, numRuns: 150 },
  )
})

it('is not taken up from another number of peaks than the size has', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat({ max: 66 }), (size, count) => {
      const peaks = Array.from({ length: count }, () => ENTRIES[0] as Uint8Array)
      const ones = size.toString(2).replaceAll('0', '').length
      expect(Frontier.from(size, peaks)?.size).toBe(count === ones ? size : undefined)
    }),
    { seed, numRuns: 500 },
  )
})

it('stays as it was when another is made from it', () => {
  const before = Frontier.empty.append(ENTRIES.slice(0, 100), hasher)
  const seen = shown(before)
  const one = before.append(ENTRIES.slice(100, 133), hasher)
  const other = before.append(ENTRIES.slice(200, 233), hasher)
  expect(shown(before)).toEqual(seen)
  expect(toHex(one.root(hasher))).not.toBe(toHex(other.root(hasher)))
  expect(before.append([], hasher)).toBe(before)
})

it('has the roots that a range has that keeps every node', () => {
  const range = new MemoryRange(hasher)
  let frontier = Frontier.empty
  for (const entry of ENTRIES) {
    range.append(entry)
    frontier = frontier.append([entry], hasher)
    expect(toHex(frontier.root(hasher))).toBe(toHex(range.sizedRoot.root))
  }
})
