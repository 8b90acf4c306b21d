/**
 * A block with its commands and all that they emitted and intended, as a server tells it, and proofs of all of that.
 *
 * What no proof shows of a block alone is left out: what its commands wrote, and the notes that touch no hash. An export of the whole chain has both, and
 * whoever verifies that makes the state again from them. That a signature of the cold key was first seen in this block is the server's word; that
 * it is the cold key's is checked.
 */
import { equal } from '../verify/bytes.ts'
import { json } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import {
  type Authority,
  type BlockRecord,
  blockHash,
  type Claim,
  type Command,
  type Engine,
  type Hasher,
  type Identity,
  identityHash,
  incoherence,
  intentLeaf,
  isValidSeal,
  obligationLeaf,
  type Proof,
  type RecordedCommand,
  type Seal,
} from '../verify/index.ts'
import { readJson } from '../verify/json.ts'
import { chainRecord } from '../verify/records.ts'
import { demandSigned } from './authorities.ts'
import { disproved } from './errors.ts'
import { groundOf, type ProofAsked } from './facts.ts'
import type { Http } from './http.ts'

export interface ProvedBlock {
  readonly record: BlockRecord
  /** Absent where it has none of its own: then one above it covers it. */
  readonly seal?: Seal
}

export interface BlockSource {
  readonly http: Http
  readonly identity: Identity
  readonly engine: Engine
  readonly prove: (asked: ProofAsked) => Promise<Proof>
}

/** What one proof shows at most: claims, and bytes of what they show. */
const CLAIMS_TOGETHER = 512
const BYTES_TOGETHER: number = 2 << 20

export async function provedBlock(
  source: BlockSource,
  height: bigint,
  signal: AbortSignal | undefined,
): Promise<ProvedBlock> {
  const { http, identity, engine, prove } = source
  const asked = signal && { signal }
  const record = readBlock(await http.text(`/v1/blocks/${height}`, asked))
  const hash = blockHash(identity, record.header, engine.hasher)
  const wrong = incoherence(identity, record.header, record.roots, engine.hasher) ?? misnumbered(record)
  if (wrong !== undefined) throw disproved(`block ${height} is not as it has to be: ${wrong}`, [])
  for (const part of partsOf(record)) {
    const ground = groundOf(await prove({ ...askedOf(part), block: height }), height, engine)
    if (!equal(ground.hash, hash)) throw disproved(`block ${height} is another one than it proves`, [])
    const differing = differingIn(part, ground.claims, engine.hasher)
    if (differing !== undefined) throw disproved(`block ${height} has another ${differing} than it proves`, [])
  }
  demandSigned(authoritiesIn(record.authority), identity, engine)
  const seal = await sealOf(http, height, asked)
  if (
    seal !== undefined &&
    !isValidSeal(identity, { blockHash: hash, timestamp: record.header.timestamp }, seal, engine)
  )
    throw disproved(`the seal of block ${height} does not hold`, [])
  return { record, ...(seal && { seal }) }
}

function readBlock(text: string): BlockRecord {
  const record = readRecord(text)
  return { ...record, commands: record.commands.map(withoutWrites), notes: [] }
}

/** A block as the server tells it, read strictly: nothing of it is checked. */
export function readRecord(text: string): BlockRecord {
  const record = attempt(() => {
    const read = readJson(text)
    if (!(read instanceof Map)) throw new CairnError('malformed', 'it is no object')
    const { blockHash: _, ...members } = Object.fromEntries(read) as Record<string, unknown>
    return chainRecord.decode(new Map(Object.entries({ k: 'block', v: 1, ...members })), json)
  })
  if (record instanceof CairnError && record.code === 'over_limit') throw tooLarge(record)
  if (record instanceof CairnError || record.k !== 'block') {
    const why = record instanceof CairnError ? record.message : 'it is a record of another kind'
    throw new CairnError('answer_invalid', `What the server answered is no block: ${why}.`, { why })
  }
  return record
}

/** No lie: a record may have more bytes than a document, and every byte of it takes two letters there. */
function tooLarge({ message, details }: CairnError): CairnError {
  return new CairnError(
    'over_limit',
    `The block is too large to be read by itself: ${message}. An export has it.`,
    details,
  )
}

function withoutWrites(command: RecordedCommand): RecordedCommand {
  const { writes: _, ...shown } = command
  return shown
}

function misnumbered({ header, roots, commands }: BlockRecord): string | undefined {
  if (BigInt(commands.length) !== header.commandCount) return 'it has not the commands that it counts'
  if (commands.some(({ seq }, i) => seq !== header.firstSeq + BigInt(i))) return 'its commands are not in order'
  const isMiscounted = (['obligations', 'intents'] as const).some((what) => {
    const count = countOf(commands, what)
    // Nothing stands before what the first command of all emitted and intended.
    return header.firstSeq === 0n ? count !== roots[what].size : count > roots[what].size
  })
  return isMiscounted ? 'it has other numbers of obligations or intents than it counts' : undefined
}

function countOf(commands: readonly RecordedCommand[], what: 'obligations' | 'intents'): bigint {
  return BigInt(commands.reduce((sum, each) => sum + each[what].length, 0))
}

/** Something that a block is told to hold, or that its numbers rest on. */
interface Told {
  readonly kind: 'command' | 'obligation' | 'intent'
  readonly index: bigint
  /** Of what is shown of it. */
  readonly bytes: number
  /** What a claim of that kind and index, which holds, says otherwise; nothing where it says the same. */
  readonly differing: (claim: Claim, hasher: Hasher) => string | undefined
}

