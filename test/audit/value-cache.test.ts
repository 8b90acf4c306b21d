/** The values that a replay keeps in memory: always the newest ones, whatever was read and written, and never more than the bound. */
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { ValueCache } from '../../src/audit/value-cache.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { Random, seed } from '../support/seed.ts'

it(`gives what the store and the writes give (CAIRN_SEED=${seed})`, () => {
  const random = new Random()
  const cache = new ValueCache(4096)
  const truth = new Map<string, Uint8Array>()
  const unlike: unknown[] = []
  let read = 0
  for (let round = 0; round < 20_000; round++) {
    const tree = random.pick(['state', 'risk'] as const)
    const key = utf8(`k${random.below(60)}`)
    const name = `${tree} ${String(key)}`
    if (random.below(2) === 0) {
      const found = cache.get(tree, key, () => {
        read++
        return truth.get(name)
      })
      if (!isDeepStrictEqual(found, truth.get(name))) unlike.push({ round, name })
      continue
    }
    const value = random.below(5) === 0 ? null : random.bytes(random.below(64))
    cache.set(tree, key, value)
    if (value === null) truth.delete(name)
    else truth.set(name, value)
  }
  expect(unlike).toEqual([])
  // It forgets, and remembers: of 120 keys of some 160 bytes it has room for 25.
  expect(read).toBeGreaterThan(4000)
  expect(read).toBeLessThan(9500)
})

it('keeps copies', () => {
  const cache = new ValueCache(4096)
  const value = utf8('one')
  cache.set('state', utf8('k'), value)
  value.fill(0)
  expect(cache.get('state', utf8('k'), () => undefined)).toEqual(utf8('one'))
})
