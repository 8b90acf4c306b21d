/**
 * Verification of a whole chain from its records, as they stream by: order, parents, hashes, at most once, ranges, seals, and the
 * state where the records carry writes and the caller brought trees to recompute it in.
 *
 * Promise: memory is bounded, but for the caller's trees, one entry a client and one a revocation. It stops at the first fault
 * and names it. Nothing of a record is held on to, so that its bytes may be overwritten once it was taken.
 */
import { blockHash, commandsHash, incoherence } from './block.ts'
import { equal, toHex } from './bytes.ts'
import { misplacedSeq, wrongWithSuccessor } from './chain-order.ts'
import { type ChainRanges, differingRange, EMPTY_RANGES, withCommands } from './chain-ranges.ts'
import { RecentSeals } from './chain-seals.ts'
import { RecomputedState, type StateTrees } from './chain-state.ts'
import { native } from './codec.ts'
import { type Engine, nobleEngine } from './engine.ts'
import { identityHash } from './entries.ts'
import { attempt, CairnError } from './error.ts'
import { type Identity, identify } from './identity.ts'
import { demandMembers } from './option.ts'
import { type Authority, type BlockRecord, type ChainRecord, chainRecord, type SealRecord } from './records.ts'
import { isDelegatedByColdKey, isRevokedByColdKey } from './seal.ts'
import { asChainId, asRevocations, type ChainId } from './trust.ts'
import type { Genesis, Head, Header, Revocation } from './types.ts'
import { judged, unchecked, type Verdict, type Verification, verification } from './verdict.ts'

export interface ChainTrust {
  readonly chainId: ChainId
  /** The chain's own, whose id has to be the trusted one. */
  readonly genesis: Genesis
  /** The revocations known from elsewhere; without a list `revocation` is `unchecked`. */
  readonly revocations?: readonly Revocation[]
  /** Two empty trees; without them `state` is `unchecked`. */
  readonly trees?: StateTrees
}

const TRUST: readonly (keyof ChainTrust)[] = ['chainId', 'genesis', 'revocations', 'trees']

/** The checks, in the order in which a block goes through them. */
export type ChainCheck =
  | 'format'
  | 'genesis'
  | 'order'
  | 'hashes'
  | 'requests'
  | 'ranges'
  | 'state'
  | 'authority'
  | 'seals'
  | 'revocation'

const CHECKS: readonly ChainCheck[] = [
  'genesis',
  'format',
  'order',
  'hashes',
  'requests',
  'ranges',
  'state',
  'authority',
  'seals',
  'revocation',
]

/** Where a chain is wrong first. */
export interface ChainFault {
  readonly check: ChainCheck
  readonly reason: string
  readonly height?: bigint
  readonly seq?: bigint
}

export interface ChainVerification extends Verification {
  readonly blocks: bigint
  readonly commands: bigint
  /** The newest block that was read without a fault. */
  readonly head?: Required<Head>
  readonly fault?: ChainFault
}

type Records = Iterable<unknown> | AsyncIterable<unknown>

/** What the source of the records throws, or a tree, is no fault of the chain: it goes through to the caller, the same error. */
export async function verifyChain(
  records: Records,
  trust: ChainTrust,
  engine: Engine = nobleEngine,
): Promise<ChainVerification> {
  const verifier = new ChainVerifier(trust, engine)
  for await (const record of records) {
    if (!(await verifier.take(record))) break
  }
  return verifier.finish()
}

/**
 * One reading of a chain, record by record, each taken after the one before was. For whoever wants to look on while it goes:
 * `finish` may be asked at any time, and says how it would stand if that were all. `verifyChain` is the whole of it.
 */
export class ChainVerifier {
  private readonly trust: ChainTrust
  private readonly engine: Engine
  private readonly identity: Identity
  private readonly seals: RecentSeals
  private readonly state: RecomputedState
  private readonly highestRequests = new Map<string, bigint>()
  private ranges: ChainRanges = EMPTY_RANGES
  private parent: Header | undefined
  private parentHash: Uint8Array | undefined
  private readonly revocations = new Map<string, Revocation>()
  private sealUnchecked: string | undefined
  private fault: ChainFault | undefined

