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
import { type Identity, identify } from './identity.ts'
import { contradiction, contradictsPinned, forksIn, withEvidence } from './light-client-forks.ts'
import {
  decodeState,
  encodeState,
  headOf,
  type LightClientState,
  newestHead,
  withHead,
  withProved,
  withRevocations,
  withSeal,
} from './light-client-state.ts'
import { demandMembers } from './option.ts'
import { judgeHead, judgeProof } from './proof.ts'
import { isDelegatedByColdKey, isRevokedByColdKey, revokes, windowAt } from './seal.ts'
import { asChainId, asHead, asRevocations, type ChainId } from './trust.ts'
import type { Evidence, Head, Proof, Revocation } from './types.ts'
import { type Judgement, judged, refusedForm, type Verdict, type Verification, verification } from './verdict.ts'

/**
 * What a proof is to the client. `newer`: accepted, the head moved. `same`: the head again. `older`: sealed, and nothing that is
 * known speaks against it, but no step forward. `fork`: two sealed blocks contradict each other; the client is frozen (or, where
 * only the head that it was pinned to is contradicted, stays there). `expired`, `revoked`: the delegation under it no longer
 * counts. `frozen`: nothing that the client accepted stands, or there is a fork. `rejected`: anything else, the verdicts say what.
 */
export type StepKind = 'newer' | 'same' | 'older' | 'fork' | 'expired' | 'revoked' | 'frozen' | 'rejected'

export interface Step {
  readonly kind: StepKind
  /** The verdicts on the proof; `head` is the place of its block after the head that stood. */
  readonly verification: Verification
  /**
   * Of a fork, ready to publish; absent where the head was pinned without its seal. Beside `revoked` and `expired` it is there
   * where the proof contradicts a head all the same.
   */
  readonly evidence?: Evidence
  /** The proof as it was read, whatever it is to the client; absent where it has no form. */
  readonly proof?: Proof
  /** The client after this step. */
  readonly client: LightClient
}

/** Of what was taken back it hears by `learn`. */
const TRUST = ['chainId', 'genesis', 'head']

