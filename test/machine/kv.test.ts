/** `kv@1` against a plain map of texts, its streams, and what it makes of payloads that mean harm. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit, kv } from '../../src/machine/index.ts'
import { toHex } from '../../src/verify/index.ts'
import { codeOf, command, parsed, utf8, World } from '../support/batches.ts'
import { seed } from '../support/seed.ts'

const refused = (type: string, payload: unknown): unknown => codeOf(() => admit(kv, command(type, payload)))

describe('keys', () => {
  it('are the bytes of their text, or those of hex', () => {
    const world = new World(kv)
    world.one('put', { key: 'é', value: { hex: '0x00ff' } })
    world.one('put', { key: { hex: '0xff' }, value: '€' })
    expect([...world.trees.state]).toEqual([
      ['0xc3a9', Uint8Array.of(0, 255)],
      ['0xff', utf8('€')],
    ])
  })

  it('answer whether they were there', () => {
    const world = new World(kv)
    const replies = [
      world.one('put', { key: 'a', value: '' }),
      world.one('put', { key: { hex: '0x61' }, value: '2' }),
      world.one('delete', { key: 'a' }),
      world.one('delete', { key: 'a' }),
    ]
    expect(replies.map(({ reply }) => parsed(reply))).toEqual([
      { replaced: false },
      { replaced: true },
      { deleted: true },
      { deleted: false },
    ])
    expect(replies[3]?.writes).toEqual([])
  })

  it('are swapped only from the value that was expected', () => {
    const world = new World(kv)
    const cas = (expected: unknown, value: string) => world.one('cas', { key: 'a', expected, value }).status
    expect([cas('', '1'), cas(null, '1'), cas(null, '2'), cas('2', '3'), cas({ hex: '0x31' }, '4')]).toEqual([
      1, 0, 1, 1, 0,
    ])
    expect(world.text('state', 'a')).toBe('4')
    expect(parsed(world.outcomes[0]?.reply)).toMatchObject({ error: { code: 'cas_mismatch' } })
  })

  it(`are those of a plain map, whatever the commands (CAIRN_SEED=${seed})`, () => {
    const key = fc.constantFrom('a', 'b', 'c', 'é')
    const value = fc.constantFrom('', '1', '2', 'x')
    const step = fc.oneof(
      fc.record({ type: fc.constant('put'), key, value }),
      fc.record({ type: fc.constant('delete'), key }),
      fc.record({ type: fc.constant('cas'), key, expected: fc.option(value), value }),
    )
    const run = fc.property(fc.array(fc.array(step, { maxLength: 8 }), { maxLength: 8 }), (batches) => {
      const world = new World(kv)
      const model = new Map<string, string>()
      for (const steps of batches) {
        const { outcomes } = world.batch(...steps.map(({ type, ...payload }) => command(type, payload)))
        const expected = steps.map((each) => {
          const before = model.get(each.key) ?? null
          if ('expected' in each && before !== each.expected) return 1
          if ('value' in each) model.set(each.key, each.value)
          else model.delete(each.key)
          return 0
        })
        expect(outcomes.map(({ status }) => status)).toEqual(expected)
      }
      const held = [...world.trees.state].map(([key, value]) => [key, new TextDecoder().decode(value)])
      expect(new Map(held as [string, string][])).toEqual(
        new Map([...model].map(([key, value]) => [toHex(utf8(key)), value])),
      )
    })
    fc.assert(run, { seed, numRuns: 200 })
  })
})

describe('streams', () => {
  it('have entries without gaps, a count, and an event each', () => {
    const world = new World(kv)
    world.batch(command('append', { stream: 's', entry: 'a' }), command('append', { stream: 's', entry: '' }))
    const { outcomes } = world.batch(command('append', { stream: 's', entry: 'c' }))
    expect(parsed(outcomes[0]?.reply)).toEqual({ index: '2' })
    expect(outcomes[0]?.obligations.map(({ topic, data }) => [topic, parsed(data)])).toEqual([
      ['append', { stream: 's', index: '2' }],
    ])
    expect(world.text('state', 'stream/count/s')).toBe('3')
    const entries = [0, 1, 2, 3].map((i) => world.text('state', `stream/entry/s/000000000000000${i}`))
    expect(entries).toEqual(['a', '', 'c', undefined])
  })

  it('do not get into each other’s way, whatever their names', () => {
    const world = new World(kv)
    const names = ['s', 's/', 's/0000000000000000', 'count/s', { hex: '0x732f00' }, { hex: '0x00' }, { hex: '0xff' }]
    for (let round = 0; round < 3; round++) {
      for (const stream of names) {
        const { reply } = world.one('append', { stream, entry: 'x' })
        expect(parsed(reply)).toEqual({ index: String(round) })
      }
    }
    expect(world.trees.state.size).toBe(names.length * 4)
  })

  it('are out of reach for put, delete and cas', () => {
    for (const key of ['stream/', 'stream/count/s', { hex: toHex(utf8('stream/entry/s/0000000000000000')) }]) {
      expect(refused('put', { key, value: '' })).toBe('invalid_payload')
      expect(refused('delete', { key })).toBe('invalid_payload')
      expect(refused('cas', { key, expected: null, value: '' })).toBe('invalid_payload')
    }
    expect(refused('put', { key: 'stream', value: '' })).toBe('nothing thrown')
  })

  it('have names as long as a key can hold', () => {
    const world = new World(kv)
    expect(world.one('append', { stream: 'x'.repeat(994), entry: '' }).status).toBe(0)
    expect(refused('append', { stream: 'x'.repeat(995), entry: '' })).toBe('invalid_payload')
  })
})

describe('a payload is refused that', () => {
  it.each<[string, unknown]>([
    ['is empty', utf8('')],
    ['is no UTF-8', Uint8Array.from([...utf8('{"key":"'), 0xff, ...utf8('","value":""}')])],
    ['begins with a byte order mark', utf8('\ufeff{"key":"a","value":""}')],
    ['goes on after its object', utf8('{"key":"a","value":""} {}')],
    ['is a list', ['a', '']],
    ['is null', null],
    ['has a member twice', utf8('{"key":"a","key":"b","value":""}')],
    ['has a member twice, once escaped', utf8('{"key":"a","\\u006bey":"b","value":""}')],
    ['has a member __proto__', utf8('{"key":"a","value":"","__proto__":"x"}')],
    ['has __proto__ for a key', utf8('{"__proto__":{"key":"a"},"value":""}')],
    ['lacks a member', { key: 'a' }],
    ['has one too many', { key: 'a', value: '', ttl: '1' }],
    ['has a number', { key: 'a', value: 1 }],
    ['has a huge number', utf8(`{"key":"a","value":${'9'.repeat(1000)}}`)],
    ['has a boolean', { key: true, value: '' }],
    ['has null', { key: 'a', value: null }],
    ['has a list', { key: ['a'], value: '' }],
    ['has an empty key', { key: '', value: '' }],
    ['has a key of 1025 bytes', { key: 'é'.repeat(513), value: '' }],
    ['has a key of the chain', { key: '\0chain', value: '' }],
    ['has such a key in hex', { key: { hex: '0x00' }, value: '' }],
    ['has half a surrogate pair', utf8('{"key":"\\ud800","value":""}')],
    ['has hex in upper case', { key: { hex: '0xFF' }, value: '' }],
    ['has half a byte of hex', { key: { hex: '0xf' }, value: '' }],
    ['has hex and more', { key: { hex: '0xff', text: 'a' }, value: '' }],
    ['nests without end', utf8(`{"key":${'['.repeat(100_000)}`)],
  ])('%s', (_, payload) => {
    expect(refused('put', payload)).toBe('invalid_payload')
  })

  it('says where and why', () => {
    expect(() => admit(kv, command('put', { key: { hex: '0x0' }, value: '' }))).toThrow(
      'The payload of put is refused: $.key.hex: expected 0x and pairs of lower-case hex digits',
    )
  })
})
