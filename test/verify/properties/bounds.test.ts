/**
 * Every bound of FORMAT §1, in its own unit: the largest is read, one more is refused with `over_limit`, the limit, and the place;
 * the smallest is read, one less is refused. And the largest documents that follow the format are read.
 */
import { describe, expect, it } from 'vitest'
import { CairnError, decodeHead, decodeProof } from '../../../src/verify/index.ts'
import { type At, jsonPath, replaced, valueAt } from '../../support/leaves.ts'
import { refusalOf, tried } from '../../support/refusal.ts'
import { richProof } from '../../support/rich-proof.ts'
import { seed } from '../../support/seed.ts'

const { document: proof } = richProof(seed)
const KIB = 1 << 10
const MIB = 1 << 20

const read = (at: At, value: unknown) => decodeProof(JSON.stringify(replaced(proof, at, value)))
const bytes = (count: number): string => `0x${'ab'.repeat(count)}`
const times = (count: number, at: At): unknown[] => Array.from({ length: count }, () => valueAt(proof, at))

/** Text of so many bytes of UTF-8, in letters of 1, 2, 3 or 4 bytes. */
const texts = (count: number): string[] =>
  ['x', 'é', '€', '🪨'].map((letter) => {
    const size = Buffer.byteLength(letter)
    return letter.repeat(Math.floor(count / size)) + 'x'.repeat(count % size)
  })

function limitOf(attempt: () => unknown): unknown {
  try {
    attempt()
  } catch (error) {
    if (error instanceof CairnError) return { code: error.code, path: error.details.path, limit: error.details.limit }
  }
  return 'read'
}

describe('text is counted in bytes of UTF-8', () => {
  it.each<readonly [string, At]>([
    ['the name', ['genesis', 'name']],
    ['a client', ['claims', 0, 'command', 'client']],
    ['a type', ['claims', 0, 'command', 'type']],
    ['a topic', ['claims', 3, 'obligation', 'topic']],
    ['a kind', ['claims', 4, 'intent', 'kind']],
  ])('%s has at most 64', (_, at) => {
    for (const text of texts(64)) expect(valueAt(read(at, text), at)).toBe(text)
    for (const text of texts(65)) {
      expect(limitOf(() => read(at, text))).toEqual({ code: 'over_limit', path: jsonPath(at), limit: 64 })
    }
  })

  it('a machine has at most 64', () => {
    const at = ['genesis', 'machine']
    expect(valueAt(read(at, `${'a'.repeat(62)}@1`), at)).toHaveLength(64)
    expect(limitOf(() => read(at, `${'a'.repeat(63)}@1`))).toMatchObject({
      code: 'over_limit',
      path: '$.genesis.machine',
    })
  })

  it.each<readonly [string, At]>([
    ['the name', ['genesis', 'name']],
    ['the machine', ['genesis', 'machine']],
    ['a type', ['claims', 0, 'command', 'type']],
    ['a topic', ['claims', 3, 'obligation', 'topic']],
    ['a kind', ['claims', 4, 'intent', 'kind']],
  ])('%s is not empty', (_, at) => {
    expect(refusalOf(() => read(at, ''))).toEqual({ code: 'malformed', path: jsonPath(at) })
    const shortest = at[1] === 'machine' ? 'x@0' : 'x'
    expect(valueAt(read(at, shortest), at)).toBe(shortest)
  })

  it('a client may be: it is the anonymous one', () => {
    expect(valueAt(read(['claims', 1, 'command', 'client'], ''), ['claims', 1, 'command', 'client'])).toBe('')
  })
})

