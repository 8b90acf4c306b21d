/**
 * What can be found out of frames by themselves: whether their records follow the format, what they hash to, whether their seals hold.
 * It needs nothing of what stands before them but the chain's identity, so that it may be done for many stretches of a chain at a time.
 *
 * Promise: it stops at the first fault of a record by itself, in the order of the checks; what the joined reading finds in the same block before
 * that check is found first (`join.ts`), so that nobody can tell whether the frames were examined one after the other or side by side.
 */
import { frameLength, HEAD_BYTES, readShaped } from '../journal/frame.ts'
import { entriesTogether } from '../pipeline/entries.ts'
import { Identities } from '../pipeline/identities.ts'
import { blockHash, incoherence } from '../verify/block.ts'
import { equal } from '../verify/bytes.ts'
import { misplacedSeq } from '../verify/chain-order.ts'
import type { Entries } from '../verify/chain-ranges.ts'
import { wrongWithSeal } from '../verify/chain-seals.ts'
import { native } from '../verify/codec.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import {
  type Authority,
  type BlockRecord,
  type ChainRecord,
  type CloseRecord,
  chainRecord,
  type SealRecord,
} from '../verify/records.ts'
import { isDelegatedByColdKey, isRevokedByColdKey } from '../verify/seal.ts'
import type { Header, Revocation, Roots } from '../verify/types.ts'
import type { FaultFound } from './faults.ts'
import type { Frames } from './source.ts'

/** What a client asks in a block, as far as those before it have to do with it. */
export interface ClientInBlock {
  readonly client: string
  /** Its first command in the block. */
  readonly request: bigint
  readonly seq: bigint
  readonly highest: bigint
}

export interface ExaminedBlock {
  readonly k: 'block'
  readonly header: Header
  readonly hash: Uint8Array
  readonly clients: readonly ClientInBlock[]
  readonly revocations: readonly Revocation[]
  /** The first of its faults that can be found in the block alone. */
  readonly fault?: FaultFound
  /** For the levels above `seals`. */
  readonly deep?: DeepBlock
}

export interface DeepBlock {
  readonly roots: Roots
  /** What it adds to the ranges, one entry after the other, if these have the sizes that it names. */
  readonly entries: Readonly<Record<keyof Entries, Uint8Array>>
  /** Where its record stands among those of its frame. */
  readonly index: number
}

export interface ExaminedSeal {
  readonly k: 'seal'
  readonly height: bigint
  readonly index: bigint
  /** Of a seal whose block stands in the same frames: what is wrong with it, or nothing. */
  readonly judged?: { readonly wrong?: string }
  /** Of any other, which is judged where its block is known. */
  readonly record?: SealRecord
}

export interface Malformed {
  readonly k: 'malformed'
  readonly reason: string
  /** Seals and close records come after the block that they are of. */
  readonly isOfNewest: boolean
}

export type ExaminedRecord = ExaminedBlock | ExaminedSeal | CloseRecord | Malformed

export interface ExaminedFrame {
  readonly offset: number
  readonly records: readonly ExaminedRecord[]
  /** It is whole but for this: its payload is no array of records. */
  readonly broken?: string
}

export class Examiner {
  private readonly identity: Identity
  private readonly engine: Engine
  private readonly isDeep: boolean
  private readonly identities: Identities

  constructor(identity: Identity, engine: Engine, isDeep: boolean) {
    this.identity = identity
    this.engine = engine
    this.isDeep = isDeep
    this.identities = new Identities(engine.hasher)
  }

  examine(frames: Frames): readonly ExaminedFrame[] {
    return [...this.examined(frames)]
  }

  /** One by one, for whoever has other things to do in between. */
  *examined(frames: Frames): Iterable<ExaminedFrame> {
    const blocks = new Map<bigint, ExaminedBlock>()
    for (const { offset, records, isPlain } of framesIn(frames, this.isDeep)) {
      if (typeof records === 'string') {
        yield { offset, records: [], broken: records }
        return
      }
      yield { offset, records: records.map((record, i) => this.record(record, isPlain, i, blocks)) }
    }
  }

  private record(given: unknown, isPlain: boolean, index: number, blocks: Map<bigint, ExaminedBlock>): ExaminedRecord {
    const record = isPlain ? (given as ChainRecord) : attempt(() => chainRecord.decode(given, native))
    if (record instanceof CairnError) {
      const { k } = given as { readonly k?: unknown }
      return { k: 'malformed', reason: record.message, isOfNewest: k === 'seal' || k === 'close' }
    }
    if (record.k === 'close') return record
    if (record.k === 'seal') return this.seal(record, blocks)
    const block = this.block(record, index)
    blocks.set(block.header.height, block)
    return block
  }

  private seal(record: SealRecord, blocks: ReadonlyMap<bigint, ExaminedBlock>): ExaminedSeal {
    const { height, seal } = record
    const block = blocks.get(height)
    const examined = { k: 'seal', height, index: seal.delegation.index } as const
    if (block === undefined) return { ...examined, record }
    const { hash, header } = block
    const wrong = wrongWithSeal(this.identity, { hash, timestamp: header.timestamp }, seal, this.engine)
    return { ...examined, judged: wrong === undefined ? {} : { wrong } }
  }

