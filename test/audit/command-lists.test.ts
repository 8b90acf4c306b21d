/** Commands that are examined where they lie are found to be what they are one by one, hashed by noble; whatever the bytes. */
import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CommandLists, openCommandLists } from '../../src/audit/command-lists.ts'
import { CommandExaminer, type ExaminedCommands } from '../../src/audit/examined-commands.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { readRecords } from '../../src/journal/frame.ts'
import { readPlainWith } from '../../src/journal/record-read.ts'
import { encodeBlockRecord } from '../../src/journal/record-write.ts'
import { concat, utf8 } from '../../src/verify/bytes.ts'
import { native } from '../../src/verify/codec.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { attempt, CairnError } from '../../src/verify/error.ts'
import { type BlockRecord, chainRecord, type RecordedCommand } from '../../src/verify/records.ts'
import { RandomRecords } from '../journal/random-records.ts'
import { Random, seed } from '../support/seed.ts'

const engine = await loadEngine()
const lists = openCommandLists(engine) as CommandLists
const oneByOne = {
  deep: new CommandExaminer(nobleEngine.hasher, true),
  flat: new CommandExaminer(nobleEngine.hasher, false),
}

/** For many: the same by the hash of WebAssembly. */
const quickly = new CommandExaminer(engine.hasher, true)

function payloadOf(...blocks: readonly BlockRecord[]): Uint8Array {
  return concat(Uint8Array.of(0x90 | blocks.length), ...blocks.map(encodeBlockRecord))
}

/** What the kernel finds out of each block of a payload, where it has an answer. */
function found(payload: Uint8Array, isDeep = true, by = lists): readonly ExaminedCommands[] | undefined {
  const commandsAt = by.of(payload, isDeep)
  const records = commandsAt && readPlainWith(payload, commandsAt)
  return records?.flatMap((record) => (record.k === 'block' ? [record.commands] : []))
}

function expected({ commands, header, roots }: BlockRecord, isDeep = true): ExaminedCommands {
  return oneByOne[isDeep ? 'deep' : 'flat'].examine(commands, header, roots)
}

/** As the codec reads it, if it does. */
function judged(payload: Uint8Array): readonly BlockRecord[] | undefined {
  const records = readRecords(payload)
  if (typeof records === 'string') return undefined
  const decoded = records.map((record) => attempt(() => chainRecord.decode(record, native)))
  return decoded.some((each) => each instanceof CairnError) ? undefined : (decoded as BlockRecord[])
}

/** Those whose clients and requests are not random in all that they are: as a producer makes them, or nearly. */
class LikelyRecords extends RandomRecords {
  override block(height: bigint, commands = this.random.below(40)): BlockRecord {
    const block = super.block(height, commands)
    const numbers = new Map<string, bigint>()
    const firstSeq = block.header.firstSeq
    return {
      ...block,
      commands: block.commands.map((command, i): RecordedCommand => {
        const client = this.random.pick(['', 'desk', 'desk-7', 'x'.repeat(64), ascii(command.client)])
        const step = this.random.below(30) === 0 ? 0n : 1n
        const request = client === '' ? 0n : (numbers.get(client) ?? 0n) + step || 1n
        numbers.set(client, request)
        const label = (text: string): string => ascii(text) || 'a'
        const likely: Omit<RecordedCommand, 'payload' | 'salt' | 'payloadHash' | 'receivedAt' | 'status' | 'reply'> = {
          seq: this.random.below(40) === 0 ? firstSeq : BigInt.asUintN(64, firstSeq + BigInt(i)),
          client,
          request,
          type: label(command.type),
          obligations: command.obligations.map(({ topic, data }) => ({ topic: label(topic), data })),
          intents: command.intents.map(({ kind, data }) => ({ kind: label(kind), data })),
        }
        return Object.assign(command, likely)
      }),
    }
  }
}

function ascii(text: string): string {
  return text.replaceAll(/\P{ASCII}/gu, '')
}

