/** The values that a replay keeps: always the newest ones, whatever was read and written, in memory or where there was no room in a store. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { ScratchValues } from '../../src/audit/scratch-values.ts'
import { placeOf } from '../../src/machine/overlay.ts'
import { openLevelStore } from '../../src/ports/level-store.ts'
import { Batch } from '../../src/ports/store.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { Random, seed } from '../support/seed.ts'

const scratch = mkdtempSync(join(tmpdir(), 'cairn-values-'))
afterAll(() => rmSync(scratch, { recursive: true }))

it(`gives what was written, also where there is no room (CAIRN_SEED=${seed})`, async () => {
  const random = new Random()
  const directory = join(scratch, 'random')
  const values = new ScratchValues(directory, 4096)
  const truth = new Map<string, Uint8Array>()
  const unlike: unknown[] = []
  for (let round = 0; round < 20_000; round++) {
    const tree = random.pick(['state', 'risk'] as const)
    // Any bytes: a place is text of one character a byte.
    const key = Uint8Array.of(1, random.below(60) * 4, 255)
    const place = placeOf(tree, key)
    if (random.below(2) === 0) {
      if (!isDeepStrictEqual(values.get(tree, key), truth.get(place))) unlike.push({ round, place })
    } else {
      const value = random.below(5) === 0 ? null : random.bytes(random.below(64))
      if (random.below(2) === 0) values.set(tree, key, value)
      else values.setAll(new Map([[place, value]]))
      if (value === null) truth.delete(place)
      else truth.set(place, value)
    }
    if (random.below(10) === 0) await values.makeRoom()
  }
  expect(unlike).toEqual([])
  await values.close()
  // Of 120 keys of some 160 bytes it had room for 25.
  const store = await openLevelStore(directory)
  let stored = 0
  for await (const [key] of store.entries({ from: new Uint8Array(), to: Uint8Array.of(255) }))
    if (key.length > 0) stored++
  await store.close()
  expect(stored).toBeGreaterThan(60)
})

it('writes nothing where there is room, and keeps copies', async () => {
  const directory = join(scratch, 'room')
  const values = new ScratchValues(directory, 4096)
  const value = utf8('one')
  values.set('state', utf8('k'), value)
  value.fill(0)
  await values.makeRoom()
  expect(values.get('state', utf8('k'))).toEqual(utf8('one'))
  expect(values.get('risk', utf8('k'))).toBeUndefined()
  await values.close()
  expect(existsSync(directory)).toBe(false)
})

it('says so where a value that comes back is another one', async () => {
  const directory = join(scratch, 'rot')
  const values = new ScratchValues(directory, 100)
  values.set('state', utf8('k'), utf8('a value'))
  await values.makeRoom()
  await values.close()
  const store = await openLevelStore(directory)
  const key = utf8(placeOf('state', utf8('k')))
  const stored = store.get(key) as Uint8Array
  const batch = new Batch()
  batch.put(key, stored.subarray(0, -1))
  await store.write(batch)
  await store.close()
  const again = new ScratchValues(directory, 100)
  again.set('state', utf8('other'), new Uint8Array(200))
  await expect(again.makeRoom().then(() => again.get('state', utf8('k')))).rejects.toMatchObject({
    code: 'store_damaged',
  })
  await again.close()
})
