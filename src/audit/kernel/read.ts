/** Reads a list of commands as record-write.ts writes it; of each it keeps what its hashes are made of, and begins to hash payloads, replies and data. */
import { beginMessage, endMessage } from './messages'
import { asks, beginNames, HIGHEST, LABEL_MAX, nameOf } from './names'

/** More than these are not read here. A producer makes no larger batches; what commands emit and intend may be more, and seldom is. */
export const COMMANDS_MAX: u32 = 2048
export const EVENTS_MAX: u32 = 4096

/** A command: seq, request, received at; the entries of its client and type; status, obligations, intents; hash of payload, hash of reply. */
export const SEQ: usize = 0
export const REQUEST: usize = 8
export const RECEIVED_AT: usize = 16
export const CLIENT: usize = 24
export const TYPE: usize = 28
export const STATUS: usize = 32
export const OBLIGATION_COUNT: usize = 36
export const INTENT_COUNT: usize = 40
export const PAYLOAD_HASH: usize = 48
export const REPLY_HASH: usize = 80
export const COMMAND: usize = 112
export const COMMANDS: usize = memory.data(2048 * 112, 16)

/** An event or intent: its seq, the entry of its topic or kind, the hash of its data. */
export const EVENT_SEQ: usize = 0
export const EVENT_NAME: usize = 8
export const DATA_HASH: usize = 16
export const EVENT: usize = 48
export const OBLIGATIONS: usize = memory.data(4096 * 48, 16)
export const INTENTS: usize = memory.data(4096 * 48, 16)

export let commandCount: u32 = 0
export let obligationCount: u32 = 0
export let intentCount: u32 = 0
/** How many commands, from the first on, have the seqs from that of the block on. */
export let inPlace: u32 = 0
/** The first request that is not above one before it in the block, the one before it, and its seq; 0 for none. */
export let repeatedRequest: u64 = 0
export let repeatedHighest: u64 = 0
export let repeatedSeq: u64 = 0

// Bounds of FORMAT §1, as src/verify/bounds.ts has them.
const PAYLOAD_MAX: u32 = 1 << 20
const DATA_MAX: u32 = 64 << 10
const KEY_MAX: u32 = 1024
const ITEMS_MAX: u32 = 1 << 20

// Names of members, each as msgpack has it, and zeros up to whole words.
const SEQ_NAME: usize = memory.data<u8>([0xa3, 0x73, 0x65, 0x71, 0, 0, 0, 0], 8)
const CLIENT_NAME: usize = memory.data<u8>([0xa6, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0], 8)
const REQUEST_NAME: usize = memory.data<u8>([0xa7, 0x72, 0x65, 0x71, 0x75, 0x65, 0x73, 0x74], 8)
const TYPE_NAME: usize = memory.data<u8>([0xa4, 0x74, 0x79, 0x70, 0x65, 0, 0, 0], 8)
const PAYLOAD_NAME: usize = memory.data<u8>([0xa7, 0x70, 0x61, 0x79, 0x6c, 0x6f, 0x61, 0x64], 8)
const SALT_NAME: usize = memory.data<u8>([0xa4, 0x73, 0x61, 0x6c, 0x74, 0, 0, 0], 8)
const PAYLOAD_HASH_NAME: usize = memory.data<u8>(
  [0xab, 0x70, 0x61, 0x79, 0x6c, 0x6f, 0x61, 0x64, 0x48, 0x61, 0x73, 0x68, 0, 0, 0, 0],
  8,
)
const RECEIVED_AT_NAME: usize = memory.data<u8>(
  [0xaa, 0x72, 0x65, 0x63, 0x65, 0x69, 0x76, 0x65, 0x64, 0x41, 0x74, 0, 0, 0, 0, 0],
  8,
)
const STATUS_NAME: usize = memory.data<u8>([0xa6, 0x73, 0x74, 0x61, 0x74, 0x75, 0x73, 0], 8)
const REPLY_NAME: usize = memory.data<u8>([0xa5, 0x72, 0x65, 0x70, 0x6c, 0x79, 0, 0], 8)
const OBLIGATIONS_NAME: usize = memory.data<u8>(
  [0xab, 0x6f, 0x62, 0x6c, 0x69, 0x67, 0x61, 0x74, 0x69, 0x6f, 0x6e, 0x73, 0, 0, 0, 0],
  8,
)
const INTENTS_NAME: usize = memory.data<u8>([0xa7, 0x69, 0x6e, 0x74, 0x65, 0x6e, 0x74, 0x73], 8)
const WRITES_NAME: usize = memory.data<u8>([0xa6, 0x77, 0x72, 0x69, 0x74, 0x65, 0x73, 0], 8)
const TOPIC_NAME: usize = memory.data<u8>([0xa5, 0x74, 0x6f, 0x70, 0x69, 0x63, 0, 0], 8)
const KIND_NAME: usize = memory.data<u8>([0xa4, 0x6b, 0x69, 0x6e, 0x64, 0, 0, 0], 8)
const DATA_NAME: usize = memory.data<u8>([0xa4, 0x64, 0x61, 0x74, 0x61, 0, 0, 0], 8)
const STATE_TREE: usize = memory.data<u8>([0xa5, 0x73, 0x74, 0x61, 0x74, 0x65, 0, 0], 8)
const RISK_TREE: usize = memory.data<u8>([0xa4, 0x72, 0x69, 0x73, 0x6b, 0, 0, 0], 8)