describe(`commands where they lie (CAIRN_SEED=${seed})`, () => {
  it('are found to be what they are one by one', () => {
    const records = new LikelyRecords(new Random(seed))
    for (let round = 0; round < 100; round++) {
      const blocks = Array.from({ length: 1 + records.random.below(3) }, (_, i) => records.block(BigInt(i)))
      const isDeep = round % 2 === 0
      expect(found(payloadOf(...blocks), isDeep)).toEqual(blocks.map((block) => expected(block, isDeep)))
    }
  })

  it('that repeat a request, or stand in another place, are told', () => {
    const base = new LikelyRecords(new Random(seed)).block(3n, 0)
    const block: BlockRecord = {
      ...base,
      header: { ...base.header, firstSeq: 7n },
      commands: [asked(7n, 'a', 5n), asked(8n, 'b', 2n), asked(9n, 'a', 6n), asked(11n, 'b', 2n), asked(12n, 'a', 6n)],
    }
    expect(found(payloadOf(block))).toMatchObject([
      {
        count: 5,
        inPlace: 3,
        clients: [
          { client: 'a', request: 5n, seq: 7n, highest: 6n },
          { client: 'b', request: 2n, seq: 8n, highest: 2n },
        ],
        repeated: { request: 2n, highest: 2n, seq: 11n },
      },
    ])
    expect(found(payloadOf(block))).toEqual([expected(block)])
  })

  it('are not in their place behind the last number that there is', () => {
    const last = 2n ** 64n - 1n
    const base = new LikelyRecords(new Random(seed)).block(3n, 0)
    const block: BlockRecord = {
      ...base,
      header: { ...base.header, firstSeq: last },
      commands: [asked(last, 'a', last), asked(0n, 'b', last)],
    }
    expect(found(payloadOf(block))).toMatchObject([{ count: 2, inPlace: 1 }])
    expect(found(payloadOf(block))).toEqual([expected(block)])
  })

  it('in bytes that were changed somewhere are what the codec reads, or have no answer; and leave nothing behind', () => {
    const records = new LikelyRecords(new Random(seed + 1))
    const { random } = records
    const whole = records.block(0n, 20)
    const unlike: unknown[] = []
    let answered = 0
    const isRight = (examined: readonly ExaminedCommands[], blocks: readonly BlockRecord[] = []): boolean => {
      const each = blocks.map(({ commands, header, roots }) => quickly.examine(commands, header, roots))
      return isDeepStrictEqual(examined, each)
    }
    for (let round = 0; round < 4000; round++) {
      const block = records.block(1n, 1 + random.below(3))
      const payload = payloadOf(block)
      const at = random.below(payload.length)
      const how = random.below(3)
      let changed = payload
      if (how === 0) changed = payload.slice(0, at)
      else
        payload[at] = how === 1 ? random.below(256) : random.pick([0, 0x7f, 0x80, 0xc0, 0xc4, 0xcc, 0xd0, 0xdc, 0xff])
      const examined = found(changed)
      if (examined !== undefined) {
        answered++
        if (!isRight(examined, judged(changed))) unlike.push({ round, at, how })
      }
      if (round % 50 === 0 && !isRight(found(payloadOf(whole)) ?? [], [whole])) unlike.push({ round, at, how: 'after' })
    }
    expect(unlike).toEqual([])
    expect(answered).toBeGreaterThan(1000)
  })

  it('have no answer where one name is not ASCII, also if names before it are new; the next block does', () => {
    const base = new LikelyRecords(new Random(seed)).block(3n, 0)
    const block = (...commands: RecordedCommand[]): BlockRecord => ({ ...base, commands })
    const name = `new-${seed}-${Date.now()}`
    expect(found(payloadOf(block({ ...asked(1n, name, 1n), type: 'é' })))).toBeUndefined()
    expect(found(payloadOf(block(asked(1n, `${name}'`, 1n), asked(2n, 'é', 1n))))).toBeUndefined()
    const next = block(asked(1n, name, 1n), asked(2n, `${name}'`, 1n))
    expect(found(payloadOf(next))).toEqual([expected(next)])
  })
})

describe('a command has no answer where', () => {
  const base = new LikelyRecords(new Random(7)).block(3n, 0)
  const right = asked(1n, 'a', 1n)
  const { salt: _, ...saltless } = right
  it.each<[string, object]>([
    ['it is anonymous and has a number', { ...right, client: '' }],
    ['a client has no number', { ...right, request: 0n }],
    ['its client is too long', { ...right, client: 'x'.repeat(65) }],
    ['it has no type', { ...right, type: '' }],
    ['its type is too long', { ...right, type: 'x'.repeat(65) }],
    ['its salt is short', { ...right, salt: new Uint8Array(31) }],
    ['the hash of its payload is long', { ...right, payload: undefined, payloadHash: new Uint8Array(33) }],
    ['it has a payload and no salt', saltless],
    ['its status is none', { ...right, status: 2 }],
    ['its reply is too long', { ...right, reply: new Uint8Array((64 << 10) + 1) }],
    [
      'the data of an event are too long',
      { ...right, obligations: [{ topic: 't', data: new Uint8Array((64 << 10) + 1) }] },
    ],
    ['an intent has no kind', { ...right, intents: [{ kind: '', data: new Uint8Array(1) }] }],
    ['it writes to another tree', { ...right, writes: [['other', utf8('key'), utf8('value')]] }],
    ['it writes an empty key', { ...right, writes: [['state', new Uint8Array(0), utf8('value')]] }],
    ['it writes too long a key', { ...right, writes: [['risk', new Uint8Array(1025), null]] }],
    ['it writes too long a value', { ...right, writes: [['risk', utf8('key'), new Uint8Array((1 << 20) + 1)]] }],
  ])('%s', (_, wrong) => {
    // What cannot even be written is nothing that could lie anywhere.
    const payload = attempt(() => payloadOf({ ...base, commands: [right, wrong as RecordedCommand] }))
    const lies = payload instanceof Uint8Array ? payload : Uint8Array.of(0xc0)
    expect([judged(lies), found(lies)]).toEqual([undefined, undefined])
    expect(found(payloadOf({ ...base, commands: [right] }))).toHaveLength(1)
  })
})

