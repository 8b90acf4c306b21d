/** What whoever uses the rng port relies on, as tests that any source of randomness has to pass. */
import { describe, expect, it } from 'vitest'
import type { Rng } from '../../src/ports/rng.ts'

export function rngConformance(name: string, make: () => Rng): void {
  describe(`${name}: random bytes`, () => {
    it.each([0, 1, 16, 32, 16_383, 16_384, 16_385, 40_000])('are as many as asked: %i', (length) => {
      const rng = make()
      for (let i = 0; i < 3; i++) expect(rng.bytes(length)).toHaveLength(length)
    })

    it('are never given twice, not even over many calls', () => {
      const rng = make()
      const seen = new Set(Array.from({ length: 5000 }, () => rng.bytes(16).join()))
      expect(seen.size).toBe(5000)
    })

    it('take every value', () => {
      const rng = make()
      expect(new Set(Array.from({ length: 400 }, () => [...rng.bytes(33)]).flat()).size).toBe(256)
      expect(new Set(rng.bytes(20_000)).size).toBe(256)
    })

    it('are the caller’s own, and plain', () => {
      const rng = make()
      const first = rng.bytes(32)
      const copy = first.slice()
      const second = rng.bytes(32)
      second.fill(0)
      rng.bytes(32).fill(1)
      expect(first).toEqual(copy)
      expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype)
      first.fill(9)
      expect(rng.bytes(32)).not.toEqual(first)
    })
  })
}
