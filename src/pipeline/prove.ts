/**
 * Portable proofs (FORMAT §8) of a chain's facts, under the newest block that is acknowledged and applied; facts as of an older block stand
 * nested in the claim that this block is an ancestor.
 */
import { DOCUMENT_MAX, REVOCATIONS_MAX } from '../verify/bounds.ts'
import { encodeProof } from '../verify/documents.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import type { BlockRecord, RecordedCommand } from '../verify/records.ts'
import type { BlockClaim, Claim, Command, Header, Revocation, Roots, Seal, TreeName } from '../verify/types.ts'
import type { ChainStore } from './chain-store.ts'
import type { History } from './history.ts'

/** A raw key, of `state` where no tree is named. */
export type KeyAsked = Uint8Array | { readonly tree: TreeName; readonly key: Uint8Array }

/** What is to be proved, all under one block. */
export interface ProofRequest {
  /** The seqs of commands: what was asked, and what came of it. */
  readonly command?: bigint | readonly bigint[]
  /** The indexes of obligations and of intents. */
  readonly obligation?: bigint | readonly bigint[]
  readonly intent?: bigint | readonly bigint[]
  /** Keys with their values; each of them must be there. */
  readonly state?: readonly KeyAsked[]
  /** Keys that are not there. */
  readonly absent?: readonly KeyAsked[]
  /** Keys with their values, or that they are not there: whichever it is. */
  readonly key?: readonly KeyAsked[]
  /** The height that the verifier accepted last: the proof leads on from it. */
  readonly since?: bigint
  /** As of which block; the newest where it is left out. */
  readonly height?: bigint
}

export interface ProofHead {
  readonly header: Header
  readonly roots: Roots
  readonly seal: Seal
}

export interface ProverParts {
  readonly identity: Identity
  readonly store: ChainStore
  readonly history: History
  readonly revocations: () => readonly Revocation[]
}

/** What was read beforehand: building the claims leaves no moment in which the chain could go on. */
interface Facts {
  readonly commands: readonly (readonly [bigint, Command])[]
  readonly obligations: readonly (readonly [bigint, Extract<Claim, { kind: 'obligation' }>['obligation']])[]
  readonly intents: readonly (readonly [bigint, Extract<Claim, { kind: 'intent' }>['intent']])[]
}

/** All that the request asks for lies in blocks that are applied; `head` gives the newest of them. */
export async function prove(parts: ProverParts, request: ProofRequest, head: () => ProofHead): Promise<string> {
  const { identity, store, history, revocations } = parts
  // Before anything is read: as the name of a record a number would be one that is not there, in a store that is whole.
  for (const asked of [request.height, request.since]) {
    if (asked !== undefined && typeof asked !== 'bigint') throw unknownHeight(asked, head().header.height)
  }
  const asOf = request.height === undefined ? undefined : await pastBlock(history, head().header.height, request.height)
  const within = asOf?.roots ?? head().roots
  const room = new Room()
  const facts = await factsOf(history, store, request, within, room)
  // Its mark is compared with its record on the way.
  if (request.since !== undefined && request.since >= 0n && request.since <= store.height)
    await history.demandConfirmed(request.since)
  const { header, roots, seal } = head()
  const isNewest = asOf === undefined || asOf.header.height === header.height
  const claims: Claim[] = []
  const { since } = request
  if (since !== undefined && (since < 0n || since > header.height)) throw unknownHeight(since, header.height)
  // Of the head itself nothing leads on: whoever has it sees that it is the same block.
  if (since !== undefined && since < header.height) claims.push(blockClaim(store, header, since))
  if (isNewest) claims.push(...claimsAt(store, header, roots, request, facts, room))
  else {
    claims.push({
      ...blockClaim(store, header, asOf.header.height),
      block: asOf.header,
      roots: asOf.roots,
      claims: claimsAt(store, asOf.header, asOf.roots, request, facts, room),
    })
  }
  const format = 'cairn.proof/v1'
  return encodeProof({
    format,
    genesis: identity.genesis,
    block: header,
    roots,
    seal,
    // The newest ones: what a verifier needs beside them it has from elsewhere.
    revocations: revocations().slice(-REVOCATIONS_MAX),
    claims,
  })
}

async function pastBlock(history: History, newest: bigint, height: bigint): Promise<BlockRecord> {
  if (height < 0n || height > newest) throw unknownHeight(height, newest)
  await history.demandConfirmed(height)
  return history.block(height)
}

function unknownHeight(height: bigint, newest: bigint): CairnError {
  const message = `There is no block ${height} to be proved: the newest that is sealed is ${newest}.`
  return new CairnError('unknown_height', message, { height, newest })
}

function blockClaim(store: ChainStore, { height: head }: Header, height: bigint): BlockClaim {
  const path = store.ranges.history.inclusionPath(height, head)
  return { kind: 'block', height, blockHash: store.mark(height).hash, path }
}

function claimsAt(
  store: ChainStore,
  header: Header,
  roots: Roots,
  request: ProofRequest,
  facts: Facts,
  room: Room,
): Claim[] {
  const { commands, obligations, intents } = store.ranges
  return [
    ...facts.commands.map(([index, command]): Claim => {
      return { kind: 'command', index, command, path: commands.inclusionPath(index, roots.commands.size) }
    }),
    ...facts.obligations.map(([index, obligation]): Claim => {
      return { kind: 'obligation', index, obligation, path: obligations.inclusionPath(index, roots.obligations.size) }
    }),
    ...facts.intents.map(([index, intent]): Claim => {
      return { kind: 'intent', index, intent, path: intents.inclusionPath(index, roots.intents.size) }
    }),
    ...(request.state ?? []).map((key) => stateClaim(store, header.height, key, room, true)),
    ...(request.absent ?? []).map((key) => stateClaim(store, header.height, key, room, false)),
    ...(request.key ?? []).map((key) => stateClaim(store, header.height, key, room)),
  ]
}