  constructor(trust: ChainTrust, engine: Engine = nobleEngine) {
    demandMembers(trust, TRUST)
    this.trust = trust
    this.engine = engine
    this.identity = identify(trust.genesis, engine.hasher)
    this.seals = new RecentSeals(this.identity, engine)
    // Whatever else stands there is no list, and must not pass for one: without one revocation is unchecked.
    const known = trust.revocations === undefined ? undefined : asRevocations(trust.revocations)
    for (const each of known ?? []) this.learn(each)
    this.state = new RecomputedState(trust.trees, trust.genesis.machine)
    if (!equal(this.identity.chainId, asChainId(trust.chainId))) {
      this.fault = { check: 'genesis', reason: 'it is of another chain than the trusted one' }
    }
    const foreign = known?.find((each) => !isRevokedByColdKey(this.identity, each, engine))
    if (foreign !== undefined) {
      this.fault ??= {
        check: 'revocation',
        reason: `the cold key did not sign the revocation of index ${foreign.index}`,
      }
    }
  }

  /** Takes the next record; answers whether all is well so far. After a fault it takes nothing more. */
  async take(record: unknown): Promise<boolean> {
    if (this.fault !== undefined) return false
    const decoded = attempt(() => chainRecord.decode(record, native))
    this.fault =
      decoded instanceof CairnError
        ? this.faultIn('format', decoded.message, isOfNewest(record) ? { height: this.newest } : {})
        : await this.faultOf(decoded)
    return this.fault === undefined
  }

  finish(): ChainVerification {
    const { parent, parentHash } = this
    const fault = this.fault ?? this.uncovered()
    const head = parent && parentHash && { ...parent, blockHash: parentHash }
    return {
      ...verification(CHECKS.map((check) => this.verdict(check, fault))),
      blocks: this.ranges.history.size,
      commands: this.ranges.commands.size,
      ...(head && {
        head: { height: head.height, blockHash: head.blockHash, epoch: head.epoch, timestamp: head.timestamp },
      }),
      ...(fault && { fault }),
    }
  }

  private verdict(check: ChainCheck, fault: ChainFault | undefined): Verdict {
    if (fault?.check === check) return judged(check, describe(fault))
    if (check === 'genesis') return judged(check, undefined)
    if (fault !== undefined) return unchecked(check, 'the reading ended at the fault')
    if (check === 'state' && this.state.unchecked !== undefined) return unchecked(check, this.state.unchecked)
    if (check === 'seals' && this.sealUnchecked !== undefined) return unchecked(check, this.sealUnchecked)
    if (check === 'revocation' && this.trust.revocations === undefined) {
      return unchecked(check, 'no list of revocations from another source was given')
    }
    return judged(check, undefined)
  }

  /** The height of the newest block, and 0 before there is one. */
  private get newest(): bigint {
    return this.parent?.height ?? 0n
  }

  private faultIn(check: ChainCheck, reason: string, at: { height?: bigint; seq?: bigint } = {}): ChainFault {
    return { check, reason, height: this.ranges.history.size, ...at }
  }

  private async faultOf(record: ChainRecord): Promise<ChainFault | undefined> {
    if (record.k === 'block') return this.faultOfBlock(record)
    if (record.k === 'seal') return this.faultOfSeal(record)
    const isHead = record.height === this.parent?.height && equal(record.hash, this.parentHash ?? record.hash)
    const at = { height: this.newest }
    return isHead ? undefined : this.faultIn('order', 'a close record names another block than the newest', at)
  }

