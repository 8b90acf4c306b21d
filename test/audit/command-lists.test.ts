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
import { type BlockRecord, chainRecord, type RecordedCommand, type RecordedWrite } from '../../src/verify/records.ts'
import type { Header, Roots } from '../../src/verify/types.ts'
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
        clients: { names: ['a', 'b'], numbers: BigUint64Array.of(5n, 7n, 6n, 2n, 8n, 2n) },
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

  it('are told as unsigned numbers where they repeat', () => {
    const last = 2n ** 64n - 1n
    const base = new LikelyRecords(new Random(seed)).block(3n, 0)
    const block: BlockRecord = {
      ...base,
      header: { ...base.header, firstSeq: last - 1n },
      commands: [asked(last - 1n, 'a', last), asked(last, 'a', last - 1n)],
    }
    const repeated = { request: last - 1n, highest: last, seq: last }
    expect(found(payloadOf(block))).toMatchObject([{ count: 2, inPlace: 2, repeated }])
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

describe('in the place of a byte, any other one', () => {
  const base = new LikelyRecords(new Random(7)).block(3n, 0)
  const event = { data: new Uint8Array(0) }
  const whole: RecordedCommand = {
    ...asked(1n, 'a', 1n),
    payload: new Uint8Array(1),
    reply: new Uint8Array(0),
    obligations: [{ topic: 't', ...event }],
    intents: [{ kind: 'k', ...event }],
    writes: [
      ['state', Uint8Array.of(1), null],
      ['risk', Uint8Array.of(1), new Uint8Array(0)],
    ],
  }
  const { payload: _, salt: __, writes, ...rest } = whole
  const hashed = { ...rest, payloadHash: new Uint8Array(32).fill(1) }

  it.each<[string, RecordedCommand]>([
    ['with its payload', whole],
    ['with the hash of it, and without writes', hashed],
    ['with the hash of it', { ...hashed, writes: writes as RecordedWrite[] }],
  ])('is what the codec reads, or has no answer: of a command %s', (_, command) => {
    const block = { ...base, commands: [command] }
    const right = payloadOf(block)
    const { at, end } = spotOf(right)
    const list = right.slice(at, end)
    const unlike: unknown[] = []
    for (let i = 0; i < list.length; i++) {
      // Inside of a salt or hash one byte is as good as another.
      if (list[i] === 1 && list[i - 1] === 1 && list[i + 1] === 1) continue
      for (let byte = 0; byte < 256; byte++) {
        const changed = right.slice()
        changed[at + i] = byte
        const examined = found(changed)
        if (examined === undefined) continue
        const blocks = judged(changed)?.map((each) => quickly.examine(each.commands, each.header, each.roots))
        if (!isDeepStrictEqual(examined, blocks)) unlike.push({ i, byte })
      }
    }
    expect(unlike).toEqual([])
  })

  it.each<[string, number[], number[]]>([
    ['a number in a form of signed ones', packedAs('seq', 7), packedAs('seq', 0xd0, 7)],
    ['a number that would have 16 bytes', packedAs('seq', 7), packedAs('seq', 0xd0, ...zeros(15), 7)],
    ['a number that is a float', packedAs('seq', 7), packedAs('seq', 0xcb, ...zeros(7), 7)],
    ['a reply that is an extension', packedAs('reply', 0xc4, 4), packedAs('reply', 0xc7, ...zeros(7), 4)],
    ['a reply that is text', packedAs('reply', 0xc4, 4), packedAs('reply', 0xa4)],
    ['a type with a length of two bytes', packedAs('type', 0xa3), packedAs('type', 0xda, 0, 3)],
    ['a map for a list', packedAs('intents', 0x90), packedAs('intents', 0xdf, 0, 0, 0, 0)],
    ['a shorter map for a list', packedAs('intents', 0x90), packedAs('intents', 0xde, 0, 0, 0, 0)],
    ['a long salt', packedAs('salt', 0xc4, 32), packedAs('salt', 0xc4, 33, 1)],
    ['a short hash of a payload', packedAs('payloadHash', 0xc4, 32, 9), packedAs('payloadHash', 0xc4, 31)],
    ['a long hash of a payload', packedAs('payloadHash', 0xc4, 32), packedAs('payloadHash', 0xc4, 33, 9)],
  ])('%s has no answer', (_, usual, unusual) => {
    const commands = [asked(7n, 'a', 1n), { ...asked(7n, 'a', 2n), ...hashedOnly }]
    const payload = payloadOf({ ...base, commands })
    const changed = replaced(payload, usual, unusual)
    expect(found(payload)).toHaveLength(1)
    expect(found(changed)).toBeUndefined()
  })

  it.each<[string, number[]]>([
    ['one byte', [0xcc, 7]],
    ['two', [0xcd, 0, 7]],
    ['four', [0xce, 0, 0, 0, 7]],
    ['eight', [0xcf, 0, 0, 0, 0, 0, 0, 0, 7]],
  ])('a number in the form of %s is that number', (_, form) => {
    const block = { ...base, commands: [asked(7n, 'a', 1n)] }
    const changed = replaced(payloadOf(block), packedAs('seq', 7), packedAs('seq', ...form))
    expect(found(changed)).toEqual([expected(block)])
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

  it('is so many events of all commands together', () => {
    const [first, second] = many(2, String).commands as [RecordedCommand, RecordedCommand]
    const times = <T>(count: number, each: T): T[] => Array.from({ length: count }, () => each)
    const obligation = { topic: 'topic', data: utf8('data') }
    const intent = { kind: 'kind', data: utf8('data') }
    const emitting = (count: number): BlockRecord =>
      block([
        { ...first, obligations: times(3000, obligation) },
        { ...second, obligations: times(count - 3000, obligation) },
      ])
    const intending = (count: number): BlockRecord =>
      block([
        { ...first, intents: times(3000, intent) },
        { ...second, intents: times(count - 3000, intent) },
      ])
    expect(found(payloadOf(emitting(4096)))).toEqual([quicklyOf(emitting(4096))])
    expect(found(payloadOf(emitting(4097)))).toBeUndefined()
    expect(found(payloadOf(intending(4096)))).toEqual([quicklyOf(intending(4096))])
    expect(found(payloadOf(intending(4097)))).toBeUndefined()
  })

  it('is as many writes as the codec reads', () => {
    const [first] = many(1, String).commands as [RecordedCommand]
    const once = block([{ ...first, writes: [['risk', Uint8Array.of(1), null]] }])
    const write = [0x93, 0xa4, ...utf8('risk'), 0xc4, 1, 1, 0xc0]
    const writing = (count: number): Uint8Array => {
      const all = new Uint8Array(write.length * count)
      for (let i = 0; i < count; i++) all.set(write, write.length * i)
      const head = [0xdd, 0, count >> 16, (count >> 8) & 0xff, count & 0xff]
      return replaced(
        payloadOf(once),
        packedAs('writes', 0x91, ...write),
        concat(new Uint8Array(packedAs('writes', ...head)), all),
      )
    }
    expect(found(writing(1 << 20))).toEqual([quicklyOf(once)])
    expect(found(writing((1 << 20) + 1))).toBeUndefined()
  })

  it('are names that differ in nothing but zeros at their end', () => {
    const fresh = new CommandLists()
    const nameOf = (i: number): string => `${(i >> 3) + 1000}`.slice(0, 4).padEnd(8 + (i & 7), '\0')
    for (let round = 0; round < 6; round++) {
      const block = many(2048, (i) => nameOf(2048 * round + i))
      expect(found(payloadOf(block), true, fresh)).toEqual([quicklyOf(block)])
    }
  })

  it('are few names that want the same place: nobody chooses how long it takes to find one', () => {
    const names = namesInOnePlace(65)
    expect(found(payloadOf(many(64, (i) => names[i] as string)), true, new CommandLists())).toHaveLength(1)
    expect(found(payloadOf(many(65, (i) => names[i] as string)), true, new CommandLists())).toBeUndefined()
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
    expect(lists.of(new Uint8Array(16 << 20), true)).toBeDefined()
    expect(lists.of(new Uint8Array((16 << 20) + 1), true)).toBeUndefined()
  })

  it('ends where the payload does, whatever lay behind it before', () => {
    const records = new LikelyRecords(new Random(7))
    const payload = payloadOf({ ...records.block(3n, 3), notes: [new Uint8Array(100)] })
    const { at, end, header, roots } = spotOf(payload)
    const read = (upTo: number): number | undefined => {
      lists.of(payload, true)
      return lists.of(payload.subarray(0, upTo), true)?.(at, header, roots)?.end
    }
    expect(read(end)).toBe(end)
    for (let upTo = at; upTo < end; upTo++) expect(read(upTo)).toBeUndefined()
    const [first] = many(1, String).commands as [RecordedCommand]
    const ended = payloadOf(block([{ ...first, payload: new Uint8Array(0) }]))
    const longer = replaced(ended, packedAs('payload', 0xc4, 0), packedAs('payload', 0xc6, 0, 0x10, 0, 0))
    expect(found(longer, true, new CommandLists())).toBeUndefined()
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

function quicklyOf({ commands, header, roots }: BlockRecord): ExaminedCommands {
  return quickly.examine(commands, header, roots)
}

const hashedOnly = { payload: undefined, salt: undefined, payloadHash: new Uint8Array(32).fill(9) } as object

/** Where the commands of the only block of a payload lie, and what stands before them. */
function spotOf(payload: Uint8Array): { at: number; end: number; header: Header; roots: Roots } {
  let spot: { at: number; end: number; header: Header; roots: Roots } | undefined
  const commandsAt = lists.of(payload, true)
  readPlainWith(payload, (at, header, roots) => {
    const read = commandsAt?.(at, header, roots)
    if (read !== undefined) spot = { at, end: read.end, header, roots }
    return read
  })
  if (spot === undefined) throw new Error('there is no block')
  return spot
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

/** A member of a name, and what its value begins with. */
function packedAs(name: string, ...value: number[]): number[] {
  return [0xa0 | name.length, ...utf8(name), ...value]
}

/** With other bytes in the place of the last ones that are these. */
function replaced(payload: Uint8Array, from: readonly number[], to: ArrayLike<number>): Uint8Array {
  const at = Buffer.from(payload).lastIndexOf(Uint8Array.from(from))
  if (at < 0) throw new Error('there are no such bytes')
  return concat(payload.subarray(0, at), Uint8Array.from(to), payload.subarray(at + from.length))
}

/** Names of eight bytes that the kernel looks for from the same place on: what it multiplies them by has an inverse. */
function namesInOnePlace(count: number): string[] {
  let inverse = 1n
  for (let i = 0; i < 6; i++) inverse = BigInt.asUintN(64, inverse * (2n - 0x9e3779b97f4a7c15n * inverse))
  const names: string[] = []
  for (let low = 1n; names.length < count; low++) {
    // The first thirteen bits of the product are the place: 0.
    const word = BigInt.asUintN(64, low * inverse) ^ 8n
    if ((word & 0x8080808080808080n) !== 0n) continue
    names.push(String.fromCharCode(...Array.from({ length: 8 }, (_, i) => Number((word >> BigInt(8 * i)) & 0xffn))))
  }
  return names
}

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
