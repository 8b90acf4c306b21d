/**
 * The verifier of portable proofs (FORMAT §8). It is given what is trusted (a chain id, and where known revocations and the head
 * accepted last) and answers with a verdict for every check.
 *
 * Promise: `ok` means that whoever the chain's cold key delegated to signed a block under which every claim is true.
 */
import { blockHash, incoherence } from './block.ts'
import { equal } from './bytes.ts'
import { judgeClaims } from './claims.ts'
import { decodeProof } from './documents.ts'
import { type Engine, nobleEngine } from './engine.ts'
import { attempt, CairnError } from './error.ts'
import { type Identity, identify } from './identity.ts'
import { demandMembers } from './option.ts'
import { isDelegatedByColdKey, isRevokedByColdKey, isSealedByDelegate, revokes, windowAt } from './seal.ts'
import { asChainId, asHead, asRevocations, type ChainId } from './trust.ts'
import type { Delegation, Head, Proof, Revocation } from './types.ts'
import { judged, refusedForm, unchecked, type Verdict, type Verification, verification } from './verdict.ts'

/** What whoever checks a proof brings. */
export interface Trust {
  /** The chain that is trusted: its id names its cold key. */
  readonly chainId: ChainId
  /** The revocations known from a source other than the prover. An empty list is a list; without one revocation is `unchecked`. */
  readonly revocations?: readonly Revocation[]
  /** The head accepted last: the proof's block must be it, or be proved to come after it. */
  readonly head?: Head
}

const TRUST: readonly (keyof Trust)[] = ['chainId', 'revocations', 'head']

/** Whether a text proves what it claims of the trusted chain: a verdict for every check. It throws for no text. */
export function verifyProof(text: string | Uint8Array, trust: Trust, engine: Engine = nobleEngine): Verification {
  const proof = attempt(() => decodeProof(text))
  return proof instanceof CairnError ? refusedForm(proof) : judgeProof(proof, trust, engine)
}

/** The same for a proof that `decodeProof` made: its form is not looked at again. */
export function judgeProof(proof: Proof, trust: Trust, engine: Engine = nobleEngine): Verification {
  demandMembers(trust, TRUST)
  const { block, roots, seal } = proof
  // Whatever else stands there is no list, and must not pass for one: without one revocation is unchecked.
  const known = trust.revocations === undefined ? undefined : asRevocations(trust.revocations)
  const head = trust.head === undefined ? undefined : asHead(trust.head)
  // All hashes are those of the chain that the document says it is of; only `genesis` compares it with the trusted one.
  const identity = identify(proof.genesis, engine.hasher)
  const hash = blockHash(identity, block, engine.hasher)
  const claims = judgeClaims(proof.claims, proof, identity, engine.hasher)
  return verification([
    judged('format', undefined),
    judgeGenesis(identity, trust.chainId),
    judged('delegation', wrongWithDelegation(identity, seal.delegation, block.timestamp, engine)),
    judged('seal', isSealedByDelegate(hash, seal, engine) ? undefined : 'the delegate did not sign this block'),
    judgeRevocation(proof, hash, identity, known, engine),
    judged('roots', incoherence(identity, block, roots, engine.hasher)),
    judgeHead(proof, hash, claims, head),
    ...claims,
  ])
}

export function judgeGenesis(identity: Identity, trusted: ChainId): Verdict {
  const isTrusted = equal(identity.chainId, asChainId(trusted))
  return judged('genesis', isTrusted ? undefined : 'it is of another chain than the trusted one')
}

export function wrongWithDelegation(
  identity: Identity,
  delegation: Delegation,
  timestamp: bigint,
  engine: Engine,
): string | undefined {
  if (!isDelegatedByColdKey(identity, delegation, engine)) return 'the cold key did not sign this delegation'
  const window = windowAt(timestamp, delegation)
  if (window === 'open') return undefined
  return window === 'early'
    ? 'the block is older than the delegation'
    : 'the delegation had run out when the block was made'
}

function judgeRevocation(
  { block, seal, revocations }: Proof,
  hash: Uint8Array,
  identity: Identity,
  known: readonly Revocation[] | undefined,
  engine: Engine,
): Verdict {
  for (const revocation of [...revocations, ...(known ?? [])]) {
    if (!isRevokedByColdKey(identity, revocation, engine)) {
      return judged('revocation', `the cold key did not sign the revocation of index ${revocation.index}`)
    }
    if (revokes(revocation, seal.delegation.index, block.height, hash)) {
      return judged('revocation', `delegation ${revocation.index} is revoked from height ${revocation.fromHeight} on`)
    }
  }
  if (known === undefined) return unchecked('revocation', 'no list of revocations from another source was given')
  return judged('revocation', undefined)
}

/** The trusted head is this block, or a claim that holds says that it is an ancestor of this block. */
export function judgeHead(
  { block, claims }: Proof,
  hash: Uint8Array,
  verdicts: readonly Verdict[],
  head?: Head,
): Verdict {
  if (head === undefined) return unchecked('head', 'no head accepted before was given')
  if (head.height === block.height) {
    return judged(
      'head',
      equal(head.blockHash, hash) ? undefined : 'another block stands at the height of the trusted head',
    )
  }
  if (head.height > block.height) return judged('head', 'the block is older than the trusted head')
  if (block.epoch < (head.epoch ?? 0n)) return judged('head', 'its epoch is lower than that of the trusted head')
  if (block.timestamp < (head.timestamp ?? 0n)) return judged('head', 'its time is before that of the trusted head')
  const isProved = claims.some(
    (claim, i) =>
      claim.kind === 'block' &&
      claim.height === head.height &&
      equal(claim.blockHash, head.blockHash) &&
      verdicts.some(({ check, verdict }) => check === `claims[${i}]` && verdict === 'ok'),
  )
  return judged('head', isProved ? undefined : 'no claim proves that the trusted head is an ancestor of the block')
}
