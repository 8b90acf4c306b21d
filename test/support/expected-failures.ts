/**
 * What has to fail when one leaf of a valid proof becomes another, derived from FORMAT §8 alone: for each member, the checks that
 * it enters into. Nothing here runs the verifier.
 */
import { nobleEngine } from '../../src/verify/engine.ts'
import type { Head } from '../../src/verify/index.ts'
import { type At, type LeafValue, valueAt } from './leaves.ts'

/** The checks that fail; and where a size enters, which shapes of paths happen to fit it decides over some more. */
export interface Expected {
  readonly fail: readonly string[]
  readonly mayFail?: readonly string[]
}

// biome-ignore lint/suspicious/noExplicitAny: documents as JSON.parse gives them
type Document = any

const FORM: Expected = { fail: ['format'] }
const MACHINE = /^[a-z][a-z0-9.-]*@(0|[1-9][0-9]*)$/

/** `head` is the trusted one, which a claim of the proof names. */
export function expectedFailures(
  proof: Document,
  at: At,
  value: LeafValue | undefined,
  head: Required<Head>,
): Expected {
  const name = at.at(-1) as string
  const holder = valueAt(proof, at.slice(0, -1)) as Document
  const enumerations = ['format', 'tree', 'range']
  const isClaimKind = name === 'kind' && typeof at.at(-2) === 'number'
  if (value === undefined || enumerations.includes(name) || isClaimKind) return FORM
  if (!hasFormOf(valueAt(proof, at) as LeafValue, value)) return FORM
  if (name === 'machine' && !MACHINE.test(value as string)) return FORM
  // A client counts from 1 on, the anonymous one does not count; where something is absent an empty value has no other leaf.
  if (name === 'request' && (value === '0') !== (holder.client === '')) return FORM
  if (name === 'value' && valueAt(proof, at) === null && holder.other !== undefined) return FORM

  const [top, second, third] = at
  const claims = new Claims(proof)
  switch (top) {
    case 'genesis':
      return { fail: ['genesis', 'delegation', 'seal', ...ofAnyRevocation(proof), ...claims.carryingBlocks()] }
    case 'block':
      return ofBlock(proof, name, value as string, head, claims)
    case 'roots':
      return ofRoots(second as string, third as string | undefined, head, claims)
    case 'seal':
      return second === 'signature' ? { fail: ['seal'] } : ofDelegation(proof, name, value as string)
    case 'revocations':
      return { fail: ['revocation'] }
    default:
      return ofClaim(proof, at, value, head, claims)
  }
}

/** Bytes stay bytes and numbers numbers, as strictly written as FORMAT §1 demands; text may become any other. */
function hasFormOf(before: LeafValue, after: LeafValue): boolean {
  if (before === 0 || before === 1) return after === 0 || after === 1
  const forms = [/^0x([0-9a-f]{2})*$/, /^(0|[1-9][0-9]*)$/]
  const form = forms.find((each) => before !== null && each.test(before as string))
  return form === undefined || (typeof after === 'string' && form.test(after))
}

/** No revocation is signed for another chain. */
function ofAnyRevocation(proof: Document): string[] {
  return proof.revocations.length > 0 ? ['revocation'] : []
}

/** The hash changes: the seal is not over it, and what made it the last good block of its key does not name it. */
function ofBlock(proof: Document, name: string, value: string, head: Required<Head>, claims: Claims): Expected {
  const { validFrom, validUntil } = proof.seal.delegation
  const { index } = proof.seal.delegation
  const isLastGood = proof.revocations.some((each: Document) => each.index === index)
  const always = isLastGood ? ['seal', 'revocation'] : ['seal']
  switch (name) {
    case 'height':
      return {
        fail: always,
        mayFail: ['roots', 'head', ...claims.of('block'), ...claims.of('consistency', 'history')],
      }
    case 'epoch': {
      const isBehind = BigInt(value) < head.epoch
      return { fail: [...always, ...(value === '0' ? ['roots'] : []), ...(isBehind ? ['head'] : [])] }
    }
    case 'timestamp': {
      const time = BigInt(value)
      const isOutside = time < BigInt(validFrom) || time > BigInt(validUntil)
      const isBefore = time < head.timestamp
      return { fail: [...always, ...(isOutside ? ['delegation'] : []), ...(isBefore ? ['head'] : [])] }
    }
    case 'parentHash':
      return { fail: [...always, ...claims.ofHeight(BigInt(proof.block.height) - 1n)] }
    case 'commandsHash':
      return { fail: always }
    default:
      return { fail: [...always, 'roots'] }
  }
}

