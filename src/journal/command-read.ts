/** The commands of a block, read where they lie as `record-write.ts` writes them. */
import { CLIENT_MAX, DATA_MAX, KEY_MAX, LABEL_MAX, PAYLOAD_MAX } from '../verify/bounds.ts'
import { requestRule } from '../verify/codecs.ts'
import { MACHINE_COMMAND } from '../verify/own-writes.ts'
import type { RecordedCommand, RecordedWrite } from '../verify/records.ts'
import type { Status, TreeName } from '../verify/types.ts'
import { packedName } from './msgpack-write.ts'
import { PlainReader, UNUSUAL } from './plain-read.ts'

const SEQ = packedName('seq')
const CLIENT = packedName('client')
const REQUEST = packedName('request')
const TYPE = packedName('type')
const PAYLOAD = packedName('payload')
const SALT = packedName('salt')
const PAYLOAD_HASH = packedName('payloadHash')
const RECEIVED_AT = packedName('receivedAt')
const STATUS = packedName('status')
const REPLY = packedName('reply')
const OBLIGATIONS = packedName('obligations')
const INTENTS = packedName('intents')
const WRITES = packedName('writes')
const TOPIC = packedName('topic')
const KIND = packedName('kind')
const DATA = packedName('data')

const HASH = 32
/** Members of a command with its payload and without writes. */
const WITH_PAYLOAD = 11
const WITH_HASH = 10

export class CommandReader extends PlainReader {
  /** Bytes that no state depends on. */
  protected aside(min: number, max: number): Uint8Array {
    return this.bin(min, max)
  }

  protected command(): RecordedCommand {
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
    if (hasPayload) {
      this.name(PAYLOAD)
      const payload = type === MACHINE_COMMAND ? this.bin(0, PAYLOAD_MAX) : this.aside(0, PAYLOAD_MAX)
      this.name(SALT)
      content = { payload, salt: this.aside(HASH, HASH) }
    } else {
      this.name(PAYLOAD_HASH)
      content = { payloadHash: this.aside(HASH, HASH) }
    }
    const receivedAt = this.integerOf(RECEIVED_AT)
    this.name(STATUS)
    const status = this.byte() as Status
    if (status > 1) throw UNUSUAL
    this.name(REPLY)
    const reply = this.aside(0, DATA_MAX)
    this.name(OBLIGATIONS)
    const obligations = this.list(() => ({ topic: this.said(TOPIC), data: this.dataOf() }))
    this.name(INTENTS)
    const intents = this.list(() => ({ kind: this.said(KIND), data: this.dataOf() }))
    const left = members - (hasPayload ? WITH_PAYLOAD : WITH_HASH)
    if (left !== 0 && left !== 1) throw UNUSUAL
    const { payload, salt, payloadHash } = content
    // Nearly all are such, and made in one piece: a spread takes several times as long.
    if (left === 1 && hasPayload) {
      this.name(WRITES)
      const writes = this.list(() => this.write())
      return {
        seq,
        client,
        request,
        type,
        payload,
        salt,
        receivedAt,
        status,
        reply,
        obligations,
        intents,
        writes,
      } as RecordedCommand
    }
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
    return this.aside(0, DATA_MAX)
  }

  private write(): RecordedWrite {
    if (this.byte() !== 0x93) throw UNUSUAL
    const tree = this.label(1, LABEL_MAX)
    if (tree !== 'state' && tree !== 'risk') throw UNUSUAL
    const key = this.bin(1, KEY_MAX)
    if (this.bytes[this.at] !== 0xc0) return [tree satisfies TreeName, key, this.bin(0, PAYLOAD_MAX)]
    this.at++
    return [tree, key, null]
  }
}