describe('what there is room for', () => {
  const base = new LikelyRecords(new Random(7)).block(3n, 0)
  const block = (commands: readonly RecordedCommand[]): BlockRecord => ({ ...base, commands })
  const many = (count: number, nameOf: (i: number) => string): BlockRecord =>
    block(Array.from({ length: count }, (_, i) => asked(BigInt(i), nameOf(i), 1n)))

  it('is the largest batch of a producer, each command of another client, many times over', () => {
    const fresh = new CommandLists()
    for (let round = 0; round < 4; round++) {
      const large = many(2048, (i) => `client ${round} ${i}`)
      expect(found(payloadOf(large), true, fresh)).toEqual([expected(large)])
    }
    expect(found(payloadOf(many(2049, String)), true, fresh)).toBeUndefined()
  })

  it('is so many events, and so many names', () => {
    const saying = (count: number): BlockRecord => {
      const [first] = many(1, String).commands as [RecordedCommand]
      const each = { topic: 'topic', data: utf8('data') }
      return block([{ ...first, obligations: Array.from({ length: count }, () => each) }])
    }
    expect(found(payloadOf(saying(4096)))).toEqual([expected(saying(4096))])
    expect(found(payloadOf(saying(4097)))).toBeUndefined()
    const named = (count: number): BlockRecord => {
      const [first] = many(1, String).commands as [RecordedCommand]
      const intents = Array.from({ length: count }, (_, i) => ({ kind: `kind ${i}`, data: utf8('data') }))
      return block([{ ...first, intents }])
    }
    const fresh = new CommandLists()
    expect(found(payloadOf(named(4000)), true, fresh)).toEqual([expected(named(4000))])
    expect(found(payloadOf(named(4096)), true, fresh)).toBeUndefined()
    expect(found(payloadOf(named(4000)), true, fresh)).toEqual([expected(named(4000))])
  })

  it('is the longest payload, and the longest reply; a frame of more than 16 MiB has no answer', () => {
    const [first] = many(1, String).commands as [RecordedCommand]
    const large = block([
      { ...first, payload: new Uint8Array(1 << 20).fill(3), reply: new Uint8Array(64 << 10).fill(5) },
      { ...first, seq: 1n, client: '1', payload: new Uint8Array((1 << 20) - 1).fill(4) },
    ])
    expect(found(payloadOf(large))).toEqual([expected(large)])
    const longer = block([{ ...first, payload: new Uint8Array((1 << 20) + 1) }])
    expect(found(payloadOf(longer))).toBeUndefined()
    expect(lists.of(new Uint8Array((16 << 20) + 1), true)).toBeUndefined()
  })
})

describe('a kernel that', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  it('is not asked for, where noble was, is not used', () => {
    expect(openCommandLists(nobleEngine)).toBeUndefined()
  })

  it('gets no more memory has no answer for what it has no room for, and goes on', () => {
    // Its memory may have 48 pages at most, and not 320.
    const decode = globalThis.atob
    vi.stubGlobal('atob', (text: string) =>
      decode(text).replace('\x05\x05\x01\x01\x30\xc0\x02', '\x05\x05\x01\x01\x30\xb0\x00'),
    )
    const small = new CommandLists()
    const large = { ...asked(1n, 'a', 1n), payload: new Uint8Array(1 << 20) }
    const block = (command: RecordedCommand): BlockRecord => ({
      ...new LikelyRecords(new Random(7)).block(3n, 0),
      commands: [command],
    })
    expect(found(payloadOf(block(large)), true, small)).toBeUndefined()
    const next = block(asked(1n, 'a', 1n))
    expect(found(payloadOf(next), true, small)).toEqual([expected(next)])
  })

  it('does not load, or hashes wrongly, is not used', async () => {
    const open = async (): Promise<unknown> => {
      vi.resetModules()
      const fresh = await import('../../src/audit/command-lists.ts')
      return fresh.openCommandLists({ ...nobleEngine, hasher: { ...nobleEngine.hasher } })
    }
    expect(await open()).toBeDefined()
    vi.stubGlobal('WebAssembly', undefined)
    expect(await open()).toBeUndefined()
    vi.unstubAllGlobals()
    // A round constant of keccak, as a compiler that is broken might have it.
    const decode = globalThis.atob
    vi.stubGlobal('atob', (text: string) =>
      decode(text).replace('\x8a\x80\x00\x00\x00\x00\x00\x80', '\x8b\x80\x00\x00\x00\x00\x00\x80'),
    )
    expect(await open()).toBeUndefined()
  })
})

function asked(seq: bigint, client: string, request: bigint): RecordedCommand {
  return {
    seq,
    client,
    request,
    type: 'put',
    payload: utf8(`${client} ${request}`),
    salt: new Uint8Array(32).fill(1),
    receivedAt: 1n,
    status: 0,
    reply: utf8('done'),
    obligations: [],
    intents: [],
    writes: [],
  }
}
