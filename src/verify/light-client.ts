/**
 * A light client: it holds one head of one chain, and goes on from it to a newer one on a sealed proof, never back and never
 * aside. It tells apart a newer head, the same, an older one, a fork, and a delegation that has run out or is revoked.
 *
 * Promise: every head that it accepts descends from the one before, and two different blocks at one height never both stand. It
 * never changes: each step answers the client that comes next, and `save` gives it as text.
 */
import { blockHash } from './block.ts'
import { equal } from './bytes.ts'
import { decodeGenesis, decodeProof } from './documents.ts'
import { type Engine, nobleEngine } from './engine.ts'
import { attempt, CairnError } from './error.ts'
import { assertions, contradictedHeight, judgeEvidence } from './evidence.ts'
import { type Identity, identify } from './identity.ts'
import {
  decodeState,
  encodeState,
  headOf,
  type LightClientState,
  newestHead,
  withHead,
  withProved,
  withRevocations,
} from './light-client-state.ts'
import { judgeProof } from './proof.ts'
import { isDelegatedByColdKey, isRevokedByColdKey, revokes, windowAt } from './seal.ts'
import { asChainId, type ChainId } from './trust.ts'
import type { Evidence, EvidenceSide, Head, Proof, Revocation } from './types.ts'
import { judged, refusedForm, type Verdict, type Verification, verification } from './verdict.ts'

/**
 * What a proof is to the client. `newer`: accepted, the head moved. `same`, `older`: true, nothing to do. `fork`: two sealed
 * blocks contradict each other; the client is frozen. `expired`, `revoked`: the delegation under it no longer counts.
 * `frozen`: nothing that the client accepted stands, or there is a fork. `rejected`: anything else, the verdicts say what.
 */
export type StepKind = 'newer' | 'same' | 'older' | 'fork' | 'expired' | 'revoked' | 'frozen' | 'rejected'

export interface Step {
  readonly kind: StepKind
  /** The verdicts on the proof, its place after the head included. */
  readonly verification: Verification
  /** Of a fork, ready to publish; absent where the head was pinned without its seal. */
  readonly evidence?: Evidence
  /** The client after this step. */
  readonly client: LightClient
}

/** A proof that was decoded and judged. */
interface Candidate {
  readonly proof: Proof
  readonly hash: Uint8Array
  readonly verdicts: readonly Verdict[]
}

export class LightClient {
  private readonly state: LightClientState
  private readonly engine: Engine
  private readonly identity: Identity

  private constructor(state: LightClientState, engine: Engine) {
    this.state = state
    this.engine = engine
    this.identity = identify(state.genesis, engine.hasher)
  }

  /** Follows the chain of this id (and of this genesis, which anyone may bring: it is checked), from a head where one is known. */
  static pin(
    trust: { readonly chainId: ChainId; readonly genesis: string; readonly head?: Head },
    engine: Engine = nobleEngine,
  ): LightClient {
    const genesis = decodeGenesis(trust.genesis)
    if (!equal(identify(genesis, engine.hasher).chainId, asChainId(trust.chainId))) {
      throw new CairnError('wrong_chain', 'The genesis is not that of the chain id: ask for it elsewhere.', {})
    }
    const state = {
      format: 'cairn.light-client/v1',
      genesis,
      heads: [],
      pending: [],
      revocations: [],
      knowsRevocations: 0,
      accepted: 0n,
    } as const
    return new LightClient(trust.head === undefined ? state : { ...state, pinned: trust.head }, engine)
  }

  /** The client that was saved. Its text is believed: keep it where only its owner writes. */
  static load(text: string, engine: Engine = nobleEngine): LightClient {
    return new LightClient(decodeState(text), engine)
  }

  save(): string {
    return encodeState(this.state)
  }

  get chainId(): Uint8Array {
    return this.identity.chainId
  }

  /** The newest head that stands, or nothing before the first one and while frozen without one. */
  get head(): Head | undefined {
    return newestHead(this.state, this.identity, this.engine.hasher)
  }

  /** The evidence that froze the client, until a revocation explains it. */
  get fork(): Evidence | undefined {
    return this.state.fork
  }