/** A proof that was decoded and judged, in view of a head. */
interface Candidate {
  readonly proof: Proof
  readonly hash: Uint8Array
  readonly isRevoked: boolean
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
    demandMembers(trust, TRUST)
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
      forks: [],
    } as const
    return new LightClient(trust.head === undefined ? state : { ...state, pinned: asHead(trust.head) }, engine)
  }

  /** The client that was saved. Its text is believed: keep it where only its owner writes. */
  static load(text: string, engine: Engine = nobleEngine): LightClient {
    return new LightClient(decodeState(text), engine)
  }

  save(): string {
    return encodeState(this.state)
  }

  get chainId(): Uint8Array {
    return this.identity.chainId.slice()
  }

  /** The newest head that stands, or nothing before the first one and while frozen without one. */
  get head(): Head | undefined {
    return newestHead(this.state, this.identity, this.engine.hasher)
  }

  /**
   * The heads that revocations put in doubt, ascending. They stand again up to the newest one that a valid block names: ask for
   * a proof with `block` claims at these heights.
   */
  get pending(): readonly Required<Head>[] {
    return this.state.pending.map((each) => headOf(each, this.identity, this.engine.hasher))
  }

  /** The evidence that freezes the client: two blocks that contradict each other, both under keys that count. */
  get fork(): Evidence | undefined {
    return forksIn(this.state, this.identity, this.engine)[0]
  }

  /** It accepted heads, and now believes none, or cannot tell which. */
  get isFrozen(): boolean {
    return this.fork !== undefined || (this.head === undefined && this.state.accepted > 0n)
  }

  /**
   * Learns revocations from a source other than the prover (an empty list says: there are none), and applies them backwards too.
   * Refused as a whole when one was not signed by the cold key.
   */
  learn(given: readonly Revocation[]): LightClient {
    const revocations = asRevocations(given)
    const foreign = revocations.find((each) => !isRevokedByColdKey(this.identity, each, this.engine))
    if (foreign !== undefined) {
      const message = `The cold key did not sign the revocation of index ${foreign.index}: do not trust where it came from.`
      throw new CairnError('revocation_invalid', message, { index: foreign.index })
    }
    return this.next({ ...this.withKnown(revocations), knowsRevocations: 1 })
  }

  /** What another client of the chain learned of revocations counts here, too: the cold key signed them, whoever saw it. */
  informedBy({ state }: LightClient): LightClient {
    return this.next(this.withKnown(state.revocations))
  }

  /** What this proof is to the client, and the client that comes next: itself where nothing changed. */
  step(text: string | Uint8Array): Step {
    const proof = attempt(() => decodeProof(text))
    if (proof instanceof CairnError) return { kind: 'rejected', verification: refusedForm(proof), client: this }
    return { ...this.judge(proof), proof }
  }

  private judge(proof: Proof): Step {
    // What the cold key signed is true whoever brings it, in whatever: it counts before the proof that it came in does.
    const signed = proof.revocations.filter((each) => isRevokedByColdKey(this.identity, each, this.engine))
    return this.next(this.withKnown(signed)).judgeInformed(proof)
  }

  private judgeInformed(proof: Proof): Step {
    const candidate = this.candidate(proof)
    const outdated = this.outdated(candidate)
    // A revocation may explain a contradiction, never erase it: it freezes nobody, but can still be published.
    if (outdated !== undefined) return this.withEvidenceOf(proof, this.answer(outdated, candidate))
    if (!isSigned(candidate)) return this.answer('rejected', candidate)
    const isValid = !candidate.verdicts.some(({ check, verdict }) => check !== 'head' && verdict === 'fail')
    const ready = isValid ? this.withWhatItProves(candidate) : this
    // Before all else that may be wrong with it: who contradicts himself must not get off by adding a claim that fails.
    const isForked = this.fork !== undefined
    const evidence = contradiction(proof, ready.state, isForked, this.identity, this.engine)
    if (evidence !== undefined) {
      const forked = this.next(withEvidence(this.state, evidence, this.identity, this.engine))
      return { ...forked.answer('fork', candidate), evidence }
    }
    if (!isValid) return this.answer('rejected', candidate)
    if (isForked) return this.answer('frozen', candidate)
    if (contradictsPinned(proof, this.state, this.identity, this.engine)) return this.answer('fork', candidate)
    return ready.place(inView(ready.head, candidate))
  }

  private withEvidenceOf(proof: Proof, step: Step): Step {
    const evidence = contradiction(proof, this.state, false, this.identity, this.engine)
    return evidence === undefined ? step : { ...step, evidence }
  }

  private candidate(proof: Proof): Candidate {
    const { state, engine } = this
    const { block, seal } = proof
    const hash = blockHash(this.identity, block, engine.hasher)
    // What only provers brought does not answer for all that there may be, but what it revokes is revoked.
    const isRevoked = state.revocations.some((each) => revokes(each, seal.delegation.index, block.height, hash))
    // Their signatures were checked when they were learned; here only those of its index have a say.
    const own = state.revocations.filter(({ index }) => index === seal.delegation.index)
    const revocations = state.knowsRevocations === 1 || isRevoked ? own : undefined
    const { verdicts } = judgeProof(proof, { chainId: this.chainId, ...(revocations && { revocations }) }, engine)
    return inView(this.head, { proof, hash, isRevoked, verdicts })
  }

  /** Whether the delegation is the cold key's but no longer counts. */
  private outdated(candidate: Candidate): 'expired' | 'revoked' | undefined {
    const { block, seal } = candidate.proof
    if (verdictOn('seal', candidate) === 'fail') return undefined
    if (!isDelegatedByColdKey(this.identity, seal.delegation, this.engine)) return undefined
    if (candidate.isRevoked) return 'revoked'
    return windowAt(block.timestamp, seal.delegation) === 'expired' ? 'expired' : undefined
  }

  /** Pending heads stand again up to the newest that this valid block is or has in its history. */
  private withWhatItProves(candidate: Candidate): LightClient {
    const isProved = (head: Head): boolean => verdictOn('head', inView(head, candidate)) === 'ok'
    const proved = this.state.pending.findLast((each) => isProved(headOf(each, this.identity, this.engine.hasher)))
    return proved === undefined ? this : this.next(withProved(this.state, proved))
  }

  /** Where a block that is valid by itself stands to what was accepted. */
  private place(candidate: Candidate): Step {
    const { head, state } = this
    const { block, seal } = candidate.proof
    if (this.isFrozen && head === undefined) return this.answer('frozen', candidate)
    if (verdictOn('head', candidate) === 'fail') {
      return this.answer(head !== undefined && block.height < head.height ? 'older' : 'rejected', candidate)
    }
    const isSame = block.height === head?.height
    const next = this.next(isSame ? withSeal(state, { block, seal }) : withHead(state, { block, seal }))
    // With a head that was in doubt comes back what contradicts it.
    const evidence = next.fork
    if (evidence !== undefined) return { ...next.answer('fork', candidate), evidence }
    return next.answer(isSame ? 'same' : 'newer', candidate)
  }

  private answer(kind: StepKind, { verdicts }: Candidate): Step {
    const reasons: Partial<Record<StepKind, string>> = {
      fork: 'it contradicts what was accepted before',
      frozen: 'the client is frozen: nothing that it accepted stands, or there is a fork',
    }
    const reason = reasons[kind]
    const judgedAgain = verdicts.map((each) => (each.check === 'head' && reason ? judged('head', reason) : each))
    return { kind, verification: verification(judgedAgain), client: this }
  }

  private withKnown(revocations: readonly Revocation[]): LightClientState {
    const isNew = (each: Revocation, i: number): boolean => {
      const others = [...this.state.revocations, ...revocations.slice(0, i)]
      return !others.some((other) => isSameRevocation(other, each))
    }
    const added = revocations.filter(isNew)
    return added.length === 0 ? this.state : withRevocations(this.state, added, this.identity, this.engine.hasher)
  }

  private next(state: LightClientState): LightClient {
    return state === this.state ? this : new LightClient(state, this.engine)
  }
}

/** The same, with the verdict on its place after this head. */
function inView(head: Head | undefined, candidate: Candidate): Candidate {
  const { proof, hash, verdicts } = candidate
  const place = judgeHead(proof, hash, verdicts, head)
  return { ...candidate, verdicts: verdicts.map((each) => (each.check === 'head' ? place : each)) }
}

/** Whether someone with a delegation of this chain made the proof; all else that it says is anybody's word. */
function isSigned(candidate: Candidate): boolean {
  return ['genesis', 'delegation', 'seal'].every((check) => verdictOn(check, candidate) === 'ok')
}

function verdictOn(check: string, { verdicts }: Candidate): Judgement | undefined {
  return verdicts.find((each) => each.check === check)?.verdict
}

function isSameRevocation(a: Revocation, b: Revocation): boolean {
  return a.index === b.index && a.fromHeight === b.fromHeight && equal(a.parentHash, b.parentHash)
}