/** At least one part, each small enough for one proof: of a block without commands it is shown that it is of the chain. */
function partsOf(record: BlockRecord): readonly (readonly Told[])[] {
  const parts: Told[][] = [[]]
  let [claims, bytes] = [0, 0]
  for (const each of toldIn(record)) {
    if (claims > 0 && (claims === CLAIMS_TOGETHER || bytes + each.bytes > BYTES_TOGETHER)) {
      parts.push([])
      ;[claims, bytes] = [0, 0]
    }
    claims++
    bytes += each.bytes
    parts.at(-1)?.push(each)
  }
  return parts
}

function* toldIn({ header, roots, commands }: BlockRecord): Generator<Told> {
  let obligationSize = roots.obligations.size - countOf(commands, 'obligations')
  let intentSize = roots.intents.size - countOf(commands, 'intents')
  // The sizes after a command say how much it emitted beside those after the one before it: only that shows that of the first nothing was left out.
  if (header.firstSeq > 0n && commands.length > 0) yield toldBefore(header.firstSeq - 1n, obligationSize, intentSize)
  for (const command of commands) {
    const { seq, obligations, intents } = command
    for (const each of obligations) {
      const index = obligationSize++
      yield toldEntry('obligation', index, each.data, (hasher) => obligationLeaf(index, { seq, ...each }, hasher))
    }
    for (const each of intents) {
      const index = intentSize++
      yield toldEntry('intent', index, each.data, (hasher) => intentLeaf(index, { seq, ...each }, hasher))
    }
    yield toldCommand({ ...command, obligationSize, intentSize })
  }
}

function toldBefore(index: bigint, obligationSize: bigint, intentSize: bigint): Told {
  const differing: Told['differing'] = (claim) => {
    if (claim.kind !== 'command') return undefined
    const { command } = claim
    const isSame = command.obligationSize === obligationSize && command.intentSize === intentSize
    return isSame ? undefined : 'number of obligations or intents'
  }
  return { kind: 'command', index, bytes: 0, differing }
}

function toldEntry(
  kind: 'obligation' | 'intent',
  index: bigint,
  { length: bytes }: Uint8Array,
  leafOf: (hasher: Hasher) => Uint8Array,
): Told {
  const differing: Told['differing'] = (claim, hasher) => {
    const shown = leafIn(claim, hasher)
    return shown === undefined || equal(leafOf(hasher), shown) ? undefined : `${kind} ${index}`
  }
  return { kind, index, bytes, differing }
}

function leafIn(claim: Claim, hasher: Hasher): Uint8Array | undefined {
  if (claim.kind === 'obligation') return obligationLeaf(claim.index, claim.obligation, hasher)
  return claim.kind === 'intent' ? intentLeaf(claim.index, claim.intent, hasher) : undefined
}

function toldCommand(told: Shown): Told {
  const { seq, payload, reply } = told
  const differing: Told['differing'] = (claim, hasher) =>
    claim.kind !== 'command' || isSameCommand(told, claim.command, hasher) ? undefined : `command ${seq}`
  return { kind: 'command', index: seq, bytes: (payload?.length ?? 0) + reply.length, differing }
}

interface Shown extends RecordedCommand {
  readonly obligationSize: bigint
  readonly intentSize: bigint
}

function askedOf(part: readonly Told[]): ProofAsked {
  const indexesOf = (kind: Told['kind']): bigint[] =>
    part.filter((each) => each.kind === kind).map(({ index }) => index)
  return { command: indexesOf('command'), obligation: indexesOf('obligation'), intent: indexesOf('intent') }
}

/** What the claims, which hold, say otherwise than this part of the block. */
function differingIn(part: readonly Told[], claims: readonly Claim[], hasher: Hasher): string | undefined {
  const nameOf = ({ kind, index }: { readonly kind: string; readonly index: bigint }): string => `${kind} ${index}`
  const told = new Map(part.map((each) => [nameOf(each), each]))
  for (const claim of claims) {
    const differing = 'index' in claim ? told.get(nameOf(claim))?.differing(claim, hasher) : undefined
    if (differing !== undefined) return differing
  }
  return undefined
}

/** Identity and outcome; the sizes say that it emitted and intended this much and no more. */
function isSameCommand(told: Shown, shown: Command, hasher: Hasher): boolean {
  return (
    equal(identityHash(told, hasher), identityHash(shown, hasher)) &&
    told.status === shown.status &&
    equal(told.reply, shown.reply) &&
    told.obligationSize === shown.obligationSize &&
    told.intentSize === shown.intentSize
  )
}

function authoritiesIn(authority: readonly Authority[]): Parameters<typeof demandSigned>[0] {
  return {
    delegations: authority.filter((each) => each.k === 'delegation'),
    revocations: authority.filter((each) => each.k === 'revocation'),
  }
}

/** Its newest seal, where it has one of its own: nothing of it is checked. */
export async function sealOf(
  http: Http,
  height: bigint,
  asked: { readonly signal: AbortSignal } | undefined,
): Promise<Seal | undefined> {
  try {
    const text = await http.text(`/v1/blocks/${height}/seal`, asked)
    const seal = attempt(() => codecs.seal.decode(readJson(text), json))
    if (!(seal instanceof CairnError)) return seal
    throw new CairnError('answer_invalid', `What the server answered is no seal: ${seal.message}.`)
  } catch (error) {
    if (error instanceof CairnError && error.code === 'not_found') return undefined
    throw error
  }
}