/** Members of a command with its payload and without writes; with the hash of it, one fewer. */
const WITH_PAYLOAD: u32 = 11

/** Where it reads, where the payload ends, and whether all was as it should be up to there. */
let at: usize = 0
let end: usize = 0
let isUsual: bool = true

let payloadEnd: usize = 0
/** Whether replies and data are hashed. */
let isDeep: bool = false

export function setEnd(to: usize): void {
  payloadEnd = to
}

/** Answers where the list ends, or 0. */
export function readCommands(from: usize, firstSeq: u64, deep: bool): usize {
  at = from
  end = payloadEnd
  isUsual = true
  isDeep = deep
  obligationCount = 0
  intentCount = 0
  inPlace = 0
  repeatedRequest = 0
  beginNames()
  commandCount = items(COMMANDS_MAX)
  for (let i: u32 = 0; i < commandCount && isUsual; i++) readCommand(COMMANDS + COMMAND * i, firstSeq, i)
  return isUsual ? at : 0
}

function readCommand(command: usize, firstSeq: u64, i: u32): void {
  const members: u32 = <u32>byte() - 0x80
  const seq = integerOf(SEQ_NAME, 4)
  demandName(CLIENT_NAME, 7)
  const client = label(0)
  const request = integerOf(REQUEST_NAME, 8)
  demandName(TYPE_NAME, 5)
  const type = label(1)
  if (!isUsual) return
  const isAnonymous = load<u32>(client) == 0
  demand(isAnonymous == (request == 0))
  store<u64>(command, seq, SEQ)
  store<u64>(command, request, REQUEST)
  store<u32>(command, <u32>client, CLIENT)
  store<u32>(command, <u32>type, TYPE)

  const hasPayload = members == WITH_PAYLOAD + 1 || (members == WITH_PAYLOAD && isNext(PAYLOAD_NAME, 8))
  if (hasPayload) readPayload(command + PAYLOAD_HASH)
  else {
    demandName(PAYLOAD_HASH_NAME, 12)
    const hash = bin(32, 32)
    if (isUsual) memory.copy(command + PAYLOAD_HASH, hash, 32)
  }
  store<u64>(command, integerOf(RECEIVED_AT_NAME, 11), RECEIVED_AT)
  demandName(STATUS_NAME, 7)
  const status = byte()
  demand(status <= 1)
  store<u32>(command, status, STATUS)
  demandName(REPLY_NAME, 6)
  readData(command + REPLY_HASH)

  const obligationsBefore = obligationCount
  demandName(OBLIGATIONS_NAME, 12)
  obligationCount = readEvents(OBLIGATIONS, obligationCount, TOPIC_NAME, 6, seq)
  store<u32>(command, obligationCount - obligationsBefore, OBLIGATION_COUNT)
  const intentsBefore = intentCount
  demandName(INTENTS_NAME, 8)
  intentCount = readEvents(INTENTS, intentCount, KIND_NAME, 5, seq)
  store<u32>(command, intentCount - intentsBefore, INTENT_COUNT)

  const left = members - (hasPayload ? WITH_PAYLOAD : WITH_PAYLOAD - 1)
  demand(left <= 1)
  if (left == 1) readWrites()
  if (!isUsual) return
  // A block that ends beyond the last number there is has no seq for what comes after that.
  if (inPlace == i && seq == firstSeq + i && seq >= firstSeq) inPlace++
  if (!isAnonymous && repeatedRequest == 0 && !asks(client, request, seq)) {
    repeatedRequest = request
    repeatedHighest = load<u64>(client, HIGHEST)
    repeatedSeq = seq
  }
}