function stateClaim(store: ChainStore, height: bigint, asked: KeyAsked, room: Room, isThere?: boolean): Claim {
  const { tree, key } = asked instanceof Uint8Array ? { tree: 'state' as const, key: asked } : asked
  const { value, siblings, other } = store.trees[tree].prove(Number(height), key)
  if (isThere !== undefined && (value !== null) !== isThere) {
    const [code, message] = isThere
      ? (['key_absent', `The key is not there at height ${height}: ask for the proof that it is absent.`] as const)
      : (['key_present', `The key is there at height ${height}: ask for the proof of its value.`] as const)
    throw new CairnError(code, message, { tree, height })
  }
  room.take(key.length + (value?.length ?? 0) + 32 * siblings.length)
  return { kind: 'state', tree, key, value, siblings, ...(other && { other }) }
}

/** What a document may still hold of what it shows: asked before it is all in memory, since one fact may be asked for many times. */
class Room {
  private left = DOCUMENT_MAX

  take(bytes: number): void {
    // Two digits a byte.
    this.left -= 2 * bytes
    if (this.left >= 0) return
    const message = `What is to be proved is larger than the ${DOCUMENT_MAX} bytes that a document may have: ask for less at once.`
    throw new CairnError('over_limit', message, { limit: DOCUMENT_MAX })
  }
}

async function factsOf(
  history: History,
  store: ChainStore,
  request: ProofRequest,
  roots: Roots,
  room: Room,
): Promise<Facts> {
  const commands: [bigint, Command][] = []
  for (const seq of listed(request.command)) {
    demandWithin('command', seq, roots.commands.size)
    const command = await commandAt(history, seq)
    room.take((command.payload?.length ?? 0) + command.reply.length)
    commands.push([seq, command])
  }
  const obligations: [bigint, Facts['obligations'][number][1]][] = []
  for (const index of listed(request.obligation)) {
    demandWithin('obligation', index, roots.obligations.size)
    const obligation = await emittedAt(history, store, 'obligations', index)
    room.take(obligation.data.length)
    obligations.push([index, obligation])
  }
  const intents: [bigint, Facts['intents'][number][1]][] = []
  for (const index of listed(request.intent)) {
    demandWithin('intent', index, roots.intents.size)
    const intent = await emittedAt(history, store, 'intents', index)
    room.take(intent.data.length)
    intents.push([index, intent])
  }
  return { commands, obligations, intents }
}

function listed(asked: bigint | readonly bigint[] | undefined): readonly bigint[] {
  if (asked === undefined) return []
  return typeof asked === 'bigint' ? [asked] : asked
}

function demandWithin(what: string, index: bigint, size: bigint): void {
  if (index >= 0n && index < size) return
  throw new CairnError('unknown_entry', `There is no ${what} ${index}: there are ${size} of them.`, {
    what,
    index,
    size,
  })
}

/** The command as its leaf has it: the two sizes follow from what the block’s commands before it emitted. */
async function commandAt(history: History, seq: bigint): Promise<Command> {
  const { command, record } = await history.command(seq)
  const [obligationSize, intentSize] = sizesIn(record)[Number(seq - record.header.firstSeq)] as Sizes
  const { obligations: _, intents: __, writes: ___, ...executed } = command
  return { ...executed, obligationSize, intentSize }
}

type Sizes = readonly [obligations: bigint, intents: bigint]

/** Nearly always many commands of one block are asked for. */
const sizes = new WeakMap<BlockRecord, readonly Sizes[]>()

/** How many obligations and intents there are after each command of a block. */
function sizesIn(record: BlockRecord): readonly Sizes[] {
  const known = sizes.get(record)
  if (known !== undefined) return known
  let obligations = record.roots.obligations.size - count(record.commands, 'obligations')
  let intents = record.roots.intents.size - count(record.commands, 'intents')
  const made = record.commands.map((command): Sizes => {
    obligations += BigInt(command.obligations.length)
    intents += BigInt(command.intents.length)
    return [obligations, intents]
  })
  sizes.set(record, made)
  return made
}

function count(commands: readonly RecordedCommand[], what: Emitted): bigint {
  return BigInt(commands.reduce((sum, command) => sum + command[what].length, 0))
}

type Emitted = 'obligations' | 'intents'

/** What a command emitted or intended, by its place in the range. */
async function emittedAt<What extends Emitted>(
  history: History,
  store: ChainStore,
  what: What,
  index: bigint,
): Promise<RecordedCommand[What][number] & { readonly seq: bigint }> {
  const record = await blockOf(history, store, index, what)
  let at = record.roots[what].size - count(record.commands, what)
  for (const command of record.commands) {
    const emitted = command[what]
    const found = emitted[Number(index - at)]
    if (found !== undefined) return { seq: command.seq, ...found }
    at += BigInt(emitted.length)
  }
  throw new Error(`a block holds the ${what} that its sizes say`)
}

/** The first block after which the range has more than `index` entries. */
async function blockOf(history: History, store: ChainStore, index: bigint, what: Emitted): Promise<BlockRecord> {
  let [low, high] = [0n, store.height]
  while (low < high) {
    const middle = (low + high) >> 1n
    if ((await history.block(middle)).roots[what].size > index) high = middle
    else low = middle + 1n
  }
  return history.block(low)
}
