/**
 * Verification of a whole chain from its records, as they stream by: order, parents, hashes, at most once, ranges, seals, and the
 * state where the records carry writes and the caller brought trees to recompute it in.
 *
 * Promise: memory is bounded, but for the caller's trees and one entry a client. It stops at the first fault and names it.
 */
import { blockHash, commandsHash, incoherence } from './block.ts'
import { equal, fromUtf8, toHex } from './bytes.ts'
import { type ChainRanges, differingRange, EMPTY_RANGES, withCommands } from './chain-ranges.ts'
import { RecentSeals } from './chain-seals.ts'
import { native } from './codec.ts'
import { machineVersion } from './codecs.ts'
import { type Engine, nobleEngine } from './engine.ts'
import { identityHash } from './entries.ts'
import { attempt, CairnError } from './error.ts'
import { type Identity, identify } from './identity.ts'
import { isOwnKey, MACHINE_COMMAND, ownWrites } from './own-writes.ts'
import { type Authority, type BlockRecord, type ChainRecord, chainRecord, type SealRecord } from './records.ts'
import { isDelegatedByColdKey, isRevokedByColdKey } from './seal.ts'
import type { StateTree, Write } from './state-tree.ts'
import { asChainId, type ChainId } from './trust.ts'
import type { Genesis, Head, Header, Revocation, TreeName } from './types.ts'
import { judged, unchecked, type Verdict, type Verification, verification } from './verdict.ts'

export interface ChainTrust {
  readonly chainId: ChainId
  /** The chain's own, whose id has to be the trusted one. */
  readonly genesis: Genesis
  /** The revocations known from elsewhere; without a list `revocation` is `unchecked`. */
  readonly revocations?: readonly Revocation[]
  /** Two empty trees; without them `state` is `unchecked`. */
  readonly trees?: Readonly<Record<TreeName, StateTree>>
}

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

/** One reading of a chain. For whoever wants to look on while it goes; `verifyChain` is the whole of it. */
export class ChainVerifier {
  private readonly trust: ChainTrust
  private readonly engine: Engine
  private readonly identity: Identity
  private readonly seals: RecentSeals
  private readonly highestRequests = new Map<string, bigint>()
  private ranges: ChainRanges = EMPTY_RANGES
  private parent: Header | undefined
  private parentHash: Uint8Array | undefined
  private revocations: readonly Revocation[]
  /** Why the state could not be recomputed all the way. */
  private stateUnchecked: string | undefined
  private sealUnchecked: string | undefined
  private fault: ChainFault | undefined

  constructor(trust: ChainTrust, engine: Engine = nobleEngine) {
    this.trust = trust
    this.engine = engine
    this.identity = identify(trust.genesis, engine.hasher)
    this.seals = new RecentSeals(this.identity, engine)
    this.revocations = trust.revocations ?? []
    if (trust.trees === undefined) this.stateUnchecked = 'no trees to recompute the state in were given'
    if (!equal(this.identity.chainId, asChainId(trust.chainId))) {
      this.fault = { check: 'genesis', reason: 'it is of another chain than the trusted one' }
    }
    const foreign = this.revocations.find((each) => !isRevokedByColdKey(this.identity, each, engine))
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
    this.fault = decoded instanceof CairnError ? this.faultIn('format', decoded.message) : await this.faultOf(decoded)
    return this.fault === undefined
  }

  finish(): ChainVerification {
    this.fault ??= this.uncovered()
    const { parent, parentHash, fault } = this
    const head = parent && parentHash && { ...parent, blockHash: parentHash }
    return {
      ...verification(CHECKS.map((check) => this.verdict(check))),
      blocks: this.ranges.history.size,
      commands: this.ranges.commands.size,
      ...(head && {
        head: { height: head.height, blockHash: head.blockHash, epoch: head.epoch, timestamp: head.timestamp },
      }),
      ...(fault && { fault }),
    }
  }

  private verdict(check: ChainCheck): Verdict {
    const { fault, trust } = this
    if (fault?.check === check) return judged(check, describe(fault))
    if (check === 'genesis') return judged(check, undefined)
    if (fault !== undefined) return unchecked(check, 'the reading ended at the fault')
    if (check === 'state' && this.stateUnchecked !== undefined) return unchecked(check, this.stateUnchecked)
    if (check === 'seals' && this.sealUnchecked !== undefined) return unchecked(check, this.sealUnchecked)
    if (check === 'revocation' && trust.revocations === undefined) {
      return unchecked(check, 'no list of revocations from another source was given')
    }
    return judged(check, undefined)
  }

  private faultIn(check: ChainCheck, reason: string, at: { height?: bigint; seq?: bigint } = {}): ChainFault {
    return { check, reason, height: this.ranges.history.size, ...at }
  }

  private async faultOf(record: ChainRecord): Promise<ChainFault | undefined> {
    if (record.k === 'block') return await this.faultOfBlock(record)
    if (record.k === 'seal') return this.faultOfSeal(record)
    const isHead = record.height === this.parent?.height && equal(record.hash, this.parentHash ?? record.hash)
    return isHead ? undefined : this.faultIn('order', 'a close record names another block than the newest')
  }

