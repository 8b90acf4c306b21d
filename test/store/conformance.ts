/**
 * What whoever uses the store port relies on, as tests that any store has to pass: LevelDB, and the double in memory that stands in
 * for it elsewhere. Where the double is laxer than LevelDB, a test on the double proves nothing.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { afterEach, describe, expect, it } from 'vitest'
import { Batch, type KeyRange, type Store } from '../../src/ports/store.ts'
import { Random, seed } from '../support/seed.ts'

type Entry = readonly [key: Uint8Array, value: Uint8Array]

const EVERYTHING: KeyRange = { from: Uint8Array.of(), to: new Uint8Array(40).fill(0xff) }

/** Keys in their order: bytes without a sign, and whatever goes on comes after where it could have ended. */
const KEYS_IN_ORDER = [
  Uint8Array.of(0),
  Uint8Array.of(0, 0),
  Uint8Array.of(0, 0xff),
  Uint8Array.of(1),
  Uint8Array.of(1, 0),
  Uint8Array.of(1, 0, 0),
  Uint8Array.of(1, 1),
  Uint8Array.of(0x7f),
  Uint8Array.of(0x7f, 0xff),
  Uint8Array.of(0x80),
  Uint8Array.of(0xc3, 0xa9),
  Uint8Array.of(0xff),
  Uint8Array.of(0xff, 0),
  Uint8Array.of(0xff, 0xff),
]

