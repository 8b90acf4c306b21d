/**
 * The records of FORMAT §10, and what stands around them in an export (§11), in bytes, written straight from their shapes: members in the order in which FORMAT names them, optional
 * ones left out where they are undefined. They are taken to have the lengths and bounds of FORMAT: what breaks those is refused by
 * whoever reads it, so whoever makes a record checks it before.
 */
import type {
  Authority,
  BlockRecord,
  ChainRecord,
  CloseRecord,
  RecordedCommand,
  RecordedWrite,
  SealRecord,
} from '../verify/records.ts'
import type { Delegation, Header, Revocation, Roots, Seal, SizedRoot } from '../verify/types.ts'
import type { ExportEnd, ExportHead } from './export-format.ts'
import { MsgpackWriter, packedName } from './msgpack-write.ts'

const K = packedName('k')
const V = packedName('v')
const HEADER = packedName('header')
const ROOTS = packedName('roots')
const COMMANDS = packedName('commands')
const NOTES = packedName('notes')
const AUTHORITY = packedName('authority')
const HEIGHT = packedName('height')
const EPOCH = packedName('epoch')
const PARENT_HASH = packedName('parentHash')
const COMMANDS_HASH = packedName('commandsHash')
const BATCH_ROOT = packedName('batchRoot')
const COMMAND_COUNT = packedName('commandCount')
const FIRST_SEQ = packedName('firstSeq')
const TIMESTAMP = packedName('timestamp')
const STATE = packedName('state')
const RISK = packedName('risk')
const OBLIGATIONS = packedName('obligations')
const INTENTS = packedName('intents')
const HISTORY = packedName('history')
const SIZE = packedName('size')
const ROOT = packedName('root')
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
const WRITES = packedName('writes')
const TOPIC = packedName('topic')
const KIND = packedName('kind')
const DATA = packedName('data')
const DELEGATE = packedName('delegate')
const INDEX = packedName('index')
const VALID_FROM = packedName('validFrom')
const VALID_UNTIL = packedName('validUntil')
const SIGNATURE = packedName('signature')
const FROM_HEIGHT = packedName('fromHeight')
const SEAL = packedName('seal')
const DELEGATION = packedName('delegation')
const HASH = packedName('hash')
const GENESIS = packedName('genesis')
const NAME = packedName('name')
const COLD_KEY = packedName('coldKey')
const MACHINE = packedName('machine')
const CREATED_AT = packedName('createdAt')
const NONCE = packedName('nonce')
const FROM = packedName('from')
const TO = packedName('to')
const BLOCKS = packedName('blocks')

/** The members that every command has. */
const COMMAND_MEMBERS = 9

/** One for all: nothing waits while a record is written. */
const out = new MsgpackWriter()

export function encodeRecord(record: ChainRecord): Uint8Array {
  if (record.k === 'block') return encodeBlockRecord(record)
  return record.k === 'seal' ? encodeSealRecord(record) : encodeCloseRecord(record)
}

export function encodeBlockRecord(record: BlockRecord): Uint8Array {
  return encoded(() => {
    start(7, record.k)
    out.name(HEADER)
    header(record.header)
    out.name(ROOTS)
    roots(record.roots)
    out.name(COMMANDS)
    out.array(record.commands.length)
    for (const each of record.commands) command(each)
    out.name(NOTES)
    out.array(record.notes.length)
    for (const note of record.notes) out.bytes(note)
    out.name(AUTHORITY)
    out.array(record.authority.length)
    for (const each of record.authority) authority(each)
  })
}

export function encodeSealRecord(record: SealRecord): Uint8Array {
  return encoded(() => {
    start(4, record.k)
    integer(HEIGHT, record.height)
    out.name(SEAL)
    seal(record.seal)
  })
}

export function encodeCloseRecord(record: CloseRecord): Uint8Array {
  return encoded(() => {
    start(4, record.k)
    integer(HEIGHT, record.height)
    bytes(HASH, record.hash)
  })
}

/** The head of an export (FORMAT §11). */
export function encodeExportHead({ genesis, from, to, parentHash, authority: seen }: ExportHead): Uint8Array {
  return encoded(() => {
    start(7, 'export')
    out.name(GENESIS)
    out.map(5)
    text(NAME, genesis.name)
    bytes(COLD_KEY, genesis.coldKey)
    text(MACHINE, genesis.machine)
    integer(CREATED_AT, genesis.createdAt)
    bytes(NONCE, genesis.nonce)
    integer(FROM, from)
    integer(TO, to)
    bytes(PARENT_HASH, parentHash)
    out.name(AUTHORITY)
    out.array(seen.length)
    for (const each of seen) authority(each)
  })
}