function ofRoots(which: string, part: string | undefined, head: Required<Head>, claims: Claims): Expected {
  const kinds: Record<string, string> = { commands: 'command', obligations: 'obligation', intents: 'intent' }
  if (which === 'state' || which === 'risk') return { fail: ['roots', ...claims.ofTree(which)] }
  if (which === 'history') {
    const ofHead = claims.ofHeight(head.height).length > 0 ? ['head'] : []
    return { fail: ['roots', ...ofHead, ...claims.of('block'), ...claims.of('consistency', 'history', '0')] }
  }
  const entries = claims.of(kinds[which] as string)
  if (part === 'root') return { fail: ['roots', ...entries, ...claims.of('consistency', which, '0')] }
  // Events and intents are of commands that are there already.
  const caused = which === 'commands' ? [...claims.of('obligation'), ...claims.of('intent')] : []
  return { fail: ['roots'], mayFail: [...entries, ...caused, ...claims.of('consistency', which)] }
}

function ofDelegation(proof: Document, name: string, value: string): Expected {
  if (name === 'delegate') return { fail: ['delegation', 'seal'] }
  if (name !== 'index') return { fail: ['delegation'] }
  // It may become the index of a key that is revoked, and whose last good block is another one.
  const isRevoked = proof.revocations.some(
    (each: Document) => each.index === value && BigInt(each.fromHeight) !== BigInt(proof.block.height) + 1n,
  )
  return { fail: isRevoked ? ['delegation', 'revocation'] : ['delegation'] }
}

function ofClaim(
  proof: Document,
  at: At,
  value: LeafValue | undefined,
  head: Required<Head>,
  claims: Claims,
): Expected {
  const [, i, member, j] = at as [string, number, string, number?]
  const isNested = member === 'claims'
  const claim = isNested ? proof.claims[i].claims[j as number] : proof.claims[i]
  const check = isNested ? `claims[${i}].claims[${j}]` : `claims[${i}]`
  if (
    claim.kind === 'state' &&
    at.at(-1) === 'key' &&
    at.at(-2) !== 'other' &&
    fallsInTheSameGap(claim, value as string)
  )
    return { fail: [] }
  if (isNested) return { fail: [check] }
  const isHead = claim.kind === 'block' && claim.height === String(head.height)
  return { fail: [...claims.withNested(i), ...(isHead ? ['head'] : [])] }
}

/** An absence is one of every key whose bits lead to the same place: then what the changed claim says is true. */
function fallsInTheSameGap(claim: Document, key: string): boolean {
  if (claim.value !== null) return false
  const bits = (rawKey: string): string => {
    const hash = nobleEngine.hasher.hash(Buffer.from(rawKey.slice(2), 'hex'))
    return Array.from(hash, (byte) => byte.toString(2).padStart(8, '0')).join('')
  }
  return bits(key).startsWith(bits(claim.key).slice(0, claim.siblings.length))
}

/** The checks of the claims of a proof, chosen by what they are about. */
class Claims {
  private readonly claims: readonly Document[]

  constructor(proof: Document) {
    this.claims = proof.claims
  }

  withNested(i: number): string[] {
    const nested: readonly Document[] = this.claims[i].claims ?? []
    return [`claims[${i}]`, ...nested.map((_, j) => `claims[${i}].claims[${j}]`)]
  }

  /** Of this kind; of a consistency, of this range and not from this size. */
  of(kind: string, range?: string, notFrom?: string): string[] {
    return this.where(
      (claim) =>
        claim.kind === kind && (range === undefined || claim.range === range) && claim.size !== (notFrom ?? null),
    )
  }

  ofTree(tree: string): string[] {
    return this.where((claim) => claim.kind === 'state' && claim.tree === tree)
  }

  ofHeight(height: bigint): string[] {
    return this.where((claim) => claim.kind === 'block' && claim.height === String(height))
  }

  carryingBlocks(): string[] {
    return this.where((claim) => claim.block !== undefined)
  }

  private where(isMeant: (claim: Document) => boolean): string[] {
    return this.claims.flatMap((claim, i) => (isMeant(claim) ? this.withNested(i) : []))
  }
}
