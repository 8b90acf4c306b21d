/**
 * What can be found out of frames by themselves: whether their records follow the format, what they hash to, whether their seals hold.
 * It needs nothing of what stands before them but the chain's identity, so that it may be done for many stretches of a chain at a time.
 *
 * Promise: it stops at the first fault of a record by itself, in the order of the checks; what the joined reading finds in the same block before
 * that check is found first (`join.ts`), so that nobody can tell whether the frames were examined one after the other or side by side.
 */
import { frameLength, HEAD_BYTES, readShaped } from '../journal/frame.ts'
import { type RecordWith, readPlainRecords, readPlainWith } from '../journal/record-read.ts'
import { blockHash, incoherence } from '../verify/block.ts'
import { equal } from '../verify/bytes.ts'
import { misplacedAfter } from '../verify/chain-order.ts'
import { wrongWithSeal } from '../verify/chain-seals.ts'
import { native } from '../verify/codec.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { type Authority, type BlockRecord, type CloseRecord, chainRecord, type SealRecord } from '../verify/records.ts'
import { isDelegatedByColdKey, isRevokedByColdKey } from '../verify/seal.ts'
import type { Header, Revocation, Roots } from '../verify/types.ts'
import { type CommandLists, openCommandLists } from './command-lists.ts'
import { type ClientsInBlock, CommandExaminer, type ExaminedCommands, type LaidOut } from './examined-commands.ts'
import type { FaultFound } from './faults.ts'
import type { Frames, PackedFrames } from './source.ts'

export interface ExaminedBlock {
  readonly k: 'block'
  readonly header: Header
  readonly hash: Uint8Array
  readonly clients: ClientsInBlock
  readonly revocations: readonly Revocation[]
  /** The first of its faults that can be found in the block alone. */
  readonly fault?: FaultFound
  /** For the levels above `seals`. */
  readonly deep?: DeepBlock
}

export interface DeepBlock {
  readonly roots: Roots
  /** What it adds to the ranges, one entry after the other, if these have the sizes that it names. */
  readonly entries: LaidOut
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

/** Of a block with a fault that comes before what clients ask. */
const NO_CLIENTS: ClientsInBlock = { names: [], numbers: new BigUint64Array() }

export class Examiner {
  private readonly identity: Identity
  private readonly engine: Engine
  private readonly isDeep: boolean
  private readonly commands: CommandExaminer
  private readonly lists: CommandLists | undefined

  constructor(identity: Identity, engine: Engine, isDeep: boolean) {
    this.identity = identity
    this.engine = engine
    this.commands = new CommandExaminer(engine.hasher, isDeep)
    this.isDeep = isDeep
    this.lists = openCommandLists(engine)
  }

  examine(frames: Frames): readonly ExaminedFrame[] {
    return [...this.examined(frames)]
  }

  /** One by one, for whoever has other things to do in between. */
  *examined(frames: Frames): Iterable<ExaminedFrame> {
    const blocks = new Map<bigint, ExaminedBlock>()
    if (frames.kind === 'records') {
      yield this.frame(frames.offset, frames, blocks)
      return
    }
    for (const { offset, payload } of payloadsIn(frames)) {
      const inPlace = this.inPlace(payload)
      const read = inPlace === undefined ? readShaped(payload) : { records: inPlace, isPlain: true }
      if (typeof read === 'string') {
        yield { offset, records: [], broken: read }
        return
      }
      yield this.frame(offset, read, blocks)
    }
  }

  private inPlace(payload: Uint8Array): readonly RecordWith<ExaminedCommands>[] | undefined {
    const commandsAt = this.lists?.of(payload, this.isDeep)
    return commandsAt && readPlainWith(payload, commandsAt)
  }

  private frame(offset: number, { records, isPlain }: RecordsRead, blocks: Map<bigint, ExaminedBlock>): ExaminedFrame {
    return { offset, records: records.map((record, i) => this.record(record, isPlain, i, blocks)) }
  }

  private record(given: unknown, isPlain: boolean, index: number, blocks: Map<bigint, ExaminedBlock>): ExaminedRecord {
    const record = isPlain ? (given as PlainRecord) : attempt(() => chainRecord.decode(given, native))
    if (record instanceof CairnError) {
      const { k } = given as { readonly k?: unknown }
      return { k: 'malformed', reason: record.message, isOfNewest: k === 'seal' || k === 'close' }
    }
    if (record.k === 'close') return record
    if (record.k === 'seal') return this.seal(record, blocks)
    const { header, roots, commands, authority } = record
    const examined = 'inPlace' in commands ? commands : this.commands.examine(commands, header, roots)
    const block = this.block({ header, roots, authority }, examined, index)
    blocks.set(header.height, block)
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

  private block(
    { header, roots, authority }: Omit<BlockRecord, 'k' | 'v' | 'commands' | 'notes'>,
    commands: ExaminedCommands,
    index: number,
  ): ExaminedBlock {
    const { hasher } = this.engine
    const { count, inPlace, clients, repeated, entries } = commands
    const hash = blockHash(this.identity, header, hasher)
    const revocations = authority.flatMap(({ k, ...each }) => (k === 'revocation' ? [each as Revocation] : []))
    const faulty = (fault: FaultFound): ExaminedBlock => {
      return { k: 'block', header, hash, clients: NO_CLIENTS, revocations, fault }
    }
    const seq = misplacedAfter(inPlace, count, header)
    if (seq !== undefined) {
      return faulty({ check: 'order', reason: 'its commands are not those of its seqs, one after the other', seq })
    }
    const incoherent =
      incoherence(this.identity, header, roots, hasher) ??
      (equal(commands.hash, header.commandsHash) ? undefined : 'the commands do not hash to the commands hash')
    if (incoherent !== undefined) return faulty({ check: 'hashes', reason: incoherent })
    const fault = repeated ? repeats(repeated.request, repeated.highest, repeated.seq) : this.unsigned(authority)
    return {
      k: 'block',
      header,
      hash,
      clients,
      revocations,
      ...(fault && { fault }),
      ...(entries && { deep: { roots, entries, index } }),
    }
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

type RecordsRead = { readonly records: readonly unknown[]; readonly isPlain: boolean }
/** One that follows the format, with its commands as they were read, or as they were examined. */
type PlainRecord = RecordWith<BlockRecord['commands'] | ExaminedCommands>

/** The frames one by one; whoever needs less of their records than all of it says how they are read. */
export function* framesIn(
  frames: Frames,
  readPlain: (payload: Uint8Array) => readonly unknown[] | undefined = readPlainRecords,
): Iterable<FrameThere> {
  if (frames.kind === 'records') {
    yield { offset: frames.offset, records: frames.records, isPlain: frames.isPlain }
    return
  }
  for (const { offset, payload } of payloadsIn(frames)) {
    const read = readShaped(payload, readPlain)
    yield { offset, ...(typeof read === 'string' ? { records: read, isPlain: false } : read) }
  }
}

function* payloadsIn({
  bytes,
  offset,
}: PackedFrames): Iterable<{ readonly offset: number; readonly payload: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    yield { offset: offset + at, payload: bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length) }
    at += frameLength(length)
  }
}

export function repeats(request: bigint, highest: bigint, seq: bigint): FaultFound {
  return { check: 'requests', reason: `request ${request} of a client comes after its request ${highest}`, seq }
}