/** What closes an export. */
export function encodeExportEnd({ blocks, hash }: ExportEnd): Uint8Array {
  return encoded(() => {
    start(4, 'end')
    integer(BLOCKS, blocks)
    bytes(HASH, hash)
  })
}

function encoded(write: () => void): Uint8Array {
  // Whatever a record before it that was refused left behind is not part of this one.
  out.reset()
  write()
  return out.take()
}

function start(members: number, kind: string): void {
  out.map(members)
  text(K, kind)
  integer(V, 1)
}

function header(value: Header): void {
  out.map(8)
  integer(HEIGHT, value.height)
  integer(EPOCH, value.epoch)
  bytes(PARENT_HASH, value.parentHash)
  bytes(COMMANDS_HASH, value.commandsHash)
  bytes(BATCH_ROOT, value.batchRoot)
  integer(COMMAND_COUNT, value.commandCount)
  integer(FIRST_SEQ, value.firstSeq)
  integer(TIMESTAMP, value.timestamp)
}

function roots(value: Roots): void {
  out.map(6)
  bytes(STATE, value.state)
  bytes(RISK, value.risk)
  sizedRoot(COMMANDS, value.commands)
  sizedRoot(OBLIGATIONS, value.obligations)
  sizedRoot(INTENTS, value.intents)
  bytes(HISTORY, value.history)
}

function sizedRoot(name: Uint8Array, value: SizedRoot): void {
  out.name(name)
  out.map(2)
  integer(SIZE, value.size)
  bytes(ROOT, value.root)
}

function command(value: RecordedCommand): void {
  const { payload, salt, payloadHash, obligations, intents, writes } = value
  let members = COMMAND_MEMBERS
  if (payload !== undefined) members++
  if (salt !== undefined) members++
  if (payloadHash !== undefined) members++
  if (writes !== undefined) members++
  out.map(members)
  integer(SEQ, value.seq)
  text(CLIENT, value.client)
  integer(REQUEST, value.request)
  text(TYPE, value.type)
  if (payload !== undefined) bytes(PAYLOAD, payload)
  if (salt !== undefined) bytes(SALT, salt)
  if (payloadHash !== undefined) bytes(PAYLOAD_HASH, payloadHash)
  integer(RECEIVED_AT, value.receivedAt)
  integer(STATUS, value.status)
  bytes(REPLY, value.reply)
  out.name(OBLIGATIONS)
  out.array(obligations.length)
  for (const { topic, data } of obligations) labelled(TOPIC, topic, data)
  out.name(INTENTS)
  out.array(intents.length)
  for (const { kind, data } of intents) labelled(KIND, kind, data)
  if (writes !== undefined) {
    out.name(WRITES)
    out.array(writes.length)
    for (const write of writes) written(write)
  }
}

/** An event or an intent. */
function labelled(name: Uint8Array, label: string, data: Uint8Array): void {
  out.map(2)
  text(name, label)
  bytes(DATA, data)
}

function written([tree, key, value]: RecordedWrite): void {
  out.array(3)
  out.text(tree)
  out.bytes(key)
  if (value === null) out.nil()
  else out.bytes(value)
}

function authority(value: Authority): void {
  out.map(value.k === 'delegation' ? 6 : 5)
  text(K, value.k)
  if (value.k === 'delegation') delegationMembers(value)
  else revocationMembers(value)
}

function delegationMembers(value: Delegation): void {
  bytes(DELEGATE, value.delegate)
  integer(INDEX, value.index)
  integer(VALID_FROM, value.validFrom)
  integer(VALID_UNTIL, value.validUntil)
  bytes(SIGNATURE, value.signature)
}

function revocationMembers(value: Revocation): void {
  integer(INDEX, value.index)
  integer(FROM_HEIGHT, value.fromHeight)
  bytes(PARENT_HASH, value.parentHash)
  bytes(SIGNATURE, value.signature)
}

function seal(value: Seal): void {
  out.map(2)
  out.name(DELEGATION)
  out.map(5)
  delegationMembers(value.delegation)
  bytes(SIGNATURE, value.signature)
}

function integer(name: Uint8Array, value: bigint | number): void {
  out.name(name)
  out.integer(value)
}

function bytes(name: Uint8Array, value: Uint8Array): void {
  out.name(name)
  out.bytes(value)
}

function text(name: Uint8Array, value: string): void {
  out.name(name)
  out.text(value)
}