  private async faultOfBlock(record: BlockRecord): Promise<ChainFault | undefined> {
    const { header, commands } = record
    const { hasher } = this.engine
    const disorder = wrongWithSuccessor(header, this.parent, this.parentHash)
    if (disorder !== undefined) return this.faultIn('order', disorder)
    const seq = misplacedSeq(record)
    if (seq !== undefined)
      return this.faultIn('order', 'its commands are not those of its seqs, one after the other', { seq })
    const incoherent = incoherence(this.identity, header, record.roots, hasher)
    if (incoherent !== undefined) return this.faultIn('hashes', incoherent)

    const identityHashes = commands.map((command) => identityHash(command, hasher))
    if (!equal(commandsHash(identityHashes, hasher), header.commandsHash)) {
      return this.faultIn('hashes', 'the commands do not hash to the commands hash')
    }
    const repeated = this.faultOfRequests(record)
    if (repeated !== undefined) return repeated

    const ranges = withCommands(this.ranges, commands, identityHashes, hasher)
    const range = differingRange(ranges, record.roots, hasher)
    if (range !== undefined) return this.faultIn('ranges', `the ${range} range has another size or root`)
    const state = await this.state.faultOf(record)
    if (state !== undefined)
      return this.faultIn('state', state.reason, state.seq === undefined ? {} : { seq: state.seq })
    const unsigned = this.faultOfAuthority(record.authority)
    if (unsigned !== undefined) return unsigned

    const hash = blockHash(this.identity, header, hasher)
    this.ranges = { ...ranges, history: ranges.history.append([hash], hasher) }
    this.parent = header
    this.parentHash = hash
    this.seals.block(header.height, hash, header.timestamp)
    return undefined
  }

  /** FORMAT §9: a client's numbers only grow, in a block and along the chain. */
  private faultOfRequests({ commands }: BlockRecord): ChainFault | undefined {
    for (const { seq, client, request } of commands) {
      if (client === '') continue
      const highest = this.highestRequests.get(client) ?? 0n
      if (request <= highest) {
        return this.faultIn('requests', `request ${request} of a client comes after its request ${highest}`, { seq })
      }
      this.highestRequests.set(client, request)
    }
    return undefined
  }

  private faultOfAuthority(authority: readonly Authority[]): ChainFault | undefined {
    for (const each of authority) {
      const isSigned =
        each.k === 'delegation'
          ? isDelegatedByColdKey(this.identity, each, this.engine)
          : isRevokedByColdKey(this.identity, each, this.engine)
      if (!isSigned) return this.faultIn('authority', `the cold key did not sign the ${each.k} of index ${each.index}`)
      if (each.k === 'revocation') this.learn(each)
    }
    return undefined
  }

  /** Once, however often a chain repeats it. */
  private learn(revocation: Revocation): void {
    const { index, fromHeight, parentHash } = revocation
    this.revocations.set(`${index} ${fromHeight} ${toHex(parentHash)}`, revocation)
  }

  private faultOfSeal({ height, seal }: SealRecord): ChainFault | undefined {
    if (height >= this.ranges.history.size) return this.faultIn('seals', 'a seal stands before its block', { height })
    const wrong = this.seals.seal(height, seal)
    if (wrong !== undefined) return this.faultIn('seals', wrong, { height })
    if (!this.seals.isRecent(height)) this.sealUnchecked = `the seal of height ${height} came too late to be checked`
    return undefined
  }

  /** At the end: the head has a valid seal, and with it all blocks before it, or the blocks from some height on have none. */
  private uncovered(): ChainFault | undefined {
    const head = this.parent?.height
    if (head === undefined) return this.faultIn('order', 'there is no block')
    const bySeal = this.seals.newestSealed
    if (bySeal !== head) {
      const height = bySeal === undefined ? 0n : bySeal + 1n
      return this.faultIn('seals', `the blocks from height ${height} to ${head} have no seal`, { height })
    }
    const byValid = this.seals.newestValid([...this.revocations.values()])
    if (byValid === head) return undefined
    const { oldest } = this.seals
    const height = byValid === undefined ? oldest : byValid + 1n
    const from = byValid === undefined && oldest > 0n ? `height ${height} or an earlier one` : `height ${height}`
    return this.faultIn('revocation', `the blocks from ${from} to ${head} have revoked seals only`, { height })
  }
}

/** Seals and close records come after the block that they are of. */
function isOfNewest(record: unknown): boolean {
  const { k } = (record ?? {}) as { readonly k?: unknown }
  return k === 'seal' || k === 'close'
}

function describe({ reason, height, seq }: ChainFault): string {
  const where = [height !== undefined && `height ${height}`, seq !== undefined && `seq ${seq}`].filter(Boolean)
  return where.length === 0 ? reason : `${where.join(', ')}: ${reason}`
}
