/** The records of a journal (FORMAT §10) as shapes and codecs; how they are packed into frames is the journal's matter. */
import { JOURNAL_FILE_MAX, RECORD_ITEMS_MAX } from './bounds.ts'
import { bytes, bytes32, type Codec, list, object, oneOf, optional, refine, tuple, u64, variant } from './codec.ts'
import * as codecs from './codecs.ts'
import type { Delegation, Executed, Header, Intent, Obligation, Revocation, Roots, Seal, TreeName } from './types.ts'

/** A tree, a raw key, and its value or `null` where the key was deleted. */
export type RecordedWrite = readonly [tree: TreeName, key: Uint8Array, value: Uint8Array | null]

/** A command with all that it caused; the two sizes of its leaf follow from what stands before it. */
export interface RecordedCommand extends Executed {
  readonly obligations: readonly Omit<Obligation, 'seq'>[]
  readonly intents: readonly Omit<Intent, 'seq'>[]
  /** Absent in a copy that left them out: then nobody can recompute the state from it. */
  readonly writes?: readonly RecordedWrite[]
}

/** A delegation or revocation at the block in which the chain first saw it. */
export type Authority = ({ readonly k: 'delegation' } & Delegation) | ({ readonly k: 'revocation' } & Revocation)

export interface BlockRecord {
  readonly k: 'block'
  readonly v: 1
  readonly header: Header
  readonly roots: Roots
  readonly commands: readonly RecordedCommand[]
  /** Passthrough: bytes that ride along and touch no hash. */
  readonly notes: readonly Uint8Array[]
  readonly authority: readonly Authority[]
}

/** A seal that came after its block, or under another key. */
export interface SealRecord {
  readonly k: 'seal'
  readonly v: 1
  readonly height: bigint
  readonly seal: Seal
}

/** The last thing of a clean stop. */
export interface CloseRecord {
  readonly k: 'close'
  readonly v: 1
  readonly height: bigint
  readonly hash: Uint8Array
}

/** What a journal or an export is made of. */
export type ChainRecord = BlockRecord | SealRecord | CloseRecord

const write = tuple<RecordedWrite>(codecs.treeName, codecs.rawKey, codecs.rawValue)
const recordedObligation = object<Omit<Obligation, 'seq'>>({ topic: codecs.label, data: codecs.data })
const recordedIntent = object<Omit<Intent, 'seq'>>({ kind: codecs.label, data: codecs.data })

const recordedCommand: Codec<RecordedCommand> = refine(
  object<RecordedCommand>({
    ...codecs.executed,
    obligations: list(recordedObligation, RECORD_ITEMS_MAX),
    intents: list(recordedIntent, RECORD_ITEMS_MAX),
    writes: optional(list(write, RECORD_ITEMS_MAX)),
  }),
  codecs.executedRule,
)

export const authority: Codec<Authority> = variant<'k', Authority>('k', {
  delegation: object<Extract<Authority, { k: 'delegation' }>>({ k: oneOf('delegation'), ...codecs.delegationMembers }),
  revocation: object<Extract<Authority, { k: 'revocation' }>>({ k: oneOf('revocation'), ...codecs.revocationMembers }),
})

export const chainRecord: Codec<ChainRecord> = variant<'k', ChainRecord>('k', {
  block: object<BlockRecord>({
    k: oneOf('block'),
    v: oneOf(1),
    header: codecs.header,
    roots: codecs.roots,
    commands: list(recordedCommand, RECORD_ITEMS_MAX),
    notes: list(bytes(0, JOURNAL_FILE_MAX), RECORD_ITEMS_MAX),
    authority: list(authority, RECORD_ITEMS_MAX),
  }),
  seal: object<SealRecord>({ k: oneOf('seal'), v: oneOf(1), height: u64, seal: codecs.seal }),
  close: object<CloseRecord>({ k: oneOf('close'), v: oneOf(1), height: u64, hash: bytes32 }),
})
