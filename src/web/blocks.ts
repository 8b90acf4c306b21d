/** Blocks as the server shows them, read strictly, and what this browser makes of them: their hashes, and whether they are in the chain. */

import { readRecord } from '../client/proved-block.ts'
import { equal } from '../verify/bytes.ts'
import { bytes32, json } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { CairnError } from '../verify/error.ts'
import {
  blockHash,
  commandsHash,
  type Header,
  identityHash,
  incoherence,
  type Proof,
  type Roots,
} from '../verify/index.ts'
import { type Json, readJson } from '../verify/json.ts'
import type { BlockRecord } from '../verify/records.ts'
import { hasher, type Session } from './session.ts'

export interface Summary {
  readonly hash: Uint8Array
  readonly header: Header
  readonly roots: Roots
}

/**
 * Headers and roots of so many blocks, from this height on: of all of them, for one that is left out would look as if it were not there.
 * Each hash is computed here; that the server says the same is demanded.
 */
export async function summaries(
  session: Session,
  from: bigint,
  limit: number,
  signal?: AbortSignal,
): Promise<Summary[]> {
  const read = membersOf(readJson(await session.text(`/v1/blocks?from=${from}&limit=${limit}`, signal)))
  const blocks = read.get('blocks')
  if (!Array.isArray(blocks)) throw invalid('it is no list of blocks')
  if (blocks.length !== limit) throw invalid(`it has ${blocks.length} of ${limit} blocks from ${from} on`)
  return (blocks as readonly Json[]).map((each, i) => {
    const summary = readSummary(session, membersOf(each))
    if (summary.header.height !== from + BigInt(i)) throw invalid('its blocks do not follow one another')
    return summary
  })
}

/** Those of this block and of the ones before it, so many at most. */
export function summariesUpTo(
  session: Session,
  height: bigint,
  most: number,
  signal?: AbortSignal,
): Promise<Summary[]> {
  const limit = height < BigInt(most) ? Number(height) + 1 : most
  return summaries(session, height + 1n - BigInt(limit), limit, signal)
}

function readSummary(session: Session, members: ReadonlyMap<string, Json>): Summary {
  const header = codecs.header.decode(members.get('header'), json)
  const roots = codecs.roots.decode(members.get('roots'), json)
  const hash = blockHash(session.identity, header, hasher)
  if (!equal(hash, bytes32.decode(members.get('blockHash'), json)))
    throw invalid(`block ${header.height} does not have the hash that the server says`)
  return { hash, header, roots }
}

export interface FullBlock extends Summary {
  readonly record: BlockRecord
}

export async function fullBlock(session: Session, height: bigint, signal?: AbortSignal): Promise<FullBlock> {
  const record = readRecord(await session.text(`/v1/blocks/${height}`, signal))
  const { header, roots } = record
  if (header.height !== height) throw invalid('it shows another block than was asked for')
  return { hash: blockHash(session.identity, header, hasher), header, roots, record }
}

/** What a block does not owe to itself, or nothing: the roots that it commits to, and the commands. */
export function wrongWithin(session: Session, { header, roots, record }: FullBlock): string | undefined {
  const wrong = incoherence(session.identity, header, roots, hasher)
  if (wrong !== undefined) return wrong
  const identities = record.commands.map((command) => identityHash(command, hasher))
  return equal(commandsHash(identities, hasher), header.commandsHash)
    ? undefined
    : 'its commands do not hash to the commands hash of its header'
}

/** Whether the proof, which was checked, shows the block of this hash at this height. */
export function isShownBy({ block, claims }: Proof, session: Session, { hash, header }: Summary): boolean {
  if (block.height === header.height) return equal(blockHash(session.identity, block, hasher), hash)
  return claims.some(
    (claim) => claim.kind === 'block' && claim.height === header.height && equal(claim.blockHash, hash),
  )
}

/** Whether each of these, in order, names the one before as its parent. */
export function areLinked(blocks: readonly Summary[]): boolean {
  return blocks.every((block, i) => i === 0 || equal(block.header.parentHash, (blocks[i - 1] as Summary).hash))
}

function membersOf(value: Json | undefined): ReadonlyMap<string, Json> {
  if (value instanceof Map) return value as ReadonlyMap<string, Json>
  throw invalid('it is no object')
}

function invalid(why: string): CairnError {
  return new CairnError('answer_invalid', `What the server answered is not what was asked for: ${why}.`, { why })
}
