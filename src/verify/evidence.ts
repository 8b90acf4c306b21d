/**
 * Evidence of equivocation (FORMAT §4 and §8): two sealed blocks that say different things of one height of one chain.
 *
 * Promise: `ok` means that holders of keys that this chain's cold key delegated to signed both. A revocation may explain it (a
 * key was stolen); it never erases it, so none is asked for here.
 */
import { batchRoot, blockHash } from './block.ts'
import { equal } from './bytes.ts'
import { historyOf } from './claims.ts'
import { decodeEvidence } from './documents.ts'
import { type Engine, nobleEngine } from './engine.ts'
import { attempt, CairnError } from './error.ts'
import { type Identity, identify } from './identity.ts'
import { judgeGenesis, wrongWithDelegation } from './proof.ts'
import { verifyInclusion } from './range.ts'
import { isSealedByDelegate } from './seal.ts'
import type { ChainId } from './trust.ts'
import type { Evidence, EvidenceSide } from './types.ts'
import { judged, refusedForm, type Verdict, type Verification, verification } from './verdict.ts'

/** Whether a text proves that two different blocks were sealed at one height of the trusted chain: a verdict for every check. */
export function verifyEvidence(
  text: string | Uint8Array,
  trust: { readonly chainId: ChainId },
  engine: Engine = nobleEngine,
): Verification {
  const evidence = attempt(() => decodeEvidence(text))
  return evidence instanceof CairnError ? refusedForm(evidence) : judgeEvidence(evidence, trust, engine)
}

/** The same for evidence that was decoded already. */
export function judgeEvidence(
  evidence: Evidence,
  trust: { readonly chainId: ChainId },
  engine: Engine = nobleEngine,
): Verification {
  const identity = identify(evidence.genesis, engine.hasher)
  const height = contradictedHeight(assertions(identity, evidence.a, engine), assertions(identity, evidence.b, engine))
  const agree = 'the two sides say different things of no height'
  return verification([
    judged('format', undefined),
    judgeGenesis(identity, trust.chainId),
    ...judgeSide('a', evidence.a, identity, engine),
    ...judgeSide('b', evidence.b, identity, engine),
    judged('contradiction', height === undefined ? agree : undefined),
  ])
}

/** What a sealed block says of the chain: the hash of the block at a height. */
interface Assertion {
  readonly height: bigint
  readonly blockHash: Uint8Array
}

/** Its own hash, its parent's, and its ancestor's. */
export function assertions(
  identity: Identity,
  { block, ancestor }: EvidenceSide,
  engine: Engine,
): readonly Assertion[] {
  const asserted: Assertion[] = [{ height: block.height, blockHash: blockHash(identity, block, engine.hasher) }]
  if (block.height > 0n) asserted.push({ height: block.height - 1n, blockHash: block.parentHash })
  if (ancestor !== undefined) asserted.push(ancestor)
  return asserted
}

/** A height of which the two say different things, or nothing. */
export function contradictedHeight(a: readonly Assertion[], b: readonly Assertion[]): bigint | undefined {
  return a.find((one) => b.some((other) => one.height === other.height && !equal(one.blockHash, other.blockHash)))
    ?.height
}

function judgeSide(name: 'a' | 'b', side: EvidenceSide, identity: Identity, engine: Engine): readonly Verdict[] {
  const { block, seal } = side
  const hash = blockHash(identity, block, engine.hasher)
  return [
    judged(`${name}.delegation`, wrongWithDelegation(identity, seal.delegation, block.timestamp, engine)),
    judged(`${name}.seal`, isSealedByDelegate(hash, seal, engine) ? undefined : 'the delegate did not sign this block'),
    ...(side.ancestor === undefined ? [] : [judged(`${name}.ancestor`, wrongWithAncestor(side, engine))]),
  ]
}

/** Whether the block holds the ancestor in its history. No other coherence of the block is asked: it was signed as it is. */
function wrongWithAncestor({ block, roots, ancestor }: EvidenceSide, { hasher }: Engine): string | undefined {
  if (roots === undefined || ancestor === undefined) return undefined
  if (!equal(batchRoot(roots, hasher), block.batchRoot)) return 'the roots do not hash to the batch root'
  const { height, blockHash, path } = ancestor
  if (!verifyInclusion(height, blockHash, historyOf({ block, roots }), path, hasher)) {
    return 'the path does not lead from the ancestor to the history of the block'
  }
  const isOtherParent = height + 1n === block.height && !equal(blockHash, block.parentHash)
  return isOtherParent ? 'the block below is another one than the parent' : undefined
}
