/**
 * The records of a frame read straight into their shapes, where they lie as `record-write.ts` writes them: members in that order, integers unsigned. It
 * takes a fifth of the time of decoding to values first and judging these, and a chain that is verified is nearly nothing but such records.
 *
 * Promise: what it answers is what the codec of records answers for the same bytes. Whatever lies otherwise, is over a bound or wrong gets no answer
 * here: the codec is asked, and says what it is. Bytes are views of what was read.
 */
import {
  CLIENT_MAX,
  DATA_MAX,
  JOURNAL_FILE_MAX,
  KEY_MAX,
  LABEL_MAX,
  PAYLOAD_MAX,
  RECORD_ITEMS_MAX,
} from '../verify/bounds.ts'
import { requestRule } from '../verify/codecs.ts'
import { CairnError } from '../verify/error.ts'
import type { Authority, ChainRecord, RecordedCommand, RecordedWrite } from '../verify/records.ts'
import type { Delegation, Header, Roots, Seal, SizedRoot, Status, TreeName } from '../verify/types.ts'
import { MsgpackReader } from './msgpack-read.ts'
import { packedName } from './msgpack-write.ts'

/** What is thrown where something lies otherwise; nobody outside sees it. */
class Unusual extends Error {}
const UNUSUAL = new Unusual('it lies otherwise')

const NOTHING: Uint8Array = new Uint8Array(0)

/**
 * The records of a frame's payload; nothing where one of them lies otherwise. Of commands that are not read `whole` only what their identity is made of is
 * kept; the rest is looked at all the same.
 */
export function readPlainRecords(payload: Uint8Array, whole: boolean): readonly ChainRecord[] | undefined {
  try {
    return new RecordReader(payload, whole).records()
  } catch (error) {
    if (error instanceof Unusual || error instanceof CairnError) return undefined
    throw error
  }
}

const NAMES = Object.fromEntries(
  (
    'k v header roots commands notes authority height epoch parentHash commandsHash batchRoot commandCount firstSeq timestamp state risk ' +
    'obligations intents history size root seq client request type payload salt payloadHash receivedAt status reply writes topic kind data ' +
    'delegate index validFrom validUntil signature fromHeight seal delegation hash'
  )
    .split(' ')
    .map((name) => [name, packedName(name)]),
) as Readonly<Record<string, Uint8Array>>

function packed(name: string): Uint8Array {
  return NAMES[name] as Uint8Array
}

const SEQ = packed('seq')
const CLIENT = packed('client')
const REQUEST = packed('request')
const TYPE = packed('type')
const PAYLOAD = packed('payload')
const SALT = packed('salt')
const PAYLOAD_HASH = packed('payloadHash')
const RECEIVED_AT = packed('receivedAt')
const STATUS = packed('status')
const REPLY = packed('reply')
const OBLIGATIONS = packed('obligations')
const INTENTS = packed('intents')
const WRITES = packed('writes')
const TOPIC = packed('topic')
const KIND = packed('kind')
const DATA = packed('data')

/** Members of a command with its payload and without writes. */
const WITH_PAYLOAD = 11
const WITH_HASH = 10

class RecordReader extends MsgpackReader {
  private readonly whole: boolean

  constructor(bytes: Uint8Array, whole: boolean) {
    super(bytes)
    this.whole = whole
  }

  records(): readonly ChainRecord[] {
    const records = this.list(() => this.record())
    if (!this.isDone) throw UNUSUAL
    return records
  }

  private record(): ChainRecord {
    const members = this.byte()
    this.name(packed('k'))
    const k = this.label(1, LABEL_MAX)
    this.name(packed('v'))
    if (this.byte() !== 1) throw UNUSUAL
    if (k === 'block' && members === 0x87) return this.block()
    if (members !== 0x84) throw UNUSUAL
    const height = this.integerOf(packed('height'))
    if (k === 'seal') return { k, v: 1, height, seal: this.sealOf(packed('seal')) }
    if (k === 'close') return { k, v: 1, height, hash: this.bytesOf(packed('hash'), 32, 32) }
    throw UNUSUAL
  }

