/** An engine elsewhere has executed: what its journal says is what the chain records, entry by entry, or the entry is refused. */
import { describe, expect, it } from 'vitest'
import { admit, decodeEntry, executeBatch, external, kv, MachineSet } from '../../src/machine/index.ts'
import { fromHex, MACHINE_COMMAND } from '../../src/verify/index.ts'
import { codeOf, command, utf8, World } from '../support/batches.ts'
import { readVectors } from '../vectors/read.ts'

interface Example {
  blocks: {
    header: { height: string; timestamp: string; firstSeq: string }
    commands: Record<'seq' | 'client' | 'request' | 'type' | 'payload' | 'receivedAt' | 'reply', string>[]
    writes: { tree: 'state' | 'risk'; key: string; value: string | null }[][]
  }[]
  obligations: { seq: string; topic: string; data: string }[]
  intents: { seq: string; kind: string; data: string }[]
}

const example = readVectors<Example>('chain')
const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array
const NOTHING = { status: 0, reply: '0x', obligations: [], intents: [], writes: [] }
const ENTRY = { client: 'c', request: '1', type: 'trade', payload: '0x01', receivedAt: '7', ...NOTHING }
const read = (entry: unknown) => decodeEntry(entry instanceof Uint8Array ? entry : utf8(JSON.stringify(entry)))

describe('the commands of the worked examples', () => {
  it('as entries give the same recorded commands, in the same place, and notes beside them', () => {
    let commands = 0
    for (const { header, commands: given, writes } of example.blocks) {
      const ofThis = <T extends { seq: string }>(all: T[], { seq }: { seq: string }): T[] =>
        all.filter((each) => each.seq === seq)
      const entries = given.map((each, i) => {
        const { seq: _, salt: __, obligationSize: ___, intentSize: ____, ...entry } = each as Record<string, unknown>
        const obligations = ofThis(example.obligations, each).map(({ topic, data }) => ({ topic, data }))
        const intents = ofThis(example.intents, each).map(({ kind, data }) => ({ kind, data }))
        const decoded = read({ ...entry, obligations, intents, writes: writes[i] })
        return 'passthrough' in decoded ? decoded : admit(external, decoded)
      })
      const [first, last] = [read({ passthrough: '0x0102' }), read({ passthrough: '0x' })]
      const result = executeBatch(external, () => undefined, [first, ...entries, last], {
        height: BigInt(header.height),
        timestamp: BigInt(header.timestamp),
        firstSeq: BigInt(header.firstSeq),
        machines: new MachineSet([external]),
        twice: true,
      })
      expect(result.notes).toEqual([Uint8Array.of(1, 2), new Uint8Array(0)])
      expect(result.faults).toEqual([])
      const expected = given.map((each, i) => ({
        status: (each as unknown as { status: 0 | 1 }).status,
        reply: bytes(each.reply),
        obligations: ofThis(example.obligations, each).map(({ topic, data }) => ({ topic, data: bytes(data) })),
        intents: ofThis(example.intents, each).map(({ kind, data }) => ({ kind, data: bytes(data) })),
        writes: (writes[i] ?? []).map(({ tree, key, value }) => [
          tree,
          bytes(key),
          value === null ? null : bytes(value),
        ]),
      }))
      expect(result.outcomes).toEqual(expected)
      commands += result.outcomes.length
    }
    expect(commands).toBe(10)
  })
})