  /** It accepted heads, and now believes none, or cannot tell which. */
  get isFrozen(): boolean {
    return this.fork !== undefined || (this.head === undefined && this.state.accepted > 0n)
  }

  /**
   * Learns revocations from a source other than the prover (an empty list says: there are none), and applies them backwards too.
   * Refused as a whole when one was not signed by the cold key.
   */
  learn(revocations: readonly Revocation[]): LightClient {
    const foreign = revocations.find((each) => !isRevokedByColdKey(this.identity, each, this.engine))
    if (foreign !== undefined) {
      const message = `The cold key did not sign the revocation of index ${foreign.index}: do not trust where it came from.`
      throw new CairnError('revocation_invalid', message, { index: foreign.index })
    }
    return this.next({ ...this.withKnown(revocations), knowsRevocations: 1 })
  }

  /** What this proof is to the client, and the client that comes next. */
  step(text: string | Uint8Array): Step {
    const proof = attempt(() => decodeProof(text))
    if (proof instanceof CairnError) return { kind: 'rejected', verification: refusedForm(proof), client: this }
    return this.judge(proof)
  }

  private judge(proof: Proof): Step {
    // What the cold key signed is true whoever brings it: it counts before the proof that it came in does.
    const isOurs = equal(identify(proof.genesis, this.engine.hasher).chainId, this.chainId)
    const signed = proof.revocations.filter((each) => isRevokedByColdKey(this.identity, each, this.engine))
    const informed = isOurs ? this.next(this.withKnown(signed)) : this
    return informed.judgeInformed(proof)
  }

  private judgeInformed(proof: Proof): Step {
    const { state, engine } = this
    const known = state.knowsRevocations === 1 ? state.revocations : undefined
    const { verdicts } = judgeProof(proof, { chainId: this.chainId, ...(known && { revocations: known }) }, engine)
    const candidate = { proof, hash: blockHash(this.identity, proof.block, engine.hasher), verdicts }
    const outdated = this.outdated(candidate)
    if (outdated !== undefined) return this.answer(outdated, candidate)
    // Before all else that may be wrong with it: who contradicts himself must not get off by adding a claim that fails.
    const evidence = this.contradiction(proof)
    if (evidence !== undefined)
      return { ...this.next({ ...state, fork: evidence }).answer('fork', candidate), evidence }
    if (verdicts.some(({ verdict }) => verdict === 'fail')) return this.answer('rejected', candidate)
    if (this.fork !== undefined) return this.answer('frozen', candidate)
    return this.withWhatItProves(candidate).place(candidate)
  }

  /** Whether the delegation is the cold key's but no longer counts. */
  private outdated({ proof, hash, verdicts }: Candidate): 'expired' | 'revoked' | undefined {
    const { block, seal } = proof
    const isFailing = (check: string): boolean =>
      verdicts.some((each) => each.check === check && each.verdict === 'fail')
    if (isFailing('genesis') || isFailing('seal')) return undefined
    if (!isDelegatedByColdKey(this.identity, seal.delegation, this.engine)) return undefined
    if (this.state.revocations.some((each) => revokes(each, seal.delegation.index, block.height, hash)))
      return 'revoked'
    return windowAt(block.timestamp, seal.delegation) === 'expired' ? 'expired' : undefined
  }

  /** Pending heads stand again up to the newest that this valid block has in its history. */
  private withWhatItProves({ proof, hash }: Candidate): LightClient {
    const proved = this.state.pending.findLast((each) =>
      this.names(proof, hash, headOf(each, this.identity, this.engine.hasher)),
    )
    return proved === undefined ? this : this.next(withProved(this.state, proved))
  }

  /** Whether the block is this head or proves it to be an ancestor (its claims hold). */
  private names({ block, claims }: Proof, hash: Uint8Array, head: Head): boolean {
    if (block.height === head.height) return equal(hash, head.blockHash)
    return claims.some(
      (each) => each.kind === 'block' && each.height === head.height && equal(each.blockHash, head.blockHash),
    )
  }