/** `reopen` opens again what was closed; a store that does not outlive its closing has none. */
export function storeConformance(
  name: string,
  open: () => Promise<Store>,
  reopen?: (closed: Store) => Promise<Store>,
): void {
  const opened: Store[] = []
  const openStore = async (): Promise<Store> => {
    const store = await open()
    opened.push(store)
    return store
  }
  /** An open store that holds these entries. */
  const holding = async (entries: readonly Entry[]): Promise<Store> => {
    const store = await openStore()
    await put(store, entries)
    return store
  }

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  describe(`${name}: values of keys (CAIRN_SEED=${seed})`, () => {
    it('has what was written, and nothing else', async () => {
      const store = await holding([[bytes('there'), bytes('value')]])
      expect(store.get(bytes('there'))).toEqual(bytes('value'))
      for (const absent of ['ther', 'there ', 'There', '', 'x']) expect(store.get(bytes(absent))).toBeUndefined()
    })

    it('has the newest value, and none once it was deleted', async () => {
      const store = await holding([[bytes('key'), bytes('a long first value')]])
      await put(store, [[bytes('key'), bytes('short')]])
      expect(store.get(bytes('key'))).toEqual(bytes('short'))
      await remove(store, bytes('key'))
      expect(store.get(bytes('key'))).toBeUndefined()
      await remove(store, bytes('key'))
      await put(store, [[bytes('key'), bytes('back')]])
      expect(store.get(bytes('key'))).toEqual(bytes('back'))
    })

    it('tells an empty value from none', async () => {
      const key = bytes('empty')
      const store = await holding([[key, Uint8Array.of()]])
      expect(store.get(key)).toEqual(Uint8Array.of())
      expect(await store.getMany([key, bytes('absent')])).toEqual([Uint8Array.of(), undefined])
      expect(await all(store)).toEqual([[key, Uint8Array.of()]])
    })

    it('takes every byte in a key, and keys that begin as others do', async () => {
      const entries = KEYS_IN_ORDER.map((key, i): Entry => [key, Uint8Array.of(i)])
      const store = await holding(entries.toReversed())
      expect(KEYS_IN_ORDER.map((key) => store.get(key))).toEqual(entries.map(([, value]) => value))
      await remove(store, Uint8Array.of(1))
      expect(store.get(Uint8Array.of(1))).toBeUndefined()
      expect(store.get(Uint8Array.of(1, 0))).toEqual(Uint8Array.of(4))
    })

    it('takes keys of no byte and of many', async () => {
      const long = new Uint8Array(5000).fill(7)
      const store = await holding([
        [Uint8Array.of(), bytes('none')],
        [long, bytes('many')],
      ])
      expect(await store.getMany([Uint8Array.of(), long])).toEqual([bytes('none'), bytes('many')])
      expect(await all(store)).toEqual([
        [Uint8Array.of(), bytes('none')],
        [long, bytes('many')],
      ])
    })

    it('takes values of a mebibyte', async () => {
      const random = new Random()
      const values = [0, 1, 2].map((): Uint8Array => random.bytes(1 << 20))
      const store = await holding(values.map((value, i): Entry => [Uint8Array.of(i), value]))
      for (const [i, value] of values.entries()) deepEqual(store.get(Uint8Array.of(i)), value)
      deepEqual(await store.getMany([0, 1, 2].map((i) => Uint8Array.of(i))), values)
      const found = await all(store)
      deepEqual(
        found.map(([, value]) => value),
        values,
      )
    })

    it('answers many in the order asked, with repeated and absent ones', async () => {
      const store = await holding(KEYS_IN_ORDER.map((key, i): Entry => [key, Uint8Array.of(i)]))
      const asked = [[0xff], [9, 9], [1], [0xff], [0], [9, 9], [1]].map((key) => Uint8Array.from(key))
      const expected = [[11], undefined, [3], [11], [0], undefined, [3]]
      expect(await store.getMany(asked)).toEqual(expected.map((value) => value && Uint8Array.from(value)))
      expect(await store.getMany([])).toEqual([])
    })
  })

  describe(`${name}: batches`, () => {
    it('counts the last operation on a key', async () => {
      const store = await holding([[bytes('old'), bytes('1')]])
      const batch = new Batch()
      batch.put(bytes('put, deleted'), bytes('1'))
      batch.delete(bytes('put, deleted'))
      batch.delete(bytes('deleted, put'))
      batch.put(bytes('deleted, put'), bytes('2'))
      batch.put(bytes('put twice'), bytes('3'))
      batch.put(bytes('put twice'), bytes('4'))
      batch.put(bytes('old'), bytes('5'))
      batch.delete(bytes('old'))
      await store.write(batch)
      expect(await all(store)).toEqual([
        [bytes('deleted, put'), bytes('2')],
        [bytes('put twice'), bytes('4')],
      ])
    })

    it('writes nothing with an empty one', async () => {
      const store = await holding([[bytes('key'), bytes('value')]])
      await store.write(new Batch())
      expect(await all(store)).toEqual([[bytes('key'), bytes('value')]])
    })

    it('writes one of 10,000 operations', async () => {
      const store = await openStore()
      const batch = new Batch()
      for (let i = 0; i < 10_000; i++) {
        // Each 10th key is written and taken away again.
        if (i % 10 === 9) batch.delete(numbered(i - 9))
        else batch.put(numbered(i), bytes(`value ${i}`))
      }
      await store.write(batch)
      const found = await all(store)
      const kept = Array.from({ length: 10_000 }, (_, i) => i).filter((i) => i % 10 > 0 && i % 10 < 9)
      deepEqual(
        found,
        kept.map((i) => [numbered(i), bytes(`value ${i}`)]),
      )
    })

    it('knows the bytes of its keys and values', () => {
      const batch = new Batch()
      expect(batch.size).toBe(0)
      batch.put(bytes('four'), bytes('seven b'))
      expect(batch.size).toBe(11)
      batch.delete(bytes('ten bytes.'))
      expect(batch.size).toBe(21)
      batch.put(bytes('four'), Uint8Array.of())
      expect(batch.size).toBe(25)
      expect(batch.operations).toHaveLength(3)
    })

    it('is seen when it is written, and may be written again', async () => {
      const store = await openStore()
      const batch = new Batch()
      batch.put(bytes('key'), bytes('first'))
      await store.write(batch)
      expect(store.get(bytes('key'))).toEqual(bytes('first'))
      await put(store, [[bytes('key'), bytes('second')]])
      await store.write(batch)
      expect(store.get(bytes('key'))).toEqual(bytes('first'))
    })

    it('is seen as a whole or not at all, however many are written and read at once', async () => {
      const store = await openStore()
      const keys = Array.from({ length: 200 }, (_, i) => numbered(i))
      const writing = { isOver: false }
      const seen = new Set<string>()
      const reader = async (read: () => Promise<readonly (Uint8Array | undefined)[]>): Promise<void> => {
        while (!writing.isOver) {
          const values = await read()
          const kinds = new Set(values.map(String))
          if (kinds.size > 1) throw new Error(`half of a batch was seen: ${[...kinds].join(' and ')}`)
          for (const kind of kinds) seen.add(kind)
        }
      }
      const writer = async (first: number): Promise<void> => {
        for (let i = 0; i < 20; i++) {
          const batch = new Batch()
          for (const key of keys) batch.put(key, bytes(`${first + i}`))
          await store.write(batch)
        }
      }
      const writers = [100, 200, 300, 400].map(writer)
      const readers = [
        reader(() => store.getMany(keys)),
        reader(async () => {
          const found = await all(store)
          if (found.length !== 0) equal(found.length, keys.length)
          return found.map(([, value]) => value)
        }),
      ]
      await Promise.all(writers).finally(() => {
        writing.isOver = true
      })
      await Promise.all(readers)
      // Otherwise nothing was read while it was written.
      expect(seen.size).toBeGreaterThan(2)
    })
  })

  describe(`${name}: whose bytes they are`, () => {
    it('is not changed by a caller that uses its buffers again', async () => {
      const store = await openStore()
      const [key, value] = [bytes('key'), bytes('value')]
      await put(store, [[key, value]])
      key.fill(0)
      value.fill(0)
      expect(await all(store)).toEqual([[bytes('key'), bytes('value')]])
      expect(store.get(key)).toBeUndefined()
    })

    it('is not changed by a caller that changes what it was given', async () => {
      const store = await holding([
        [bytes('a'), bytes('first')],
        [bytes('b'), bytes('second')],
      ])
      const spoil = (each: Uint8Array | undefined): unknown => each?.fill(0x2a)
      for (const key of ['a', 'b', 'a']) spoil(store.get(bytes(key)))
      for (const value of await store.getMany([bytes('a'), bytes('a'), bytes('b')])) spoil(value)
      for (const [key, value] of await all(store)) {
        spoil(key)
        spoil(value)
      }
      const [once, twice] = await store.getMany([bytes('a'), bytes('a')])
      spoil(once)
      expect(twice).toEqual(bytes('first'))
      expect(await all(store)).toEqual([
        [bytes('a'), bytes('first')],
        [bytes('b'), bytes('second')],
      ])
      expect(store.get(bytes('a'))).toEqual(bytes('first'))
    })

    it('gives arrays of bytes whose slice copies, whatever was put in', async () => {
      const store = await openStore()
      const surroundings = bytes('before, value, after')
      const parts: Entry[] = [
        [Buffer.from('buffer'), Buffer.from('a Buffer, whose slice shares')],
        [surroundings.subarray(0, 6), surroundings.subarray(8, 13)],
      ]
      await put(store, parts)
      const before = (parts[0] as Entry)[1].slice()
      for (const [key, value] of parts) if (key instanceof Buffer) value.fill(0)
      const found = await all(store)
      expect(found.map(([key]) => key)).toEqual([bytes('before'), bytes('buffer')])
      const [, entry] = found as [Entry, Entry]
      const given = [...entry, store.get(bytes('buffer')), (await store.getMany([bytes('buffer')]))[0]]
      for (const each of given) {
        equal(Object.getPrototypeOf(each), Uint8Array.prototype)
        const copy = each?.slice()
        const [first] = each as Uint8Array
        copy?.fill(0)
        equal(each?.[0], first)
      }
      expect(before).toHaveLength(28)
      expect(store.get(bytes('buffer'))).toEqual(bytes('a Buffer, whose slice shares'))
      expect(store.get(bytes('before'))).toEqual(bytes('value'))
    })
  })

  describe(`${name}: entries (CAIRN_SEED=${seed})`, () => {
    const five = [1, 2, 3, 4, 5].map((i): Entry => [Uint8Array.of(i), Uint8Array.of(10 * i)])
    const numbers = async (store: Store, range: KeyRange): Promise<(number | undefined)[]> =>
      (await all(store, range)).map(([key]) => key[0])
    const [two, four] = [Uint8Array.of(2), Uint8Array.of(4)]

    it('come in the order of bytes without a sign', async () => {
      const store = await holding(KEYS_IN_ORDER.map((key, i): Entry => [key, Uint8Array.of(i)]).toReversed())
      expect((await all(store)).map(([key]) => key)).toEqual(KEYS_IN_ORDER)
      const against = await all(store, { ...EVERYTHING, reverse: true })
      expect(against.map(([key]) => key)).toEqual(KEYS_IN_ORDER.toReversed())
    })

    it('begin with `from` and end before `to`, whether these are keys or not', async () => {
      const store = await holding(five)
      expect(await numbers(store, { from: two, to: four })).toEqual([2, 3])
      expect(await numbers(store, { from: Uint8Array.of(1, 0), to: Uint8Array.of(4, 0) })).toEqual([2, 3, 4])
      expect(await numbers(store, { from: Uint8Array.of(0), to: Uint8Array.of(9) })).toEqual([1, 2, 3, 4, 5])
      expect(await numbers(store, { from: Uint8Array.of(), to: two })).toEqual([1])
    })

    it('come backwards over the same range', async () => {
      const store = await holding(five)
      expect(await numbers(store, { from: two, to: four, reverse: true })).toEqual([3, 2])
      const range = { from: Uint8Array.of(1, 0), to: Uint8Array.of(4, 0), reverse: true }
      expect(await numbers(store, range)).toEqual([4, 3, 2])
      expect(await numbers(store, { from: Uint8Array.of(0), to: Uint8Array.of(9), reverse: true })).toEqual([
        5, 4, 3, 2, 1,
      ])
    })

    it('are as many as the limit, from the side on which they begin', async () => {
      const store = await holding(five)
      const range = { from: two, to: Uint8Array.of(9) }
      expect(await numbers(store, { ...range, limit: 0 })).toEqual([])
      expect(await numbers(store, { ...range, limit: 1 })).toEqual([2])
      expect(await numbers(store, { ...range, limit: 2, reverse: true })).toEqual([5, 4])
      expect(await numbers(store, { ...range, limit: 4 })).toEqual([2, 3, 4, 5])
      expect(await numbers(store, { ...range, limit: 100 })).toEqual([2, 3, 4, 5])
      expect(await numbers(store, { ...range, limit: 0, reverse: true })).toEqual([])
    })

    it('are none where the range is empty or ends before it begins', async () => {
      const store = await holding(five)
      for (const reverse of [false, true]) {
        expect(await numbers(store, { from: two, to: two, reverse })).toEqual([])
        expect(await numbers(store, { from: four, to: two, reverse })).toEqual([])
        expect(await numbers(store, { from: Uint8Array.of(2, 1), to: Uint8Array.of(2, 2), reverse })).toEqual([])
        expect(await numbers(store, { from: Uint8Array.of(6), to: Uint8Array.of(9), reverse })).toEqual([])
        expect(await numbers(store, { from: Uint8Array.of(), to: Uint8Array.of(), reverse })).toEqual([])
      }
      expect(await all(await openStore())).toEqual([])
    })

    it.each([false, true])(
      'are as they were when it began, whatever is written meanwhile (reverse: %s)',
      async (reverse) => {
        // More than LevelDB reads ahead.
        const entries = Array.from({ length: 3000 }, (_, i): Entry => [numbered(i), bytes(`old ${i}`)])
        const store = await holding(entries)
        const found: Entry[] = []
        for await (const entry of store.entries({ ...EVERYTHING, reverse })) {
          found.push(entry)
          if (found.length % 1000 !== 1) continue
          const batch = new Batch()
          for (let i = 0; i < 3000; i++) {
            if (i % 2 === 0) batch.delete(numbered(i))
            else batch.put(numbered(i), bytes('new'))
            batch.put(Uint8Array.of(...numbered(i), 1), bytes('added'))
          }
          await store.write(batch)
        }
        deepEqual(found, reverse ? entries.toReversed() : entries)
      },
    )

    it('may be left early, and the store is used and closed as before', async () => {
      const store = await holding(five)
      for await (const [key] of store.entries(EVERYTHING)) if (key[0] === 2) break
      const thrown = async (): Promise<void> => {
        for await (const [key] of store.entries(EVERYTHING)) throw new Error(`at ${key[0]}`)
      }
      await expect(thrown()).rejects.toThrow('at 1')
      // Begun, and never ended.
      await store.entries(EVERYTHING)[Symbol.asyncIterator]().next()
      await put(store, [[Uint8Array.of(6), Uint8Array.of(60)]])
      expect(await numbers(store, EVERYTHING)).toEqual([1, 2, 3, 4, 5, 6])
      await expect(store.close()).resolves.toBeUndefined()
    })

    it('may be read several times at once', async () => {
      const store = await holding(five)
      const entries = store.entries(EVERYTHING)
      const [once, again] = [entries[Symbol.asyncIterator](), store.entries(EVERYTHING)[Symbol.asyncIterator]()]
      const keys: (number | undefined)[] = []
      for (let step = await once.next(); step.done !== true; step = await once.next()) {
        const other = await again.next()
        keys.push(step.value[0][0], other.done === true ? undefined : other.value[0][0])
      }
      expect(keys).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    })

    it('are those of a sorted list, in any range', async () => {
      const random = new Random()
      const store = await openStore()
      let model: Entry[] = []
      // Few different bytes, and few of them: that keys meet and begin as others do.
      const anyKey = (): Uint8Array =>
        Uint8Array.from({ length: random.below(4) }, () => random.pick([0, 1, 0x7f, 0x80, 0xff]))
      for (let round = 0; round < 20; round++) {
        const batch = new Batch()
        for (let i = random.below(30); i > 0; i--) {
          const [key, value] = [anyKey(), random.below(4) === 0 ? undefined : random.bytes(random.below(6))]
          model = model.filter(([other]) => Buffer.compare(other, key) !== 0)
          if (value === undefined) batch.delete(key)
          else {
            batch.put(key, value)
            model.push([key, value])
          }
        }
        await store.write(batch)
        model.sort(([a], [b]) => Buffer.compare(a, b))
        for (let i = 0; i < 20; i++) {
          const range = { from: anyKey(), to: anyKey(), reverse: random.below(2) === 0, limit: random.below(12) - 1 }
          deepEqual(await all(store, range), within(model, range), `round ${round}: ${JSON.stringify(range)}`)
        }
        const asked = Array.from({ length: 10 }, anyKey)
        const expected = asked.map((key) => model.find(([other]) => Buffer.compare(other, key) === 0)?.[1])
        deepEqual(await store.getMany(asked), expected)
        deepEqual(
          asked.map((key) => store.get(key)),
          expected,
        )
      }
    })
  })

  describe(`${name}: closing`, () => {
    it.each(reopen === undefined ? [] : [reopen])('keeps what was written', async (reopen) => {
      const random = new Random()
      const store = await openStore()
      const entries = Array.from({ length: 500 }, (_, i): Entry => [numbered(i), random.bytes(random.below(300))])
      await put(store, entries)
      await remove(store, numbered(7))
      await store.close()
      const again = await reopen(store)
      opened.push(again)
      deepEqual(
        await all(again),
        entries.filter((_, i) => i !== 7),
      )
    })

    it('waits for what was begun', async () => {
      const store = await openStore()
      const batch = new Batch()
      for (let i = 0; i < 5000; i++) batch.put(numbered(i), bytes('value'))
      const begun = [store.write(batch), store.getMany(batch.operations.map(({ key }) => key))]
      await store.close()
      await expect(Promise.all(begun)).resolves.toHaveLength(2)
    })

    it('may happen twice', async () => {
      const store = await openStore()
      await store.close()
      await expect(store.close()).resolves.toBeUndefined()
    })

    it('ends every use', async () => {
      const key = bytes('key')
      const store = await holding([
        [key, bytes('value')],
        [bytes('other'), bytes('value')],
      ])
      const begun = store.entries(EVERYTHING)[Symbol.asyncIterator]()
      await begun.next()
      await store.close()
      const batch = new Batch()
      batch.put(key, bytes('late'))
      expect(() => store.get(key)).toThrow()
      await expect(store.getMany([key])).rejects.toThrow()
      await expect(store.getMany([])).rejects.toThrow()
      await expect(store.write(batch)).rejects.toThrow()
      await expect(store.write(new Batch())).rejects.toThrow()
      await expect(all(store)).rejects.toThrow()
      await expect(begun.next()).rejects.toThrow()
    })
  })
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function numbered(i: number): Uint8Array {
  return Uint8Array.of(i >> 8, i)
}

async function put(store: Store, entries: readonly Entry[]): Promise<void> {
  const batch = new Batch()
  for (const [key, value] of entries) batch.put(key, value)
  await store.write(batch)
}

async function remove(store: Store, key: Uint8Array): Promise<void> {
  const batch = new Batch()
  batch.delete(key)
  await store.write(batch)
}

async function all(store: Store, range: KeyRange = EVERYTHING): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of store.entries(range)) entries.push(entry)
  return entries
}

/** What a range has of entries that are sorted. */
function within(entries: readonly Entry[], { from, to, reverse, limit = -1 }: KeyRange): Entry[] {
  const found = entries.filter(([key]) => Buffer.compare(key, from) >= 0 && Buffer.compare(key, to) < 0)
  if (reverse) found.reverse()
  return limit < 0 ? found : found.slice(0, limit)
}
