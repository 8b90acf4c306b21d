/**
 * What contradicts what a light client holds. Two things can: a head that stands, and whatever was found to contradict a head
 * once and is not revoked, for that remains said even while the head itself is in doubt.
 */
import { native } from './codec.ts'
import { evidence as evidenceCodec } from './codecs.ts'
import type { Engine } from './engine.ts'
import { assertions, contradictedHeight, judgeEvidence } from './evidence.ts'
import type { Identity } from './identity.ts'
import { type LightClientState, withFork } from './light-client-state.ts'
import type { Evidence, EvidenceSide, Proof, Seal } from './types.ts'

/** The contradictions in all that is held by keys that count. What contradicts only a head in doubt is none yet. */
export function forksIn(state: LightClientState, identity: Identity, engine: Engine): readonly Evidence[] {
  const said = saidIn(state)
  const pairs = said.flatMap((b, i) => [...standingIn(state), ...said.slice(0, i)].map((a) => [a, b] as const))
  const forks = pairs.filter(([a, b]) => contradict(a, b, identity, engine))
  return forks.map(([a, b]) => pair(a, b, identity))
}

function contradict(a: EvidenceSide, b: EvidenceSide, identity: Identity, engine: Engine): boolean {
  return contradictedHeight(assertions(identity, a, engine), assertions(identity, b, engine)) !== undefined
}

/**
 * Keeps what contradicts a head. Where its key has a fork already, one revocation explains both, and it says nothing new; unless the
 * two contradict each other as well: then they speak against their key alone, whatever becomes of the head.
 */
export function withEvidence(
  state: LightClientState,
  evidence: Evidence,
  identity: Identity,
  engine: Engine,
): LightClientState {
  const { a, b } = evidence
  const kept = saidIn(state).filter(({ seal }) => seal.delegation.index === b.seal.delegation.index)
  const isForked = forksIn(state, identity, engine).some(
    (fork) => fork.b.seal.delegation.index === b.seal.delegation.index,
  )
  const isNews = !isForked || (kept.length < 2 && kept.every((each) => contradict(each, b, identity, engine)))
  return isNews ? withFork(state, pair(a, b, identity)) : state
}

/**
 * Evidence, checked as anyone would, that this proof contradicts what is held. While there is a fork only the heads are asked:
 * whoever agrees with one side of it contradicts the other.
 */
export function contradiction(
  proof: Proof,
  state: LightClientState,
  isForked: boolean,
  identity: Identity,
  engine: Engine,
): Evidence | undefined {
  const held = [...standingIn(state), ...(isForked ? [] : saidIn(state))]
  // What each side says is computed once, and nearly always they agree.
  const said = held.map((side) => assertions(identity, side, engine))
  for (const b of sidesOf(proof)) {
    const saidByB = assertions(identity, b, engine)
    const contradicted = held.filter((_, i) => contradictedHeight(said[i] ?? [], saidByB) !== undefined)
    const evidence = contradicted
      .map((a) => pair(a, b, identity))
      .find((each) => judgeEvidence(each, identity, engine).ok)
    if (evidence !== undefined) return evidence
  }
  return undefined
}

/** A pinned head has no seal: there is nothing to publish, but the client need not believe its prover. */
export function contradictsPinned(
  proof: Proof,
  { pinned }: LightClientState,
  identity: Identity,
  engine: Engine,
): boolean {
  const said = sidesOf(proof).flatMap((side) => assertions(identity, side, engine))
  return pinned !== undefined && contradictedHeight([pinned], said) !== undefined
}

/** The newest seal of a head is the likeliest to count still. */
function standingIn({ heads }: LightClientState): readonly EvidenceSide[] {
  return heads.map(({ block, seals }) => ({ block, seal: seals.at(-1) as Seal }))
}

function saidIn({ forks }: LightClientState): readonly EvidenceSide[] {
  return forks.map(({ b }) => b)
}

/** What a proof asserts, as sides of evidence: the block alone, and with each ancestor that its claims name. */
export function sidesOf({ block, seal, roots, claims }: Proof): readonly EvidenceSide[] {
  const named = claims.filter((claim) => claim.kind === 'block')
  const ancestors = named.map(({ height, blockHash, path }) => ({ height, blockHash, path }))
  return [{ block, seal }, ...ancestors.map((ancestor) => ({ block, seal, roots, ancestor }))]
}

/** Copied: who is handed the evidence may do with it what he likes. */
function pair(a: EvidenceSide, b: EvidenceSide, { genesis }: Identity): Evidence {
  return evidenceCodec.decode({ format: 'cairn.evidence/v1', genesis, a, b }, native)
}