  private async faultOfBlock(record: BlockRecord): Promise<ChainFault | undefined> {
    const { header, commands } = record
    const { hasher } = this.engine
    const disorder = wrongWithSuccessor(header, this.parent, this.parentHash) ?? wrongWithSeqs(record)
    if (disorder !== undefined) return this.faultIn('order', disorder)
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
    const fault = (await this.faultOfState(record)) ?? this.faultOfAuthority(record.authority)
    if (fault !== undefined) return fault

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

  /** Recomputes both roots from the recorded writes and those of the chain itself. */
  private async faultOfState(record: BlockRecord): Promise<ChainFault | undefined> {
    const forbidden = record.commands.find(({ writes }) => writes?.some(([, key]) => isOwnKey(key)))
    if (forbidden !== undefined) {
      return this.faultIn('state', 'a command wrote a key that is the chain’s own', { seq: forbidden.seq })
    }
    const { trees } = this.trust
    if (trees === undefined || this.stateUnchecked !== undefined) return undefined
    const own = this.ownWritesOf(record)
    if (own === undefined || record.commands.some(({ writes }) => writes === undefined)) {
      this.stateUnchecked = `from height ${record.header.height} on the records do not hold all that was written`
      return undefined
    }
    const written = (name: TreeName): Write[] =>
      record.commands.flatMap(({ writes }) =>
        (writes ?? []).filter(([tree]) => tree === name).map(([, key, value]): Write => [key, value]),
      )
    const roots = {
      state: await trees.state.update([...written('state'), ...own]),
      risk: await trees.risk.update(written('risk')),
    }
    const names: readonly TreeName[] = ['state', 'risk']
    const name = names.find((each) => !equal(roots[each], record.roots[each]))
    if (name === undefined) return undefined
    const reason = `the ${name} root is ${toHex(record.roots[name])} and recomputed ${toHex(roots[name])}`
    return this.faultIn('state', reason)
  }

  /** Nothing where the payload that would name a machine was erased. */
  private ownWritesOf({ header, commands }: BlockRecord): readonly Write[] | undefined {
    const nextSeq = header.firstSeq + header.commandCount
    const plain = { commandsHash: header.commandsHash, nextSeq, commands }
    const last = commands.findLast(({ type, status }) => type === MACHINE_COMMAND && status === 0)
    if (last === undefined) return ownWrites(plain)
    const inForce = last.payload && fromUtf8(last.payload)
    const isMachine = !(attempt(() => machineVersion.decode(inForce, native)) instanceof CairnError)
    const ofGenesis = this.identity.genesis.machine
    return isMachine && inForce !== undefined ? ownWrites({ ...plain, machine: { inForce, ofGenesis } }) : undefined
  }

  private faultOfAuthority(authority: readonly Authority[]): ChainFault | undefined {
    for (const each of authority) {
      const isSigned =
        each.k === 'delegation'
          ? isDelegatedByColdKey(this.identity, each, this.engine)
          : isRevokedByColdKey(this.identity, each, this.engine)
      if (!isSigned) return this.faultIn('authority', `the cold key did not sign the ${each.k} of index ${each.index}`)
      if (each.k === 'revocation') this.revocations = [...this.revocations, each]
    }
    return undefined
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
    const bySeal = this.seals.newestSealed([])
    if (bySeal !== head) {
      const height = bySeal === undefined ? 0n : bySeal + 1n
      return this.faultIn('seals', `the blocks from height ${height} to ${head} have no seal`, { height })
    }
    const byValid = this.seals.newestSealed(this.revocations)
    if (byValid === head) return undefined
    const height = byValid === undefined ? 0n : byValid + 1n
    return this.faultIn('revocation', `the blocks from height ${height} to ${head} have revoked seals only`, { height })
  }
}

function describe({ reason, height, seq }: ChainFault): string {
  const where = [height !== undefined && `height ${height}`, seq !== undefined && `seq ${seq}`].filter(Boolean)
  return where.length === 0 ? reason : `${where.join(', ')}: ${reason}`
}

/** FORMAT §3: what a block owes the one before it. What block 0 owes the genesis is a matter of its coherence. */
function wrongWithSuccessor(header: Header, parent?: Header, parentHash?: Uint8Array): string | undefined {
  if (parent === undefined || parentHash === undefined) {
    return header.height === 0n ? undefined : 'the first block is not block 0'
  }
  if (header.height !== parent.height + 1n) return `the block after ${parent.height} has height ${header.height}`
  if (!equal(header.parentHash, parentHash)) return 'its parent is another block than the one before it'
  if (header.firstSeq !== parent.firstSeq + parent.commandCount) return 'its first seq does not follow on its parent'
  if (header.timestamp < parent.timestamp) return 'it is older than its parent'
  if (header.epoch !== parent.epoch && header.epoch !== parent.epoch + 1n)
    return 'its epoch is not its parent’s or one more'
  const mayBeEmpty = header.epoch !== parent.epoch
  return header.commandCount === 0n && !mayBeEmpty ? 'it is empty and opens no epoch' : undefined
}

function wrongWithSeqs({ header, commands }: BlockRecord): string | undefined {
  if (BigInt(commands.length) !== header.commandCount) return 'it has another number of commands than it says'
  const isInOrder = commands.every(({ seq }, i) => seq === header.firstSeq + BigInt(i))
  return isInOrder ? undefined : 'the seqs of its commands are not gap-free from the first seq on'
}
