/** A case: a document, what the verifier is told beside it, and the verdict on every check, by name. */
import type { Document } from './base.ts'

export interface ProofCase {
  readonly name: string
  readonly ok: boolean
  readonly proof: Document
  readonly revocations?: readonly Document[]
  readonly head?: Document
  readonly verdicts: Readonly<Record<string, string>>
}

export interface EvidenceCase {
  readonly name: string
  readonly ok: boolean
  readonly evidence: Document
}

/** What the verifier is told from elsewhere. */
export interface Told {
  readonly revocations?: readonly Document[]
  readonly head?: Document
}

/**
 * The case in which these checks fail and no others: all the rest is `ok`, but for what the verifier was not told enough to decide.
 * A fault of form is the only verdict.
 */
export function proofCase(name: string, proof: Document, fail: readonly string[], told: Told = {}): ProofCase {
  const failed = (check: string, otherwise: string): [string, string] => [
    check,
    fail.includes(check) ? 'fail' : otherwise,
  ]
  const ok = fail.length === 0
  if (fail.includes('format')) return { name, ok, proof, ...told, verdicts: { format: 'fail' } }
  const verdicts = Object.fromEntries([
    ...['format', 'genesis', 'delegation', 'seal'].map((check) => failed(check, 'ok')),
    failed('revocation', told.revocations === undefined ? 'unchecked' : 'ok'),
    failed('roots', 'ok'),
    failed('head', told.head === undefined ? 'unchecked' : 'ok'),
    ...checksOf(proof.claims).map((check) => failed(check, 'ok')),
  ])
  const unknown = fail.filter((check) => verdicts[check] === undefined)
  if (unknown.length > 0) throw new Error(`${name}: there is no check ${unknown.join()}`)
  return { name, ok, proof, ...told, verdicts }
}

function checksOf(claims: readonly Document[], before = ''): string[] {
  return claims.flatMap((claim, i) => [`${before}claims[${i}]`, ...checksOf(claim.claims ?? [], `claims[${i}].`)])
}

/** The check of a claim, with those of what is nested in it. */
export function withNested(proof: Document, i: number): string[] {
  return [`claims[${i}]`, ...checksOf(proof.claims[i].claims ?? [], `claims[${i}].`)]
}
