/**
 * `external@1`: an engine elsewhere has executed already. Each entry of its journal brings a command with its outcome: status,
 * reply, obligations, intents and writes, which become the record's as they are. Any type is a command of it, its payload
 * is opaque. It has no state layout of its own; keys that begin with byte 0 stay the chain's.
 *
 * An entry is UTF-8 JSON with exactly these members, bytes as `0x…` and numbers as decimal strings:
 *   {"client","request","type","payload","receivedAt","status":0|1,"reply",
 *    "obligations":[{"topic","data"}],"intents":[{"kind","data"}],"writes":[{"tree","key","value":"0x…"|null}]}
 * or `{"passthrough":"0x…"}`: bytes that ride along in the block's record (its `notes`) and touch no root.
 *
 * Promise: an entry that is accepted gives the recorded command that it says, or is refused with what is wrong with it.
 */
import { CLIENT_MAX, PAYLOAD_MAX, RECORD_ITEMS_MAX } from '../verify/bounds.ts'
import { bytes, type Codec, json, list, native, object, oneOf, refine, text, tuple, u64 } from '../verify/codec.ts'
import { data, label, rawKey, rawValue, requestRule, treeName } from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { readJson } from '../verify/json.ts'
import { isOwnKey } from '../verify/own-writes.ts'
import type { RecordedWrite } from '../verify/records.ts'
import type { Status, TreeName } from '../verify/types.ts'
import type { CommandOutcome, Machine } from './contract.ts'
import { payloadOf, unknownType, wrongWithType } from './define.ts'
import { effectsOf } from './effects.ts'
import { placeOf } from './overlay.ts'

/** Bytes that ride along in a journal record without touching any hash. */
export interface Passthrough {
  readonly passthrough: Uint8Array
}

/** A command of an engine's journal. */
export interface ExternalCommand {
  readonly client: string
  readonly request: bigint
  readonly type: string
  readonly payload: Uint8Array
  readonly receivedAt: bigint
  readonly outcome: CommandOutcome
}

/** The machine that executes nothing: an engine elsewhere did, and each command brings its outcome. */
export const external: Machine = {
  name: 'external@1',
  isExternal: true,
  validate(type: string, payload: Uint8Array): Uint8Array {
    if (wrongWithType(type) !== undefined) throw unknownType(type, 'external@1', [])
    return payloadOf(type, payload)
  },
  execute(): never {
    throw new Error('an external machine executes nothing')
  },
}

const obligations = list(object<{ topic: string; data: Uint8Array }>({ topic: label, data }), RECORD_ITEMS_MAX)
const intents = list(object<{ kind: string; data: Uint8Array }>({ kind: label, data }), RECORD_ITEMS_MAX)
const passthrough = bytes(0, PAYLOAD_MAX)

const outcomeCodec: Codec<CommandOutcome> = refine(
  object<CommandOutcome>({
    status: oneOf<Status>(0, 1),
    reply: data,
    obligations,
    intents,
    writes: list(tuple<RecordedWrite>(treeName, rawKey, rawValue), RECORD_ITEMS_MAX),
  }),
  wrongWithOutcome,
)

/** An outcome as a caller or a record gives it, checked and copied. A key that is written twice stands once, with the last value. */
export function readOutcome({ status, reply, obligations, intents, writes }: CommandOutcome): CommandOutcome {
  const given = { status, reply, obligations, intents, writes }
  const outcome = attempt(() => {
    const decoded = outcomeCodec.decode(given, native)
    effectsOf(decoded)
    return decoded
  })
  if (outcome instanceof CairnError) throw invalidEntry(outcome)
  return { ...outcome, writes: lastOfEach(outcome.writes) }
}

interface Entry extends Omit<ExternalCommand, 'outcome'>, Omit<CommandOutcome, 'writes'> {
  readonly writes: readonly { readonly tree: TreeName; readonly key: Uint8Array; readonly value: Uint8Array | null }[]
}

const entryCodec: Codec<Entry> = refine(
  object<Entry>({
    client: text(0, CLIENT_MAX),
    request: u64,
    type: refine(label, wrongWithType),
    payload: bytes(0, PAYLOAD_MAX),
    receivedAt: u64,
    status: oneOf<Status>(0, 1),
    reply: data,
    obligations,
    intents,
    writes: list(object<Entry['writes'][number]>({ tree: treeName, key: rawKey, value: rawValue }), RECORD_ITEMS_MAX),
  }),
  requestRule,
)

const passthroughCodec: Codec<Passthrough> = object<Passthrough>({ passthrough })

/** One entry of an engine's journal. */
export function decodeEntry(entry: Uint8Array): ExternalCommand | Passthrough {
  const decoded = attempt(() => {
    const members = readJson(entry)
    const isNote = members instanceof Map && members.has('passthrough')
    return isNote ? passthroughCodec.decode(members, json) : entryCodec.decode(members, json)
  })
  if (decoded instanceof CairnError) throw invalidEntry(decoded)
  if ('passthrough' in decoded) return decoded
  const { client, request, type, payload, receivedAt, ...outcome } = decoded
  const writes = outcome.writes.map(({ tree, key, value }): RecordedWrite => [tree, key, value])
  return { client, request, type, payload, receivedAt, outcome: readOutcome({ ...outcome, writes }) }
}

export function readPassthrough(note: Uint8Array): Uint8Array {
  const read = attempt(() => passthrough.decode(note, native))
  if (read instanceof CairnError) throw invalidEntry(read)
  return read
}

export function takesNoNotes(machine: string): CairnError {
  return new CairnError(
    'invalid_entry',
    `The machine ${machine} takes commands only; passthrough is for external ones.`,
  )
}

function wrongWithOutcome({ status, obligations, intents, writes }: CommandOutcome): string | undefined {
  if (writes.some(([, key]) => isOwnKey(key))) return 'keys that begin with byte 0 belong to the chain'
  const isEmpty = obligations.length + intents.length + writes.length === 0
  return status === 1 && !isEmpty ? 'a rejected command leaves no writes, obligations or intents' : undefined
}

function lastOfEach(writes: readonly RecordedWrite[]): readonly RecordedWrite[] {
  const last = new Map<string, RecordedWrite>()
  for (const write of writes) last.set(placeOf(write[0], write[1]), write)
  return [...last.values()]
}

function invalidEntry({ message, details }: CairnError): CairnError {
  return new CairnError('invalid_entry', `The entry is refused: ${message}`, details)
}
