/**
 * What a light client knows, as one small JSON value: the chain it follows, the heads it accepted, the revocations it learned.
 *
 * Of n accepted heads about 2·log2(n) are kept, dense near the newest and thinner further back, the first one always: whoever
 * holds a stolen key may feed any number of heads, and some from before the theft must still be there when it is revoked. After
 * m such heads the newest kept one from before is less than m heads older than the theft.
 */
import { blockHash } from './block.ts'
import { CLAIMS_MAX, REVOCATIONS_FILE_MAX } from './bounds.ts'
import { type Codec, json, list, native, object, oneOf, optional, refine, u64 } from './codec.ts'
import * as codecs from './codecs.ts'
import type { Hasher } from './engine.ts'
import type { Identity } from './identity.ts'
import { readJson } from './json.ts'
import { revokes } from './seal.ts'
import { asHead } from './trust.ts'
import type { Evidence, Genesis, Head, Header, Revocation, Seal } from './types.ts'

/** A head that was accepted: sealed, and proved to come after the one before it. */
export interface AcceptedHead {
  /** The how-manieth it was. */
  readonly ordinal: bigint
  readonly block: Header
  /** One for each key that it came under: whichever is revoked, the head stands by another. */
  readonly seals: readonly Seal[]
}

interface Sealed {
  readonly block: Header
  readonly seal: Seal
}

export interface LightClientState {
  readonly format: 'cairn.light-client/v1'
  readonly genesis: Genesis
  /** Where the caller told it to begin; on the caller's word, so no revocation touches it. */
  readonly pinned?: Head
  /** Ascending; each is proved by the next, and the newest has a seal that stands: they all stand. */
  readonly heads: readonly AcceptedHead[]
  /** Ascending; each is proved by the next, but the key of the newest is revoked: they stand once it is proved elsewhere. */
  readonly pending: readonly AcceptedHead[]
  readonly revocations: readonly Revocation[]
  /** Whether the revocations came from a source other than a prover. */
  readonly knowsRevocations: 0 | 1
  /** How many heads were accepted in all. */
  readonly accepted: bigint
  /** What contradicted a head (its side `b`), by keys that are not revoked; the first for each of them. */
  readonly forks: readonly Evidence[]
}

/** More keys than this that contradict a chain at one time are one too many in any case. */
const FORKS_MAX = 8

const acceptedHead = object<AcceptedHead>({
  ordinal: u64,
  block: codecs.header,
  seals: refine(list(codecs.seal, REVOCATIONS_FILE_MAX), ({ length }) =>
    length === 0 ? 'a head has a seal' : undefined,
  ),
})

const codec: Codec<LightClientState> = object<LightClientState>({
  format: oneOf('cairn.light-client/v1'),
  genesis: codecs.genesis,
  pinned: optional(codecs.head),
  heads: list(acceptedHead, CLAIMS_MAX),
  pending: list(acceptedHead, CLAIMS_MAX),
  revocations: list(codecs.revocation, REVOCATIONS_FILE_MAX),
  knowsRevocations: oneOf<0 | 1>(0, 1),
  accepted: u64,
  forks: list(codecs.evidence, FORKS_MAX),
})

export function decodeState(text: string): LightClientState {
  return codec.decode(readJson(text), json)
}

export function encodeState(state: LightClientState): string {
  return JSON.stringify(codec.encode(codec.decode(state, native), json))
}

/** The newest head that stands: what the next one has to be proved to come after. */
export function newestHead(state: LightClientState, identity: Identity, hasher: Hasher): Head | undefined {
  const newest = state.heads.at(-1)
  return newest === undefined ? state.pinned && asHead(state.pinned) : headOf(newest, identity, hasher)
}

export function headOf({ block }: AcceptedHead, identity: Identity, hasher: Hasher): Required<Head> {
  const { height, epoch, timestamp } = block
  return { height, blockHash: blockHash(identity, block, hasher), epoch, timestamp }
}

/** The state with one head more, which proves all that stood. What was still pending is of no more use. */
export function withHead(state: LightClientState, { block, seal }: Sealed): LightClientState {
  const ordinal = state.accepted
  const kept = state.heads.filter((head) => isKept(head.ordinal, ordinal))
  return { ...state, heads: [...kept, { ordinal, block, seals: [seal] }], pending: [], accepted: ordinal + 1n }
}

/** Whether a head is still kept at the `now`th: one divisible by 2^k for 2^(k+2) more, and the first for good. */
function isKept(ordinal: bigint, now: bigint): boolean {
  const lowestBit = ordinal & -ordinal
  return ordinal === 0n || now - ordinal < 4n * lowestBit
}

/** The newest head with the seal of another key beside those that it has. */
export function withSeal(state: LightClientState, { block, seal }: Sealed): LightClientState {
  const newest = state.heads.at(-1)
  // The head was pinned: this is the first seal of it.
  if (newest === undefined) return { ...withHead(state, { block, seal }), pending: state.pending }
  if (newest.seals.some(({ delegation }) => delegation.index === seal.delegation.index)) return state
  return { ...state, heads: [...state.heads.slice(0, -1), { ...newest, seals: [...newest.seals, seal] }] }
}

/** The pending heads stand up to the one that was proved, each being proved by the next. */
export function withProved(state: LightClientState, proved: AcceptedHead): LightClientState {
  const standing = state.pending.slice(0, state.pending.indexOf(proved) + 1)
  return { ...state, heads: [...state.heads, ...standing], pending: state.pending.slice(standing.length) }
}

export function withFork(state: LightClientState, fork: Evidence): LightClientState {
  return { ...state, forks: [...state.forks, fork].slice(-FORKS_MAX) }
}

/** FORMAT §8: what these revocations, too, leave of the heads. They must be the cold key's. */
export function withRevocations(
  state: LightClientState,
  added: readonly Revocation[],
  identity: Identity,
  hasher: Hasher,
): LightClientState {
  const revocations = [...state.revocations, ...added]
  const isRevoked = ({ block, seal }: Sealed, by = revocations): boolean => {
    const hash = blockHash(identity, block, hasher)
    return by.some((each) => revokes(each, seal.delegation.index, block.height, hash))
  }
  const isValid = ({ block, seals }: AcceptedHead): boolean => seals.some((seal) => !isRevoked({ block, seal }))
  // What a seal below `fromHeight − 1` stands for may still be proved by another block; what the others stand for is gone.
  const withoutGone = ({ seals, ...head }: AcceptedHead): AcceptedHead => {
    const reaching = revocations.filter(({ fromHeight }) => head.block.height + 1n >= fromHeight)
    return { ...head, seals: seals.filter((seal) => !isRevoked({ ...head, seal }, reaching)) }
  }
  const left = (heads: readonly AcceptedHead[]): AcceptedHead[] =>
    heads.map(withoutGone).filter(({ seals }) => seals.length > 0)
  const standing = state.heads.findLastIndex(isValid) + 1
  return {
    ...state,
    revocations,
    heads: left(state.heads.slice(0, standing)),
    pending: left([...state.heads.slice(standing), ...state.pending]),
    forks: state.forks.filter(({ b }) => !isRevoked(b)),
  }
}
