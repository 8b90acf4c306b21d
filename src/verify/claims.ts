/** Claims against one block (FORMAT §8): each is true under that block's roots, or it fails with a reason. */
import { blockHash, incoherence } from './block.ts'
import { equal } from './bytes.ts'
import type { Hasher } from './engine.ts'
import { commandLeaf, identityHash, intentLeaf, obligationLeaf } from './entries.ts'
import type { Identity } from './identity.ts'
import { verifyConsistency, verifyInclusion } from './range.ts'
import { verifyState } from './state-proof.ts'
import type { BlockClaim, Claim, Command, Header, RangeName, Roots, SizedRoot } from './types.ts'
import { judged, type Verdict } from './verdict.ts'

/** The block that claims are judged against. Its hash, and that the roots belong to it, are judged elsewhere. */
export interface Ground {
  readonly block: Header
  readonly roots: Roots
}

const NOT_IN_RANGE = 'the path does not lead from it to the root of the range'

/** A verdict a claim, each followed by those of the claims nested in it. */
export function judgeClaims(claims: readonly Claim[], ground: Ground, identity: Identity, hasher: Hasher): Verdict[] {
  return claims.flatMap((claim, i) => {
    const verdict = judged(`claims[${i}]`, wrongWith(claim, ground, identity, hasher))
    if (claim.kind !== 'block' || claim.claims === undefined) return [verdict]
    return [verdict, ...judgeNested(claim, verdict, identity, hasher)]
  })
}

/** What is nested in a claim that fails, fails: there is no ground under it. */
function judgeNested(
  { block, roots, claims }: BlockClaim,
  outer: Verdict,
  identity: Identity,
  hasher: Hasher,
): Verdict[] {
  if (block === undefined || roots === undefined || claims === undefined) return []
  return claims.map((claim, j) => {
    const reason =
      outer.verdict === 'fail' ? `${outer.check} fails` : wrongWith(claim, { block, roots }, identity, hasher)
    return judged(`${outer.check}.claims[${j}]`, reason)
  })
}

function wrongWith(claim: Claim, ground: Ground, identity: Identity, hasher: Hasher): string | undefined {
  const { roots } = ground
  switch (claim.kind) {
    case 'command':
      if (claim.index !== claim.command.seq) return 'the index of a command is its seq'
      return wrongWithEntry(claim, leafOfCommand(claim.command, hasher), roots.commands, hasher)
    case 'obligation':
      if (claim.obligation.seq >= roots.commands.size) return 'the command that it names is not in the chain yet'
      return wrongWithEntry(claim, obligationLeaf(claim.index, claim.obligation, hasher), roots.obligations, hasher)
    case 'intent':
      if (claim.intent.seq >= roots.commands.size) return 'the command that it names is not in the chain yet'
      return wrongWithEntry(claim, intentLeaf(claim.index, claim.intent, hasher), roots.intents, hasher)
    case 'state':
      if (verifyState(roots[claim.tree], claim.key, claim, hasher)) return undefined
      return `the siblings do not lead from it to the root of the ${claim.tree} tree`
    case 'block':
      return wrongWithAncestor(claim, ground, identity, hasher)
    case 'consistency': {
      const newer = rangeOf(claim.range, ground)
      if (verifyConsistency(claim, newer, claim.path, hasher)) return undefined
      return `the ${claim.range} range of this block does not extend the one of that size and root`
    }
  }
}

function leafOfCommand(command: Command, hasher: Hasher): Uint8Array {
  return commandLeaf(identityHash(command, hasher), command, hasher)
}

function wrongWithEntry(
  { index, path }: { readonly index: bigint; readonly path: readonly Uint8Array[] },
  entry: Uint8Array,
  range: SizedRoot,
  hasher: Hasher,
): string | undefined {
  if (index >= range.size) return `the range has ${range.size} entries, none at ${index}`
  return verifyInclusion(index, entry, range, path, hasher) ? undefined : NOT_IN_RANGE
}

function wrongWithAncestor(claim: BlockClaim, ground: Ground, identity: Identity, hasher: Hasher): string | undefined {
  const wrong = wrongWithEntry({ index: claim.height, path: claim.path }, claim.blockHash, historyOf(ground), hasher)
  if (wrong !== undefined) return wrong
  if (claim.height + 1n === ground.block.height && !equal(claim.blockHash, ground.block.parentHash)) {
    return 'the block below is another one than the parent'
  }
  if (claim.block === undefined || claim.roots === undefined) return undefined
  if (claim.block.height !== claim.height) return 'the block that it carries has another height'
  if (!equal(blockHash(identity, claim.block, hasher), claim.blockHash))
    return 'the block that it carries has another hash'
  return incoherence(identity, claim.block, claim.roots, hasher)
}

function rangeOf(range: RangeName, ground: Ground): SizedRoot {
  return range === 'history' ? historyOf(ground) : ground.roots[range]
}

/** All blocks before this one. */
export function historyOf({ block, roots }: Ground): SizedRoot {
  return { size: block.height, root: roots.history }
}