  private block(): ChainRecord {
    this.name(packed('header'))
    const header = this.header()
    this.name(packed('roots'))
    const roots = this.roots()
    this.name(packed('commands'))
    const commands = this.list(() => this.command())
    this.name(packed('notes'))
    const notes = this.list(() => this.bin(0, JOURNAL_FILE_MAX))
    this.name(packed('authority'))
    const authority = this.list(() => this.authority())
    return { k: 'block', v: 1, header, roots, commands, notes, authority }
  }

  private header(): Header {
    this.members(8)
    return {
      height: this.integerOf(packed('height')),
      epoch: this.integerOf(packed('epoch')),
      parentHash: this.hashOf(packed('parentHash')),
      commandsHash: this.hashOf(packed('commandsHash')),
      batchRoot: this.hashOf(packed('batchRoot')),
      commandCount: this.integerOf(packed('commandCount')),
      firstSeq: this.integerOf(packed('firstSeq')),
      timestamp: this.integerOf(packed('timestamp')),
    }
  }

  private roots(): Roots {
    this.members(6)
    return {
      state: this.hashOf(packed('state')),
      risk: this.hashOf(packed('risk')),
      commands: this.sized(packed('commands')),
      obligations: this.sized(OBLIGATIONS),
      intents: this.sized(INTENTS),
      history: this.hashOf(packed('history')),
    }
  }

  private sized(name: Uint8Array): SizedRoot {
    this.name(name)
    this.members(2)
    return { size: this.integerOf(packed('size')), root: this.hashOf(packed('root')) }
  }

  private command(): RecordedCommand {
    const members = this.byte() - 0x80
    const seq = this.integerOf(SEQ)
    this.name(CLIENT)
    const client = this.label(0, CLIENT_MAX)
    const request = this.integerOf(REQUEST)
    this.name(TYPE)
    const type = this.label(1, LABEL_MAX)
    if (requestRule({ client, request }) !== undefined) throw UNUSUAL
    let content: Pick<RecordedCommand, 'payload' | 'salt' | 'payloadHash'>
    const hasPayload = members === WITH_PAYLOAD + 1 || (members === WITH_PAYLOAD && this.isNext(PAYLOAD))
    if (hasPayload) content = { payload: this.bytesOf(PAYLOAD, 0, PAYLOAD_MAX), salt: this.hashOf(SALT) }
    else content = { payloadHash: this.hashOf(PAYLOAD_HASH) }
    const receivedAt = this.integerOf(RECEIVED_AT)
    this.name(STATUS)
    const status = this.byte() as Status
    if (status > 1) throw UNUSUAL
    this.name(REPLY)
    const reply = this.kept(0, DATA_MAX)
    this.name(OBLIGATIONS)
    const obligations = this.list(() => ({ topic: this.said(TOPIC), data: this.dataOf() }))
    this.name(INTENTS)
    const intents = this.list(() => ({ kind: this.said(KIND), data: this.dataOf() }))
    const { payload, salt, payloadHash } = content
    const left = members - (hasPayload ? WITH_PAYLOAD : WITH_HASH)
    if (left !== 0 && left !== 1) throw UNUSUAL
    const command = hasPayload
      ? { seq, client, request, type, payload, salt, receivedAt, status, reply, obligations, intents }
      : { seq, client, request, type, payloadHash, receivedAt, status, reply, obligations, intents }
    if (left === 0) return command as RecordedCommand
    this.name(WRITES)
    return { ...command, writes: this.list(() => this.write()) } as RecordedCommand
  }

  private said(name: Uint8Array): string {
    this.members(2)
    this.name(name)
    return this.label(1, LABEL_MAX)
  }

  private dataOf(): Uint8Array {
    this.name(DATA)
    return this.kept(0, DATA_MAX)
  }

