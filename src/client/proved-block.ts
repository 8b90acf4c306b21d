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
    const ground = groundOf(await prove({ ...part.asked, block: height }), height, engine)
    if (!equal(ground.hash, hash)) throw disproved(`block ${height} is another one than it proves`, [])
    for (const claim of ground.claims) {
      const differing = part.differing(claim, engine)
      if (differing !== undefined) throw disproved(`block ${height} has another ${differing} than it proves`, [])
    }
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
  if (record instanceof CairnError || record.k !== 'block') {
    const why = record instanceof CairnError ? record.message : 'it is a record of another kind'
    throw new CairnError('answer_invalid', `What the server answered is no block: ${why}.`, { why })
  }
  return record
}

function withoutWrites(command: RecordedCommand): RecordedCommand {
  const { writes: _, ...shown } = command
  return shown
}

function misnumbered({ header, roots, commands }: BlockRecord): string | undefined {
  if (BigInt(commands.length) !== header.commandCount) return 'it has not the commands that it counts'
  if (commands.some(({ seq }, i) => seq !== header.firstSeq + BigInt(i))) return 'its commands are not in order'
  const isTooMany = (['obligations', 'intents'] as const).some((what) => countOf(commands, what) > roots[what].size)
  return isTooMany ? 'it has more obligations or intents than it counts' : undefined
}

function countOf(commands: readonly RecordedCommand[], what: 'obligations' | 'intents'): bigint {
  return BigInt(commands.reduce((sum, each) => sum + each[what].length, 0))
}

/** Some of what is in a block, small enough for one proof. */
interface Part {
  readonly asked: Required<Pick<ProofAsked, 'command' | 'obligation' | 'intent'>>
  /** What the claim, which holds, says otherwise than the block. */
  readonly differing: (claim: Claim, engine: Engine) => string | undefined
}

interface Told extends RecordedCommand {
  readonly obligationSize: bigint
  readonly intentSize: bigint
}

/** At least one: of a block without commands it is shown that it is of the chain. */
function partsOf({ roots, commands }: BlockRecord): Part[] {
  let obligationSize = roots.obligations.size - countOf(commands, 'obligations')
  let intentSize = roots.intents.size - countOf(commands, 'intents')
  const parts: Told[][] = [[]]
  let [claims, bytes] = [0, 0]
  for (const command of commands) {
    obligationSize += BigInt(command.obligations.length)
    intentSize += BigInt(command.intents.length)
    const own = 1 + command.obligations.length + command.intents.length
    const size = bytesOf(command)
    if (claims > 0 && (claims + own > CLAIMS_TOGETHER || bytes + size > BYTES_TOGETHER)) {
      parts.push([])
      ;[claims, bytes] = [0, 0]
    }
    claims += own
    bytes += size
    parts.at(-1)?.push({ ...command, obligationSize, intentSize })
  }
  return parts.map(partOf)
}

function bytesOf({ payload, reply, obligations, intents }: RecordedCommand): number {
  const events = [...obligations, ...intents].reduce((sum, { data }) => sum + data.length, 0)
  return (payload?.length ?? 0) + reply.length + events
}

function partOf(commands: readonly Told[]): Part {
  const bySeq = new Map(commands.map((each) => [each.seq, each]))
  const obligations = new Map(
    commands.flatMap(({ seq, obligationSize, obligations: own }) =>
      own.map((each, i) => [obligationSize - BigInt(own.length - i), { seq, ...each }] as const),
    ),
  )
  const intents = new Map(
    commands.flatMap(({ seq, intentSize, intents: own }) =>
      own.map((each, i) => [intentSize - BigInt(own.length - i), { seq, ...each }] as const),
    ),
  )
  return {
    asked: { command: [...bySeq.keys()], obligation: [...obligations.keys()], intent: [...intents.keys()] },
    differing: (claim, { hasher }) => {
      if (claim.kind === 'command') {
        const told = bySeq.get(claim.index)
        const isSame = told === undefined || isSameCommand(told, claim.command, hasher)
        return isSame ? undefined : `command ${claim.index}`
      }
      if (claim.kind === 'obligation') {
        const told = obligations.get(claim.index)
        const leaf = (each: Parameters<typeof obligationLeaf>[1]): Uint8Array =>
          obligationLeaf(claim.index, each, hasher)
        return told === undefined || equal(leaf(told), leaf(claim.obligation)) ? undefined : `obligation ${claim.index}`
      }
      if (claim.kind !== 'intent') return undefined
      const told = intents.get(claim.index)
      const leaf = (each: Parameters<typeof intentLeaf>[1]): Uint8Array => intentLeaf(claim.index, each, hasher)
      return told === undefined || equal(leaf(told), leaf(claim.intent)) ? undefined : `intent ${claim.index}`
    },
  }
}

/** Identity and outcome; the sizes say that it emitted and intended this much and no more. */
function isSameCommand(told: Told, shown: Command, hasher: Engine['hasher']): boolean {
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