describe('an entry', () => {
  it('is a command with its outcome, as it stands there', () => {
    const write = { tree: 'risk', key: '0x61', value: '0x' }
    expect(read({ ...ENTRY, writes: [write] })).toEqual({
      client: 'c',
      request: 1n,
      type: 'trade',
      payload: Uint8Array.of(1),
      receivedAt: 7n,
      outcome: {
        status: 0,
        reply: new Uint8Array(0),
        obligations: [],
        intents: [],
        writes: [['risk', utf8('a'), new Uint8Array(0)]],
      },
    })
  })

  it('that writes a key twice is recorded with the last value', () => {
    const of = (value: string | null) => ({ tree: 'state', key: '0x61', value })
    const entry = read({ ...ENTRY, writes: [of('0x01'), { ...of('0x02'), tree: 'risk' }, of(null)] })
    expect(entry).toMatchObject({
      outcome: {
        writes: [
          ['state', utf8('a'), null],
          ['risk', utf8('a'), Uint8Array.of(2)],
        ],
      },
    })
  })

  it.each<[string, unknown]>([
    ['is no UTF-8', Uint8Array.of(0xff)],
    ['is no JSON', utf8('{')],
    ['is no object', []],
    ['lacks a member', { ...ENTRY, reply: undefined }],
    ['has a member more', { ...ENTRY, seq: '1' }],
    ['is marked as passthrough and a command', { ...ENTRY, passthrough: '0x' }],
    ['has passthrough that is no bytes', { passthrough: true }],
    ['has a status that is neither', { ...ENTRY, status: '0' }],
    ['has a type of the chain', { ...ENTRY, type: MACHINE_COMMAND }],
    ['has a type over 64 bytes', { ...ENTRY, type: 'x'.repeat(65) }],
    ['has a reply over 64 KiB', { ...ENTRY, reply: `0x${'00'.repeat((64 << 10) + 1)}` }],
    ['writes a key of the chain', { ...ENTRY, writes: [{ tree: 'risk', key: '0x00', value: null }] }],
    ['writes an empty key', { ...ENTRY, writes: [{ tree: 'risk', key: '0x', value: null }] }],
    ['writes into no tree', { ...ENTRY, writes: [{ tree: 'other', key: '0x01', value: null }] }],
    ['is rejected and writes', { ...ENTRY, status: 1, writes: [{ tree: 'risk', key: '0x01', value: null }] }],
    ['is rejected and emits', { ...ENTRY, status: 1, obligations: [{ topic: 't', data: '0x' }] }],
    ['is rejected and intends', { ...ENTRY, status: 1, intents: [{ kind: 'k', data: '0x' }] }],
    ['has an event without a topic', { ...ENTRY, obligations: [{ topic: '', data: '0x' }] }],
    ['has a member twice', utf8('{"passthrough":"0x","passthrough":"0x"}')],
    ['has a member __proto__', utf8('{"passthrough":"0x","__proto__":"0x"}')],
  ])('that %s is refused', (_, entry) => {
    expect(codeOf(() => read(entry))).toBe('invalid_entry')
  })
})

describe('a chain of an external engine', () => {
  const outcome = { status: 0, reply: utf8('r'), obligations: [], intents: [], writes: [] } as const

  it('takes no command without its outcome', () => {
    expect(codeOf(() => admit(external, command('trade')))).toBe('invalid_outcome')
    expect(codeOf(() => new World(external).execute([command('trade')]))).toBe('invalid_outcome')
  })

  it('takes no outcome from memory that an entry could not have', () => {
    const spoiled = { ...outcome, writes: [['state', utf8('\0chain'), null]] as const }
    expect(codeOf(() => admit(external, { ...command('trade'), outcome: spoiled }))).toBe('invalid_entry')
    expect(codeOf(() => new World(external).execute([{ ...command('trade'), outcome: spoiled }]))).toBe('invalid_entry')
  })

  it('has no commands of the chain among its own', () => {
    expect(codeOf(() => admit(external, { ...command(MACHINE_COMMAND), outcome }))).toBe('unknown_type')
    expect(codeOf(() => admit(external, { ...command(''), outcome }))).toBe('unknown_type')
  })

  it('changes its machine as any other, by a command that the chain executes', () => {
    const change = admit(external, command(MACHINE_COMMAND, utf8('kv@1')), new MachineSet([kv]))
    const place = { ...new World(external).place, machines: new MachineSet([external, kv]) }
    const entries = [change, { ...command('trade'), outcome }]
    const { outcomes, machine } = executeBatch(external, () => undefined, entries, place)
    expect(machine).toBe('kv@1')
    expect(outcomes[1]).toEqual(outcome)
  })
})