  /** Where a block that is valid by itself stands to what was accepted. */
  private place(candidate: Candidate): Step {
    const { proof } = candidate
    const { head, state } = this
    if (this.isFrozen) return this.answer('frozen', candidate)
    if (head === undefined) return this.next(withHead(state, proof)).answer('newer', candidate)
    if (this.contradictsPinned(proof)) return this.answer('fork', candidate)
    if (proof.block.height < head.height) return this.answer('older', candidate)
    if (proof.block.height === head.height) return this.next(this.withNewSeal(proof)).answer('same', candidate)
    if (!this.follows(candidate, head)) return this.answer('rejected', candidate)
    return this.next(withHead(state, proof)).answer('newer', candidate)
  }

  private follows({ proof, hash }: Candidate, head: Head): boolean {
    const { epoch, timestamp } = proof.block
    return epoch >= (head.epoch ?? 0n) && timestamp >= (head.timestamp ?? 0n) && this.names(proof, hash, head)
  }

  /** The same block under another seal: it may outlive the one that is held, and a pinned head has none yet. */
  private withNewSeal({ block, seal }: Proof): LightClientState {
    const newest = this.state.heads.at(-1)
    if (newest === undefined) return withHead(this.state, { block, seal })
    if (newest.seal.delegation.index === seal.delegation.index) return this.state
    return { ...this.state, heads: [...this.state.heads.slice(0, -1), { ...newest, block, seal }] }
  }

  /** Evidence, checked as anyone would, that this proof and a head that stands say different things of one height. */
  private contradiction(proof: Proof): Evidence | undefined {
    const { genesis, heads } = this.state
    for (const b of sidesOf(proof)) {
      for (const { block, seal } of heads) {
        const evidence: Evidence = { format: 'cairn.evidence/v1', genesis, a: { block, seal }, b }
        if (this.contradict(evidence) && judgeEvidence(evidence, this, this.engine).ok) return evidence
      }
    }
    return undefined
  }

  /** Cheap, and nearly always no. */
  private contradict({ a, b }: Evidence): boolean {
    const said = assertions(this.identity, a, this.engine)
    return contradictedHeight(said, assertions(this.identity, b, this.engine)) !== undefined
  }

  /** A pinned head has no seal: there is nothing to publish, but the client need not believe its prover. */
  private contradictsPinned(proof: Proof): boolean {
    const { pinned } = this.state
    const said = sidesOf(proof).flatMap((side) => assertions(this.identity, side, this.engine))
    return pinned !== undefined && contradictedHeight([pinned], said) !== undefined
  }

  private answer(kind: StepKind, { verdicts }: Candidate): Step {
    const reasons: Partial<Record<StepKind, string>> = {
      fork: 'it contradicts a head that was accepted before',
      frozen: 'the client is frozen: nothing that it accepted stands, or there is a fork',
      older: 'the block is older than the head that was accepted',
      rejected: 'no claim proves that the head accepted before is an ancestor of the block',
    }
    const follows = kind === 'newer' || kind === 'same'
    const head = judged('head', follows ? undefined : (reasons[kind] ?? 'the block itself is not valid'))
    return {
      kind,
      verification: verification(verdicts.map((each) => (each.check === 'head' ? head : each))),
      client: this,
    }
  }

  private withKnown(revocations: readonly Revocation[]): LightClientState {
    const isNew = (each: Revocation, i: number): boolean => {
      const others = [...this.state.revocations, ...revocations.slice(0, i)]
      return !others.some((other) => isSameRevocation(other, each))
    }
    return withRevocations(this.state, revocations.filter(isNew), this.identity, this.engine.hasher)
  }

  private next(state: LightClientState): LightClient {
    return new LightClient(state, this.engine)
  }
}

/** What a proof asserts, as sides of evidence: the block alone, and with each ancestor that its claims name. */
function sidesOf({ block, seal, roots, claims }: Proof): readonly EvidenceSide[] {
  const named = claims.filter((claim) => claim.kind === 'block')
  const ancestors = named.map(({ height, blockHash, path }) => ({
    block,
    seal,
    roots,
    ancestor: { height, blockHash, path },
  }))
  return [{ block, seal }, ...ancestors]
}

function isSameRevocation(a: Revocation, b: Revocation): boolean {
  return a.index === b.index && a.fromHeight === b.fromHeight && equal(a.parentHash, b.parentHash)
}
