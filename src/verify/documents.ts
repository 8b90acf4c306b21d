/**
 * The documents that pass from hand to hand, as text: proofs, evidence, lists of revocations, trusted heads.
 *
 * Promise: a text that does not follow FORMAT to the letter is refused with one typed error that says where; what is written
 * here is accepted here.
 */

import { type Codec, json, native } from './codec.ts'
import * as codecs from './codecs.ts'
import { type Json, readJson } from './json.ts'
import type { Evidence, Genesis, Head, Proof, Revocation } from './types.ts'

type Text = string | Uint8Array

/** A `cairn.proof/v1`, checked to the letter; whether it holds is for `judgeProof` to say. */
export function decodeProof(text: Text): Proof {
  return codecs.proof.decode(readJson(text), json)
}

/** The text of a proof, as `decodeProof` takes it. */
export function encodeProof(proof: Proof): string {
  return write(codecs.proof, proof)
}

/** A `cairn.evidence/v1`; whether it holds is for `judgeEvidence` to say. */
export function decodeEvidence(text: Text): Evidence {
  return codecs.evidence.decode(readJson(text), json)
}

/** The text of evidence, as `decodeEvidence` takes it. */
export function encodeEvidence(evidence: Evidence): string {
  return write(codecs.evidence, evidence)
}

/** A published list of revocations; whether the cold key signed them is for who uses them to check. */
export function decodeRevocations(text: Text): readonly Revocation[] {
  return codecs.revocations.decode(readJson(text), json)
}

/** The text of such a list. */
export function encodeRevocations(revocations: readonly Revocation[]): string {
  return write(codecs.revocations, revocations)
}

/** A head that was accepted before. */
export function decodeHead(text: Text): Head {
  return codecs.head.decode(readJson(text), json)
}

/** The text of such a head. */
export function encodeHead(head: Head): string {
  return write(codecs.head, head)
}

/** A genesis; `identify` says of which chain it is. */
export function decodeGenesis(text: Text): Genesis {
  return codecs.genesis.decode(readJson(text), json)
}

/** The text of a genesis. */
export function encodeGenesis(genesis: Genesis): string {
  return write(codecs.genesis, genesis)
}

/** A proof or evidence, told by its `format`. */
export function decodeDocument(text: Text): Proof | Evidence {
  const value = readJson(text)
  return isEvidence(value) ? codecs.evidence.decode(value, json) : codecs.proof.decode(value, json)
}

function isEvidence(value: Json): boolean {
  return value instanceof Map && value.get('format') === 'cairn.evidence/v1'
}

/** Decoded as a reader would, so that nothing is written that it refuses: the members first, then the text as a whole. */
function write<T>(codec: Codec<T>, value: T): string {
  const text = JSON.stringify(codec.encode(codec.decode(value, native), json))
  readJson(text)
  return text
}
