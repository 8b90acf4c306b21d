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

export function decodeProof(text: Text): Proof {
  return codecs.proof.decode(readJson(text), json)
}

export function encodeProof(proof: Proof): string {
  return write(codecs.proof, proof)
}

export function decodeEvidence(text: Text): Evidence {
  return codecs.evidence.decode(readJson(text), json)
}

export function encodeEvidence(evidence: Evidence): string {
  return write(codecs.evidence, evidence)
}

export function decodeRevocations(text: Text): readonly Revocation[] {
  return codecs.revocations.decode(readJson(text), json)
}

export function encodeRevocations(revocations: readonly Revocation[]): string {
  return write(codecs.revocations, revocations)
}

export function decodeHead(text: Text): Head {
  return codecs.head.decode(readJson(text), json)
}

export function encodeHead(head: Head): string {
  return write(codecs.head, head)
}

export function decodeGenesis(text: Text): Genesis {
  return codecs.genesis.decode(readJson(text), json)
}

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