  private write(): RecordedWrite {
    if (this.byte() !== 0x93) throw UNUSUAL
    const tree = this.label(1, LABEL_MAX)
    if (tree !== 'state' && tree !== 'risk') throw UNUSUAL
    const key = this.kept(1, KEY_MAX)
    if (this.bytes[this.at] !== 0xc0) return [tree satisfies TreeName, key, this.kept(0, PAYLOAD_MAX)]
    this.at++
    return [tree, key, null]
  }

  private authority(): Authority {
    const members = this.byte()
    this.name(packed('k'))
    const k = this.label(1, LABEL_MAX)
    if (k === 'delegation' && members === 0x86) return { k, ...this.delegation() }
    if (k !== 'revocation' || members !== 0x85) throw UNUSUAL
    return {
      k,
      index: this.integerOf(packed('index')),
      fromHeight: this.integerOf(packed('fromHeight')),
      parentHash: this.hashOf(packed('parentHash')),
      signature: this.bytesOf(packed('signature'), 65, 65),
    }
  }

  private sealOf(name: Uint8Array): Seal {
    this.name(name)
    this.members(2)
    this.name(packed('delegation'))
    this.members(5)
    return { delegation: this.delegation(), signature: this.bytesOf(packed('signature'), 65, 65) }
  }

  private delegation(): Delegation {
    const delegate = this.bytesOf(packed('delegate'), 20, 20)
    // The zero address is no signer.
    if (delegate.every((byte) => byte === 0)) throw UNUSUAL
    return {
      delegate,
      index: this.integerOf(packed('index')),
      validFrom: this.integerOf(packed('validFrom')),
      validUntil: this.integerOf(packed('validUntil')),
      signature: this.bytesOf(packed('signature'), 65, 65),
    }
  }

  private members(count: number): void {
    if (this.byte() !== (0x80 | count)) throw UNUSUAL
  }

  private name(name: Uint8Array): void {
    if (!this.isNext(name)) throw UNUSUAL
    this.at += name.length
  }

  private isNext(name: Uint8Array): boolean {
    const { bytes, at } = this
    for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false
    return true
  }

  private integerOf(name: Uint8Array): bigint {
    this.name(name)
    const type = this.byte()
    if (type < 0x80) return BigInt(type)
    if (type === 0xcc) return BigInt(this.byte())
    if (type === 0xcd) return BigInt(this.u16())
    if (type === 0xce) return BigInt(this.u32())
    if (type === 0xcf) return BigInt(this.u64())
    throw UNUSUAL
  }

  private hashOf(name: Uint8Array): Uint8Array {
    return this.bytesOf(name, 32, 32)
  }

  private bytesOf(name: Uint8Array, min: number, max: number): Uint8Array {
    this.name(name)
    return this.bin(min, max)
  }

  private bin(min: number, max: number): Uint8Array {
    return this.binary(this.binLength(min, max))
  }

  /** Bytes that only a whole record keeps. */
  private kept(min: number, max: number): Uint8Array {
    const length = this.binLength(min, max)
    if (this.whole) return this.binary(length)
    this.skip(length)
    return NOTHING
  }

  private binLength(min: number, max: number): number {
    const type = this.byte()
    let length = -1
    if (type === 0xc4) length = this.byte()
    else if (type === 0xc5) length = this.u16()
    else if (type === 0xc6) length = this.u32()
    if (length < min || length > max) throw UNUSUAL
    return length
  }

  private label(min: number, max: number): string {
    const type = this.byte()
    let length = -1
    if (type >= 0xa0 && type < 0xc0) length = type & 31
    else if (type === 0xd9) length = this.byte()
    if (length < min || length > max) throw UNUSUAL
    return this.text(length)
  }

  private list<T>(item: () => T): readonly T[] {
    const type = this.byte()
    let length = -1
    if (type >= 0x90 && type < 0xa0) length = type & 15
    else if (type === 0xdc) length = this.u16()
    else if (type === 0xdd) length = this.u32()
    if (length < 0 || length > RECORD_ITEMS_MAX) throw UNUSUAL
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(item())
    return items
  }
}