  private block(record: BlockRecord, index: number): ExaminedBlock {
    const { header, commands, authority, roots } = record
    const { hasher } = this.engine
    const hash = blockHash(this.identity, header, hasher)
    const revocations = authority.flatMap(({ k, ...each }) => (k === 'revocation' ? [each as Revocation] : []))
    const seq = misplacedSeq(record)
    if (seq !== undefined) {
      const reason = 'its commands are not those of its seqs, one after the other'
      return { k: 'block', header, hash, clients: [], revocations, fault: { check: 'order', reason, seq } }
    }
    const identityHashes = this.identities.of(commands)
    const incoherent =
      incoherence(this.identity, header, roots, hasher) ??
      (equal(hasher.hash(identityHashes), header.commandsHash)
        ? undefined
        : 'the commands do not hash to the commands hash')
    if (incoherent !== undefined) {
      return { k: 'block', header, hash, clients: [], revocations, fault: { check: 'hashes', reason: incoherent } }
    }
    const { clients, repeated } = clientsIn(record)
    const fault = repeated ?? this.unsigned(authority)
    const block = { k: 'block', header, hash, clients, revocations, ...(fault && { fault }) } as const
    return this.isDeep ? { ...block, deep: this.deep(record, identityHashes, index) } : block
  }

  private deep({ roots, commands }: BlockRecord, identityHashes: Uint8Array, index: number): DeepBlock {
    const count = (name: 'obligations' | 'intents'): bigint =>
      BigInt(commands.reduce((sum, command) => sum + command[name].length, 0))
    // Below 0 where the block names too few: then the sizes are not those of the ranges before it, and nothing rests on these.
    const before = (name: 'obligations' | 'intents'): bigint => BigInt.asUintN(64, roots[name].size - count(name))
    const sizes = { obligations: before('obligations'), intents: before('intents') }
    const entries = entriesTogether(sizes, commands, identityHashes, this.engine.hasher)
    const laidOut = {
      commands: concatenated(entries.commands),
      obligations: concatenated(entries.obligations),
      intents: concatenated(entries.intents),
    }
    return { roots, entries: laidOut, index }
  }

  private unsigned(authority: readonly Authority[]): FaultFound | undefined {
    const each = authority.find((each) =>
      each.k === 'delegation'
        ? !isDelegatedByColdKey(this.identity, each, this.engine)
        : !isRevokedByColdKey(this.identity, each, this.engine),
    )
    return each && { check: 'authority', reason: `the cold key did not sign the ${each.k} of index ${each.index}` }
  }
}

/** Whoever examines frames: this thread, or others. */
export interface Examining {
  /** How many stretches it takes before it should be waited for. */
  readonly ahead: number
  /** Why this thread examines what other ones should have. */
  readonly withoutThreads: string | undefined
  examine(frames: Frames): Promise<readonly ExaminedFrame[]>
  /** Whether the thread that asks is joining what was examined: then it examines nothing. */
  joins(isJoining: boolean): void
  /** Meanwhile, now and then: a thread that is done gets its next stretch. */
  turn(): Promise<void>
  close(): Promise<void>
}

export function examineHere(identity: Identity, engine: Engine, isDeep: boolean): Examining {
  const examiner = new Examiner(identity, engine, isDeep)
  return {
    ahead: 0,
    withoutThreads: undefined,
    examine: async (frames) => examiner.examine(frames),
    joins: () => undefined,
    turn: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

/** A frame that lies in the frames, with what it was read to. */
export interface FrameThere {
  readonly offset: number
  /** In their shapes where `isPlain`; else as msgpack has them, to be judged, or as what they are instead of records. */
  readonly records: readonly unknown[] | string
  readonly isPlain: boolean
}

/** The frames one by one; their commands with all that they caused where they are to be read `whole`. */
export function* framesIn(frames: Frames, whole: boolean): Iterable<FrameThere> {
  if (frames.kind === 'records') {
    yield { offset: frames.offset, records: frames.records, isPlain: frames.isPlain }
    return
  }
  const { bytes, offset } = frames
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    const payload = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length)
    const read = readShaped(payload, whole)
    yield { offset: offset + at, ...(typeof read === 'string' ? { records: read, isPlain: false } : read) }
    at += frameLength(length)
  }
}

/** FORMAT §9 as far as the block alone goes: its clients, and the first number that is not above one before it in the block. */
function clientsIn({ commands }: BlockRecord): {
  readonly clients: readonly ClientInBlock[]
  readonly repeated?: FaultFound
} {
  const clients = new Map<string, { client: string; request: bigint; seq: bigint; highest: bigint }>()
  for (const { seq, client, request } of commands) {
    if (client === '') continue
    const known = clients.get(client)
    if (known === undefined) clients.set(client, { client, request, seq, highest: request })
    else if (request <= known.highest) {
      return { clients: [...clients.values()], repeated: repeats(request, known.highest, seq) }
    } else known.highest = request
  }
  return { clients: [...clients.values()] }
}

/** Not by `concat`: a block may have more of them than a call may have arguments. */
function concatenated(hashes: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(32 * hashes.length)
  hashes.forEach((hash, i) => {
    whole.set(hash, 32 * i)
  })
  return whole
}

export function repeats(request: bigint, highest: bigint, seq: bigint): FaultFound {
  return { check: 'requests', reason: `request ${request} of a client comes after its request ${highest}`, seq }
}