/** Its salt stands behind the payload, and before it in the hash. */
function readPayload(to: usize): void {
  demandName(PAYLOAD_NAME, 8)
  const payload = bin(0, PAYLOAD_MAX)
  const length = binLength
  demandName(SALT_NAME, 5)
  const salt = bin(32, 32)
  if (!isUsual) return
  const message = beginMessage(32 + length, to)
  memory.copy(message, salt, 32)
  memory.copy(message + 32, payload, length)
  endMessage()
}

/** A reply, or the data of an event or intent. */
function readData(to: usize): void {
  const data = bin(0, DATA_MAX)
  if (!isUsual || !isDeep) return
  memory.copy(beginMessage(binLength, to), data, binLength)
  endMessage()
}

/** Answers how many there are now. */
function readEvents(list: usize, before: u32, name: usize, nameLength: usize, seq: u64): u32 {
  const count = items(EVENTS_MAX - before)
  for (let i: u32 = 0; i < count && isUsual; i++) {
    const event = list + EVENT * (before + i)
    demand(byte() == 0x82)
    demandName(name, nameLength)
    store<u64>(event, seq, EVENT_SEQ)
    store<u32>(event, <u32>label(1), EVENT_NAME)
    demandName(DATA_NAME, 5)
    readData(event + DATA_HASH)
  }
  return before + count
}

/** What is said here of writes is looked at, and not kept. */
function readWrites(): void {
  demandName(WRITES_NAME, 7)
  const count = items(ITEMS_MAX)
  for (let i: u32 = 0; i < count && isUsual; i++) {
    demand(byte() == 0x93)
    if (isNext(STATE_TREE, 6)) at += 6
    else demandName(RISK_TREE, 5)
    bin(1, KEY_MAX)
    if (at < end && load<u8>(at) == 0xc0) at++
    else bin(0, PAYLOAD_MAX)
  }
}

function demand(isRight: bool): void {
  if (!isRight) isUsual = false
}

/** Zero where there is none: every reading that goes on from there finds something else than it wants, or nothing. */
function byte(): u8 {
  if (at < end) return load<u8>(at++)
  isUsual = false
  return 0
}

function bigEndian(bytes: usize): u64 {
  if (end - at < bytes) {
    isUsual = false
    return 0
  }
  const value = bswap<u64>(load<u64>(at)) >> (64 - 8 * bytes)
  at += bytes
  return value
}

function isNext(name: usize, length: usize): bool {
  if (end - at < length) return false
  for (let i: usize = 0; i < length; i += 8) {
    const left = length - i
    const differs = load<u64>(at + i) ^ load<u64>(name + i)
    if ((left >= 8 ? differs : differs << (64 - 8 * left)) != 0) return false
  }
  return true
}

function demandName(name: usize, length: usize): void {
  if (isNext(name, length)) at += length
  else isUsual = false
}

function integerOf(name: usize, length: usize): u64 {
  demandName(name, length)
  const type = byte()
  if (type < 0x80) return type
  if (type < 0xcc || type > 0xcf) {
    isUsual = false
    return 0
  }
  return bigEndian((<usize>1) << (type - 0xcc))
}

/** Of the bytes that `bin` found last. */
let binLength: usize = 0

function bin(min: u32, max: u32): usize {
  const type = byte()
  if (type < 0xc4 || type > 0xc6) {
    isUsual = false
    return 0
  }
  const length = <u32>bigEndian((<usize>1) << (type - 0xc4))
  if (length < min || length > max || length > <u32>(end - at)) {
    isUsual = false
    return 0
  }
  binLength = length
  const from = at
  at += length
  return from
}

function label(min: u32): usize {
  const type = byte()
  let length: u32 = 0
  if (type >= 0xa0 && type < 0xc0) length = type & 31
  else if (type == 0xd9) length = byte()
  else isUsual = false
  if (length < min || length > LABEL_MAX || length > <u32>(end - at)) isUsual = false
  if (!isUsual) return 0
  const from = at
  at += length
  const name = nameOf(from, length)
  demand(name != 0)
  return name
}

/** How many items a list has. */
function items(max: u32): u32 {
  const type = byte()
  let count: u32 = 0
  if (type >= 0x90 && type < 0xa0) count = type & 15
  else if (type == 0xdc) count = <u32>bigEndian(2)
  else if (type == 0xdd) count = <u32>bigEndian(4)
  else isUsual = false
  if (count > max) isUsual = false
  return isUsual ? count : 0
}