describe('bytes', () => {
  it.each<readonly [string, At, number, number]>([
    ['a payload', ['claims', 0, 'command', 'payload'], 0, MIB],
    ['a state value', ['claims', 5, 'value'], 0, MIB],
    ['a raw key', ['claims', 5, 'key'], 1, KIB],
    ['a reply', ['claims', 0, 'command', 'reply'], 0, 64 * KIB],
    ['the data of an event', ['claims', 3, 'obligation', 'data'], 0, 64 * KIB],
    ['the data of an intent', ['claims', 4, 'intent', 'data'], 0, 64 * KIB],
  ])('%s', (_, at, min, max) => {
    for (const size of [min, max]) expect(valueAt(read(at, bytes(size)), at)).toHaveLength(size)
    expect(limitOf(() => read(at, bytes(max + 1)))).toEqual({ code: 'over_limit', path: jsonPath(at), limit: max })
    const empty = tried(() => read(at, '0x'))
    expect(empty).toMatchObject(min === 0 ? { made: {} } : { refusal: { code: 'malformed', path: jsonPath(at) } })
  })

  it.each<readonly [string, At, number]>([
    ['a cold key', ['genesis', 'coldKey'], 20],
    ['a nonce', ['genesis', 'nonce'], 32],
    ['a parent hash', ['block', 'parentHash'], 32],
    ['a state root', ['roots', 'state'], 32],
    ['the root of a range', ['roots', 'commands', 'root'], 32],
    ['a delegate', ['seal', 'delegation', 'delegate'], 20],
    ['a signature of a delegation', ['seal', 'delegation', 'signature'], 65],
    ['a signature', ['seal', 'signature'], 65],
    ['a signature of a revocation', ['revocations', 0, 'signature'], 65],
    ['a salt', ['claims', 0, 'command', 'salt'], 32],
    ['a payload hash', ['claims', 1, 'command', 'payloadHash'], 32],
    ['a hash of a path', ['claims', 0, 'path', 0], 32],
    ['a sibling', ['claims', 5, 'siblings', 0], 32],
    ['another key', ['claims', 7, 'other', 'key'], 32],
    ['another value', ['claims', 7, 'other', 'value'], 32],
    ['a block hash', ['claims', 9, 'blockHash'], 32],
    ['an earlier root', ['claims', 12, 'root'], 32],
  ])('%s has its one length', (_, at, size) => {
    expect(valueAt(read(at, bytes(size)), at)).toHaveLength(size)
    for (const other of [0, size - 1, size + 1, 2 * size])
      expect(refusalOf(() => read(at, bytes(other))).path).toBe(jsonPath(at))
  })
})

describe('lists', () => {
  const hash = ['claims', 0, 'path', 0]

  it.each<readonly [string, At, number, At]>([
    ['a path', ['claims', 0, 'path'], 65, hash],
    ['the path of an ancestor', ['claims', 11, 'path'], 65, hash],
    ['a nested path', ['claims', 11, 'claims', 0, 'path'], 65, hash],
    ['siblings', ['claims', 5, 'siblings'], 256, hash],
    ['revocations', ['revocations'], 64, ['revocations', 0]],
    ['claims', ['claims'], 1024, ['claims', 3]],
  ])('%s', (_, at, max, item) => {
    expect(valueAt(read(at, times(max, item)), at)).toHaveLength(max)
    expect(valueAt(read(at, []), at)).toHaveLength(0)
    expect(limitOf(() => read(at, times(max + 1, item)))).toEqual({
      code: 'over_limit',
      path: jsonPath(at),
      limit: max,
    })
  })

  it('claims are counted with the nested ones', () => {
    const [plain, carrying] = [valueAt(proof, ['claims', 3]), valueAt(proof, ['claims', 11])]
    const nesting = (count: number) => replaced(carrying, ['claims'], times(count, ['claims', 3]))
    expect(read(['claims'], [nesting(1023)]).claims).toHaveLength(1)
    expect(read(['claims'], [plain, nesting(511), nesting(510)]).claims).toHaveLength(3)
    for (const claims of [[nesting(1024)], [plain, nesting(1023)], [plain, nesting(511), nesting(511)]]) {
      expect(limitOf(() => read(['claims'], claims))).toEqual({ code: 'over_limit', path: '$.claims', limit: 1024 })
    }
  })
})

describe('documents', () => {
  it('of 16 MiB are read, of one byte more are not', () => {
    const text = JSON.stringify(proof)
    for (const [size, wanted] of [
      [16 * MIB, 'read'],
      [16 * MIB + 1, 'over_limit'],
    ] as const) {
      const padded = text + ' '.repeat(size - Buffer.byteLength(text))
      for (const given of [padded, new TextEncoder().encode(padded)]) {
        const limit = limitOf(() => decodeProof(given))
        expect(limit === 'read' ? limit : (limit as CairnError).code).toBe(wanted)
      }
    }
  })

  it('full of the smallest hashes and claims that there can be are read', () => {
    const siblings = Array.from({ length: 256 }, () => bytes(32))
    const claim = { kind: 'state', tree: 'risk', key: '0x00', value: null, siblings }
    const claims = Array.from({ length: 930 }, () => claim)
    const text = JSON.stringify({ ...(proof as object), claims })
    expect(16 * MIB - text.length).toBeLessThan(MIB)
    expect(decodeProof(text).claims).toHaveLength(930)
  })

  it('a head of the largest numbers is read', () => {
    const largest = (1n << 64n) - 1n
    const head = { height: `${largest}`, blockHash: bytes(32), epoch: `${largest}`, timestamp: `${largest}` }
    expect(decodeHead(JSON.stringify(head))).toMatchObject({ height: largest, epoch: largest, timestamp: largest })
  })
})
